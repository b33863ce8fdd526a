"""Finds the part of the library that people name: all of it, a document, a section by its heading or its number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.text.words import stems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.generations.generation import Generation
    from index.text.sections import Section

_NAMED = 0.6  # share of the words of a topic that a heading must have to be named by it
# Words that name the library itself, and no part of it.
_EVERYTHING = frozenset(
    stems(
        "essay text document documents article paper book library file files everything all whole entire thing things "
        "content contents here one story report post page pages main key point points gist argument idea ideas summary "
        "you your have know read us me about please"
    )
)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_COUNTED = re.compile(
    r"(?:(?:the )?(?:(?P<word>first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|final)|"
    r"(?P<digits>\d{1,3})(?:st|nd|rd|th)) (?:section|part|chapter|heading|axis)"
    r"|(?:section|part|chapter|heading) (?:number |no\.? ?)?(?P<number>\d{1,3})|(?:the )?(?P<edge>introduction|intro|"
    r"beginning|start|opening|conclusion|ending|end))\W*",
    re.IGNORECASE,
)
_OPENING = frozenset(["introduction", "intro", "beginning", "start", "opening"])


@dataclass(frozen=True, slots=True)
class Scope:
    """What an overview is of: sections of the library, and the name of this part of it, None for all of it."""

    sections: tuple[Section, ...]
    name: str | None = None


def scope_of(generation: Generation, topic: str | None) -> Scope | None:
    """Find the part of the library that a topic names: "the essay", a document's title, a heading, "part 2".

    None when no title and no heading is named. In linear time of the sections.
    """
    sections = generation.sections
    wanted = set(stems(topic or "")) - _EVERYTHING
    if not wanted:
        return Scope(sections)
    assert topic is not None
    if counted := _COUNTED.fullmatch(topic.strip()):
        return _counted(sections, counted)
    for document in generation.texts.documents:
        if wanted <= set(stems(f"{document.title} {re.sub(r'[-_.]', ' ', document.id)}")):
            own = tuple(section for section in sections if section.document == document.id)
            if own and len(own) < len(sections):
                return Scope(own, document.title)
    shares = [len(wanted & set(stems(section.heading))) / len(wanted) for section in sections]
    best = max(shares, default=0.0)
    if best < _NAMED:
        return None
    # Of several the one whose heading says the least else.
    found = min((s for s, share in zip(sections, shares, strict=True) if share == best), key=lambda s: len(s.heading))
    return Scope((found,), found.heading)


def _counted(sections: Sequence[Section], counted: re.Match[str]) -> Scope | None:
    if len({section.document for section in sections}) != 1:
        return None
    word, edge = (counted["word"] or "").lower(), (counted["edge"] or "").lower()
    if edge or word in ("last", "final"):
        place = 0 if edge in _OPENING else len(sections) - 1
    else:
        place = _ORDINALS.index(word) if word else int(counted["digits"] or counted["number"]) - 1
    return Scope((sections[place],), sections[place].heading) if 0 <= place < len(sections) else None


def section_at(generation: Generation, document: str, start: int) -> Section | None:
    """Find the section in which an offset of a document lies; None when none does."""
    for section in generation.sections:
        if section.document == document and start < generation.passages[section.end - 1].end:
            return section
    return None
