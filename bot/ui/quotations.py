"""Layouts of checked quotations: what was changed first, each with its place and the button that shows its context."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import discord

from bot.ui import text
from bot.ui.limits import MAX_COMPONENTS, MAX_TEXT
from bot.ui.notice import Accent, Item, button_row, framed, text_item
from bot.ui.quote_buttons import VerifyButton
from bot.ui.quotes import MAX_TITLE, context_section, place_of, quote_texts
from index.answering.answer import Quote
from index.quotations.changes import GRAVE, DiffPart, Part
from index.quotations.check import Report
from index.quotations.stretches import Origin
from index.quotations.verdicts import Checked, Verdict
from prompts import words

_MAX_SHOWN = 400  # characters of a quotation; its place and its context button lead to the whole
_MAX_SAME = 60  # characters of unchanged words at each side of a change, in a long quotation
_MAX_PIECES = 4
_AROUND_TEXT, _AROUND_COMPONENTS = 600, 8  # of a message, for the lead, the notes, the frame and the buttons
_MARKS = {Part.SAME: "", Part.REMOVED: "~~", Part.ADDED: "**"}
_ORDER = (Verdict.ALTERED, Verdict.STITCHED, Verdict.NOT_FOUND, Verdict.EXACT, Verdict.TOO_SHORT)


def quotations_view(report: Report) -> discord.ui.LayoutView:
    """Lay out the quotations of a text, at least one; those that do not fit into a message are counted."""
    ordered = sorted(report.quotations, key=_gravity)
    shown = _Shown()
    for checked in ordered:
        if not shown.add(checked):
            break
    notes = [*_notes(report), words("check.legend") if any(each.diff for each in ordered[: shown.count]) else ""]
    others = len(ordered) - shown.count
    return framed(
        _accent(report),
        text_item(_lead(report), *notes),
        *shown.items,
        *([text_item(words("check.others", count=others))] if others else []),
        *button_row(VerifyButton.for_quotes([quote for quote in shown.quotes if quote.paragraph])),
    )


def counts(report: Report) -> list[str]:
    """Say how many quotations have each verdict, without those that none has."""
    return [
        words(f"check.count.{verdict.value}", count=count) for verdict in _ORDER if (count := report.count(verdict))
    ]


def named_changes(checked: Checked) -> list[str]:
    """Name what was changed, the gravest first."""
    return [words(f"check.change.{change.value}") for change in checked.changes]


def named_notes(checked: Checked) -> list[str]:
    """Name what differs in a quotation that counts as exact."""
    return [words(f"check.note.{note.value}") for note in checked.notes]


def of_sentences(report: Report) -> bool:
    """Say whether a text was checked by its sentences, for want of quotations."""
    return any(each.stretch.origin is Origin.SENTENCE for each in report.quotations)


@dataclass(slots=True)
class _Size:
    texts: int = 0
    components: int = 0


class _Shown:
    """Collects what fits into one message."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.quotes: list[Quote] = []
        self.count = 0
        self._size = _Size(_AROUND_TEXT, _AROUND_COMPONENTS)
        self._places: set[tuple[str, int, int]] = set()

    def add(self, checked: Checked) -> bool:
        """Add a quotation; returns False, and adds nothing, when it does not fit."""
        blocks = [*_blocks(checked)]
        texts = sum(len(each) for _, block in blocks for each in block)
        components = 1 + sum(2 + len(block) for _, block in blocks)
        if self._size.texts + texts > MAX_TEXT or self._size.components + components > MAX_COMPONENTS:
            return False
        self._size.texts += texts
        self._size.components += components
        self.count += 1
        self.items.append(discord.ui.Separator())
        for quote, block in blocks:
            # Two buttons for one place would have the same custom id, and a heading has no paragraph to show.
            if quote is None or not quote.paragraph or place_of(quote) in self._places:
                self.items.append(text_item("\n".join(block)))
                continue
            self._places.add(place_of(quote))
            self.quotes.append(quote)
            self.items.append(context_section(quote, *block))
        return True


