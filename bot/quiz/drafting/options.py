"""Picks wrong options so that nearness in meaning to the question does not tell the right one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.quiz.drafting.concordance import Sort
from bot.quiz.drafting.inventory import POOL, has_unknown_sense
from bot.quiz.drafting.misfit import related
from bot.quiz.items import BLANK

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from bot.quiz.drafting.cloze import GapCandidate
    from bot.quiz.drafting.concordance import Concordance
    from index.models.encoder import Encoder

WRONG = 3
_FEW_CANDIDATES = 20
_OF_NUMBERS = 8  # of the pool: the model knows nothing of numbers, and the first ones are the most plausible
_SAME_SENSE = 0.55  # cosine from which two names of unknown sense are taken to have the same
_LIKENESS_WEIGHT = 3  # of the likeness to the right phrase, against the place in the pool (0..1)


def pick_options(
    candidates: Sequence[GapCandidate], concordance: Concordance, encoder: Encoder, rng: random.Random
) -> list[tuple[GapCandidate, tuple[str, ...]]]:
    """Pick WRONG options for each candidate from those proved wrong; a candidate with too few is left out.

    All texts are encoded together. "Hans Oosting" among 20 persons -> ("Felix Baltus", "Leo Sixma", "Thomas Wiarda")
    """
    phrases = list(dict.fromkeys(each for c in candidates for each in (c.gap.phrase.text, *c.wrong)))
    questions = encoder.encode_queries([candidate.gap.filled_with(BLANK) for candidate in candidates])
    rows = dict(zip(phrases, encoder.encode_documents(phrases), strict=True)) if phrases else {}
    # Among few items a guesser that takes the nearest option is often lucky, so there the right one never is nearest.
    fewest_nearer = int(len(candidates) < _FEW_CANDIDATES)
    picked = []
    for candidate, question in zip(candidates, questions, strict=True):
        phrase, wrong = candidate.gap.phrase, candidate.wrong
        key = rows[phrase.text]
        if phrase.sort is Sort.NAME:
            likeness = {text: float(rows[text] @ key) for text in wrong}
            alike = [text for text in wrong if not has_unknown_sense(phrase) or likeness[text] >= _SAME_SENSE]
            order = sorted(alike, key=lambda text: wrong.index(text) / POOL - _LIKENESS_WEIGHT * likeness[text])
        else:
            order = list(wrong[:_OF_NUMBERS])
        right = float(key @ question)
        nearer = [text for text in order if float(rows[text] @ question) > right]
        farther = [text for text in order if float(rows[text] @ question) <= right]
        wanted = rng.randint(fewest_nearer, WRONG)
        chosen: list[str] = []
        for text in (*nearer[:wanted], *farther[: WRONG - wanted], *order):
            if len(chosen) < WRONG and not any(related(text, other, concordance) for other in chosen):
                chosen.append(text)
        if len(chosen) == WRONG:
            picked.append((candidate, tuple(sorted(chosen))))
    return picked
