"""Turns a sentence into its contrary: one word of it replaced by an opposite, or its negation taken out."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.quiz.drafting.concordance import folded
from bot.quiz.drafting.vocabulary import OPPOSITE_OPENERS, OPPOSITE_PREDICATES, OPPOSITES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.quiz.drafting.concordance import Concordance, Statement

_WORTH = 0.65
_LONGEST = 240  # characters of a sentence: in a longer one the word is not what it turns on
_ALL = {"more": ("less",), "less": ("more",)} | OPPOSITES | OPPOSITE_PREDICATES | OPPOSITE_OPENERS


def _any_of(words: Iterable[str]) -> str:
    return rf"(?P<word>{'|'.join(sorted(words, key=len, reverse=True))})(?![\w'\u2019-])"


_PIVOTS = (
    re.compile(rf"(?<![\w'\u2019-]){_any_of(OPPOSITES)}"),
    re.compile(
        r"\b(?:is|are|was|were|be|becomes?|remains?|seems?|makes? it)"
        r" (?:(?:far|much|very|quite|completely|entirely|truly|really|fully|always|even) ){0,2}?"
        rf"{_any_of(OPPOSITE_PREDICATES)}"
    ),
    re.compile(rf"\A{_any_of(OPPOSITE_OPENERS)}"),
    re.compile(r"(?<!\bno )(?<!\bany )\b(?P<word>more|less) (?!than)(?=(?:[\w-]+ ){1,3}than\b)"),
)
_DENIAL = re.compile(
    r"\b(?P<verb>is|are|was|were|can|could|should|would|will|(?:has|have|had)(?= not (?:been|\w+ed|\w+en)\b))"
    r"(?P<not> not)\b"
    r"(?! (?:only|just|merely|all|every|necessarily)\b)"
)
# "not X but Y" is no plain denial; what hangs on a conjunction or relative is an aside.
_CORRECTED = re.compile(r"[^.]*\bbut\b")
_ASIDE = re.compile(r"\b(?:that|which|who|whom|if|when|where|because|since|until|unless|as|whether)\b[^,;:]*\Z")
_SAID_BY_THE_WAY = re.compile(r" to (?:point out|say|note|add|remember|observe|mention)\b")
_NO_VERB = re.compile(r"\s*[,.;]")
_INFERS = re.compile(r"(?: have)? (?:never|not|always)\b| be (?:a|an|the)\b| have been\b")
_VOWEL = "aeiou"
# Where a clause only compares or grants, its word is not the point of the sentence.
_HEDGED = re.compile(r"\b(?:whether|or not|as if|as though|neither|nor|either|at first (?:glance|sight))\b")


@dataclass(frozen=True, slots=True)
class Turn:
    """A sentence with the word at [start, end) that it turns on, and what says the contrary there."""

    statement: Statement
    start: int
    end: int
    contraries: tuple[str, ...]
    is_denial: bool
    score: float = _WORTH

    @property
    def word(self) -> str:
        """Return the word that the sentence turns on."""
        return self.statement.text[self.start : self.end]

    def filled_with(self, contrary: str) -> str:
        """Return the sentence with something else in place of the word."""
        return self.statement.text[: self.start] + contrary + self.statement.text[self.end :]


def turns(statement: Statement, concordance: Concordance) -> Iterator[Turn]:
    """Find the words of a sentence that have opposites which fit in their place, none of them in the sentence.

    "The lock must be closed at night." -> "must", and the contraries "need not" and "may"
    """
    text = statement.text
    if len(text) > _LONGEST or re.search(r"\n-|;", text) or _HEDGED.search(text, statement.lead):
        return
    for pattern in _PIVOTS:
        for found in pattern.finditer(text, statement.lead):
            turn = Turn(statement, *found.span("word"), _ALL[found["word"]], is_denial=False)
            is_other_use = turn.word == "must" and _INFERS.match(text, turn.end)
            is_other_use = is_other_use or (turn.word.endswith("s") and _NO_VERB.match(text, turn.end))
            is_other_use = is_other_use or _SAID_BY_THE_WAY.match(text, turn.end)
            is_truth = len(turn.contraries) == 1
            if (
                not is_other_use
                and not (is_truth and statement.lead)
                and not _ASIDE.search(text[: turn.start])
                and _is_whole(turn, concordance)
            ):
                yield turn
    denials = list(_DENIAL.finditer(text, statement.lead))
    if len(denials) == 1 and _is_plain(text, denials[0]):
        (found,) = denials
        turn = Turn(statement, *found.span(), (found["verb"],), is_denial=True)
        if not statement.lead and _is_whole(turn, concordance):
            yield turn


def turn_row(turn: Turn) -> dict[str, Any]:
    """Return a turn as a row of the bank: a gap, or a statement that is true or false by its hash."""
    text = turn.statement.text
    digest = hashlib.sha256(f"{text}\0{turn.word}".encode()).digest()
    if not turn.is_denial and len(turn.contraries) > 1:
        return {"kind": "gap", "quote": text, "gap": turn.word, "wrong": sorted(turn.contraries)}
    holds = digest[0] % 2 == 0
    statement = text if holds else turn.filled_with(turn.contraries[digest[1] % len(turn.contraries)])
    return {"kind": "truth", "statement": statement[:1].upper() + statement[1:], "holds": holds, "quote": text}


def _is_whole(turn: Turn, concordance: Concordance) -> bool:
    """Return whether the word stands once, its contraries nowhere in the sentence, and no sentence of the library."""
    text = turn.statement.text
    if not turn.is_denial and (text.count(turn.word) != 1 or any(_has(text, each) for each in turn.contraries)):
        return False
    article = re.search(r"\b([Aa]n?) \Z", text[: turn.start])
    if article and any((each[0] in _VOWEL) != (article[1].casefold() == "an") for each in turn.contraries):
        return False
    return not any(folded(turn.filled_with(each)) in concordance.whole for each in turn.contraries)


def _is_plain(text: str, denial: re.Match[str]) -> bool:
    return not _CORRECTED.match(text, denial.end()) and not _ASIDE.search(text[: denial.start()])


def _has(text: str, phrase: str) -> bool:
    return re.search(rf"\b{re.escape(phrase)}\b", text, re.IGNORECASE) is not None
