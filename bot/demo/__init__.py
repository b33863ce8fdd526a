"""Runs the bot in a simulated Discord in the browser, without a token."""

from __future__ import annotations

import asyncio
import logging
import socket
import webbrowser
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

from bot.demo._page import DemoError, DemoPreview
from bot.demo._words import DemoWords, read_words
from bot.demo._world import AnyBot, LiveEnv, furnish
from bot.runtime.signals import interruption

__all__ = ["DemoError", "serve_demo"]

_TICK_S = 0.25
_log = logging.getLogger(__name__)


async def serve_demo(
    make_bot: Callable[[], AnyBot],
    *,
    port: int,
    open_browser: bool,
    announce: Callable[[str], None],
    prepare: Callable[[asyncio.Event], Awaitable[None]] | None = None,
) -> None:
    """Serve the demo on loopback until Ctrl-C, SIGTERM or cancellation; raises DemoError when the port is taken.

    Port 0 takes any free one. `announce` gets one sentence with the address, which contains the key to the page.
    `prepare` is awaited before that, with the event that Ctrl-C and SIGTERM set.
    """
    words = read_words()
    _check_port(port, words)
    with interruption() as ended:
        async with _stage(make_bot(), words, port=port) as preview:
            if prepare is not None:
                await prepare(ended)
            announce(words.announce.format(url=preview.url))
            if open_browser:
                await asyncio.to_thread(webbrowser.open, preview.url)
            await ended.wait()


def _check_port(port: int, words: DemoWords) -> None:
    """Raise DemoError for a taken port before anything is loaded."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        raise DemoError(words.busy.format(port=port)) from error


@asynccontextmanager
async def _stage(bot: AnyBot, words: DemoWords, *, port: int) -> AsyncIterator[DemoPreview]:
    """Start bot, server and page, and stop them after the block, the bot last."""
    env = LiveEnv(bot, now=datetime.now(UTC))
    scene = furnish(env, words)
    try:
        await env.start()
        try:
            tutor = env.backend.bot_user
            greeting = words.welcome.format(bot=tutor.name, mention=f"<@{tutor.id}>")
            env.keep_forever(env.backend.create_message(scene.channel.id, tutor.id, greeting).id)
            preview = DemoPreview(env, scene, words, port=port)
            async with preview:
                live = asyncio.create_task(_keep_live(preview, env))
                try:
                    yield preview
                finally:
                    live.cancel()
                    with suppress(asyncio.CancelledError):
                        await live
        finally:
            await env.shutdown()
    finally:
        await bot.close()


async def _keep_live(preview: DemoPreview, env: LiveEnv) -> None:
    """Advance the clock, and show what the bot does between two actions of a person."""
    loop = asyncio.get_running_loop()
    began = loop.time() - env.backend.clock.elapsed
    while True:
        await asyncio.sleep(_TICK_S)
        try:
            async with preview.turn:
                if await env.catch_up(loop.time() - began):
                    env.shorten_channels()
                    preview.publish_everywhere()
        except Exception:
            # An error in one publication must not stop the clock.
            _log.exception("the demo could not show something new")
