"""Drafts quiz items from any documents by rule: sentences that stand alone, what to ask in each, wrong options."""

from __future__ import annotations

from collections import Counter
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, TypeVar

from bot.quiz.drafting.caching import CachingEncoder
from bot.quiz.drafting.cloze import GapCandidate, best_gaps, gap_row, unknown_person
from bot.quiz.drafting.concordance import Concordance, Sort
from bot.quiz.drafting.contrasts import ContrastCandidate, contrast_candidates, contrast_row
from bot.quiz.drafting.drafts import Draft, TooLittle, drafted
from bot.quiz.drafting.inventory import Inventory
from bot.quiz.drafting.options import pick_options
from bot.quiz.drafting.selection import sound, spread, unguessable
from bot.quiz.drafting.sources import SourceCandidate, source_candidates, source_rows
from bot.quiz.drafting.standalone import stands_alone, stands_with
from bot.quiz.drafting.truths import truth_candidates, truth_rows
from bot.quiz.order import in_turn
from bot.quiz.schema import Unusable
from prompts import words

if TYPE_CHECKING:
    import random
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from bot.quiz.drafting.concordance import Statement
    from index.generations.texts import Texts
    from index.models.encoder import Encoder

_Candidate = GapCandidate | ContrastCandidate | SourceCandidate
_C = TypeVar("_C", GapCandidate, ContrastCandidate, SourceCandidate)

# Some drafts fail the check or are easy to guess, so more are begun than are wanted.
_SPARE = 1.5
_FEW_OTHERS = 10  # names and numbers of a document, from which on no terms are asked for
_SOURCES = 0.12  # share of drafts, at most, that ask where a sentence stands


def draft(
    texts: Texts, encoder: Encoder, *, rng: random.Random, most: int, documents: Collection[str] | None = None
) -> tuple[Draft, ...]:
    """Draft at most `most` items, the best first, from the whole library or from these documents by their ids.

    Wrong options come from the whole library. All drafts together pass the check of the bank. Raises TooLittle with
    the reason when there is no draft, and GenerationError when the library has no document of an id.
    """
    for wanted in documents or ():
        texts.document(wanted)
    encoder = CachingEncoder(encoder)
    concordance = Concordance(texts)
    inventory = Inventory(concordance, encoder)
    asked = [
        statement
        for statement in concordance.statements
        if (documents is None or concordance.documents[statement.document].id in documents)
        and stands_alone(statement, concordance)
        and not unknown_person(statement, inventory)
    ]
    if not asked:
        raise TooLittle(words("quiz.draft.no_sentence"))
    made = sound(_drafts(asked, inventory, encoder, rng, most=most), {each.id: each.text for each in texts.documents})
    kept = unguessable(spread(made, most), encoder)
    if not kept:
        raise TooLittle(words("quiz.draft.no_options"))
    return tuple(kept)


def _drafts(
    asked: Sequence[Statement], inventory: Inventory, encoder: Encoder, rng: random.Random, *, most: int
) -> Iterator[Draft]:
    """Draft contrasts, then gaps and statements from the other sentences, then where the sentences left over stand.

    A draft that does not have the bank's form, such as one with a heading that is too long, is left out.
    """
    concordance, spare = inventory.concordance, int(_SPARE * most) + 1
    contrasts = list(contrast_candidates(asked, concordance))
    used = {candidate.statement.number for candidate in contrasts}
    singles = (each for each in asked if each.number not in used)
    gaps = best_gaps(chain(singles, _pairs(asked, inventory)), inventory, rng, most=spare)
    gaps = _without_needless_terms(gaps)
    used |= {number for each in gaps for number in each.statement.numbers}
    truths = _best(truth_candidates(gaps, inventory, rng), spare // 2)
    unused = (each for each in asked if each.number not in used)
    sources = _best(source_candidates(unused, inventory), int(spare * _SOURCES) + 1)
    rows: Iterable[tuple[_Candidate, dict[str, Any]]] = chain(
        ((each, contrast_row(each, concordance)) for each in _best(contrasts, spare)),
        ((each, gap_row(each, wrong)) for each, wrong in pick_options(gaps, concordance, encoder, rng)),
        truth_rows(pick_options(truths, concordance, encoder, rng)),
        source_rows(sources, encoder, rng),
    )
    for candidate, row in rows:
        try:
            yield drafted(row, candidate.statement, concordance, difficulty=2, score=round(candidate.score, 3))
        except Unusable:
            continue


def _pairs(asked: Sequence[Statement], inventory: Inventory) -> Iterator[Statement]:
    """Join each sentence that stands alone with the next one when that depends on it; and both with a third one."""
    alone = {statement.number for statement in asked}
    before: Statement | None = None
    for first, second in pairwise(inventory.concordance.statements):
        lead = first if first.number in alone else before
        before = None
        if lead is None or second.number in alone:
            continue
        both = stands_with(lead, second, inventory.concordance)
        if both is not None and not unknown_person(both, inventory):
            before = both
            yield both


def _without_needless_terms(gaps: Sequence[GapCandidate]) -> list[GapCandidate]:
    """Ask for terms only in documents with few names and numbers, which more surely have one right answer."""
    others = Counter(each.statement.document for each in gaps if each.gap.phrase.sort is not Sort.TERM)
    return [
        each for each in gaps if each.gap.phrase.sort is not Sort.TERM or others[each.statement.document] < _FEW_OTHERS
    ]


def _best(candidates: Iterable[_C], most: int) -> list[_C]:
    """Return the best candidates of each document in turn."""
    ordered = sorted(candidates, key=lambda each: -each.score)
    return in_turn(ordered, lambda each: each.statement.document)[:most]
