"""Drafts quiz items from any documents by rule: sentences that stand alone, what to ask in each, wrong options."""

from __future__ import annotations

from itertools import chain, islice, pairwise
from typing import TYPE_CHECKING, Any, TypeVar

from bot.quiz.drafting.caching import CachingEncoder
from bot.quiz.drafting.cloze import FEWEST_WRONG, GapCandidate, best_gaps, gap_row, is_defined, unknown_person
from bot.quiz.drafting.concordance import Concordance, Sort
from bot.quiz.drafting.contrasts import ContrastCandidate, contrast_candidates, contrast_row
from bot.quiz.drafting.drafts import Draft, TooLittle, drafted
from bot.quiz.drafting.endings import EndingCandidate, Endings, ending_rows
from bot.quiz.drafting.inventory import Inventory
from bot.quiz.drafting.options import pick_options
from bot.quiz.drafting.selection import balanced, sound, unguessable
from bot.quiz.drafting.sources import SourceCandidate, source_candidates, source_rows
from bot.quiz.drafting.standalone import capitalised, stands_alone, stands_with, without_joint
from bot.quiz.drafting.steps import StepCandidate, step_candidates, step_row
from bot.quiz.drafting.truths import truth_candidates, truth_rows
from bot.quiz.drafting.turns import Turn, turn_row, turns
from bot.quiz.order import in_turn
from bot.quiz.schema import Unusable
from prompts import words

if TYPE_CHECKING:
    import random
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from bot.quiz.drafting.concordance import Statement
    from index.generations.texts import Texts
    from index.models.encoder import Encoder

_Candidate = StepCandidate | GapCandidate | ContrastCandidate | SourceCandidate | EndingCandidate | Turn
_C = TypeVar("_C", GapCandidate, ContrastCandidate, SourceCandidate, EndingCandidate)

# Some drafts fail the check or are easy to guess, so more are begun than are wanted.
_SPARE, _FEWEST_SPARE = 1.5, 10
_SOURCES = 0.12  # share of drafts, at most, that ask where a sentence stands
_CLEAR = ("person", "place", "country", "organisation", "event")  # senses of names that are asked for
_MAIN = 1.0  # added to the score of a draft from a main sentence: it comes before all others
_ENGLISH = ("en", "")  # languages of the documents that the rules can read: "" is unclear, as of a short text


def draft(
    texts: Texts,
    encoder: Encoder,
    *,
    rng: random.Random,
    most: int,
    documents: Collection[str] | None = None,
    main: Collection[tuple[str, int]] = (),
) -> tuple[Draft, ...]:
    """Draft at most `most` items, the best first, from the whole library or from these documents by their ids.

    `main` are the places of the main sentences (`main_places`): they are asked about first, and names and numbers only
    of them, where given. Wrong options come from the whole library. All drafts together pass the check of the bank.
    Raises TooLittle with the reason when there is no draft, and GenerationError when the library has no document of an
    id.
    """
    for wanted in documents or ():
        texts.document(wanted)
    encoder = CachingEncoder(encoder)
    concordance = Concordance(texts)
    inventory = Inventory(concordance, encoder)
    places = {(concordance.documents[each.document].id, each.start): each.number for each in concordance.statements}
    salient = {places[place] for place in main if place in places}
    asked = [
        each
        for statement in concordance.statements
        if _may_be_asked(statement, concordance, documents)
        for each in (without_joint(statement, concordance) or statement,)
        if stands_alone(capitalised(each), concordance) and not unknown_person(each, inventory)
    ]
    asked = [each for each in asked if each.number in salient or not concordance.has_speakers(each.document)]
    if not asked:
        raise TooLittle(words("quiz.draft.no_sentence"))
    begun = _drafts(asked, inventory, encoder, rng, most=most, salient=salient)
    made = sound(begun, {each.id: each.text for each in texts.documents})
    best = balanced(unguessable(balanced(made, _with_spare(most)), encoder), most)
    if not best:
        raise TooLittle(words("quiz.draft.no_options"))
    return tuple(unguessable(best, encoder) or best)  # a few are guessed by luck


