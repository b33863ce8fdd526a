"""What tests of `/library` share: people who manage the server, a document about bees, ways to add it and to ask."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.libraries.jobs import JobRunner
from bot.libraries.paths import own_folder
from tests.bot.conftest import Stage, texts

BEES = b"""The beekeeper's year

A colony of honey bees winters as a ball around its queen. The workers on the outside creep inwards when they are cold.

In April the colony doubles in size every three weeks. A keeper who adds a second box too late loses the swarm.
"""
QUESTION = "What do bees do in winter?"
ANSWER = "ball around its queen"


def said(result: Any) -> str:
    return texts([each for each in (result.response, *result.followups) if each is not None][-1])


def managing(stage: Stage, name: str) -> Any:
    """Add somebody who manages the server."""
    guild = stage.channel.guild
    role = guild.create_role("Teachers", permissions=discord.Permissions(manage_guild=True))
    return guild.add_member(stage.env.create_user(name), roles=[role])


def outside(stage: Stage, monkeypatch: pytest.MonkeyPatch, work: Callable[..., Any]) -> None:
    """Have this do the workshop's work; the simulation knows that it takes its time."""

    async def waited(self: JobRunner, *given: Any) -> Any:
        return await stage.env.external_wait(work(self, *given), reason="a build")

    monkeypatch.setattr(JobRunner, "work", waited)
    stage.env.settle_timeout = 300  # builds take a low rank on a busy machine


async def asked(stage: Stage, question: str = QUESTION) -> str:
    return said(await stage.alice.slash(stage.channel, "ask", question=question))


async def added(stage: Stage, keeper: Any, name: str = "bees.txt", content: bytes = BEES) -> Any:
    return await keeper.slash(stage.channel, "library add", document=(name, content))


def folders(stage: Stage) -> list[Path]:
    own = own_folder(stage.bot.services.settings.data, stage.channel.guild.id)
    return list((own / "inbox").glob("*"))
