"""The command that builds libraries for bots on other machines."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import typer

from bot.cli._terminal import Refusal
from bot.runtime.instance_lock import occupying
from prompts import words

if TYPE_CHECKING:
    from bot.settings import Settings


def work(context: typer.Context) -> None:
    """Build the libraries that bots put into the queue, until it is told to end; start as many as you want."""
    settings: Settings = context.obj
    if settings.database is None or settings.bucket is None:
        raise Refusal(words("terminal.no_queue"))
    try:
        from bot.libraries.build_worker import build_worker
    except ModuleNotFoundError as error:
        raise Refusal(words("errors.bucket.not_installed")) from error
    from bot.runtime.signals import interruption

    async def serve() -> None:
        with interruption() as ended:
            await build_worker(settings).run(ended)

    with occupying(settings.data):
        asyncio.run(serve())
