"""What the next steps after an answer are called, in Discord's menu and in the terminal."""

from __future__ import annotations

from bot.answering.turn import NextStep, StepKind
from bot.ui.text import plain, shorten
from prompts import words

LONGEST = 100
"""Characters of a label and of what stands below it: Discord's limit for an option of a menu."""
_MAX_NAME = 70  # characters of a heading or a side


def step_label(step: NextStep) -> tuple[str, str]:
    """Return what a step is called, and what is said below that, possibly nothing: plain text on one line each."""
    opening = _line(step.quote.text) if step.quote is not None else ""
    name = shorten(_line(step.text), _MAX_NAME)
    if step.kind is StepKind.QUESTION:
        return _line(step.text), ""
    if step.kind is StepKind.POINT:
        below = words("conversation.next.under", name=name) if name else ""
        return shorten(words("conversation.next.point", opening=opening), LONGEST), below
    label = words("conversation.next.side" if step.kind is StepKind.SIDE else "conversation.next.part", name=name)
    return label, shorten(opening, LONGEST)


def _line(text: str) -> str:
    return " ".join(plain(text).split())
