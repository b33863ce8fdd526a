"""Measures drafts of quiz items: how many pass the check, of which kinds, how fast, and how well they are guessed.

Whether they are good only reading tells: `python -m tests.bench drafts --sample 100` prints some to read.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from typing import TYPE_CHECKING

from bot.libraries.opening import load_encoder
from bot.quiz.check import check
from bot.quiz.drafting import Draft, draft
from bot.quiz.items import Bank
from bot.settings import Settings
from index.generations.texts import blotted_texts
from index.text.noise import Aliases
from tests.bench import squad
from tests.bench.quality import folder
from tests.bench.results import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.quiz.check import Report
    from index.generations.texts import Texts
    from index.models.encoder import Encoder

_WANTED = 500
_MOST = 5000
_SEED = 0


def rows() -> Iterator[Row]:
    """Draft from the eight articles and check what came out."""
    texts, encoder, drafts, seconds = _drafts()
    report = _checked(texts, encoder, drafts)
    passing = len(drafts) if report.passed else 0
    yield Row("drafts on 8 articles that pass the check", str(passing), f">= {_WANTED}", passing >= _WANTED)
    kinds = Counter(each.item.kind.value for each in drafts)
    yield Row("  by kind", ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()))
    documents = Counter(each.document for each in drafts)
    yield Row("  fewest and most of one article", f"{min(documents.values())} and {max(documents.values())}")
    yield Row(f"  time for {len(texts.passages)} passages, encoding and all", f"{seconds:.0f} s")
    for guess in report.guesses:
        measured = f"{guess.right:.3f} right, {guess.chance:.3f} by chance"
        yield Row(f"  guessing by {guess.name}", measured, f"<= {guess.most:.3f}", guess.is_fair)


def print_sample(count: int, seed: int) -> None:
    """Print drafts drawn at random, for somebody to read and judge."""
    _, _, drafts, _ = _drafts()
    for number, each in enumerate(random.Random(seed).sample(drafts, min(count, len(drafts))), 1):
        item = each.item
        right, wrong = item.options[item.key], [o for n, o in enumerate(item.options) if n != item.key]
        print(f"{number}. [{each.title}] {item.question}\n   = {right} // {' // '.join(wrong)}")


def _drafts() -> tuple[Texts, Encoder, Sequence[Draft], float]:
    encoder = load_encoder(Settings())
    texts = squad.library(squad.read(), folder() / "squad", encoder, Aliases({})).texts
    started = time.perf_counter()
    drafts = draft(texts, encoder, rng=random.Random(_SEED), most=_MOST)
    return texts, encoder, drafts, time.perf_counter() - started


def _checked(texts: Texts, encoder: Encoder, drafts: Sequence[Draft]) -> Report:
    axes = {each.item.axis: each.title for each in drafts}
    bank = Bank(tuple(each.item for each in drafts), axes, {}, ())
    return check(bank, blotted_texts(texts), encoder)
