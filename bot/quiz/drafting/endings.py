"""Asks how a sentence goes on: its beginning, the author's words after it, and other words of the library."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rapidfuzz import fuzz

from bot.quiz.drafting.concordance import folded, word_stems
from bot.quiz.drafting.cuts import SUBJECT, Cut, cuts, premise_cut, subject_cut
from bot.quiz.drafting.drafts import name_of
from bot.quiz.drafting.forms import FORMS, NOUNS, Tail, alternatives, base_verbs, leading_anaphor, tails
from bot.quiz.drafting.standalone import joint_end
from index.text.words import stems
from prompts import words

if TYPE_CHECKING:
    import random
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from bot.quiz.drafting.concordance import Concordance, Statement
    from index.models.encoder import Encoder

WRONG, FEWEST_WRONG = 3, 2
POOL = 40  # wrong options of a beginning that are encoded
_TRIED = 400  # tails of a document that are looked at for one beginning
_LONGER, _LONGER_CHARACTERS = 1.4, 10  # no option is longer than 1.4 times another plus 10 characters
_LENGTHS = 0.65, 1.5  # of a wrong option, as a share of the right one's
_KEY_LONGER = 1.15  # the right option is at most 1.15 times as long as the longest wrong one
_RIVALLED = 0.9  # share of the questions with a wrong option that shares as many words with them as the right one
_SAID_OF_IT = 0.45  # share of the beginning's weight that the sentence of a wrong option may have
_SAME = 0.4  # share of the right option's weight that a wrong one may have
_ALIKE = 70.0  # per cent of rapidfuzz from which two options are alike
_NEAR_SAME = 0.72  # cosine from which a wrong option may say the same as the right one
_WORTH = {
    "definition": 0.9,
    "reason": 0.9,
    "means": 0.85,
    "purpose": 0.85,
    "condition": 0.85,
    "consequence": 0.85,
    "contrast": 0.75,
    "claim": 0.7,
    "subject": 0.6,
    "premise": 0.5,
}


@dataclass(frozen=True, slots=True)
class EndingCandidate:
    """A cut sentence with wrong options, best first, more than are shown."""

    cut: Cut
    wrong: tuple[str, ...]
    score: float

    @property
    def statement(self) -> Statement:
        """Return the sentence."""
        return self.cut.statement


class Endings:
    """The tails of the sentences of a library, by form; those of a document are found when it is asked about."""

    def __init__(self, concordance: Concordance) -> None:
        self._concordance = concordance
        self.verbs = base_verbs(concordance.statements)
        self._tails: dict[int, Mapping[str, Mapping[str, Tail]]] = {}
        self._statements: defaultdict[int, list[Statement]] = defaultdict(list)
        for statement in concordance.statements:
            self._statements[statement.document].append(statement)

    def _tails_of(self, document: int) -> Mapping[str, Mapping[str, Tail]]:
        if document not in self._tails:
            found: dict[str, dict[str, Tail]] = {form: {} for form in FORMS}
            for statement in self._statements[document]:
                whole = replace(statement, text=statement.text[joint_end(statement.text) :])
                for form, texts in found.items():
                    for tail in tails(whole, form, self.verbs):
                        texts.setdefault(folded(tail.text), tail)
            self._tails[document] = found
        return self._tails[document]

    def candidates(self, statements: Iterable[Statement], rng: random.Random) -> Iterator[EndingCandidate]:
        """Find the sentences that can be cut where enough other tails are proved wrong."""
        for statement in statements:
            others = (subject_cut(statement, self.verbs), premise_cut(statement, self.verbs))
            for cut in (*cuts(statement, self.verbs), *(each for each in others if each)):
                wrong = self._wrong(cut, rng)
                if len(wrong) >= FEWEST_WRONG:
                    yield EndingCandidate(cut, tuple(wrong), _WORTH[cut.kind])

    def _wrong(self, cut: Cut, rng: random.Random) -> list[str]:
        """List tails of the same document and form that the text does not say of this beginning.

        Each stands in another passage, in a sentence that shares little with the beginning, shares little with the
        right tail, and names what it speaks of as the right one does.
        """
        concordance, statement = self._concordance, cut.statement
        head = _Weights(concordance, cut.rest)
        right = _Weights(concordance, cut.tail)
        pronoun = leading_anaphor(cut.tail)
        found: list[tuple[float, str]] = []
        own = self._tails_of(statement.document)
        offered = [tail for form in alternatives(cut.form) for tail in own[form].values()]
        rng.shuffle(offered)
        for tail in offered[:_TRIED]:
            other = concordance.statements[tail.number]
            if cut.form == NOUNS and tail.text.startswith(("a ", "an ")):
                continue
            if other.passage == statement.passage or leading_anaphor(tail.text) not in ("", pronoun):
                continue
            if not _LENGTHS[0] * len(cut.tail) <= len(tail.text) <= _LENGTHS[1] * len(cut.tail):
                continue
            if head.share(concordance.stems[tail.number]) > _SAID_OF_IT:
                continue
            said = word_stems(tail.text)
            if right.share(said) > _SAME or fuzz.ratio(tail.text, cut.tail) > _ALIKE:
                continue
            if folded(tail.text) in folded(cut.rest):
                continue
            found.append((head.share(said) + 0.2 * (leading_anaphor(tail.text) == pronoun), tail.text))
        found.sort(key=lambda each: -each[0])
        return [_option(text, cut) for _, text in found[:POOL]]


class _Weights:
    """The stems of a text with their weights in the library."""

    def __init__(self, concordance: Concordance, text: str) -> None:
        self._weights = {word: concordance.weight(word) for word in set(word_stems(text))}
        self._total = sum(self._weights.values()) or 1.0

    def share(self, stems: Collection[str]) -> float:
        """Return the share of the weight that the stems have."""
        stems = set(stems)
        return sum(weight for word, weight in self._weights.items() if word in stems) / self._total


def ending_rows(
    candidates: Sequence[EndingCandidate], concordance: Concordance, encoder: Encoder, rng: random.Random
) -> Iterator[tuple[EndingCandidate, dict[str, Any]]]:
    """Pick the wrong options: how many of them are nearer in meaning to the beginning than the right one is drawn.

    A candidate with too few options that differ from each other is left out.
    """
    texts = list(dict.fromkeys(text for each in candidates for text in (_right(each.cut), *each.wrong)))
    rows = dict(zip(texts, encoder.encode_documents(texts), strict=True)) if texts else {}
    questions = [question(each.cut, concordance) for each in candidates]
    for candidate, asked, row in zip(candidates, questions, encoder.encode_queries(questions), strict=True):
        right = _right(candidate.cut)
        nearness = {text: float(rows[text] @ row) for text in (right, *candidate.wrong)}
        apart = [text for text in candidate.wrong if float(rows[text] @ rows[right]) < _NEAR_SAME]
        by_nearness = sorted(apart, key=lambda text: -nearness[text])
        nearer = [text for text in by_nearness if nearness[text] > nearness[right]]
        farther = [text for text in by_nearness if nearness[text] <= nearness[right]]
        wanted = rng.randint(1, WRONG)
        said = set(stems(asked))
        rivals = [text for text in by_nearness if len(said & set(stems(text))) >= len(said & set(stems(right)))]
        rivals = rivals[: int(rng.random() < _RIVALLED)]
        wrong: list[str] = []
        for text in (*rivals, *rng.sample(nearer, len(nearer))[:wanted], *farther, *nearer):
            alike_in_length = all(_alike_in_length(text, other) for other in (right, *wrong))
            if (
                len(wrong) < WRONG
                and text not in wrong
                and alike_in_length
                and not any(fuzz.ratio(text, other) > _ALIKE for other in wrong)
            ):
                wrong.append(text)
        if len(wrong) >= FEWEST_WRONG and len(right) <= _KEY_LONGER * max(map(len, wrong)):
            row_ = {"question": asked, "right": right, "wrong": sorted(wrong), "quote": candidate.statement.text}
            yield candidate, {"kind": "choice", **row_}


def _alike_in_length(one: str, other: str) -> bool:
    short, long = sorted((len(one), len(other)))
    return long <= _LONGER * short + _LONGER_CHARACTERS


def question(cut: Cut, concordance: Concordance) -> str:
    """Return the question: what the kind asks, and the beginning."""
    title = name_of(concordance.documents[cut.statement.document])
    rest = " ".join(cut.rest.split())
    if cut.kind != SUBJECT:
        rest = rest[:1].upper() + rest[1:]
    return words(f"quiz.draft.ending.{cut.kind}", title=title, rest=rest)


def _right(cut: Cut) -> str:
    return _option(cut.tail, cut)


def _option(text: str, cut: Cut) -> str:
    """Fold the white space of an option; a subject opens a sentence."""
    folds = " ".join(text.split())
    return folds[:1].upper() + folds[1:] if cut.kind == SUBJECT else folds
