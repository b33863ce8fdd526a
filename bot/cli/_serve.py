"""Commands that run the bot: on Discord, or in the demo."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot.cli._terminal import Refusal
from bot.runtime.instance_lock import occupying
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.app import TutorBot
    from bot.libraries.opening import Library
    from bot.settings import Settings


# Close codes of Discord's gateway.
_AUTHENTICATION_FAILED = 4004
_DISALLOWED_INTENTS = 4014


def demo(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Port on loopback; 0 takes any free one.")] = 8765,
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the browser.")] = True,
) -> None:
    """Try the bot in a simulated Discord in the browser; needs no token."""
    _silence_advice()
    # simcord makes a client without intents when it is imported, for which discord.py logs a warning.
    logging.getLogger("discord.state").setLevel(logging.ERROR)
    try:
        from bot.demo import DemoError, serve_demo
    except ModuleNotFoundError as error:
        raise Refusal(words("terminal.missing_demo")) from error
    settings: Settings = context.obj

    def load() -> Library:
        from bot.libraries.opening import open_library  # slow to import

        _tell(words("terminal.preparing"))
        return open_library(settings, say=_tell)

    async def serve() -> None:
        bot = _make_bot(settings, load)
        await serve_demo(
            lambda: bot,
            port=port,
            open_browser=open_browser,
            announce=lambda line: print(line, flush=True),
            prepare=lambda ended: _opened(ended, bot),
        )

    try:
        with occupying(settings.data):
            asyncio.run(serve())
    except DemoError as error:
        raise Refusal(str(error)) from error
    except KeyboardInterrupt:
        return


def run(context: typer.Context) -> None:
    """Connect to Discord with TUTOR_DISCORD_TOKEN."""
    settings: Settings = context.obj
    if settings.discord_token is None:
        raise Refusal(words("terminal.no_token"))
    import aiohttp
    import discord

    from bot.runtime.http import speak_to
    from bot.runtime.signals import interruption

    _silence_advice()
    token = settings.discord_token.get_secret_value()

    async def serve() -> None:
        if settings.discord_api is not None:
            await speak_to(settings.discord_api)
        with interruption() as ended:
            async with _make_bot(settings) as bot:
                await _until(ended, bot, asyncio.create_task(bot.start(token)))

    try:
        with occupying(settings.data, settings.ordinal if settings.processes > 1 else None):
            asyncio.run(serve())
    except discord.LoginFailure as error:
        raise Refusal(words("terminal.wrong_token")) from error
    except discord.ConnectionClosed as error:
        wrong = error.code == _AUTHENTICATION_FAILED
        raise Refusal(words("terminal.wrong_token") if wrong else words("terminal.closed", code=error.code)) from error
    except discord.PrivilegedIntentsRequired as error:
        raise Refusal(words("terminal.closed", code=_DISALLOWED_INTENTS)) from error
    except (aiohttp.ClientError, discord.GatewayNotFound, discord.HTTPException, OSError) as error:
        raise Refusal(words("terminal.unreachable", reason=error)) from error
    except KeyboardInterrupt:
        return


async def _until(ended: asyncio.Event, bot: TutorBot, running: asyncio.Task[None]) -> None:
    """Run the bot until it ends or `ended` is set; then let it finish its tasks."""
    ending = asyncio.create_task(ended.wait())
    await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
    ending.cancel()
    if running.done():
        running.result()
        if bot.expelled is not None:
            raise bot.expelled
        return
    await bot.finish()
    if not bot.services.engine.ready:
        _exit_while_loading()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def _opened(ended: asyncio.Event, bot: TutorBot) -> None:
    """Wait until the library is open; end the process when `ended` is set before that."""
    opening, ending = asyncio.create_task(bot.services.engine.opened()), asyncio.create_task(ended.wait())
    await asyncio.wait({opening, ending}, return_when=asyncio.FIRST_COMPLETED)
    ending.cancel()
    if not opening.done():
        _exit_while_loading()
    await opening


def _exit_while_loading() -> NoReturn:
    """End the process at once.

    Loading a model and the first build cannot be interrupted, and nothing is lost: the store is on the disk, and the
    next build continues from its checkpoint.
    """
    logging.shutdown()
    os._exit(0)


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _silence_advice() -> None:
    """Silence discord.py's warnings about missing libraries for voice, which the bot does not use."""
    import discord

    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


def _make_bot(settings: Settings, load: Callable[[], Library] | None = None) -> TutorBot:
    from bot.answering.engine import AnsweringEngine
    from bot.app import TutorBot

    return TutorBot(settings, AnsweringEngine(settings, load))
