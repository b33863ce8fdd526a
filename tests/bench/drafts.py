"""Measures drafts of quiz items: how many pass the check, of which patterns, how fast, and how well they are guessed.

Whether they are good only reading tells: `python -m tests.bench drafts --sample 100 --seed 1` prints some to read, from
the documents of many kinds, and the essay's all.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from typing import TYPE_CHECKING

from bot.libraries.opening import load_encoder, open_library
from bot.quiz.check import Guesser, check, guess, guessers
from bot.quiz.drafting import Draft, TooLittle, draft, main_places
from bot.quiz.items import Bank
from bot.settings import Settings
from index.generations.texts import blotted_texts
from index.text.noise import Aliases
from tests.bench import overview, squad
from tests.bench.quality import essay_settings, folder
from tests.bench.results import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.generations.generation import Generation
    from index.models.encoder import Encoder

_FILES = squad.DATA / "qa/documents"
_ESSAY, _A_THOUSAND, _FACTS = 25, 6.0, 0.25  # wanted: drafts of the essay, drafts a 1,000 words, facts among them
_OVER_CHANCE, _OVER_CHANCE_OF_PATTERN = 0.05, 0.08
_FEWEST_OF_PATTERN = 12  # drafts from which on a pattern is judged by itself
_MOST = 5000
_SEED = 0


def rows() -> Iterator[Row]:
    """Draft from the essay, from documents of many kinds and from eight articles, and check what came out."""
    encoder = load_encoder(Settings(_env_file=None))
    yield from _measured("the essay", _essay(), encoder, most_wanted=_ESSAY)
    if documents := _documents(encoder):
        yield from _measured("29 documents", documents, encoder, a_thousand_wanted=_A_THOUSAND)
    else:
        yield Row("drafts on documents of many kinds", f"{_FILES} is absent")
    try:
        articles = squad.library(squad.read(), folder() / "squad", encoder, Aliases({}))
    except SystemExit as absent:
        yield Row("drafts on 8 articles", str(absent))
        return
    yield from _measured("8 articles", articles, encoder)


def print_sample(count: int, seed: int) -> None:
    """Print the essay's drafts and some of the others, drawn at random, for somebody to read and judge."""
    encoder = load_encoder(Settings(_env_file=None))
    drawn = [*_drafts(_essay(), encoder)]
    if documents := _documents(encoder):
        drafts = _drafts(documents, encoder)
        drawn += random.Random(seed).sample(drafts, min(count, len(drafts)))
    for number, each in enumerate(drawn, 1):
        item = each.item
        right, wrong = item.options[item.key], [o for n, o in enumerate(item.options) if n != item.key]
        print(f"{number}. [{each.title}] {each.pattern}, {item.kind.value}: {' '.join(item.question.split())}")
        print(f"   = {right} // {' // '.join(wrong)}")


def _essay() -> Generation:
    return open_library(essay_settings()).generation


def _documents(encoder: Encoder) -> Generation | None:
    return overview.documents_library(encoder) if _FILES.exists() else None


def _measured(
    name: str,
    library: Generation,
    encoder: Encoder,
    *,
    most_wanted: int | None = None,
    a_thousand_wanted: float | None = None,
) -> Iterator[Row]:
    started = time.perf_counter()
    drafts = _drafts(library, encoder)
    seconds = time.perf_counter() - started
    report = check(_bank(drafts), blotted_texts(library.texts), encoder)
    wanted = (f">= {most_wanted}", len(drafts) >= most_wanted) if most_wanted else ("", None)
    passing = len(drafts) if report.passed else 0
    yield Row(f"drafts on {name} that pass the check", str(passing), *wanted)
    per_thousand = 1000 * len(drafts) / sum(len(document.text.split()) for document in library.texts.documents)
    wanted = (f">= {a_thousand_wanted:g}", per_thousand >= a_thousand_wanted) if a_thousand_wanted else ("", None)
    yield Row("  drafts a 1,000 words", f"{per_thousand:.2f}", *wanted)
    patterns = Counter(each.pattern for each in drafts)
    yield Row("  by pattern", ", ".join(f"{count} {pattern}" for pattern, count in patterns.most_common()))
    facts = patterns["fact"] / max(1, len(drafts))
    yield Row("  that ask for a name or a number alone", f"{facts:.1%}", f"<= {_FACTS:.0%}", facts <= _FACTS)
    yield Row(f"  time for {len(library.passages)} passages, encoding and all", f"{seconds:.0f} s")
    yield from _guessed(drafts, encoder)


def _guessed(drafts: Sequence[Draft], encoder: Encoder) -> Iterator[Row]:
    """Measure the guessers over chance, on all drafts and on each pattern with enough of them."""
    items = [each.item for each in drafts]
    ways = guessers(items, encoder)
    for name, way in ways.items():
        over = _over_chance(drafts, None, way)
        yield Row(f"  guessing by {name}, over chance", f"{over:+.3f}", f"<= {_OVER_CHANCE}", over <= _OVER_CHANCE)
    patterns = [pattern for pattern, count in Counter(d.pattern for d in drafts).items() if count >= _FEWEST_OF_PATTERN]
    found = [(_over_chance(drafts, each, way), name, each) for each in patterns for name, way in ways.items()]
    if found:
        most, name, pattern = max(found)
        measured = f"{most:+.3f} ({pattern}, by {name})"
        yield Row(
            "  the best guess of any pattern, over chance",
            measured,
            f"<= {_OVER_CHANCE_OF_PATTERN}",
            most <= _OVER_CHANCE_OF_PATTERN,
        )


def _over_chance(drafts: Sequence[Draft], pattern: str | None, way: Guesser) -> float:
    found = guess("", [each.item for each in drafts if pattern in (None, each.pattern)], way)
    return found.right - found.chance


def _drafts(library: Generation, encoder: Encoder) -> Sequence[Draft]:
    try:
        main = main_places(library)
        return draft(library.texts, encoder, rng=random.Random(_SEED), most=_MOST, main=main)
    except TooLittle:
        return ()


def _bank(drafts: Sequence[Draft]) -> Bank:
    axes = {each.item.axis: each.title for each in drafts}
    return Bank(tuple(each.item for each in drafts), axes, {}, ())
