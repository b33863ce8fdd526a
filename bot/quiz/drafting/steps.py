"""Asks what comes next: the steps of numbered lists, and of paragraphs that go on with "First", "Then", "Finally"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from rapidfuzz import fuzz

from bot.quiz.drafting.drafts import name_of
from index.text.words import all_words
from prompts import words

if TYPE_CHECKING:
    import random
    from collections.abc import Collection, Iterator, Sequence

    from bot.quiz.drafting.concordance import Concordance, Statement

WRONG = 3
_WORTH = 0.8
_FEWEST, _FEWEST_LISTED = 3, 4  # steps of a paragraph, of a list
_SHORTEST, _LONGEST = 15, 160  # characters of a step
_LONGEST_QUOTE = 600  # characters, as in the bank
_ALIKE = 80.0  # per cent of rapidfuzz from which two steps are alike
_DOING = 0.6  # share of the items of a list that open with a verb: else it counts things, and no order is meant
_LINE = re.compile(r"^[ \t]*(?P<number>\d{1,2})[.)][ \t]+(?P<step>[^\n]+)", re.MULTILINE)
_SENTENCE = re.compile(r"[^.:;!?]+")
_MARKUP = re.compile(r"[*`\[\]<>|_]")
_ORDER = re.compile(
    r"(?P<opening>First|Firstly|To begin with|Second|Secondly|Third|Thirdly|Then|Next|After that|Afterwards|Finally"
    r"|Lastly|Last),? (?P<step>[^.:;!?]+)"
)
_BEGINS = ("First", "Firstly", "To begin with")


@dataclass(frozen=True, slots=True)
class Step:
    """A step at [start, end) of a document."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class StepCandidate:
    """Two steps that follow each other, quoted as the text of `statement`, and the other steps of the same list."""

    statement: Statement
    before: str
    right: str
    others: tuple[str, ...]
    score: float = _WORTH


def step_candidates(
    concordance: Concordance, verbs: frozenset[str], documents: Collection[int]
) -> Iterator[StepCandidate]:
    """Find the steps that another one follows, in lists of at least four and paragraphs of at least three steps.

    "1. Open the lock. 2. Let the ship in. 3. Close the lock. 4. Raise the water." -> after "Open the lock" comes "Let
    the ship in", and not "Close the lock" or "Raise the water"
    """
    for number in sorted(documents):
        own = [statement for statement in concordance.statements if statement.document == number]
        text = concordance.documents[number].text
        for steps in (*_lists(text, verbs), *_paragraphs(own)):
            for first, second in pairwise(steps):
                others = [step.text for step in steps if step not in (first, second)]
                found = _quoted(own, text, first, second)
                if found and _differ([first.text, second.text, *others]):
                    yield StepCandidate(found, first.text, second.text, tuple(others))


def step_row(candidate: StepCandidate, concordance: Concordance, rng: random.Random) -> dict[str, Any]:
    """Return a row of the bank: which of the steps comes right after one of them."""
    title = name_of(concordance.documents[candidate.statement.document])
    wrong = rng.sample(candidate.others, min(WRONG, len(candidate.others)))
    return {
        "kind": "choice",
        "question": words("quiz.draft.step", title=title, step=candidate.before),
        "right": candidate.right,
        "wrong": sorted(wrong),
        "quote": candidate.statement.text,
    }


def _lists(text: str, verbs: frozenset[str]) -> Iterator[list[Step]]:
    """Yield the numbered lists of a text whose items are things to do."""
    found: list[list[Step]] = []
    expected = 0
    for line in _LINE.finditer(text):
        if int(line["number"]) != expected:
            expected = 1
            if int(line["number"]) != 1:
                continue
            found.append([])
        expected += 1
        said = _SENTENCE.match(line["step"])
        start = line.start("step")
        found[-1].append(Step(start, start + len(said[0]) if said else start, said[0].strip() if said else ""))
    for steps in found:
        doing = sum(bool(set(all_words(step.text)[:1]) & verbs) for step in steps)
        if len(steps) >= _FEWEST_LISTED and doing >= _DOING * len(steps) and all(map(_is_shown, steps)):
            yield steps


def _paragraphs(statements: Sequence[Statement]) -> Iterator[list[Step]]:
    """Yield the runs of sentences of one passage that open with "First", "Then" and the like."""
    run: list[Step] = []
    passage = -1
    for statement in statements:
        found = _ORDER.match(statement.text)
        if found is None or statement.passage != passage or found["opening"] in _BEGINS:
            if len(run) >= _FEWEST and all(map(_is_shown, run)):
                yield run
            run = []
        passage = statement.passage
        if found and (run or found["opening"] in _BEGINS):
            start, end = (statement.start + place for place in found.span("step"))
            run.append(Step(start, end, found["step"].strip()))
    if len(run) >= _FEWEST and all(map(_is_shown, run)):
        yield run


def _is_shown(step: Step) -> bool:
    return _SHORTEST <= len(step.text) <= _LONGEST and not _MARKUP.search(step.text)


def _differ(steps: Sequence[str]) -> bool:
    return all(fuzz.ratio(one, other) < _ALIKE for at, one in enumerate(steps) for other in steps[:at])


def _quoted(statements: Sequence[Statement], text: str, first: Step, second: Step) -> Statement | None:
    """Return the text from one step to the end of the next as a statement; None where it is too long or no passage."""
    around = next((each for each in statements if each.end > first.start), None)
    if around is None or second.end - first.start > _LONGEST_QUOTE:
        return None
    quote = text[first.start : second.end].rstrip()
    return replace(around, start=first.start, end=first.start + len(quote), text=quote, before="", lead=0)
