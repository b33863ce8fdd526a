"""Compares two generations: documents and passages that were added, changed or removed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.generations.texts import Texts


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids of documents in library order, and counts of passages.

    A passage that replaces another in a changed document counts as changed.
    """

    documents_added: tuple[str, ...] = ()
    documents_changed: tuple[str, ...] = ()
    documents_removed: tuple[str, ...] = ()
    passages_added: int = 0
    passages_changed: int = 0
    passages_removed: int = 0

    @property
    def nothing(self) -> bool:
        """Return whether nothing differs."""
        return self == Changes()


def compare(before: Texts | None, after: Texts) -> Changes:
    """Compare the texts of two generations; `before` is None for the first generation."""
    old, new = _passages(before), _passages(after)
    shas = {document.id: document.sha256 for document in before.documents} if before is not None else {}
    added = [d.id for d in after.documents if d.id not in shas]
    changed = [d.id for d in after.documents if d.id in shas and (shas[d.id] != d.sha256 or old[d.id] != new[d.id])]
    kept = {document.id for document in after.documents}
    removed = [id for id in shas if id not in kept]
    counts = [(len(new[id]), 0, 0) for id in added] + [(0, 0, len(old[id])) for id in removed]
    counts += [_count(old[id], new[id]) for id in changed]
    added_count, changed_count, removed_count = (
        (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0, 0)
    )
    return Changes(tuple(added), tuple(changed), tuple(removed), added_count, changed_count, removed_count)


def _passages(texts: Texts | None) -> defaultdict[str, list[tuple[str, str]]]:
    """Return (heading, text) of each passage, by document id."""
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    if texts is not None:
        sources = {document.id: document.text for document in texts.documents}
        for passage in texts.passages:
            words = sources[passage.document][passage.start : passage.end]
            found[passage.document].append((passage.heading, words))
    return found


def _count(old: Sequence[tuple[str, str]], new: Sequence[tuple[str, str]]) -> tuple[int, int, int]:
    """Count the passages of one document that were added, changed and removed."""
    added = changed = removed = 0
    for kind, first, last, first_new, last_new in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            both = min(last - first, last_new - first_new)
            changed += both
            added += last_new - first_new - both
            removed += last - first - both
    return added, changed, removed
