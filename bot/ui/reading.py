"""Parses what a person wrote: a question, or a message that is answered without a search."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.conversation.smalltalk import hear
from bot.ui import text
from prompts import words

MAX_QUESTION = 1000

# Mentions, channels, custom emoji and the like in Discord's notation, and the names that ping everybody.
_NOTATION = re.compile(r"<(?:[@#][!&]?\d+|a?:\w+:\d+|t:-?\d+(?::\w)?|/[^:>]+:\d+|id:\w+)>|@(?:everyone|here)\b")
_MENTION = re.compile(r"<@!?\d+>")
_MARKDOWN = re.compile(r"\*+|__+|~~+|\|\|+|`+|^[ ]*(?:>>>|>|#{1,3}|-#)[ ]", re.MULTILINE)
_WHITE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Question:
    """A question to search with; `cut_at` is the length to which it was shortened, None when it was not."""

    text: str
    cut_at: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply to a message that is not searched with.

    `trouble`: the message was refused. `is_repetition`: the person was told the same a moment ago.
    """

    reply: str
    trouble: bool = False
    is_repetition: bool = False


def read(written: str) -> Question | Reply:
    """Return the question, or the reply to small talk and to a message without words."""
    without_notation = _NOTATION.sub(" ", text.plain(written))
    bare = _MARKDOWN.sub(" ", without_notation).strip()
    if not any(character.isalnum() for character in bare):
        example = words("ask.example")
        nothing = not _MENTION.sub("", text.plain(written)).strip()
        reply = words("ask.empty", example=example) if nothing else words("ask.wordless", example=example)
        return Reply(reply, trouble=True)
    parsed = hear(bare)
    if parsed.kind is not None:
        return Reply(words(f"ask.smalltalk.{parsed.kind.value}", menu=words("ask.menu.name")))
    question = _WHITE.sub(" ", parsed.question).strip()
    if len(question) > MAX_QUESTION:
        return Question(text.shorten(question, MAX_QUESTION).removesuffix(text.ELLIPSIS), cut_at=MAX_QUESTION)
    return Question(question)