def _blocks(checked: Checked) -> Iterator[tuple[Quote | None, list[str]]]:
    """Yield the texts about a quotation, each block with the place that its button shows."""
    label = _verdict(checked)
    if checked.diff:
        quote, *others = checked.pieces
        yield quote, [label, _diff(checked.diff), _source(quote)]
        yield from ((other, [_source(other)]) for other in others[: _MAX_PIECES - 1])
    elif not checked.pieces:
        yield None, [label, text.QUOTE_PREFIX + text.inline(checked.stretch.text, _MAX_SHOWN // 2)]
    else:
        for number, quote in enumerate(checked.pieces[:_MAX_PIECES]):
            cut = replace(quote, text=text.shorten(" ".join(quote.text.split()), _MAX_SHOWN))
            yield quote, [*([] if number else [label]), quote_texts(cut)[0], _source(quote)]


def _verdict(checked: Checked) -> str:
    changes = named_changes(checked)
    match checked.verdict:
        case Verdict.ALTERED:
            return words("check.verdict.altered", changes=changes)
        case Verdict.STITCHED:
            return words("check.verdict.stitched", changes=changes, pieces=len(checked.pieces))
        case Verdict.NOT_FOUND:
            return words("check.verdict.not_in_library")
        case Verdict.TOO_SHORT:
            return words("check.verdict.too_short")
    notes = [words("check.notes", notes=named_notes(checked))] if checked.notes else []
    return "\n".join([words("check.verdict.exact"), *notes])


def _source(quote: Quote) -> str:
    if quote.paragraph:
        return quote_texts(replace(quote, text=""))[1]
    return words("check.heading", title=text.inline(quote.title, MAX_TITLE))


def _diff(diff: Sequence[DiffPart]) -> str:
    """Return a diff as one block quote: what the library has struck through, what the quotation has in bold."""
    is_long = sum(len(each.text) for each in diff) > _MAX_SHOWN
    parts = [_part(each, number, len(diff), is_long=is_long) for number, each in enumerate(diff)]
    return text.QUOTE_PREFIX + _fitting(parts)


def _part(part: DiffPart, number: int, count: int, *, is_long: bool) -> str:
    written = part.text.strip()
    if is_long and part.part is Part.SAME:
        front = "" if number == 0 else text.shorten(written, _MAX_SAME)
        back = "" if number + 1 == count else text.shorten_front(written, _MAX_SAME)
        written = written if len(written) <= 2 * _MAX_SAME else f"{front} {back}".strip()
    mark, escaped = _MARKS[part.part], text.inline(written, _MAX_SHOWN)
    return (" " if part.text[:1].isspace() else "") + mark + escaped + mark if escaped else ""


def _fitting(parts: Sequence[str]) -> str:
    """Join the parts that have room in a message: an endless number of changes is cut."""
    kept: list[str] = []
    size = 0
    for part in parts:
        size += len(part)
        if size > 4 * _MAX_SHOWN:
            return "".join(kept) + " " + text.ELLIPSIS
        kept.append(part)
    return "".join(kept).strip()


def _lead(report: Report) -> str:
    values = {"exact": report.count(Verdict.EXACT), "total": len(report.quotations)}
    return words("check.lead.sentences" if of_sentences(report) else "check.lead.quotes", **values)


def _notes(report: Report) -> Iterator[str]:
    named = counts(report)
    if len(named) > 1 or report.count(Verdict.EXACT) == 0:
        yield words("check.counts", counts=named)
    if report.cut_at is not None:
        yield words("check.cut", limit=report.cut_at)


def _gravity(checked: Checked) -> tuple[int, bool]:
    return _ORDER.index(checked.verdict), not any(change in GRAVE for change in checked.changes)


def _accent(report: Report) -> Accent:
    if any(report.count(verdict) for verdict in (Verdict.ALTERED, Verdict.STITCHED)):
        return Accent.TROUBLE
    if report.count(Verdict.NOT_FOUND):
        return Accent.CLOSEST
    return Accent.ANSWER if report.count(Verdict.EXACT) else Accent.NOT_COVERED
