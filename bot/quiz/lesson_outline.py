"""Lesson plans for any library, without a language model: chapters from its outline, points from its main sentences."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.quiz.bank import locate
from bot.quiz.items import Item, ItemKind
from bot.quiz.lesson_plan import MAX_TITLE, Chapter, LessonPlan, LessonPoint
from bot.quiz.schema import MAX_QUOTE
from index.answering.overview import BACK_MATTER, main_sentences, may_be_shown, representative
from prompts import words

if TYPE_CHECKING:
    from index.documents.document import Document
    from index.generations.generation import Generation
    from index.generations.texts import Texts
    from index.text.sections import Section

MOST_CHAPTERS = 12
_MOST_POINTS = 42  # of a plan: about 25 minutes with a question each
_FEWEST, _MOST = 3, 7  # points of a chapter
_MOST_ITEMS = 3  # of a point, beside its guess
_DIGITS = 10


@dataclass(frozen=True, slots=True)
class _Part:
    """The sections of one document that make a chapter."""

    title: str
    sections: tuple[Section, ...]


def outline(generation: Generation, documents: Collection[str] | None = None) -> LessonPlan:
    """Plan a lesson about all documents, or those with these ids, without items; in reading order.

    A chapter is a section where there are at most MOST_CHAPTERS, else a document; of one long document its parts by
    heading level, or runs of sections of like length. Of more documents the most representative ones are taken. The
    points are the main sentences of each chapter, 42 in all at most. A plan without chapters: no sentence reads alone.
    """
    wanted = [section for section in generation.sections if documents is None or section.document in documents]
    text = [section for section in wanted if not BACK_MATTER.fullmatch(section.heading)] or wanted
    parts = _parts(generation, text)
    # Lines that are no whole sentences, as of slides, are points only of a library that has nothing else.
    chapters = _chapters(generation, parts, strict=True) or _chapters(generation, parts, strict=False)
    titles = {document.id: document.title for document in generation.texts.documents}
    about = {section.document for section in text}
    name = titles[about.pop()] if len(about) == 1 else words("lesson.whole_library")
    return LessonPlan(plan_id(documents), _shortened(name), chapters)


def plan_id(documents: Collection[str] | None) -> str:
    """Return the id of the plan of these documents, None for the whole library; the order does not matter."""
    return "library" if documents is None else _digest("documents", *sorted(documents))


def with_items(
    plan: LessonPlan, items: Mapping[tuple[str, int], Sequence[Item]], texts: Texts, by_id: Mapping[str, str]
) -> LessonPlan:
    """Add to the points of a plan the items about them: by their quotes, then others of the same paragraph.

    `items` are those of each document and paragraph, `by_id` the documents without what cannot be quoted. Each item is
    used once. An item with options that quotes a point's sentence is its guess where another such item is left to ask
    after it. `explain` becomes a free item, if there is one. Points and plans that have items already keep them.
    """
    used = {id for point in plan.points for id in (point.guess, *point.items)}
    fitting: dict[str, list[Item]] = {}
    for exactly in (True, False):
        for point in plan.points:
            if point.items:
                continue
            found = fitting.setdefault(point.id, [])
            for item in _beside(point, items, texts, by_id):
                if item.id not in used and len(found) < 1 + _MOST_ITEMS and (_share(point, item) or not exactly):
                    used.add(item.id)
                    found.append(item)
    free = [item.id for found in fitting.values() for item in found if item.kind is ItemKind.FREE]
    explain = plan.explain or next(iter(free), "")
    chapters = [
        replace(chapter, points=tuple(_with(point, fitting.get(point.id, []), explain) for point in chapter.points))
        for chapter in plan.chapters
    ]
    return replace(plan, chapters=tuple(chapters), explain=explain)


def _with(point: LessonPoint, found: Sequence[Item], explain: str) -> LessonPoint:
    asked = [item for item in found if item.id != explain]
    if not asked:
        return point
    own = [item for item in asked if item.options and _share(point, item)]
    guess = own[-1].id if len(own) > 1 else ""
    ids = tuple(item.id for item in sorted(asked, key=lambda item: not item.options) if item.id != guess)
    return replace(point, guess=guess, items=ids[:_MOST_ITEMS])


def _beside(
    point: LessonPoint, items: Mapping[tuple[str, int], Sequence[Item]], texts: Texts, by_id: Mapping[str, str]
) -> Sequence[Item]:
    place = locate(point.quote, by_id) if items else None
    if place is None:
        return ()
    passage = texts.passages[texts.passage_index_at(*place[:2])]
    return items.get((passage.document, passage.number), ())


def _share(point: LessonPoint, item: Item) -> bool:
    """Whether an item quotes a point's sentence, or a part of it, or a text around it."""
    return any(quote in point.quote or point.quote in quote for quote in item.points or (item.quote,))


