"""Finds the part of the library that people name: all of it, a document, a section by its heading or its number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.text.lexicon import ENGLISH, lexicon
from index.text.words import stems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.generations.generation import Generation
    from index.text.sections import Section

_NAMED = 0.6  # share of the words of a topic that a heading must have to be named by it
# Words that name the library itself, and no part of it.
_EVERYTHING = frozenset(stems(" ".join(lexicon(ENGLISH).library_words)))
_ORDINALS, _CARDINALS = lexicon(ENGLISH).ordinals[:10], lexicon(ENGLISH).cardinals[:10]
_COUNTED = re.compile(
    rf"""(?:the\ )?
    (?:(?P<word>{"|".join(_ORDINALS)}|last|final|\d{{1,3}}(?=st|nd|rd|th))(?:st|nd|rd|th)?
        \ (?:section|part|chapter|heading|axis)
    |(?:section|part|chapter|heading)\ (?:number\ |no\.?\ ?)?(?P<number>\d{{1,3}}|{"|".join(_CARDINALS)}))
    (?:\ of\ (?:the|this|your)\ (?:essay|text|document|article|paper|book|library|file|story|report|post))?\W*""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What an overview is of: sections of the library, and the name of this part of it, None for all of it."""

    sections: tuple[Section, ...]
    name: str | None = None


def scope_of(generation: Generation, topic: str | None) -> Scope | None:
    """Find the part of the library that a topic names: "the essay", a document's title, a heading, "part 2".

    Documents of one title, and sections of one heading, are named together. A topic that most headings share names the
    whole library. None when no title and no heading is named. In linear time of the sections.
    """
    topic, sections = (topic or "").strip(), generation.sections
    if counted := _COUNTED.fullmatch(topic):
        return _counted(sections, counted)
    wanted = _said(generation, topic) - _EVERYTHING
    if not wanted:
        return Scope(sections)
    return _document(generation, topic, wanted) or _headed(generation, wanted)


def _said(generation: Generation, text: str) -> set[str]:
    """Give the stems of a text: "spring-water.md" as three words, spellings of one name as one."""
    return set(stems(generation.aliases.canonical(re.sub(r"[-_.]", " ", text))))


def _document(generation: Generation, topic: str, wanted: set[str]) -> Scope | None:
    named = [
        document
        for document in generation.texts.documents
        if wanted <= _said(generation, document.title) or wanted <= _said(generation, document.id)
    ]
    ids = {document.id for document in named}
    own = tuple(section for section in generation.sections if section.document in ids)
    if not own or len(own) == len(generation.sections):
        return None
    titles = {document.title for document in named}
    return Scope(own, titles.pop() if len(titles) == 1 else topic)


def _headed(generation: Generation, wanted: set[str]) -> Scope | None:
    sections = generation.sections
    shares = [len(wanted & _said(generation, section.heading)) / len(wanted) for section in sections]
    best = max(shares, default=0.0)
    if best < _NAMED:
        return None
    named = [section for section, share in zip(sections, shares, strict=True) if share == best]
    if 1 < len(named) > len(sections) / 2:
        return Scope(sections)
    heading = min((section.heading for section in named), key=len)  # the one that says the least else
    return Scope(tuple(section for section in named if section.heading == heading), heading)


def _counted(sections: Sequence[Section], counted: re.Match[str]) -> Scope | None:
    if len({section.document for section in sections}) != 1:
        return None
    word = (counted["word"] or counted["number"]).lower()
    if word in ("last", "final"):
        place = len(sections) - 1
    elif word.isdecimal():
        place = int(word) - 1
    else:
        place = (_ORDINALS if counted["word"] else _CARDINALS).index(word)
    return Scope((sections[place],), sections[place].heading) if 0 <= place < len(sections) else None


def section_at(generation: Generation, document: str, start: int) -> Section | None:
    """Find the section in which an offset of a document lies; None when none does."""
    for section in generation.sections:
        if section.document == document and start < generation.passages[section.end - 1].end:
            return section
    return None
