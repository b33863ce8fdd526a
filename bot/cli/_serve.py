"""Starts the bot: on Discord, or in the demo."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli._ending import until_told
from bot.cli._refusal import Refusal
from prompts import words

if TYPE_CHECKING:
    from bot.app import TutorBot
    from bot.settings import Settings


def demo(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Port on loopback; 0 takes any free one.")] = 8765,
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the browser.")] = True,
) -> None:
    """Try the bot in a simulated Discord in the browser; needs no token."""
    try:
        from bot.demo import DemoError, serve_demo
    except ModuleNotFoundError as error:
        raise Refusal(words("terminal.missing_demo")) from error
    settings: Settings = context.obj
    try:
        asyncio.run(
            serve_demo(
                lambda: _make_bot(settings),
                port=port,
                open_browser=open_browser,
                announce=lambda line: print(line, flush=True),
            )
        )
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

    # The tutor never speaks, so nobody needs advice on libraries for voice.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    token = settings.discord_token.get_secret_value()

    async def serve() -> None:
        async with _make_bot(settings) as bot:
            await until_told(bot, bot.start(token))

    try:
        asyncio.run(serve())
    except discord.LoginFailure as error:
        raise Refusal(words("terminal.wrong_token")) from error
    except (aiohttp.ClientConnectionError, OSError) as error:
        raise Refusal(words("terminal.unreachable", reason=error)) from error
    except KeyboardInterrupt:
        return


def _make_bot(settings: Settings) -> TutorBot:
    from bot.app import TutorBot
    from bot.tutor import Tutor

    return TutorBot(settings, Tutor(settings))
