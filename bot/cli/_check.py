"""The command that checks the quotations of a text."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli._batch import read_text
from bot.cli._terminal import Refusal, open_announced, print_json
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.settings import Settings
    from index.answering.answer import Quote
    from index.generations.generation import Generation
    from index.quotations.check import Report
    from index.quotations.verdicts import Checked

_AROUND = 80  # characters shown before and after a place


def check(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A text file in UTF-8, or - for what is piped in.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check whether the quotes in a text stand in the library, word for word; without quotes, its sentences."""
    from index.quotations.check import check as checked

    text = sys.stdin.read() if str(file) == "-" else read_text(file)
    if not any(map(str.isalnum, text)):
        raise Refusal(words("check.terminal.nothing"))
    generation = _generation(context.obj)
    report = checked(generation, text)
    if as_json:
        print_json(_row(report, generation), indent=2)
        return
    for line in _lines(report, generation):
        print(line)


def _generation(settings: Settings) -> Generation:
    """Open the live generation; the model is only loaded to build one when there is none."""
    from bot.libraries.storage import storage_of
    from index.generations import generation as generations
    from index.generations.manifest import live

    name = live(storage_of(settings).ready(None))
    return open_announced(settings).generation if name is None else generations.load(settings.data, name)


def _lines(report: Report, generation: Generation) -> Iterator[str]:
    from bot.ui.quotations import counts, of_sentences
    from bot.ui.text import plain
    from index.quotations.verdicts import Verdict

    yield words(
        "check.terminal.lead",
        exact=report.count(Verdict.EXACT),
        total=len(report.quotations),
        sentences=of_sentences(report),
        counts=counts(report),
    )
    if report.cut_at is not None:
        yield words("check.terminal.cut", limit=report.cut_at)
    for checked in report.quotations:
        yield ""
        yield _verdict(checked)
        yield f"“{plain(' '.join(checked.stretch.text.split()))}”"
        if checked.diff:
            yield f"  {plain(_diff(checked))}"
        for quote in checked.pieces:
            before, after = _context(quote, generation)
            yield f"  … {plain(before)}[{plain(' '.join(quote.text.split()))}]{plain(after)} …"
            values = {"title": quote.title, "heading": quote.heading, "page": quote.page, "paragraph": quote.paragraph}
            yield f"  {plain(words('terminal.quote', **values, start=quote.start, end=quote.end))}"


def _verdict(checked: Checked) -> str:
    from bot.ui.quotations import named_changes, named_notes
    from index.quotations.verdicts import Verdict

    changes = named_changes(checked)
    match checked.verdict:
        case Verdict.ALTERED:
            return words("check.terminal.altered", changes=changes)
        case Verdict.STITCHED:
            return words("check.terminal.stitched", changes=changes, pieces=len(checked.pieces))
        case Verdict.NOT_FOUND:
            return words("check.terminal.not_in_library")
        case Verdict.TOO_SHORT:
            return words("check.terminal.too_short")
    notes = [words("check.terminal.notes", notes=named_notes(checked))] if checked.notes else []
    return "; ".join([words("check.terminal.exact"), *notes])


def _diff(checked: Checked) -> str:
    """Return a diff as wdiff writes it: [-the library's-] {+the quotation's+}."""
    marks = {"same": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}
    parts = []
    for each in checked.diff:
        opening, closing = marks[each.part.value]
        parts.append((" " if each.text[:1].isspace() else "") + opening + each.text.strip() + closing)
    return "".join(parts)


def _context(quote: Quote, generation: Generation) -> tuple[str, str]:
    text = generation.texts.document(quote.document).text
    before, after = text[max(0, quote.start - _AROUND) : quote.start], text[quote.end : quote.end + _AROUND]
    return _folded(before), _folded(after)


def _folded(part: str) -> str:
    """Return a text on one line, with a space where white space was at its ends."""
    folded = " ".join(part.split())
    return (" " if part[:1].isspace() else "") + folded + (" " if part[-1:].isspace() and folded else "")


def _row(report: Report, generation: Generation) -> dict[str, Any]:
    return {
        "generation": report.generation,
        "cut_at": report.cut_at,
        "quotations": [
            {
                "text": checked.stretch.text,
                "start": checked.stretch.start,
                "end": checked.stretch.end,
                "origin": checked.stretch.origin.value,
                "verdict": checked.verdict.value,
                "changes": [change.value for change in checked.changes],
                "notes": [note.value for note in checked.notes],
                "diff": [{"part": each.part.value, "text": each.text} for each in checked.diff],
                "pieces": [_piece(quote, generation) for quote in checked.pieces],
            }
            for checked in report.quotations
        ],
    }


def _piece(quote: Quote, generation: Generation) -> dict[str, Any]:
    before, after = _context(quote, generation)
    return {
        "text": quote.text,
        "document": quote.document,
        "start": quote.start,
        "end": quote.end,
        "sha256": quote.sha256,
        "heading": quote.heading,
        "before": before,
        "after": after,
        **({} if quote.page is None else {"page": quote.page}),
    }
