"""The bot comes back however its connection ends, and nobody who asked meanwhile is forgotten or answered twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.gateway.conftest import Stage
from tests.gateway.sockets import Gateway
from tests.gateway.test_answers import QUESTION

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="package")]

LOST: dict[str, Callable[[Gateway], Awaitable[None]]] = {
    "reset without a farewell": lambda gateway: gateway.drop(),
    "told to reconnect": lambda gateway: gateway.ask_to_reconnect(),
    "unknown error": lambda gateway: gateway.close(4000),
    "going away": lambda gateway: gateway.close(1001),
}


@pytest.mark.parametrize("how", LOST)
async def test_a_question_asked_while_the_connection_was_lost_is_answered_once(stage: Stage, how: str) -> None:
    """The session is resumed, and what was missed is replayed and answered."""
    server = stage.server
    resumed, identified = server.gateway.resumed, server.gateway.identified
    await LOST[how](server.gateway)
    asked = await stage.actor().says(QUESTION)
    await server.reply(asked)
    assert (server.gateway.resumed, server.gateway.identified) == (resumed + 1, identified)
    await asyncio.sleep(0.3)
    assert len(server.replies(asked)) == 1


async def test_a_lost_session_is_begun_anew(stage: Stage) -> None:
    """When Discord has forgotten the session, the bot identifies again, at the address it was given."""
    server = stage.server
    identified = server.gateway.identified
    await server.gateway.close(4009)
    server.gateway.sessions.clear()
    await server.until(lambda: server.gateway.live)
    assert server.gateway.identified == identified + 1
    await asked_and_answered(stage)


async def test_an_outage_is_over_within_seconds(stage: Stage) -> None:
    """Back 3 s after it went away, the gateway has the bot's session again at once, by RESUME and with what was missed.

    Each attempt meanwhile is one line in the log.
    """
    server, said = stage.server, len(stage.bot.said)
    resumed, identified = server.gateway.resumed, server.gateway.identified
    await server.go_away()
    asked = await stage.actor().says(QUESTION)
    await asyncio.sleep(3)
    await server.come_back()
    await server.until(lambda: server.gateway.live, within_s=4)
    assert (server.gateway.resumed, server.gateway.identified) == (resumed + 1, identified)
    await server.reply(asked)
    lines = stage.bot.said[said:].splitlines()
    tries = [line for line in lines if "Attempting a reconnect" in line]
    assert 2 <= len(tries) <= 6
    assert "Traceback" not in stage.bot.said[said:]
    assert [line for line in lines if " discord." in line] == tries


async def test_a_gateway_that_takes_connections_and_ends_them_is_not_hammered(stage: Stage) -> None:
    """One attempt a second at most, and when it works again the bot is there."""
    server = stage.server
    server.gateway.ends_all = True
    await server.gateway.drop()
    before = server.gateway.connections
    await asyncio.sleep(3)
    assert 1 <= server.gateway.connections - before <= 7
    server.gateway.ends_all = False
    await server.until(lambda: server.gateway.live, within_s=4)
    await asked_and_answered(stage)


async def test_an_event_that_comes_twice_is_answered_once(stage: Stage) -> None:
    """Discord may replay what was heard already; nobody gets the same answer twice for it."""
    asked = await asked_and_answered(stage)
    member = stage.server.world.member({})
    del member["user"]
    again = asked | {"guild_id": stage.server.world.guild, "member": member}
    await stage.server.gateway.dispatch("MESSAGE_CREATE", again)
    await asyncio.sleep(1)
    assert len(stage.server.replies(asked)) == 1


async def asked_and_answered(stage: Stage) -> dict[str, object]:
    asked = await stage.actor().says(QUESTION)
    await stage.server.reply(asked)
    return asked
