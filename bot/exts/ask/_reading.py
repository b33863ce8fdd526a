"""Reads what a person wrote: a question to search with, or something that is answered without a search."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.conversation.smalltalk import SmallTalk, hear
from bot.ui import text
from prompts import words

MAX_QUESTION = 1000

# Mentions, channels, custom emoji and the like in Discord's own notation, and the names that ping all.
_NOTATION = re.compile(r"<(?:[@#][!&]?\d+|a?:\w+:\d+|t:-?\d+(?::\w)?|/[^:>]+:\d+|id:\w+)>|@(?:everyone|here)\b")
_MENTION = re.compile(r"<@!?\d+>")
_MARKDOWN = re.compile(r"\*+|__+|~~+|\|\|+|`+|^[ ]*(?:>>>|>|#{1,3}|-#)[ ]", re.MULTILINE)
_WHITE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Question:
    """What to search with; `cut_at` is the length it was cut to, if it was."""

    text: str
    cut_at: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A message that needs no search, with what to say to it; `trouble` when the person should act.

    A repetition says what the person was told a moment ago.
    """

    reply: str
    trouble: bool = False
    is_repetition: bool = False


def read(written: str) -> Question | Reply:
    """Tell a question from small talk and from what cannot be searched with."""
    without_notation = _NOTATION.sub(" ", text.plain(written))
    bare = _MARKDOWN.sub(" ", without_notation).strip()
    if not any(character.isalnum() for character in bare):
        example = words("ask.example")
        nothing = not _MENTION.sub("", text.plain(written)).strip()
        reply = words("ask.empty", example=example) if nothing else words("ask.wordless", example=example)
        return Reply(reply, trouble=True)
    parsed = hear(bare)
    if parsed.kind is not None:
        return Reply(smalltalk_reply(parsed.kind))
    question = _WHITE.sub(" ", parsed.question).strip()
    if len(question) > MAX_QUESTION:
        return Question(text.shorten(question, MAX_QUESTION).removesuffix(text.ELLIPSIS), cut_at=MAX_QUESTION)
    return Question(question)


def smalltalk_reply(kind: SmallTalk) -> str:
    match kind:
        case SmallTalk.GREETING:
            return words("ask.smalltalk.greeting")
        case SmallTalk.WELLBEING:
            return words("ask.smalltalk.wellbeing")
        case SmallTalk.THANKS:
            return words("ask.smalltalk.thanks")
        case SmallTalk.FAREWELL:
            return words("ask.smalltalk.farewell")
        case SmallTalk.PRAISE:
            return words("ask.smalltalk.praise")
        case SmallTalk.HELP:
            return words("ask.smalltalk.help", menu=words("ask.menu.name"))
