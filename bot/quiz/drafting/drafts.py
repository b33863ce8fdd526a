"""What drafting makes: an item with where its words stand and how good it promises to be."""

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

_ASKED = {"gap": "gap", "choice": "question", "truth": "statement"}
_LONGEST_TITLE = 80


class TooLittle(Exception):
    """Why a library, or the documents asked for, give no draft: a sentence for whoever asked."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An item made from one sentence, at [start, end) of a document; `score` is higher for better ones.

    `title` names the item's axis, which is one of the document's own.
    """

    item: Item
    title: str
    document: str
    start: int
    end: int
    score: float

    @property
    def row(self) -> dict[str, Any]:
        """Give the item as a row of the bank's form, of plain JSON values."""
        return entry_row(self.item)


def drafted(
    parts: dict[str, Any], statement: Statement, concordance: Concordance, *, difficulty: int, score: float
) -> Draft:
    """Make a draft of what its kind says; raises Unusable when it does not have the bank's form."""
    document = concordance.documents[statement.document]
    title = shortened(document.title)
    row = {
        "id": draft_id(str(parts["kind"]), statement.text, str(parts.get(_ASKED[str(parts["kind"])]))),
        "side": BOTH,
        "difficulty": difficulty,
        "why": words(
            "quiz.draft.why", title=title, paragraph=statement.paragraph, heading=shortened(statement.heading)
        ),
        **parts,
    }
    item = read_entry(row, axis=axis_of(document.id))
    return Draft(item, title, document.id, statement.start, statement.end, score)


def draft_id(kind: str, quote: str, asked: str) -> str:
    """Name a draft after what it asks, so that drafting again gives the same name."""
    said = "\0".join((kind, " ".join(quote.split()), asked))
    return f"draft-{hashlib.sha256(said.encode()).hexdigest()[:16]}"


def axis_of(document: str) -> str:
    """Name the axis of a document's own: readable, and never that of another document."""
    readable = re.sub(r"[^a-z0-9]+", "-", document.rsplit(".", 1)[0].casefold()).strip("-")[:40].strip("-")
    return f"{readable or 'document'}-{hashlib.sha256(document.encode()).hexdigest()[:6]}"


def shortened(title: str) -> str:
    """Fold white space and keep a title within a line."""
    plain = " ".join(title.split())
    return plain if len(plain) <= _LONGEST_TITLE else f"{plain[: _LONGEST_TITLE - 1].rstrip()}…"


def as_json(drafts: Sequence[Draft], generation: str) -> str:
    """Give one object: the generation, and of each draft its axis, the axis's title and its row."""
    rows = [{"axis": draft.item.axis, "title": draft.title, "row": draft.row} for draft in drafts]
    return json.dumps({"generation": generation, "drafts": rows}, ensure_ascii=False)


def as_yaml(drafts: Sequence[Draft]) -> str:
    """Give a file of the bank's form, a part for each axis, the best items of it first."""
    parts: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for draft in drafts:
        parts.setdefault((draft.item.axis, draft.title), []).append(draft.row)
    files = [{"axis": axis, "title": title, "items": items} for (axis, title), items in parts.items()]
    return yaml.safe_dump_all(files, allow_unicode=True, sort_keys=False, width=120, explicit_start=True).rstrip()
