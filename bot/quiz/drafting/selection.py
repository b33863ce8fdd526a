"""Selects drafts: the best of each document in turn, none asked twice, and none too easy to guess."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from bot.quiz.check import Guesser, asks_the_same, credit, faults_of, guess, guessers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.quiz.drafting.drafts import Draft
    from index.models.encoder import Encoder

FACT = "fact"
"""Pattern of the drafts that ask for a name or a number alone."""

_OTHERS_A_FACT = 3
_FEW, _HANDFUL = 5, 10  # so few other drafts, and so many facts are drafted then
# How much better than chance a guesser may be, as a share: of all drafts, and of each pattern that has so many.
_MARGIN, _PATTERN_MARGIN, _JUDGED = 0.05, 0.08, 12
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


def balanced(drafts: Sequence[Draft], most: int) -> list[Draft]:
    """Select at most `most` drafts, spread over the documents, of which at most a quarter ask for a name or number.

    Where there is next to nothing else to ask, a handful of those is drafted.
    """
    facts = spread([draft for draft in drafts if draft.pattern == FACT], most)
    others = spread([draft for draft in drafts if draft.pattern != FACT], most)
    room = _HANDFUL if len(others) < _FEW else len(others) // _OTHERS_A_FACT
    facts = facts[: min(room, max(most // (_OTHERS_A_FACT + 1), most - len(others)))]
    return spread([*others[: most - len(facts)], *facts], most)


def unguessable(drafts: Sequence[Draft], encoder: Encoder) -> list[Draft]:
    """Drop the drafts that each guesser is surest of, until no guesser does much better than chance on any pattern."""
    kept = list(drafts)
    ways = guessers([draft.item for draft in kept], encoder)
    dropped = True
    while dropped:
        dropped = False
        for way in ways.values():
            for pattern in (None, *sorted({draft.pattern for draft in kept})):
                while group := _easy(kept, pattern, way):
                    kept.remove(max(group, key=lambda draft: (_sureness(draft, way), -draft.score)))
                    dropped = True
    return kept


def _easy(drafts: Sequence[Draft], pattern: str | None, way: Guesser) -> list[Draft]:
    """Return the drafts of a pattern, or all, if a guesser does too well on them; none if not."""
    group = [draft for draft in drafts if pattern in (None, draft.pattern)]
    if pattern is not None and len(group) < _JUDGED:
        return []
    found = guess("", [draft.item for draft in group], way)
    return group if group and found.right - found.chance > (_MARGIN if pattern is None else _PATTERN_MARGIN) else []


def _sureness(draft: Draft, way: Guesser) -> float:
    """Return by how much a guesser prefers the right option, relative to its highest score; 0 when it is wrong."""
    scores = list(way(draft.item))
    if not credit(draft.item, scores):
        return 0.0
    right, rest = scores[draft.item.key], sorted(scores, reverse=True)
    best_wrong = rest[1] if len(rest) > 1 else 0.0
    return (right - best_wrong) / (max(map(abs, scores)) or 1.0) + 1e-6