def _with_spare(most: int) -> int:
    return int(_SPARE * most) + _FEWEST_SPARE


def _may_be_asked(statement: Statement, concordance: Concordance, documents: Collection[str] | None) -> bool:
    document = concordance.documents[statement.document]
    return (documents is None or document.id in documents) and document.language in _ENGLISH


def _drafts(
    asked: Sequence[Statement],
    inventory: Inventory,
    encoder: Encoder,
    rng: random.Random,
    *,
    most: int,
    salient: Collection[int],
) -> Iterator[Draft]:
    """Draft what the sentences argue, then gaps and statements, then where the sentences left over stand.

    A draft that does not have the bank's form, such as one with a heading that is too long, is left out.
    """
    concordance, spare = inventory.concordance, _with_spare(most)
    ordered = sorted([*asked, *_pairs(asked, inventory)], key=lambda each: (each.number not in salient, each.lead > 0))
    ordered = in_turn(ordered, lambda statement: statement.document)
    contrasts = list(contrast_candidates(asked, concordance))
    ends = Endings(concordance)
    endings = list(islice(ends.candidates(ordered, rng), spare))
    steps = islice(step_candidates(concordance, ends.verbs, {each.document for each in asked}), spare)
    turned = list(islice((turn for each in ordered for turn in turns(each, concordance)), spare))
    used = {candidate.statement.number for candidate in contrasts}
    facts = [each for each in ordered if each.number not in used and (not salient or each.number in salient)]
    gaps = [each for each in best_gaps(facts, inventory, rng, most=spare) if _is_clear(each, inventory)]
    used |= {number for each in gaps for number in each.statement.numbers}
    truths = _best(truth_candidates(gaps, inventory, rng), spare // 2)
    unused = (each for each in asked if each.number not in used)
    sources = _best(source_candidates(unused, inventory, salient), int(spare * _SOURCES) + 1)
    rows: Iterable[tuple[_Candidate, dict[str, Any], str]] = chain(
        ((each, contrast_row(each, concordance), "contrast") for each in _best(contrasts, spare)),
        ((each, row, each.cut.kind) for each, row in ending_rows(endings, concordance, encoder, rng)),
        ((each, turn_row(each), "turn") for each in turned),
        ((each, step_row(each, concordance, rng), "order") for each in steps),
        (
            (each, gap_row(each, wrong), _asks_for(each))
            for each, wrong in pick_options(gaps, concordance, encoder, rng)
        ),
        ((each, row, "fact") for each, row in truth_rows(pick_options(truths, concordance, encoder, rng))),
        ((each, row, "section") for each, row in source_rows(sources, encoder, rng)),
    )
    for candidate, row, pattern in rows:
        score = round(candidate.score + _MAIN * (candidate.statement.number in salient), 3)
        try:
            yield drafted(row, candidate.statement, concordance, difficulty=2, score=score, pattern=pattern)
        except Unusable:
            continue


def _asks_for(candidate: GapCandidate) -> str:
    return "term" if candidate.gap.phrase.sort is Sort.TERM else "fact"


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


def _is_clear(candidate: GapCandidate, inventory: Inventory) -> bool:
    """Return whether only one answer is right and others could be.

    A term is defined by its sentence; the sense of a name is known, and the document has others of that sense.
    """
    phrase = candidate.gap.phrase
    if phrase.sort is Sort.TERM:
        return is_defined(candidate.gap)
    text = inventory.concordance.documents[candidate.statement.document].text
    known = sum(option in text for option in candidate.wrong)
    return phrase.sort is not Sort.NAME or (phrase.form[0] in _CLEAR and known >= FEWEST_WRONG)


def _best(candidates: Iterable[_C], most: int) -> list[_C]:
    """Return the best candidates of each document in turn."""
    ordered = sorted(candidates, key=lambda each: -each.score)
    return in_turn(ordered, lambda each: each.statement.document)[:most]
