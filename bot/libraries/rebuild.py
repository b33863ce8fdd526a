"""Rebuilds a library: builds a generation beside the live one, examines it, and promotes it when it passes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from bot.libraries.disk import writable
from bot.quiz.bank import read_bank
from index.documents.budget import Budget
from index.documents.document import Document, Skipped, read_sources
from index.errors import BudgetError, GenerationError, SourceError
from index.evaluation.calibration import calibrate
from index.evaluation.exam import Syllabus, examine
from index.evaluation.golden import add_golden, read_golden
from index.generations import generation as generations
from index.generations import records
from index.generations.build import Prepared, Report, build, prepare
from index.generations.diff import Changes, compare
from index.generations.lock import building
from index.generations.manifest import live
from index.generations.promotion import promote_examined, prune, sweep
from index.generations.records import Calibration, Exam
from index.generations.texts import read_texts
from index.text.noise import read_aliases

if TYPE_CHECKING:
    from bot.settings import Settings
    from index.generations.generation import Generation
    from index.generations.texts import Texts
    from index.models.encoder import Encoder

log = logging.getLogger(__name__)

SEEDS = Path(str(files("index") / "seeds"))
_ALIASES = Path(str(files("prompts") / "aliases.yaml"))

# Short sentences take more memory and time than the characters say. At the default limit this allows 50,000 sentences,
# which two cores encode within the time limit of a build. English prose has 100 characters a sentence, Chinese and
# dialogue 25 to 60.
_CHARACTERS_PER_SENTENCE = 40

Selected = tuple[list[Document], list[Skipped]]
Selector = Callable[[Sequence[Document], Budget], Selected]
"""Takes the documents of the live generation and the budget for reading; returns the documents of the new one."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The result of a rebuild; `exam` and `calibration` are None when the generation is the live one."""

    report: Report
    changes: Changes
    exam: Exam | None
    is_live: bool
    calibration: Calibration | None = None


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """Options of a rebuild.

    `pinned` are sentences by quiz item, besides those of the shipped items, that must stay verbatim. `hold` does not
    promote the new generation, `anyway` promotes it even when it fails its exam. `by` is recorded as the author.
    `waiting` is called when another build has to end first; with None the rebuild is refused instead.
    """

    pinned: Mapping[str, Sequence[str]] = field(default_factory=dict)
    hold: bool = False
    anyway: bool = False
    by: str = ""
    progress: Callable[[int, int], None] | None = None
    waiting: Callable[[], None] | None = None


def replace_all(sources: Sequence[Path], *, strict: bool = False) -> Selector:
    """Select the documents of these files and folders, and none of the live ones."""
    return lambda _, budget: read_sources(sources, strict=strict, budget=budget)


def add_sources(sources: Sequence[Path], *, strict: bool = False) -> Selector:
    """Select the live documents and those of these files and folders; a new one replaces one of the same name."""

    def choose(now: Sequence[Document], budget: Budget) -> Selected:
        budget.hold(now)
        new, skipped = read_sources(sources, strict=strict, budget=budget)
        names = {document.id for document in new}
        kept = [document for document in now if document.id not in names]
        same = {document.sha256: document.id for document in kept}
        skipped += [Skipped(d.id, f"it holds the same text as {same[d.sha256]}") for d in new if d.sha256 in same]
        return [*kept, *(document for document in new if document.sha256 not in same)], skipped

    return choose


def remove_documents(names: Sequence[str]) -> Selector:
    """Select the live documents but these; raises SourceError for an unknown one, and when none would be left."""

    def choose(now: Sequence[Document], _: Budget) -> Selected:
        known = {document.id for document in now}
        if missing := [name for name in names if name not in known]:
            raise SourceError(f"The library has no document {missing[0]!r}. It has: {', '.join(sorted(known)[:5])}.")
        left = [document for document in now if document.id not in names]
        if not left:
            raise SourceError("The last document cannot be removed. Add another one first.")
        return left, []

    return choose


def keep_all(now: Sequence[Document], _: Budget) -> Selected:
    """Select the live documents: to rebuild with another model, other aliases or a newer version of this program."""
    if not now:
        raise SourceError("There is no library yet. Build one: tutor index build.")
    return [*now], []


def aliases_file(settings: Settings) -> Path:
    """Return the path of the aliases: the file that is set, or the one that ships."""
    return settings.aliases or _ALIASES


