"""Drafts quiz items from any documents by rule: sentences that stand alone, what to ask in each, wrong options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.quiz.drafting.concordance import Concordance
from bot.quiz.drafting.drafts import Draft, TooLittle, drafted
from bot.quiz.drafting.gaps import candidates, rows_of
from bot.quiz.drafting.inventory import Inventory
from bot.quiz.drafting.options import pick_options
from bot.quiz.drafting.selection import sound, spread, unguessable
from bot.quiz.drafting.standalone import stands_alone
from bot.quiz.schema import Unusable
from prompts import words

if TYPE_CHECKING:
    import random
    from collections.abc import Collection, Iterator

    from bot.quiz.drafting.gaps import GapCandidate
    from index.encoder import Encoder
    from index.texts import Texts

# Some drafts fall to the check or to a guesser: so many more are begun than are wanted.
_SPARE = 1.5


def draft(
    texts: Texts, encoder: Encoder, *, rng: random.Random, most: int, documents: Collection[str] | None = None
) -> tuple[Draft, ...]:
    """Draft at most so many items, the best first, from the whole library or from these documents by their ids.

    Wrong options come from the whole library. All drafts together pass the check. Raises TooLittle with the reason
    when there is none, and GenerationError when the library has no document of that id.
    """
    for wanted in documents or ():
        texts.document(wanted)
    concordance = Concordance(texts)
    inventory = Inventory(concordance, encoder)
    asked = [
        statement
        for statement in concordance.statements
        if (documents is None or concordance.documents[statement.document].id in documents)
        and stands_alone(statement, concordance)
    ]
    if not asked:
        raise TooLittle(words("quiz.draft.no_sentence"))
    begun = sorted(candidates(iter(asked), inventory, concordance, rng), key=lambda each: -each.score)
    begun = begun[: int(_SPARE * most)]
    quotable = {document.id: document.text for document in texts.documents}
    made = sound(_gap_drafts(begun, concordance, encoder, rng), quotable)
    kept = unguessable(spread(made, most), encoder)
    if not kept:
        raise TooLittle(words("quiz.draft.no_options"))
    return tuple(kept)


def _gap_drafts(
    begun: list[GapCandidate], concordance: Concordance, encoder: Encoder, rng: random.Random
) -> Iterator[Draft]:
    for candidate, wrong in pick_options(begun, encoder, rng):
        statement = candidate.gap.statement
        try:
            yield drafted(
                rows_of(candidate, wrong), statement, concordance, difficulty=2, score=round(candidate.score, 3)
            )
        except Unusable:
            continue
