"""Tells two states of a library apart: which documents and passages came, changed or went."""

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
    """What is different: ids of documents in the order of the library, and passages in counts.

    A passage of a changed document that stands where other words stood counts as changed.
    """

    documents_added: tuple[str, ...] = ()
    documents_changed: tuple[str, ...] = ()
    documents_removed: tuple[str, ...] = ()
    passages_added: int = 0
    passages_changed: int = 0
    passages_removed: int = 0

    @property
    def nothing(self) -> bool:
        """Say that both hold the same."""
        return self == Changes()


def compare(before: Texts | None, after: Texts) -> Changes:
    """Compare two generations' texts; before the first one there was nothing."""
    old, new = _passages(before), _passages(after)
    shas = {document.id: document.sha256 for document in before.documents} if before is not None else {}
    added = [d.id for d in after.documents if d.id not in shas]
    changed = [d.id for d in after.documents if d.id in shas and (shas[d.id] != d.sha256 or old[d.id] != new[d.id])]
    kept = {document.id for document in after.documents}
    removed = [id for id in shas if id not in kept]
    counts = [(len(new[id]), 0, 0) for id in added] + [(0, 0, len(old[id])) for id in removed]
    counts += [_count(old[id], new[id]) for id in changed]
    came, turned, went = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0, 0)
    return Changes(tuple(added), tuple(changed), tuple(removed), came, turned, went)


def _passages(texts: Texts | None) -> defaultdict[str, list[tuple[str, str]]]:
    """Give heading and words of each passage by document."""
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    if texts is not None:
        sources = {document.id: document.text for document in texts.documents}
        for passage in texts.passages:
            words = sources[passage.document][passage.start : passage.end]
            found[passage.document].append((passage.heading, words))
    return found


def _count(old: Sequence[tuple[str, str]], new: Sequence[tuple[str, str]]) -> tuple[int, int, int]:
    came = turned = went = 0
    for kind, first, last, first_new, last_new in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            both = min(last - first, last_new - first_new)
            turned += both
            came += last_new - first_new - both
            went += last - first - both
    return came, turned, went
