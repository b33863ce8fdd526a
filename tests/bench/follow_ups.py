"""Measures follow-ups: of real conversations, and made by a rule that says a name as a pronoun."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bot.libraries.opening import load_encoder
from bot.settings import Settings
from index.answering.answer import Asked
from index.text.noise import Aliases
from tests.bench import conversations, squad
from tests.bench.asking import answers_to, quote_rank
from tests.bench.metrics import difference, estimate, hit
from tests.bench.quality import folder
from tests.bench.results import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from tests.bench.squad import Question

_NAME = re.compile(r"(?<![\w'-])[A-Z][\w-]*(?: [A-Z][\w-]*)*")
# What may stand before a name that is whole: after any other word it may be part of a longer one, like "the Norman" in
# "the early Norman kings". A place ("in Kent") is no pronoun's but "there".
_BE = frozenset(["is", "are", "was", "were"])
_HAVE_AND_DO = frozenset(["do", "does", "did", "has", "have", "had"])
_AUXILIARIES = _BE | _HAVE_AND_DO | {"can", "could", "will", "would", "may", "might", "must", "should"}
_AROUND = frozenset(["on", "for", "from", "to", "by", "with", "about", "during", "after", "before", "than", "against"])
_PLACES = frozenset(["in", "at", "into"])
_PREPOSITIONS = _AROUND | {"of"}
# What may not follow: "X and Y", "X of Y" and "X who" name something else than X.
_LONGER = frozenset(["and", "or", "of", "who"])
_PEOPLE = re.compile(r"(?:[^su\W]s|sh|ch|ese)$")  # the Normans, the British, the Dutch, the Chinese
# Subject, object and owner, by what counts for them in a paragraph.
_SINGULAR = {"it": ("it", "it", "its"), "he": ("he", "him", "his"), "she": ("she", "her", "her")}
_PLURAL = ("they", "them", "their")


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question, the one before it, and how it is asked once that one has named the name."""

    before: Question
    question: Question
    text: str


def rows() -> Iterator[Row]:
    """Ask real follow-ups; then each SQuAD question in full and as a follow-up, with the one before it and without."""
    encoder = load_encoder(Settings(_env_file=None))
    yield from conversations.rows(encoder)
    try:
        articles = squad.read()
    except SystemExit as absent:
        yield Row("follow_ups", str(absent))
        return
    questions = [question for article in articles for question in article.questions if question.answers]
    generation = squad.library(articles, folder() / "squad", encoder, Aliases({}))
    yield from conversations.joined_rows(generation, encoder, questions)
    made = made_of(questions)
    if not made:
        yield Row("follow-ups", "no pair of questions is fit for one")
        return
    right, seen = {}, np.zeros(len(made), bool)
    for name, asked in (
        ("asked in full", [Asked(each.question.text) for each in made]),
        ("follow-up with history", [Asked(each.text, (each.before.text,)) for each in made]),
        ("follow-up without history", [Asked(each.text) for each in made]),
    ):
        answers = answers_to(generation, encoder, asked)
        ranks = [quote_rank(each.question, found) for each, found in zip(made, answers, strict=True)]
        right[name] = hit(ranks, 1)
        seen |= [bool(own.history) and found.understood != own.text for own, found in zip(asked, answers, strict=True)]
        yield Row(f"{name}: quote@1 ({len(made)})", str(estimate(right[name])))
    yield from _differences(right, np.ones(len(made), bool), "all")
    yield Row(f"follow-ups that are joined with what was asked before ({len(made)})", str(estimate(seen)))
    if seen.any():
        yield from _differences(right, seen, "of joined ones")


def _differences(right: Mapping[str, NDArray[np.float64]], chosen: NDArray[np.bool_], which: str) -> Iterator[Row]:
    full, with_history, without = (values[chosen] for values in right.values())
    for name, other in (("asked in full", full), ("without history", without)):
        what = f"with history less {name}: quote@1 ({which}, {len(other)})"
        yield Row(what, str(difference(with_history, other)))


def made_of(questions: Sequence[Question]) -> list[FollowUp]:
    """Make of each question at most one follow-up, to the nearest question before it of the same paragraph."""
    made = []
    for place, question in enumerate(questions):
        for before in reversed(questions[:place]):
            if (before.article, before.paragraph) != (question.article, question.paragraph):
                break
            if text := with_pronoun(before.text, question.text, question.paragraph):
                made.append(FollowUp(before, question, text))
                break
    return made


def with_pronoun(before: str, question: str, paragraph: str) -> str | None:
    """Say a name that both questions hold as a pronoun in the second; None where the rule finds none.

    The first name counts that does not begin a question, comes once in it, and stands between words that show that it
    is the whole of what is named.
    """
    named = {found[0] for found in _NAME.finditer(before) if found.start() > 0}
    for found in _NAME.finditer(question):
        if found.start() > 0 and found[0] in named and question.count(found[0]) == 1:
            said = _replaced(question, found, paragraph)
            if said is not None:
                return said
    return None


def _replaced(question: str, found: re.Match[str], paragraph: str) -> str | None:
    name, left, right = found[0], question[: found.start()], question[found.end() :]
    has_article = left.endswith(" the ")
    left = left.removesuffix("the ") if has_article else left
    before = left.split()[-1] if left.strip() else ""
    if before not in _AUXILIARIES | _PREPOSITIONS:
        return None
    subject, as_object, owning = _pronouns(name, f"{question} {paragraph}", has_article=has_article)
    if owner := re.match(r"['’]s\b|['’](?=\s)", right):
        return left + owning + right[owner.end() :]
    following = re.match(r" (\w+)", right)
    after = following[1] if following else ""
    ends = not after and re.match(r"\W*$|,", right) is not None
    verb_follows = subject == "they" and before in _AUXILIARIES and after not in _AROUND | _LONGER | _PLACES | {""}
    if not (ends or verb_follows or after in _AUXILIARIES or (before in _BE and after in _AROUND | _PLACES)):
        return None
    return left + (as_object if ends or before in _PREPOSITIONS else subject) + right


def _pronouns(name: str, text: str, *, has_article: bool) -> tuple[str, str, str]:
    """Choose by how a name is said: the Normans are they, the Yuan and Kent are it, others what the paragraph says."""
    if has_article or f"the {name}" in text:
        return _PLURAL if _PEOPLE.search(name) else _SINGULAR["it"]
    if re.search(rf"\b(?:in|at) {re.escape(name)}\b", text):
        return _SINGULAR["it"]
    said = Counter(re.findall(r"\w+", text.lower()))
    return _SINGULAR[max(_SINGULAR, key=lambda kind: sum(said[word] for word in set(_SINGULAR[kind])))]
