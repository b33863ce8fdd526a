"""What is kept of a person is little, short-lived, theirs alone, and never moves from private to public."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.conversation import recent
from bot.conversation.recent import TURNS, ConversationKey, Conversations
from bot.errors import TooManyError
from bot.people.quotas import WINDOW, Quota
from tests.bot.scripted import quote

MAX_AGE = timedelta(minutes=15)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HERE = ConversationKey(person=1, channel=10, private=False)


def test_the_last_turns_come_back_oldest_first() -> None:
    """A follow-up is understood from the last few questions, in order."""
    memory = Conversations(MAX_AGE)
    for number in range(TURNS + 2):
        memory.remember(HERE, f"question {number}", NOW)
    assert memory.recall(HERE, NOW) == tuple(f"question {number}" for number in range(2, TURNS + 2))


def test_more_belongs_to_the_turn_before_it() -> None:
    """Further quotes are added to those of the question; a message without an effect leaves the turns as they were."""
    memory = Conversations(MAX_AGE)
    first, second = quote("It is short."), quote("Glass forgets the fire at once.")
    memory.remember(HERE, "a question", NOW).quotes = (first,)
    memory.show_more(memory.remember(HERE, "more", NOW), (second,))
    thanks = memory.remember(HERE, "thanks", NOW)
    assert memory.recall(HERE, NOW) == ("a question", "thanks")
    memory.take_back(thanks)
    memory.take_back(thanks)
    assert memory.recall(HERE, NOW) == ("a question",)
    assert memory.shown(HERE, NOW) == (first, second)


@pytest.mark.parametrize(
    "elsewhere", [ConversationKey(2, 10, False), ConversationKey(1, 11, False), ConversationKey(1, 10, True)]
)
def test_nobody_else_and_no_other_place_hears_of_it(elsewhere: ConversationKey) -> None:
    """Another person, another channel and the public side of a private question know nothing of it."""
    memory = Conversations(MAX_AGE)
    memory.remember(HERE, "a question", NOW)
    assert memory.recall(elsewhere, NOW) == ()


def test_old_turns_are_forgotten() -> None:
    """After the age limit a question is neither used nor kept."""
    memory = Conversations(MAX_AGE)
    memory.remember(HERE, "a question", NOW)
    assert memory.recall(HERE, NOW + MAX_AGE) == ("a question",)
    later = NOW + MAX_AGE + timedelta(seconds=1)
    assert memory.recall(HERE, later) == ()
    memory.remember(ConversationKey(2, 10, False), "another", later)
    assert HERE not in memory._turns


def test_the_memory_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The corner that was quiet longest is forgotten first."""
    monkeypatch.setattr(recent, "MAX_CONVERSATIONS", 2)
    memory = Conversations(MAX_AGE)
    for person in (1, 2, 1, 3):
        memory.remember(ConversationKey(person, 10, False), "a question", NOW)
    assert [corner.person for corner in memory._turns] == [1, 3]


def test_a_quota_lets_through_what_it_says_and_says_when_again() -> None:
    """The sentence names the moment from which a question is welcome, and then it is."""
    quota = Quota(2, "questions")
    quota.count(1, NOW)
    quota.count(1, NOW + timedelta(seconds=20))
    with pytest.raises(TooManyError) as error:
        quota.count(1, NOW + timedelta(seconds=30))
    assert error.value.again_at == NOW + WINDOW
    assert not error.value.is_repetition
    with pytest.raises(TooManyError) as again:
        quota.count(1, NOW + timedelta(seconds=40))
    assert again.value.is_repetition
    assert f"<t:{int((NOW + WINDOW).timestamp())}:R>" in str(error.value)
    quota.count(2, NOW + timedelta(seconds=30))
    quota.count(1, error.value.again_at)
    with pytest.raises(TooManyError) as later:
        quota.count(1, error.value.again_at)
    assert not later.value.is_repetition
