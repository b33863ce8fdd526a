"""Whatever the API does to a request, who asked gets the answer, once."""

from __future__ import annotations

import asyncio

import pytest

from tests.gateway.conftest import Stage
from tests.gateway.faults import Fault
from tests.gateway.test_answers import QUESTION, quotes

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="package")]

FAULTS = {
    "a limit of the route": Fault(status=429, retry_after_s=0.3),
    "500": Fault(status=500),
    "502": Fault(status=502),
    "502 although it was done": Fault(status=502, done=True),
    "2 s": Fault(slow_s=2.0),
    "a broken connection": Fault(reset=True),
    "a connection that broke after it was done": Fault(reset=True, done=True),
}


async def test_a_reply_survives_what_the_api_does(stage: Stage) -> None:
    """A mention gets exactly one reply, whether its request was refused, lost, or carried out and then lost."""

    async def replies(channel: int, fault: Fault) -> int:
        actor = stage.actor(channel=channel)
        stage.server.script.add(f"POST /channels/{actor.channel}/messages", fault)
        asked = await actor.says(QUESTION)
        await stage.server.until(lambda: stage.server.replies(asked), 15, "a reply")
        await asyncio.sleep(2)
        return sum(bool(quotes(each)) for each in stage.server.replies(asked))

    found = await asyncio.gather(
        *(replies(channel, fault) for channel, fault in enumerate(FAULTS.values(), 1)), return_exceptions=True
    )
    assert dict(zip(FAULTS, found, strict=True)) == dict.fromkeys(FAULTS, 1)


async def test_an_edit_survives_what_the_api_does(stage: Stage) -> None:
    """/ask gets its answer whatever happens to the edit that brings it."""

    async def edited(fault: Fault) -> bool:
        asked = await stage.actor().slash("ask", question=QUESTION)
        stage.server.script.add(f"PATCH /webhooks/.*/{asked.body['token']}/messages/@original", fault)
        return bool(quotes(await stage.server.until(lambda: asked.answer, 15, "an answer")))

    found = await asyncio.gather(*(edited(fault) for fault in FAULTS.values()), return_exceptions=True)
    assert dict(zip(FAULTS, found, strict=True)) == dict.fromkeys(FAULTS, True)


async def test_an_acknowledgement_survives_a_broken_connection(stage: Stage) -> None:
    """A command whose acknowledgement was lost on the way is answered, whether or not it had arrived."""

    async def answered(fault: Fault) -> bool:
        stage.server.script.add("POST /interactions/.*/callback", fault)
        asked = await stage.actor().slash("ask", question=QUESTION)
        return bool(quotes(await stage.server.until(lambda: asked.answer, 15, "an answer")))

    assert await answered(Fault(reset=True))
    assert await answered(Fault(reset=True, done=True))
    # That it was acknowledged twice is then no fault of the bot's: it could not know.
    stage.server.violations[:] = [each for each in stage.server.violations if "acknowledged twice" not in each]


async def test_a_limit_of_the_whole_bot_holds_everything_back(stage: Stage) -> None:
    """After a global 429 nothing is sent before its time, and then everything is."""
    server, first, second = stage.server, stage.actor(channel=1), stage.actor(channel=2)
    server.script.add(f"POST /channels/{first.channel}/messages", Fault(status=429, retry_after_s=1.0, everywhere=True))
    before = len(server.sent("POST", "/messages"))
    asked = await first.says(QUESTION)
    refused = (await server.until(lambda: server.sent("POST", "/messages")[before:]))[0]
    later = await second.says(QUESTION)
    for each in (asked, later):
        await server.reply(each)
    posted = [each.at - refused.at for each in server.sent("POST", "/messages")[before + 1 :]]
    assert len(posted) == 2
    assert min(posted) > 0.95


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ("INTERACTION_CREATE", {}),
        ("INTERACTION_CREATE", {"id": "x", "type": 2, "token": "x"}),
        ("INTERACTION_CREATE", {"id": None, "type": [], "data": 7}),
        ("MESSAGE_CREATE", {"id": "1"}),
        ("MESSAGE_CREATE", {"author": "nobody", "channel_id": {}}),
        ("GUILD_CREATE", {}),
        ("NO_SUCH_EVENT", {"a": 1}),
    ],
)
async def test_an_event_that_cannot_be_read_costs_that_event(stage: Stage, event: str, told: dict[str, object]) -> None:
    """Whatever the gateway says, the bot goes on and answers the next who asks."""
    await stage.server.gateway.dispatch(event, told)
    asked = await stage.actor().slash("about")
    assert await stage.server.until(lambda: asked.answer, 15, "an answer")
