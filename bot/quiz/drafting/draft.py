"""Drafts quiz items from any documents by rule: sentences that stand alone, what to ask in each, wrong options."""

from __future__ import annotations

from collections import Counter
from itertools import chain, pairwise, zip_longest
from typing import TYPE_CHECKING, TypeVar

from bot.quiz.drafting.cloze import GapCandidate, candidates, rows_of, unknown_person
from bot.quiz.drafting.concordance import Concordance, Sort
from bot.quiz.drafting.contrasts import ContrastCandidate, contrast_candidates, contrast_row
from bot.quiz.drafting.drafts import Draft, TooLittle, drafted
from bot.quiz.drafting.inventory import Inventory
from bot.quiz.drafting.options import pick_options
from bot.quiz.drafting.remembering import Remembering
from bot.quiz.drafting.selection import sound, spread, unguessable
from bot.quiz.drafting.sources import SourceCandidate, source_candidates, source_rows
from bot.quiz.drafting.standalone import stands_alone, stands_with
from bot.quiz.drafting.truths import TruthCandidate, truth_candidates, truth_rows
from bot.quiz.schema import Unusable
from prompts import words

if TYPE_CHECKING:
    import random
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from bot.quiz.drafting.concordance import Statement
    from index.generations.texts import Texts
    from index.models.encoder import Encoder

Candidate = GapCandidate | TruthCandidate | ContrastCandidate | SourceCandidate
_C = TypeVar("_C", GapCandidate, TruthCandidate, ContrastCandidate, SourceCandidate)

# Some drafts fall to the check or to a guesser: so many more are begun than are wanted.
_SPARE = 1.5
_FEW_OTHERS = 10
_SOURCES = 0.12  # share of drafts, at most, that ask where a sentence stands


def draft(
    texts: Texts, encoder: Encoder, *, rng: random.Random, most: int, documents: Collection[str] | None = None
) -> tuple[Draft, ...]:
    """Draft at most so many items, the best first, from the whole library or from these documents by their ids.

    Wrong options come from the whole library. All drafts together pass the check. Raises TooLittle with the reason
    when there is none, and GenerationError when the library has no document of that id.
    """
    for wanted in documents or ():
        texts.document(wanted)
    encoder = Remembering(encoder)
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
    begun = _begun(asked, inventory, concordance, rng, most=most)
    made = sound(_drafts(begun, concordance, encoder, rng), {each.id: each.text for each in texts.documents})
    kept = unguessable(spread(made, most), encoder)
    if not kept:
        raise TooLittle(words("quiz.draft.no_options"))
    return tuple(kept)


def _begun(
    asked: Sequence[Statement], inventory: Inventory, concordance: Concordance, rng: random.Random, *, most: int
) -> list[Candidate]:
    """Choose what to ask of which sentences: contrasts first, then gaps, then where what is left over stands."""
    contrasts = list(contrast_candidates(asked, concordance))
    used = {candidate.statement.number for candidate in contrasts}
    singles = (each for each in asked if each.number not in used)
    pairs = _pairs(asked, inventory, concordance)
    spare = int(_SPARE * most) + 1
    gaps = candidates(chain(singles, pairs), inventory, concordance, rng, most=spare)
    gaps = _without_needless_terms(gaps)
    used |= {number for each in gaps for number in each.statement.numbers}
    truths = list(truth_candidates(gaps, inventory, concordance, rng))
    sources = list(source_candidates((s for s in asked if s.number not in used), inventory, concordance))
    return [
        *_in_turn(contrasts)[:spare],
        *gaps,
        *_in_turn(truths)[: spare // 2],
        *_in_turn(sources)[: int(spare * _SOURCES) + 1],
    ]


def _pairs(asked: Sequence[Statement], inventory: Inventory, concordance: Concordance) -> Iterator[Statement]:
    """Join sentences that stand alone with one behind that leans on them, and both with a third that leans on both."""
    alone = {statement.number for statement in asked}
    before: Statement | None = None
    for first, second in pairwise(concordance.statements):
        lead = first if first.number in alone else before
        before = None
        if lead is None or second.number in alone:
            continue
        both = stands_with(lead, second, concordance)
        if both is not None and not unknown_person(both, inventory):
            before = both
            yield both


def _without_needless_terms(gaps: Sequence[GapCandidate]) -> list[GapCandidate]:
    """Ask for terms only in documents with few names and numbers: those are surer to have one right answer."""
    surer = Counter(each.statement.document for each in gaps if each.gap.phrase.sort is not Sort.TERM)
    return [
        each for each in gaps if each.gap.phrase.sort is not Sort.TERM or surer[each.statement.document] < _FEW_OTHERS
    ]


def _in_turn(found: Iterable[_C]) -> list[_C]:
    """Take the best of each document in turn, so that what is cut off is not one document."""
    by_document: dict[int, list[_C]] = {}
    for candidate in sorted(found, key=lambda each: -each.score):
        by_document.setdefault(candidate.statement.document, []).append(candidate)
    return [each for turn in zip_longest(*by_document.values()) for each in turn if each is not None]


def _drafts(
    begun: Sequence[Candidate], concordance: Concordance, encoder: Encoder, rng: random.Random
) -> Iterator[Draft]:
    """Give each candidate its options; what does not take the bank's form, a heading too long for one, is left out."""
    gaps = [each for each in begun if isinstance(each, GapCandidate)]
    truths = [each.asked for each in begun if isinstance(each, TruthCandidate)]
    sources = [each for each in begun if isinstance(each, SourceCandidate)]
    contrasts = [each for each in begun if isinstance(each, ContrastCandidate)]
    rows: Iterable[tuple[Candidate, dict[str, object]]] = chain(
        ((each, contrast_row(each, concordance)) for each in contrasts),
        ((each, rows_of(each, wrong)) for each, wrong in pick_options(gaps, concordance, encoder, rng)),
        truth_rows(pick_options(truths, concordance, encoder, rng)),
        source_rows(sources, encoder, rng),
    )
    for candidate, row in rows:
        try:
            yield drafted(row, candidate.statement, concordance, difficulty=2, score=round(candidate.score, 3))
        except Unusable:
            continue
