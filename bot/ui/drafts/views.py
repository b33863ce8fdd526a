"""Layouts of drafts for maintainers: a draft as learners would see it with its answer and quotes, or an overview."""

from __future__ import annotations

import discord

from bot.learning.drafting import Made
from bot.learning.drafts import Note, Overview, Review, Turn
from bot.quiz.items import Item, ItemKind
from bot.quiz.review import State
from bot.ui import text
from bot.ui.limits import MAX_TEXT
from bot.ui.notice import Accent, button_row, first_fitting, framed, text_item
from bot.ui.notice import Item as LayoutItem
from bot.ui.persistent import BaseButton, ShownButton
from bot.ui.quiz.controls import LETTERS
from bot.ui.quiz.step import asked
from bot.ui.quotes import quote_item, quote_texts
from prompts import words

# The version in the id tells whether a draft was edited since a maintainer saw it.
DRAFT_PATTERN = r"(?P<item>[a-z0-9][a-z0-9-]{0,59}):(?P<version>[0-9a-f]{12})"

_STYLES = {
    "approve": discord.ButtonStyle.success,
    "edit": discord.ButtonStyle.secondary,
    "reject": discord.ButtonStyle.danger,
    "skip": discord.ButtonStyle.secondary,
}
_MAX_TITLE = 90
_MAX_FAULT = 120
_MOST_FAULTS = 3
# Options have at most 200 characters, but escaping may double them: then they are shortened.
_OPTION_LIMITS = (200, 100, 40)
_MARGIN = 100


def draft_button(act: str, item: str, version: str, *, disabled: bool = False) -> BaseButton:
    """Return the button that does `act` to this version of a draft."""
    label, custom_id = words(f"library.drafts.button.{act}"), f"draft:v1:{act}:{item}:{version}"
    return discord.ui.Button(label=label, style=_STYLES[act], custom_id=custom_id, disabled=disabled)


def made_text(made: Made) -> str:
    """Return how many drafts were made, of which kinds, and why there are fewer than asked for."""
    if not made.number:
        return words("library.drafts.made_none")
    kinds = [
        (count, words(f"library.drafts.kind.{kind}"))
        for kind, count in sorted(made.by_kind.items(), key=lambda pair: -pair[1])
    ]
    return words("library.drafts.made", number=made.number, kinds=kinds, asked_for=made.asked_for)


def turn_view(turn: Turn, lead: str = "") -> discord.ui.LayoutView:
    """Lay out the next draft, or an overview, below `lead` and the result of the last press."""
    notes = [lead] if lead else []
    if turn.note is not None:
        notes.append(words(f"library.drafts.note.{turn.note.value}", by=turn.by))
    if turn.dropped:
        notes.append(words("library.drafts.dropped", count=turn.dropped))
    if isinstance(turn.screen, Overview):
        return _overview(turn.screen, notes)
    return _review(turn.screen, notes, failed=turn.note is Note.FAULTY)


def _overview(overview: Overview, notes: list[str]) -> discord.ui.LayoutView:
    counts = {state.value: count for state, count in overview.counts.items()}
    any_made = any(counts.values())
    summary = words("library.drafts.summary", **counts) if any_made else words("library.drafts.none")
    items: list[LayoutItem] = [text_item(*notes, summary)]
    if overview.counts[State.APPROVED]:
        items.append(text_item(words("library.drafts.what_next")))
    return framed(Accent.FRIENDLY, *items)


def _review(review: Review, notes: list[str], *, failed: bool) -> discord.ui.LayoutView:
    item = review.item
    head = words("library.drafts.head", left=review.left, title=text.inline(review.title, _MAX_TITLE))
    question = asked(item)
    faults = [text.inline(fault, _MAX_FAULT) for fault in review.faults[:_MOST_FAULTS]]
    behind = [words("library.drafts.why", why=text.escape(item.why))]
    if faults:
        behind.append(words("library.drafts.faults", faults=faults))
    most = MAX_TEXT - _MARGIN - sum(map(len, (*notes, head, *question, *behind)))
    shortest = _options(item, _OPTION_LIMITS[-1])
    quoted = first_fitting(["".join(quote_texts(quote)) for quote in review.quotes], most - sum(map(len, shortest)))
    most -= sum(map(len, quoted))
    options = next(
        (found for limit in _OPTION_LIMITS if sum(map(len, found := _options(item, limit))) <= most), shortest
    )
    buttons = [
        ShownButton(draft_button(act, item.id, item.version, disabled=act == "approve" and bool(review.faults)))
        for act in _STYLES
    ]
    items: list[LayoutItem] = [text_item(*notes, head), text_item(*question), text_item(*options)]
    items += [
        discord.ui.Separator(),
        *map(quote_item, review.quotes[: len(quoted)]),
        text_item(*behind),
        *button_row(*buttons),
    ]
    return framed(Accent.TROUBLE if failed else Accent.CLOSEST if faults else Accent.FRIENDLY, *items)


def _options(item: Item, limit: int) -> list[str]:
    """Return the options with their letters, the right one marked."""
    if item.kind is ItemKind.FREE:
        return [words("library.drafts.free")]
    return [
        words(
            "library.drafts.right" if number == item.key else "library.drafts.wrong",
            letter=LETTERS[number],
            text=text.inline(option, limit),
        )
        for number, option in enumerate(item.options)
    ]
