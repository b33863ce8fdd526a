"""Small talk gets a short reply; a question is searched, however politely it is put."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.smalltalk import SmallTalk, hear
from bot.ui.reading import MAX_QUESTION, Question, Reply, read


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Hi", SmallTalk.GREETING),
        ("hiiiii!!!", SmallTalk.GREETING),
        ("Good morning, tutor :)", SmallTalk.GREETING),
        ("hey there, how are you?", SmallTalk.WELLBEING),
        ("Thanks a lot!", SmallTalk.THANKS),
        ("ok, thank you so much", SmallTalk.THANKS),
        ("Great, thanks, bye", SmallTalk.THANKS),
        ("see you later", SmallTalk.FAREWELL),
        ("good bot", SmallTalk.PRAISE),
        ("What can you do?", SmallTalk.HELP),
        ("hello! what can you do for me", SmallTalk.HELP),
        ("HELP", SmallTalk.HELP),
        ("who are you", SmallTalk.HELP),
    ],
)
def test_small_talk_is_heard(said: str, kind: SmallTalk) -> None:
    """Greetings, thanks and "what can you do" are answered without a search."""
    assert hear(said).kind is kind


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("Hi, what is the metaverse?", "what is the metaverse?"),
        ("hello what is a node", "what is a node"),
        ("Good evening! Tell me about chains, please", "Tell me about chains, please"),
        ("What is a node? Thanks!", "What is a node?"),
        ("Thank you. And what about the other's?", "And what about the other's?"),
        ("Hello World was first written by whom?", "Hello World was first written by whom?"),
        ("Hi-Fi standards?", "Hi-Fi standards?"),
        ("help desk software", "help desk software"),
        ("what can you do with a blockchain", "what can you do with a blockchain"),
        ("thanks to whom did it grow?", "thanks to whom did it grow?"),
        ("What does thank you mean in French?", "What does thank you mean in French?"),
        ("no", "no"),
        ("元宇宙是什么?", "元宇宙是什么?"),
    ],
)
def test_a_question_is_not_taken_for_small_talk(said: str, question: str) -> None:
    """A greeting around a question is taken off; a word that only looks like one stays."""
    assert (hear(said).kind, hear(said).question) == (None, question)


@given(st.text())
def test_anything_can_be_said(anything: str) -> None:
    """No text makes the reading fail, and no question comes out empty."""
    heard = read(anything)
    assert heard.text.strip() if isinstance(heard, Question) else heard.reply


@pytest.mark.parametrize("nothing", ["", "   ", "\u200b\u202e", "<@123>", "\n"])
def test_nothing_asked_is_told_how_to_ask(nothing: str) -> None:
    """An empty message gets one sentence that says what to do."""
    heard = read(nothing)
    assert isinstance(heard, Reply)
    assert heard.trouble
    assert heard.reply.startswith("Ask me a question")


@pytest.mark.parametrize("wordless", ["🎉🎉", "???", "<:party:123456>", "@everyone", "** **||#", "<#12> <@&3>"])
def test_a_message_without_words_is_told_so(wordless: str) -> None:
    """Emoji, signs and mentions of others are no question."""
    heard = read(wordless)
    assert isinstance(heard, Reply)
    assert "no words" in heard.reply


def test_discords_notation_is_not_searched() -> None:
    """Mentions, emoji and Markdown around a question are not part of it."""
    assert read("<@1> **What** is `this` <:x:2> @everyone?") == Question("What is this ?")


def test_a_long_question_is_cut_between_words_and_says_so() -> None:
    """Four thousand characters are searched with their front, which the person is told."""
    heard = read("meta universe " * 300)
    assert isinstance(heard, Question)
    assert heard.cut_at == MAX_QUESTION
    assert len(heard.text) <= MAX_QUESTION
    assert heard.text.endswith(("meta", "universe"))
    assert read("word " * 200) == Question(("word " * 200).strip())
