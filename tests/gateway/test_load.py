"""The event loop stays free while many ask at once and a library is built beside them."""

from __future__ import annotations

import pytest

from tests.gateway.conftest import Stage
from tests.gateway.test_answers import QUESTION, quotes
from tests.gateway.world import texts

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="package")]

AT_ONCE = 32


async def test_heartbeats_keep_time_while_many_ask_and_a_document_is_added(stage: Stage) -> None:
    """32 questions at once, during a build of an uploaded document: no heartbeat and no acknowledgement is late."""
    server = stage.server
    server.gateway.late_s.clear()
    keeper = stage.actor("keeper")
    note = keeper.attaches("tides.txt", b"The tide is caused by the moon. It rises and falls twice a day.\n" * 20)
    adding = await keeper.slash("library add", document=note)
    beats = len(server.gateway.late_s)
    slashed = [await stage.actor(f"a{n}").slash("ask", question=f"{QUESTION} {n}") for n in range(AT_ONCE // 2)]
    said = [await stage.actor(f"b{n}", channel=n).says(f"{QUESTION} {n}") for n in range(AT_ONCE // 2)]
    for asked in said:
        await server.reply(asked)
    for command in slashed:
        assert quotes(await server.until(lambda command=command: command.answer))
    await server.until(lambda: adding.answer and "Promote" in str(adding.answer), 150, "the build")
    assert len(server.gateway.late_s) > beats
    assert max(server.gateway.late_s) < 1.0
    assert max(command.acknowledged_s or 9 for command in [*slashed, adding]) < 1.5
    assert "tides" in texts(adding.answer or {})
