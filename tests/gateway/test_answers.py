"""The whole bot answers over a real connection, whatever Discord's API does meanwhile."""

from __future__ import annotations

import pytest

from tests.gateway.conftest import Stage
from tests.gateway.world import texts

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="module")]

QUESTION = "How does the metaverse differ from the Internet?"


async def test_a_mention_is_answered_with_the_authors_words(stage: Stage) -> None:
    """A question in the channel gets one reply that quotes the essay to the character."""
    asked = await stage.actor().says(QUESTION)
    reply = await stage.server.reply(asked)
    print(texts(reply))
