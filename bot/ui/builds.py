"""Layouts of library builds: progress, what a build would change, its exam, and the history of the library."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import discord

from bot.ui import text
from bot.ui.notice import Accent, button_row, framed, notice, text_item
from bot.ui.persistent import BaseButton, ShownButton
from prompts import words

if TYPE_CHECKING:
    from bot.libraries.jobs import JobState
    from bot.libraries.proposals import Proposal
    from index.generations.promotion import Event
    from index.generations.records import Calibration, Exam

_MOST_NAMES = 8
_MOST_REASONS = 5
_MOST_EVENTS = 15
_MAX_NAME = 80
_MAX_REASON = 200

_STYLES = {
    "cancel": discord.ButtonStyle.danger,
    "promote": discord.ButtonStyle.success,
    "anyway": discord.ButtonStyle.danger,
    "discard": discord.ButtonStyle.secondary,
}


def build_button(act: str, id: str) -> BaseButton:
    """Return the button that does `act` to a build; `id` is that of its job (cancel) or generation (the others)."""
    return discord.ui.Button(
        label=words(f"library.button.{act}"), style=_STYLES[act], custom_id=f"library:v1:{act}:{id}"
    )


def building_view(
    job: JobState | None, done: int = 0, total: int = 0, rate: float = 0.0, end: datetime | None = None
) -> discord.ui.LayoutView:
    """Lay out the progress of a build, with a button that cancels it.

    `done` of `total` texts are encoded, `rate` a second; `end` is when the rest will be.
    """
    if job is not None and job.place:
        sentence = words("library.building.queued", place=job.place)
    elif not total:
        sentence = words("library.building.begun")
    else:
        when = discord.utils.format_dt(end, "R") if end is not None else ""
        sentence = words("library.building.progress", done=done, total=total, rate=rate, when=when)
    if job is None:
        return notice(sentence)
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow(ShownButton(build_button("cancel", job.id)))
    return framed(Accent.FRIENDLY, text_item(sentence), row)


def proposal_view(proposal: Proposal) -> discord.ui.LayoutView:
    """Lay out a build that waits for a decision, or one without changes."""
    exam, fitted = proposal.exam, proposal.calibration
    if exam is None or fitted is None:
        return framed(Accent.FRIENDLY, text_item(words("library.proposal.nothing"), *_skipped(proposal)))
    passed = exam.passed
    acts = ("promote" if passed else "anyway", "discard")
    lead = words("library.proposal.lead" if passed else "library.proposal.lead_failed")
    return framed(
        Accent.FRIENDLY if passed else Accent.CLOSEST,
        text_item(lead, *_changes(proposal), *_skipped(proposal)),
        discord.ui.Separator(),
        text_item(*_verdict(exam, fitted, proposal.before)),
        *button_row(*(ShownButton(build_button(act, proposal.generation)) for act in acts)),
    )


def decided_view(promoted: Proposal | None, sentence: str) -> discord.ui.LayoutView:
    """Lay out a decision on a build: with its changes when it was promoted, None when it was discarded."""
    if promoted is None:
        return notice(sentence, Accent.NOT_COVERED)
    return framed(Accent.ANSWER, text_item(sentence, *_changes(promoted), *_skipped(promoted)))


def history_view(events: Sequence[Event]) -> discord.ui.LayoutView:
    """Lay out which generations were live when, the newest first."""
    if not events:
        return notice(words("library.history.none"))
    lines = [words("library.history.lead")]
    for number, event in enumerate(reversed(events[-_MOST_EVENTS:])):
        line = words(
            "library.history.event",
            when=discord.utils.format_dt(datetime.fromisoformat(event.at), "f"),
            generation=event.generation,
            step=event.step.value,
            person=event.by if event.by.isdigit() else "",
            live=number == 0,
        )
        lines.append(line)
    return notice("\n".join(lines))


def _changes(proposal: Proposal) -> list[str]:
    changes = proposal.changes
    lines = []
    for kind, names in (
        ("added", changes.documents_added),
        ("changed", changes.documents_changed),
        ("removed", changes.documents_removed),
    ):
        if names:
            shown = [text.shorten(text.code(name), _MAX_NAME) for name in names[:_MOST_NAMES]]
            others = len(names) - len(shown)
            lines.append(words("library.proposal.documents", kind=kind, names=shown, others=others))
    counts = {"added": changes.passages_added, "changed": changes.passages_changed, "removed": changes.passages_removed}
    lines.append(words("library.proposal.passages", **counts))
    lines.append(
        words(
            "library.proposal.work",
            documents=proposal.documents,
            passages=proposal.passages,
            encoded=proposal.encoded,
            reused=proposal.reused,
        )
    )
    return lines


def _skipped(proposal: Proposal) -> list[str]:
    lines = [
        words(
            "library.proposal.skipped",
            name=text.shorten(text.code(each.name), _MAX_NAME),
            reason=text.inline(each.reason, _MAX_REASON),
        )
        for each in proposal.skipped[:_MOST_REASONS]
    ]
    if len(proposal.skipped) > _MOST_REASONS:
        lines.append(words("library.proposal.skipped_others", count=len(proposal.skipped) - _MOST_REASONS))
    return lines


def _verdict(exam: Exam, fitted: Calibration, before: Calibration | None) -> list[str]:
    lines = [words("library.exam.passed" if exam.passed else "library.exam.failed")]
    if exam.golden:
        counts = {"golden": exam.golden, "right": exam.right, "before": exam.right_before}
        lines.append(words("library.exam.golden", **counts))
    else:
        lines.append(words("library.exam.no_golden"))
    lines += [
        words("library.exam.worse", question=text.inline(question, _MAX_REASON))
        for question in exam.worse[:_MOST_REASONS]
    ]
    if exam.orphans:
        shown = [text.code(item) for item in exam.orphans[:_MOST_NAMES]]
        lines.append(words("library.exam.orphans", items=shown, others=len(exam.orphans) - len(shown)))
    if exam.gone:
        lines.append(words("library.exam.gone", count=len(exam.gone)))
    if not fitted.answerable:  # the model does not read the language of the documents, as /sources says
        return lines
    shares = {"answered": fitted.coverage, "quoted": fitted.precision, "falsely": fitted.false_answers}
    if before is None:
        return [*lines, words("library.exam.estimate", **shares)]
    earlier = {
        "answered_before": before.coverage,
        "quoted_before": before.precision,
        "falsely_before": before.false_answers,
    }
    return [*lines, words("library.exam.estimate_compared", **shares, **earlier)]
