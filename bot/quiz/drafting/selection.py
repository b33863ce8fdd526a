"""Selects drafts: the best of each document in turn, none asked twice, and none too easy to guess."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from bot.quiz.check import Guesser, asks_the_same, credit, faults_of, guess, guessers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.quiz.drafting.drafts import Draft
    from index.models.encoder import Encoder

_AGAIN = 0.06  # subtracted from a score for each selected draft of the same paragraph or with the same answer


def sound(drafts: Iterable[Draft], texts: Mapping[str, str]) -> list[Draft]:
    """Keep the drafts that have no fault by themselves."""
    return [draft for draft in drafts if not faults_of(draft.item, {}, texts)]


def spread(drafts: Sequence[Draft], most: int) -> list[Draft]:
    """Select the best drafts of each document in turn, without those that ask nearly the same as a selected one."""
    waiting: defaultdict[str, list[Draft]] = defaultdict(list)
    for draft in sorted(drafts, key=lambda draft: (-draft.score, draft.item.id)):
        waiting[draft.document].append(draft)
    taken: list[Draft] = []
    used: Counter[tuple[str, str]] = Counter()
    while waiting and len(taken) < most:
        for document in list(waiting):
            found = _best(waiting[document], used)
            waiting[document].remove(found)
            if not waiting[document]:
                del waiting[document]
            if len(taken) < most and not any(asks_the_same(draft.item, found.item) for draft in taken):
                taken.append(found)
                used.update(_marks(found))
    return taken


def _best(drafts: Sequence[Draft], used: Counter[tuple[str, str]]) -> Draft:
    return max(drafts, key=lambda draft: draft.score - _AGAIN * sum(used[mark] for mark in _marks(draft)))


def _marks(draft: Draft) -> list[tuple[str, str]]:
    return [("why", f"{draft.document} {draft.item.why}"), ("key", draft.item.options[draft.item.key].casefold())]


def unguessable(drafts: Sequence[Draft], encoder: Encoder) -> list[Draft]:
    """Drop the drafts that each guesser is surest of until none does better than the check allows."""
    kept = list(drafts)
    ways = guessers([draft.item for draft in kept], encoder)
    dropped = True
    while dropped:
        dropped = False
        for name, way in ways.items():
            while kept and not guess(name, [draft.item for draft in kept], way).is_fair:
                kept.remove(max(kept, key=lambda draft: (_sureness(draft, way), -draft.score)))
                dropped = True
    return kept


def _sureness(draft: Draft, way: Guesser) -> float:
    """Return by how much a guesser prefers the right option, relative to its highest score; 0 when it is wrong."""
    scores = list(way(draft.item))
    if not credit(draft.item, scores):
        return 0.0
    right, rest = scores[draft.item.key], sorted(scores, reverse=True)
    best_wrong = rest[1] if len(rest) > 1 else 0.0
    return (right - best_wrong) / (max(map(abs, scores)) or 1.0) + 1e-6
