"""Whatever people bring Discord to send, the bot goes on and shows nothing that pings."""

from __future__ import annotations

import random

import pytest

from tests.gateway.conftest import Stage
from tests.hostile.presses import Sender, judge, send, settled, sound
from tests.hostile.tally import Tally

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="package")]


async def test_hostile_events_do_no_harm(stage: Stage) -> None:
    """Altered ids of buttons, hostile words in forms, options, messages: no unexpected error, no ping, no silence."""
    tally, begun = Tally(), len(stage.bot.said)
    sender = Sender(stage.server, random.Random(10**6), await sound(stage.server))
    assert await send(tally, stage.server, stage.bot, sender.by_people, 120)
    await settled(tally, stage.server, sender.sent)
    judge(tally, stage.server, stage.bot, begun)
    assert tally.faults == []
