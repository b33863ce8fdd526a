"""States facts about the documents of a library: length, and author and date where a document names them itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.text.words import word_count

if TYPE_CHECKING:
    from index.documents.document import Document
    from index.generations.texts import Texts

WORDS_A_MINUTE = 238  # silent reading of English non-fiction: Brysbaert 2019, a meta-analysis of 190 studies
_EDGE = 1500  # characters at either end of a document in which it may name its author and date
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_OF_MONTH = r"\d{1,2}(?:st|nd|rd|th)?"
_DAY = rf"(?:\d{{4}}-\d\d-\d\d|{_OF_MONTH} {_MONTH},? \d{{4}}|{_MONTH} {_OF_MONTH},? \d{{4}}|{_MONTH} \d{{4}})"
_CAPITAL = rf"(?!{_MONTH} \d|\w+day\b)[^\W\d_a-zß-ÿ][\w.'’-]*"
_NAME = rf"{_CAPITAL}(?: (?:de|van|von|der|la|le|di|da|bin|al|{_CAPITAL})){{0,4}}"
_NAMES = rf"{_NAME}(?:(?:, and|,| and| &) {_NAME}){{0,5}}"
_BY = r"(?:(?:(?i:written|posted|published) )?(?i:by)|(?i:authors?)(?=[*_]* ?:))[*_]* ?:?[*_]* +[\"“*_]*"
_LINE, _LINE_END = r"^[*_# \t-]*", r"[\"”*_. \t]*$"
_AFTER_NAME = rf"(?:,? ?[|•·–—-]? ?(?:on )?{_DAY}| ?[|•·–—] .*| for .*)?"
_AUTHOR = re.compile(rf"{_LINE}{_BY}(?P<author>{_NAMES}){_AFTER_NAME}{_LINE_END}", re.MULTILINE)
_DATED = r"(?i:date|published|posted|updated|last (?:updated|modified)|written|created)(?: on)?[*_]*:?[*_]* *"
_DATE = re.compile(
    rf"{_LINE}(?:{_DATED}|{_BY}{_NAMES},? ?[|•·–—-]? ?(?:on )?)?(?P<date>{_DAY}){_LINE_END}", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What is known of one document.

    `author` and `date` are as the text writes them, else as the properties of its file do; None where neither does.
    """

    id: str
    title: str
    author: str | None
    date: str | None
    words: int
    minutes: int
    """Reading time, at least 1."""
    headings: tuple[str, ...]


def facts(texts: Texts) -> tuple[DocumentFacts, ...]:
    """State the facts of every document of a library, in its order."""
    headings: dict[str, dict[str, None]] = {}
    for passage in texts.passages:
        if passage.heading:
            headings.setdefault(passage.document, {})[passage.heading] = None
    return tuple(_facts(document, tuple(headings.get(document.id, ()))) for document in texts.documents)


def _facts(document: Document, headings: tuple[str, ...]) -> DocumentFacts:
    edges = f"{document.text[:_EDGE]}\n\n{document.text[-_EDGE:]}"
    author, date = _AUTHOR.search(edges), _DATE.search(edges)
    words = word_count(document.text)
    return DocumentFacts(
        document.id,
        document.title,
        (author["author"] if author else document.author) or None,
        (date["date"] if date else document.date) or None,
        words,
        max(1, round(words / WORDS_A_MINUTE)),
        headings,
    )
