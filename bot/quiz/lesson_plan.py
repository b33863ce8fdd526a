"""Lesson plans: chapters of points to learn, read from the YAML files of prompts/lessons or from stored JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

import prompts
from bot.quiz.bank import documents_of, locate
from bot.quiz.entries import faults_of
from bot.quiz.items import Bank, BankFault
from bot.quiz.schema import Quote, Unusable

FOLDER = prompts.FOLDER / "lessons"

_Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
MAX_TITLE = 100
_Title = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TITLE)]


@dataclass(frozen=True, slots=True)
class LessonPoint:
    """One thing to learn: the author's words, what they mean, and the items that ask for it.

    `plain` is one sentence of plain words, "" where there is none. `guess` is the id of the item that is asked before
    the quote is shown, "" where there is none; `items` those asked after it, best first: none for a point that is only
    read. `contrast` is the row of the table of contrasts whose other side helps to tell the two apart, or "".
    """

    id: str
    quote: str
    plain: str = ""
    guess: str = ""
    items: tuple[str, ...] = ()
    contrast: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """Points in the order in which they are taught: a later one may need an earlier one."""

    id: str
    title: str
    points: tuple[LessonPoint, ...]


@dataclass(frozen=True, slots=True)
class LessonPlan:
    """A lesson: its chapters in order, and `explain`, the free item that ends it ("" where there is none).

    Point ids are unique in the lesson. `version` is a hash of everything but the file.
    """

    id: str
    title: str
    chapters: tuple[Chapter, ...]
    explain: str = ""
    file: str = field(default="", compare=False)
    version: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        content = json.dumps(plan_row(self), sort_keys=True)
        object.__setattr__(self, "version", hashlib.sha256(content.encode()).hexdigest()[:12])

    @property
    def points(self) -> tuple[LessonPoint, ...]:
        """All points in order."""
        return tuple(point for chapter in self.chapters for point in chapter.points)


@dataclass(frozen=True, slots=True)
class Lessons:
    """The plans of a folder in the order of its files, and why something cannot be used (`item` is a point's id)."""

    plans: tuple[LessonPlan, ...]
    faults: tuple[BankFault, ...] = ()


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class _PointRow(_Strict):
    id: _Id
    quote: Quote
    plain: Annotated[str, StringConstraints(max_length=300)] = ""
    guess: str = ""
    items: tuple[str, ...] = ()
    contrast: str = ""


class _ChapterRow(_Strict):
    id: _Id
    title: _Title
    points: list[Any]


class _PlanRow(_Strict):
    id: _Id
    title: _Title
    explain: str = ""
    chapters: list[Any]


_POINT: TypeAdapter[_PointRow] = TypeAdapter(_PointRow)
_CHAPTER: TypeAdapter[_ChapterRow] = TypeAdapter(_ChapterRow)
_PLAN: TypeAdapter[_PlanRow] = TypeAdapter(_PlanRow)


def read_lessons(folder: Path = FOLDER, files: Sequence[Path] | None = None) -> Lessons:
    """Read the lessons of a folder, or these files instead; a fault leaves out its point, chapter or file alone."""
    plans: dict[str, LessonPlan] = {}
    faults: list[BankFault] = []
    for path in sorted(folder.glob("*.yaml")) if files is None else files:
        try:
            rows = documents_of(path)
        except Unusable as error:
            faults.append(BankFault(path.name, "", str(error)))
            continue
        for row in rows:
            found, wrong = read_plan(row, path.name)
            faults += wrong
            if found is None:
                continue
            if found.id in plans:
                reason = f"the lesson stands in {plans[found.id].file} already; give each an id of its own"
                faults.append(BankFault(path.name, found.id, reason))
            else:
                plans[found.id] = found
    return Lessons(tuple(plans.values()), tuple(faults))


def read_plan(row: object, file: str = "") -> tuple[LessonPlan | None, list[BankFault]]:
    """Return a row of plain values as a plan of what is usable (None: nothing is), and all its faults."""
    faults: list[BankFault] = []
    try:
        head = _PLAN.validate_python(row)
    except ValidationError as error:
        return None, [BankFault(file, _name(row, ""), faults_of(error))]
    seen: dict[str, str] = {}
    taken: set[str] = set()
    chapters = [
        chapter
        for number, each in enumerate(head.chapters, 1)
        if (chapter := _chapter(each, number, file, seen, taken, faults)) is not None
    ]
    if not chapters:
        faults.append(BankFault(file, head.id, "a lesson needs a chapter with a point"))
        return None, faults
    return LessonPlan(head.id, head.title, tuple(chapters), head.explain, file), faults


def plan_row(plan: LessonPlan) -> dict[str, Any]:
    """Return a plan as plain JSON values in the form of the files."""
    return {
        "id": plan.id,
        "title": plan.title,
        "chapters": [asdict(chapter) for chapter in plan.chapters],
        "explain": plan.explain,
    }


def teachable(plan: LessonPlan, bank: Bank, texts: Mapping[str, str]) -> LessonPlan:
    """Keep the points whose quote these documents contain, with those of their items that the bank has.

    A point without items left is only read. Chapters without points are dropped. `texts` are documents by id, without
    what cannot be quoted.
    """
    contrasts = {contrast.id for contrast in bank.contrasts}
    chapters = []
    for chapter in plan.chapters:
        kept = [_known(each, bank, contrasts) for each in chapter.points if locate(each.quote, texts) is not None]
        if kept:
            chapters.append(replace(chapter, points=tuple(kept)))
    explain = plan.explain if plan.explain in bank.by_id else ""
    return replace(plan, chapters=tuple(chapters), explain=explain)


def _known(point: LessonPoint, bank: Bank, contrasts: Collection[str]) -> LessonPoint:
    return replace(
        point,
        guess=point.guess if point.guess in bank.by_id else "",
        items=tuple(item for item in point.items if item in bank.by_id),
        contrast=point.contrast if point.contrast in contrasts else "",
    )


def _chapter(
    row: object, number: int, file: str, seen: dict[str, str], taken: set[str], faults: list[BankFault]
) -> Chapter | None:
    """Read a chapter; `seen` has the chapter of each point's id, `taken` the ids of chapters."""
    name = _name(row, f"chapter {number}")
    try:
        head = _CHAPTER.validate_python(row)
    except ValidationError as error:
        faults.append(BankFault(file, name, faults_of(error)))
        return None
    if head.id in taken:
        faults.append(BankFault(file, head.id, "two chapters have this id; give each one of its own"))
        return None
    taken.add(head.id)
    if not head.points:
        faults.append(BankFault(file, head.id, "the chapter has no points; add one or leave the chapter out"))
    points = []
    for place, each in enumerate(head.points, 1):
        called = _name(each, f"{head.id}, point {place}")
        try:
            point = LessonPoint(**dict(_POINT.validate_python(each)))
        except ValidationError as error:
            faults.append(BankFault(file, called, faults_of(error)))
            continue
        wrong = list(_misread(point, seen))
        faults += [BankFault(file, point.id, reason) for reason in wrong]
        seen.setdefault(point.id, head.id)
        if not wrong:
            points.append(point)
    return Chapter(head.id, head.title, tuple(points)) if points else None


def _misread(point: LessonPoint, seen: Mapping[str, str]) -> Iterator[str]:
    if point.id in seen:
        yield f"a point of the chapter {seen[point.id]} has this id already; give each point one of its own"
    if point.guess and point.guess in point.items:
        yield f"{point.guess} is the guess and an item too; ask something else before the quote"
    if len(set(point.items)) < len(point.items):
        yield "names an item twice; leave one out"


def _name(row: object, otherwise: str) -> str:
    found = row.get("id") if isinstance(row, dict) else None
    return str(found) if found else otherwise
