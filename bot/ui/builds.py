"""Shows what a new build of a library would change, how it did in its exam, and the buttons that decide on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

import discord

from bot.errors import OutdatedButton
from bot.ui import text
from bot.ui.notice import Accent, framed, notice
from bot.ui.owner import KEYED, Owner
from bot.ui.permissions import maintained_server
from bot.ui.persistent import ABSTRACT, PersistentButton, ShownButton
from prompts import words

if TYPE_CHECKING:
    from re import Match

    from bot.libraries.jobs import JobState
    from bot.libraries.proposals import Estimate, Proposal, Verdict
    from bot.ui.client import TutorClient
    from index.generations.diff import Changes
    from index.generations.promotion import Event

_MOST_NAMES = 8
_MOST_REASONS = 5
_MOST_EVENTS = 15
_MAX_NAME = 80
_MAX_REASON = 200

Item = discord.ui.Item[Any]


def building_view(
    job: JobState | None, done: int = 0, total: int = 0, rate: float = 0.0, end: datetime | None = None
) -> discord.ui.LayoutView:
    """Say how far a build is, with a button that cancels it.

    That is its place in the queue, or texts done and wanted, how many a second, and when it will be done.
    """
    if job is not None and job.place:
        said = words("library.building.queued", place=job.place)
    elif not total:
        said = words("library.building.begun")
    else:
        when = discord.utils.format_dt(end, "R") if end is not None else ""
        said = words("library.building.progress", done=done, total=total, rate=rate, when=when)
    if job is None:
        return notice(said)
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow(ShownButton(CancelButton.shown(job.id)))
    return framed(Accent.FRIENDLY, _text([said]), row)


def proposal_view(proposal: Proposal) -> discord.ui.LayoutView:
    """Lay out a build that waits for a word, or that nothing would change."""
    if proposal.verdict is None:
        return framed(Accent.FRIENDLY, _text([words("library.proposal.nothing"), *_skipped(proposal)]))
    passed = proposal.verdict.passed
    promote = _button(PromoteButton if passed else PromoteAnywayButton, proposal.generation)
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow(
        ShownButton(promote), ShownButton(_button(DiscardButton, proposal.generation))
    )
    lead = words("library.proposal.lead" if passed else "library.proposal.lead_failed")
    return framed(
        Accent.FRIENDLY if passed else Accent.CLOSEST,
        _text([lead, *_changes(proposal), *_skipped(proposal)]),
        discord.ui.Separator(),
        _text(_verdict(proposal.verdict, proposal.before)),
        discord.ui.Separator(),
        row,
    )


def decided_view(proposal: Proposal | None, sentence: str, accent: Accent) -> discord.ui.LayoutView:
    """Lay out what became of a build, with what it changed."""
    if proposal is None:
        return notice(sentence, accent)
    return framed(accent, _text([sentence, *_changes(proposal), *_skipped(proposal)]))


def history_view(events: Sequence[Event]) -> discord.ui.LayoutView:
    """Lay out what was live when, the newest first."""
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


class CancelButton(PersistentButton, template=r"library:v1:cancel:(?P<job>[0-9a-f]{8})"):
    """Cancels one build, in the queue or running; after that, and after a restart, there is nothing to cancel."""

    def __init__(self, job: str) -> None:
        self.job = job
        super().__init__(self.shown(job))

    @staticmethod
    def shown(job: str) -> discord.ui.Button[Any]:
        label, id = words("library.button.cancel"), f"library:v1:cancel:{job}"
        return discord.ui.Button(label=label, style=discord.ButtonStyle.danger, custom_id=id)

    @classmethod
    async def restore(cls, interaction: discord.Interaction[TutorClient], match: Match[str]) -> Self:
        return cls(match["job"])

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return KEYED

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        server = await maintained_server(interaction)
        interaction.client.services.library_admin.cancel(server, self.job)
        await interaction.response.defer()  # the command that began the build shows what became of it


class _Decision(PersistentButton, template=ABSTRACT):
    """A button that decides on a build, for those who look after the server; judged when it is pressed."""

    prefix = ""
    style = discord.ButtonStyle.secondary

    def __init__(self, generation: str) -> None:
        self.generation = generation
        super().__init__(_button(type(self), generation))

    @staticmethod
    def label() -> str:
        """Say what stands on the button."""
        raise NotImplementedError

    @classmethod
    async def restore(cls, interaction: discord.Interaction[TutorClient], match: Match[str]) -> Self:
        return cls(match["generation"])

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return KEYED

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        server = await maintained_server(interaction)
        await interaction.response.defer()
        waiting = await interaction.client.services.library_admin.proposed(server, self.generation)
        if waiting is None:
            raise OutdatedButton
        view = await self.decided(interaction, server, waiting)
        await interaction.edit_original_response(view=view)

    async def decided(
        self, interaction: discord.Interaction[TutorClient], server: int, proposal: Proposal
    ) -> discord.ui.LayoutView:
        """Do what the button says and lay out what came of it."""
        raise NotImplementedError


class PromoteButton(_Decision, template=r"library:v1:promote:(?P<generation>[0-9a-f]{12})"):
    """Makes a build live."""

    prefix = "library:v1:promote:"
    style = discord.ButtonStyle.success
    anyway = False

    @staticmethod
    def label() -> str:
        return words("library.button.promote")

    async def decided(
        self, interaction: discord.Interaction[TutorClient], server: int, proposal: Proposal
    ) -> discord.ui.LayoutView:
        by = str(interaction.user.id)
        await interaction.client.services.library_admin.promote(server, self.generation, by, anyway=self.anyway)
        return decided_view(proposal, words("library.proposal.promoted"), Accent.ANSWER)


class PromoteAnywayButton(PromoteButton, template=r"library:v1:anyway:(?P<generation>[0-9a-f]{12})"):
    """Makes a build live that failed its exam."""

    prefix = "library:v1:anyway:"
    style = discord.ButtonStyle.danger
    anyway = True

    @staticmethod
    def label() -> str:
        return words("library.button.anyway")


class DiscardButton(_Decision, template=r"library:v1:discard:(?P<generation>[0-9a-f]{12})"):
    """Deletes a build."""

    prefix = "library:v1:discard:"

    @staticmethod
    def label() -> str:
        return words("library.button.discard")

    async def decided(
        self, interaction: discord.Interaction[TutorClient], server: int, proposal: Proposal
    ) -> discord.ui.LayoutView:
        await interaction.client.services.library_admin.discard(server, self.generation)
        return decided_view(None, words("library.proposal.discarded"), Accent.NOT_COVERED)


def _button(kind: type[_Decision], generation: str) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=kind.label(), style=kind.style, custom_id=kind.prefix + generation)


def _changes(proposal: Proposal) -> list[str]:
    changes: Changes = proposal.changes
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
            name=text.shorten(text.code(name), _MAX_NAME),
            reason=text.inline(reason, _MAX_REASON),
        )
        for name, reason in proposal.skipped[:_MOST_REASONS]
    ]
    if len(proposal.skipped) > _MOST_REASONS:
        lines.append(words("library.proposal.skipped_others", count=len(proposal.skipped) - _MOST_REASONS))
    return lines


def _verdict(verdict: Verdict, before: Estimate | None) -> list[str]:
    lines = [words("library.exam.passed" if verdict.passed else "library.exam.failed")]
    if verdict.golden:
        counts = {"golden": verdict.golden, "right": verdict.right, "before": verdict.right_before}
        lines.append(words("library.exam.golden", **counts))
    else:
        lines.append(words("library.exam.no_golden"))
    lines += [
        words("library.exam.worse", question=text.inline(question, _MAX_REASON))
        for question in verdict.worse[:_MOST_REASONS]
    ]
    if verdict.orphans:
        shown = [text.code(item) for item in verdict.orphans[:_MOST_NAMES]]
        lines.append(words("library.exam.orphans", items=shown, others=len(verdict.orphans) - len(shown)))
    if verdict.gone:
        lines.append(words("library.exam.gone", count=verdict.gone))
    estimate = verdict.estimate
    shares = {"answered": estimate.answered, "quoted": estimate.quoted, "falsely": estimate.falsely}
    if before is None:
        return [*lines, words("library.exam.estimate", **shares)]
    earlier = {"answered_before": before.answered, "quoted_before": before.quoted, "falsely_before": before.falsely}
    return [*lines, words("library.exam.estimate_compared", **shares, **earlier)]


def _text(lines: Sequence[str]) -> Item:
    return discord.ui.TextDisplay("\n".join(lines))
