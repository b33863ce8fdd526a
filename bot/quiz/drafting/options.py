"""Picks the wrong options so that nearness of meaning tells nothing: the right one is as often far as near."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.quiz.drafting.concordance import Sort
from bot.quiz.drafting.inventory import POOL, is_other
from bot.quiz.drafting.misfit import related
from bot.quiz.items import BLANK

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from bot.quiz.drafting.cloze import GapCandidate
    from bot.quiz.drafting.concordance import Concordance
    from index.models.encoder import Encoder

WRONG = 3
_FEW = 20
_OF_NUMBERS = 8  # the model tells nothing of numbers: the first of the pool are the likeliest
_OF_ONE_KIND = 0.55  # cosine from which two names of unknown sort are taken for the same sort


def pick_options(
    candidates: Sequence[GapCandidate], concordance: Concordance, encoder: Encoder, rng: random.Random
) -> list[tuple[GapCandidate, tuple[str, ...]]]:
    """Pick WRONG options for each candidate out of those proved; all texts are encoded together."""
    questions = [blanked(candidate) for candidate in candidates]
    phrases = list(dict.fromkeys(each for c in candidates for each in (c.gap.phrase.text, *c.wrong)))
    asked = encoder.encode_queries(questions)
    rows = dict(zip(phrases, encoder.encode_documents(phrases), strict=True)) if phrases else {}
    # Among few items a guesser is lucky easily: then the right phrase is never the nearest.
    fewest = int(len(candidates) < _FEW)
    picked = []
    for candidate, question in zip(candidates, asked, strict=True):
        key = rows[candidate.gap.phrase.text]
        nearness = {text: float(rows[text] @ question) for text in candidate.wrong}
        likeness = {text: float(rows[text] @ key) for text in candidate.wrong}
        right = float(key @ question)
        if is_other(candidate.gap.phrase):
            likeness = {text: like for text, like in likeness.items() if like >= _OF_ONE_KIND}
        # The pool's own order says what is of the same kind; within it, what is alike in meaning misleads best.
        order = sorted(likeness, key=lambda text: candidate.wrong.index(text) / POOL - 3 * likeness[text])
        if candidate.gap.phrase.sort is not Sort.NAME:
            order = list(candidate.wrong[:_OF_NUMBERS])
        nearer = [text for text in order if nearness[text] > right]
        farther = [text for text in order if nearness[text] <= right]
        wanted = rng.randint(fewest, WRONG)
        turns = [*nearer[:wanted], *farther[: WRONG - wanted], *order]
        chosen: list[str] = []
        for text in turns:
            if len(chosen) < WRONG and not any(related(text, other, concordance) for other in chosen):
                chosen.append(text)
        if len(chosen) == WRONG:
            picked.append((candidate, tuple(sorted(chosen))))
    return picked


def blanked(candidate: GapCandidate) -> str:
    """Give the sentence with its gap, as it is asked."""
    gap = candidate.gap
    return f"{gap.statement.text[: gap.phrase.start]}{BLANK}{gap.statement.text[gap.phrase.end :]}"
