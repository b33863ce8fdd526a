"""A server's library is changed in Discord by those who look after it, while everybody goes on asking."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from bot.workshop import Workshop
from tests.bot.conftest import Stage, labels, texts

pytestmark = [pytest.mark.asyncio, pytest.mark.model]

BEES = b"""The beekeeper's year

A colony of honey bees winters as a ball around its queen. The workers on the outside creep inwards when they are cold.

In April the colony doubles in size every three weeks. A keeper who adds a second box too late loses the swarm.
"""


def said(result: Any) -> str:
    return texts([each for each in (result.response, *result.followups) if each is not None][-1])


@pytest.fixture
def grace(quiz_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Somebody who manages the server; the simulation knows that builds take their time."""
    work = Workshop.work

    async def outside(self: Workshop, *given: Any) -> Any:
        return await quiz_stage.env.external_wait(work(self, *given), reason="a build in a process of its own")

    monkeypatch.setattr(Workshop, "work", outside)
    quiz_stage.env.settle_timeout = 60
    guild = quiz_stage.channel.guild
    role = guild.create_role("Teachers", permissions=discord.Permissions(manage_guild=True))
    return guild.add_member(quiz_stage.env.create_user("grace"), roles=[role])


async def test_a_document_is_added_promoted_asked_and_rolled_back(quiz_stage: Stage, grace: Any) -> None:
    """The whole way with a real build: diff, exam, one press, and a learner is answered from the new document."""
    question = "What do bees do in winter?"
    before = await quiz_stage.alice.slash(quiz_stage.channel, "ask", question=question)
    assert "ball around its queen" not in said(before)
    result = await grace.slash(quiz_stage.channel, "library add", document=("bees.txt", BEES))
    assert "bees.txt" in said(result)
    assert "2 added, 0 changed, 0 removed" in said(result)
    assert "Exam passed" in said(result)
    assert labels(result.response) == ["Promote", "Discard"]
    before = await quiz_stage.alice.slash(quiz_stage.channel, "ask", question=question)
    assert "ball around its queen" not in said(before), "nothing is live before somebody says so"
    await grace.click(result.response, label="Promote")
    after = await quiz_stage.alice.slash(quiz_stage.channel, "ask", question=question)
    assert "> A colony of honey bees winters as a ball around its queen." in said(after)
    history = said(await grace.slash(quiz_stage.channel, "library history"))
    assert history.index("promoted by") < history.index("taken over from the shared library")
    back = await grace.slash(quiz_stage.channel, "library rollback")
    assert "is live again" in said(back)
    gone = await quiz_stage.alice.slash(quiz_stage.channel, "ask", question=question)
    assert "ball around its queen" not in said(gone)
