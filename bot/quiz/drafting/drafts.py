"""A drafted item with its source and its score, and drafts as JSON and YAML."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from bot.quiz.entries import entry_row, read_entry
from bot.quiz.schema import BOTH
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.quiz.drafting.concordance import Concordance, Statement
    from bot.quiz.items import Item
    from index.documents.document import Document

_ASKED_FIELD = {"gap": "gap", "choice": "question", "truth": "statement"}
_SHORTEST_TITLE, _LONGEST_TITLE = 5, 80


class TooLittle(Exception):
    """Raised with a sentence for people when the documents give no draft."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An item drafted from the sentence at [start, end) of a document; a higher `score` is better.

    `title` is the name of the item's axis, one for each document; `pattern` is what in the sentence is asked for:
    "reason", "claim", "fact" and so on.
    """

    item: Item
    title: str
    document: str
    start: int
    end: int
    score: float
    pattern: str

    @property
    def row(self) -> dict[str, Any]:
        """Return the item as a row of the bank, of plain JSON values."""
        return entry_row(self.item)


def drafted(
    parts: dict[str, Any],
    statement: Statement,
    concordance: Concordance,
    *,
    difficulty: int,
    score: float,
    pattern: str,
) -> Draft:
    """Complete the parts of a row and return the draft; raises Unusable when it does not have the bank's form."""
    document = concordance.documents[statement.document]
    title = shortened(document.title)
    row = {
        "id": draft_id(str(parts["kind"]), statement.text, str(parts.get(_ASKED_FIELD[str(parts["kind"])]))),
        "side": BOTH,
        "difficulty": difficulty,
        "why": words(
            "quiz.draft.why", title=title, paragraph=statement.paragraph, heading=shortened(statement.heading)
        ),
        **parts,
    }
    item = read_entry(row, axis=axis_of(document.id))
    return Draft(item, title, document.id, statement.start, statement.end, score, pattern)


def draft_id(kind: str, quote: str, asked: str) -> str:
    """Return an id made of what a draft asks, so that drafting again gives the same one."""
    said = "\0".join((kind, " ".join(quote.split()), asked))
    return f"draft-{hashlib.sha256(said.encode()).hexdigest()[:16]}"


def axis_of(document: str) -> str:
    """Return the axis of a document: "The harbour.txt" -> "the-harbour-" and a hash of its id."""
    readable = re.sub(r"[^a-z0-9]+", "-", document.rsplit(".", 1)[0].casefold()).strip("-")[:40].strip("-")
    return f"{readable or 'document'}-{hashlib.sha256(document.encode()).hexdigest()[:6]}"


def shortened(title: str) -> str:
    """Fold the white space of a title and cut it at 80 characters."""
    plain = " ".join(title.split())
    return plain if len(plain) <= _LONGEST_TITLE else f"{plain[: _LONGEST_TITLE - 1].rstrip()}…"


def name_of(document: Document) -> str:
    """Return the title of a document in quotation marks, or "the text" where it does not tell what it is ("XIV")."""
    return (
        words("quiz.draft.named", title=shortened(document.title))
        if is_named(document)
        else words("quiz.draft.unnamed")
    )


def is_named(document: Document) -> bool:
    """Return whether a title tells what a document is: not "XIV" or "FAQ"."""
    title = shortened(document.title)
    return len(title) >= _SHORTEST_TITLE and any(map(str.islower, title))


def as_json(drafts: Sequence[Draft], generation: str) -> str:
    """Return one JSON object: the generation, and the axis, axis title and row of each draft."""
    rows = [{"axis": draft.item.axis, "title": draft.title, "row": draft.row} for draft in drafts]
    return json.dumps({"generation": generation, "drafts": rows}, ensure_ascii=False)


def as_yaml(drafts: Sequence[Draft]) -> str:
    """Return a file of the bank: one part for each axis, with the best items first."""
    parts: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for draft in drafts:
        parts.setdefault((draft.item.axis, draft.title), []).append(draft.row)
    files = [{"axis": axis, "title": title, "items": items} for (axis, title), items in parts.items()]
    return yaml.safe_dump_all(files, allow_unicode=True, sort_keys=False, width=120, explicit_start=True).rstrip()