def rebuild(
    settings: Settings,
    folder: Path,
    selector: Selector,
    load: Callable[[], Encoder],
    options: BuildOptions | None = None,
) -> Rebuilt:
    """Build a generation in a library's folder and promote it when it passes; raises LibraryError.

    `load` is called for the model after the documents are read, so that a refusal is quick. When anything fails, the
    live generation stays as it is.
    """
    options = options or BuildOptions()
    with writable(folder), building(folder, wait_s=-1 if options.waiting else 0, waiting=options.waiting):
        sweep(folder)
        base = live(folder)
        before = _texts(folder, base)
        most = None if folder == settings.data else settings.server_characters
        documents, skipped = selector(before.documents if before else (), _budget(before, most))
        aliases = read_aliases(aliases_file(settings))
        prepared = prepare(documents, aliases)
        if most is not None:
            _check_size(before, documents, prepared, most)
        encoder = load()
        report = build(
            documents,
            data=folder,
            encoder=encoder,
            aliases=aliases,
            prepared=prepared,
            built_at=now(),
            skipped=skipped,
            progress=options.progress,
        )
        changes = compare(before, read_texts(folder, report.generation))
        exam = calibration = None
        if report.generation != base:
            new = generations.load(folder, report.generation)
            syllabus = Syllabus(read_golden(folder), {**_shipped(), **options.pinned}, settings.exam_margin)
            exam = replace(examine(new, _askable(folder, base, encoder), encoder, syllabus), against=base)
            row = {**asdict(report), "changes": asdict(changes), "exam": records.as_row(exam), "by": options.by}
            calibration = calibrate(new, encoder)
            records.record(folder, report.generation, {**row, "calibration": calibration.to_json()})
        is_live = exam is None or (not options.hold and (exam.passed or options.anyway))
        if exam is not None and is_live:
            promote_examined(folder, report.generation, at=now(), by=options.by, anyway=options.anyway)
        prune(folder, settings.keep_generations, spare=[report.generation])
        return Rebuilt(report, changes, exam, is_live, calibration)


def learn_golden(folder: Path, sources: Sequence[Path]) -> None:
    """Add the golden questions in these folders to a library; raises SourceError when they cannot be read."""
    for source in sources:
        if source.is_dir() and (found := read_golden(source)):
            with writable(folder):
                add_golden(folder, found)


def now() -> str:
    """Return the time, UTC, in the ISO format of the library's files."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _texts(folder: Path, generation: str | None) -> Texts | None:
    """Read a generation; None when it is damaged, so that the library is built from nothing."""
    try:
        return None if generation is None else read_texts(folder, generation)
    except GenerationError:
        return None


def _budget(before: Texts | None, most: int | None) -> Budget:
    """Allow `most` characters, or as many as the live generation has where that is more."""
    return Budget(None if most is None else max(most, _characters(before.documents if before else ())))


def _check_size(before: Texts | None, documents: Sequence[Document], prepared: Prepared, most: int) -> None:
    """Raise BudgetError for a library that is over the limit and larger than before; a smaller one is allowed."""
    size = _characters(documents)
    if size > most and size > _characters(before.documents if before else ()):
        raise BudgetError(
            f"A server's library may hold {most:,} characters, and this would make it {size:,}. Take out a document "
            "first, or add a smaller one."
        )
    sentences = len(prepared.sentence_texts)
    had = sum(len(passage.sentences) for passage in (before.passages if before else ()))
    if sentences > max(most // _CHARACTERS_PER_SENTENCE, had):
        raise BudgetError(
            f"A server's library may hold {most // _CHARACTERS_PER_SENTENCE:,} sentences, and this would make it "
            f"{sentences:,}. Take out a document first, or add a smaller one."
        )


def _characters(documents: Sequence[Document]) -> int:
    return sum(len(document.text) for document in documents)


def _askable(folder: Path, base: str | None, encoder: Encoder) -> Generation | None:
    """Open the live generation to compare with; None when there is none, it is damaged or of another model."""
    try:
        if base is None:
            return None
        generation = generations.load(folder, base)
        generations.check_model(generation, encoder)
        return generation
    except GenerationError:
        return None


def _shipped() -> dict[str, tuple[str, ...]]:
    """Return the quoted sentences of the shipped quiz items by the item's id."""
    bank = read_bank()
    pinned = {item.id: (item.quote, *item.points) for item in bank.items}
    return pinned | {row.id: tuple(claim.quote for claim in row.claims.values()) for row in bank.contrasts}