def _chapters(generation: Generation, parts: Sequence[_Part], *, strict: bool) -> tuple[Chapter, ...]:
    most = max(_FEWEST, min(_MOST, _MOST_POINTS // max(len(parts), 1)))
    said: set[str] = set()
    chapters = []
    for part in parts:
        found = (generation.sentence(number).text for number in main_sentences(generation, part.sections, most))
        quotes = [each for each in found if len(each) <= MAX_QUOTE and each not in said and may_be_shown(each, strict)]
        said.update(quotes)
        points = tuple(LessonPoint(_digest("point", quote), quote) for quote in dict.fromkeys(quotes))
        if points:
            name = _digest("chapter", part.sections[0].document, part.title, points[0].quote)
            chapters.append(Chapter(name, part.title, points))
    return tuple(chapters)


def _parts(generation: Generation, sections: Sequence[Section]) -> list[_Part]:
    titles = {document.id: document.title for document in generation.texts.documents}
    by_document: dict[str, list[Section]] = {}
    for section in sections:
        by_document.setdefault(section.document, []).append(section)
    if len(sections) <= MOST_CHAPTERS:
        alone = len(by_document) == 1
        return [_part(_section_title(section, titles, alone=alone), [section]) for section in sections]
    if len(by_document) == 1:
        ((id, own),) = by_document.items()
        return _by_level(generation, generation.texts.document(id), own) or _runs(own, titles)
    groups = list(by_document.values())
    if len(groups) > MOST_CHAPTERS:
        groups = [groups[place] for place in sorted(representative(generation, groups, MOST_CHAPTERS))]
    return [_part(titles[group[0].document], group) for group in groups]


def _by_level(generation: Generation, document: Document, sections: Sequence[Section]) -> list[_Part]:
    """Group sections below the headings of the deepest level that gives two to MOST_CHAPTERS groups; or none."""
    for level in sorted({heading.level for heading in document.headings}, reverse=True):
        headings = [heading for heading in document.headings if heading.level <= level]
        starts = [heading.start for heading in headings]
        groups: dict[int, list[Section]] = {}
        for section in sections:
            groups.setdefault(bisect_right(starts, generation.passages[section.first].start), []).append(section)
        if 1 < len(groups) <= MOST_CHAPTERS:
            names = [document.title, *(document.text[heading.start : heading.end] for heading in headings)]
            return [_part(names[place], group) for place, group in groups.items()]
    return []


def _runs(sections: Sequence[Section], titles: Mapping[str, str]) -> list[_Part]:
    """Cut sections into MOST_CHAPTERS runs of like length, each named after its first and last section."""
    size = sum(section.end - section.first for section in sections) / MOST_CHAPTERS
    groups: dict[int, list[Section]] = {}
    done = 0
    for section in sections:
        groups.setdefault(int(done // size), []).append(section)
        done += section.end - section.first
    return [_part(_run_title(group, titles), group) for group in groups.values()]


def _run_title(group: Sequence[Section], titles: Mapping[str, str]) -> str:
    first, last = (_shortened(section.heading or titles[section.document], 48) for section in (group[0], group[-1]))
    return first if first == last else f"{first} … {last}"


def _section_title(section: Section, titles: Mapping[str, str], *, alone: bool) -> str:
    title = titles[section.document]
    if not section.heading or section.heading == title:
        return title
    return section.heading if alone else f"{_shortened(title, 40)}: {section.heading}"


def _part(title: str, sections: Sequence[Section]) -> _Part:
    return _Part(_shortened(title), tuple(sections))


def _shortened(text: str, most: int = MAX_TITLE) -> str:
    line = " ".join(text.split()) or "…"
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
