"""Reads a question together with earlier ones of the same person, and decides whether it depends on them.

A question that may depend on an earlier one is searched in several readings: alone, and after the topic words of the
conversation's first question and of the previous one. The rankings of the readings are fused. `answer` calls this.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from index.answering.dependence import (
    Dependence,
    asks_alone,
    asks_why,
    dependence,
    has_content,
    without_acknowledgement,
)
from index.answering.question import new_subject, topic_words
from index.answering.ranking import Ranking
from index.answering.weights import EVIDENCE
from index.text.lexicon import ENGLISH, any_of, lexicon
from index.text.words import stem, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.generations.generation import Generation
    from index.models.encoder import Encoder

_KINDRED = 0.55  # cosine, at least, of two words of one kind, such as "French" and "British"
_REMEMBERED = 4  # last earlier questions with content, besides the first one
_LONGEST = 4000  # characters of a question with the earlier words, as Discord allows for a message
_LONGEST_SUBJECT = 60  # characters of what replaces a word of the earlier question
_LONGEST_TOPIC = 100  # characters that are shown of an earlier question
# A question that only possibly depends on an earlier one is joined when the library hardly answers it alone and answers
# it better joined, in probability. Chosen on CAsT 2021, MTRAG and SQuAD (`python -m tests.bench follow_ups`): <= 1 % of
# stand-alone questions are joined.
_ANSWERED_ALONE = 0.5
_BETTER = 0.1
_JOINED = 2.0  # weight of the joined readings together; that of the question alone is 1
_ABSENT = 1.0  # log-odds: how far below the last sentence of a reading one counts that is not in it
_CAUSE_BONUS = 2.0  # log-odds, set by hand, for sentences that give a cause when "why?" is asked
_GIVES_CAUSE = re.compile(rf"\b{any_of(lexicon(ENGLISH).causes)}\b", re.IGNORECASE)
_UNKNOWN = EVIDENCE.index("unknown")
_OWNS = re.compile(r"(?:'s|’s|s'|s’)$")
_OWNER = re.compile(r"(?<![\w-])(?P<owned>[\w-]+)(?:'s|’s)|\bof (?:the |an? )?(?P<of>[\w-]+)(?=\W*$)", re.IGNORECASE)
_POSSESSIVE = re.compile(r"\b(?:its|their|his|her)\b", re.IGNORECASE)
_PREPOSITION = re.compile(r"^(?:of|for|in|on|with|to|from|by|at)\s+(?:the\s+|an?\s+)?", re.IGNORECASE)
_NOT_A_NAME = re.compile(
    r"[,.;:?!\n]|\b(?:is|are|was|were|do|does|did|can|could|i|you|we|it|they|what|that)\b", re.IGNORECASE
)
_ASKED_ABOUT = re.compile(
    r"(?:^|[.!?] )\W*(?:what|who|where|how \w+)(?:['’]s| is| are| was| were) (?P<is>[^.?!]+)[.?!]*$"
    r"|\b(?:about|define|explain|describe) (?P<about>[^.?!]+)[.?!]*$",
    re.IGNORECASE,
)
_NOT_A_TOPIC = re.compile(
    r"\b(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|that|which|who|made|known|built|it|its"
    r"|they|them|their|he|she|his|her|him|this|these|those|there|i|you|\w+ed)\b|\b(?:of|for|to|in|on|with|about|from|by|like)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The readings of a question: `alone`, and `joined` with earlier words, which is empty for most questions.

    `understood` says for each joined reading how to show it to a person. `alone` is "" when the question means nothing
    without an earlier one; it is the question with its subject put in where that was possible. `before` is what to
    search with for what was talked of before, "" for nothing.
    """

    question: str
    alone: str
    joined: tuple[str, ...] = ()
    understood: tuple[str, ...] = ()
    is_certain: bool = False
    asks_cause: bool = False
    before: str = ""

    @property
    def readings(self) -> tuple[str, ...]:
        """List the texts to search, `alone` first where it has words."""
        return (self.alone, *self.joined) if self.alone or not self.joined else self.joined


def follow_up(question: str, history: Sequence[str], encoder: Encoder) -> FollowUp:
    """Read a question after `history`, earlier messages of the same person, oldest first.

    After "How many forts did the French build?", "And what about the British?" becomes "How many forts did the British
    build?": the new subject replaces the word of its kind. Any other question with a sign that it depends on an earlier
    one gets joined readings. Messages without content ("ok, tell me more") are skipped.
    """
    messages = [message for message in history if has_content(message)]
    return replace(_read(question, history, encoder), before=_before(messages) if messages else "")


def _before(messages: Sequence[str]) -> str:
    """Say the last message so that it can be searched with; a dependent one after the topic words of the first."""
    last = messages[-1]
    if dependence(last) is Dependence.NONE:
        return last
    return f"{' '.join(topic_words(messages[0]))} {last}"[:_LONGEST]


def _read(question: str, history: Sequence[str], encoder: Encoder) -> FollowUp:
    how = dependence(question) if history else Dependence.NONE
    if how is Dependence.NONE:
        return FollowUp(question, question)
    asked = _asked(history, encoder)
    if not asked:
        return FollowUp(question, question)
    if filled := _with_subject(question, asked[-1], encoder):
        return FollowUp(question, filled, is_certain=True)
    body = without_acknowledgement(question)
    is_alone = asks_alone(body)
    first, previous = asked[0], asked[-1]
    earlier = (previous,) if is_alone else dict.fromkeys((first, previous))
    pairs = [(f"{' '.join(topic_words(each))} {body}", _shown(question, each, asked)) for each in earlier]
    if is_alone:
        pairs.append((f"{previous} {body}", pairs[0][1]))
    pairs = [pair for pair in pairs if len(pair[0]) <= _LONGEST]
    if not pairs:
        return FollowUp(question, question)
    return FollowUp(
        question,
        "" if is_alone else body,
        tuple(text for text, _ in pairs),
        tuple(shown for _, shown in pairs),
        is_certain=how is Dependence.CERTAIN,
        asks_cause=is_alone and asks_why(body),
    )


def fused(
    read: FollowUp, rankings: Sequence[Ranking], confidences: Sequence[float], generation: Generation
) -> tuple[str, Ranking]:
    """Decide how a question is understood, and rank for that; `rankings` and `confidences` are of its readings.

    A sentence's score is the weighted sum over the readings of its score less the best one's there. The evidence is
    that of the joined reading with the highest confidence.
    """
    if not read.joined:
        return (read.alone if read.is_certain else read.question), rankings[0]
    joined = len(rankings) - len(read.joined)  # the index of the first joined reading
    best = joined + int(np.argmax(confidences[joined:]))
    if not read.is_certain:
        alone = confidences[0]
        helps = alone < _ANSWERED_ALONE and confidences[best] > alone + _BETTER
        if not helps or rankings[0].evidence[_UNKNOWN] > 0:
            return read.question, rankings[0]
    weights = [*[1.0] * joined, *[_JOINED / len(read.joined)] * len(read.joined)]
    ranking = _sum(rankings, weights, rankings[best])
    return read.understood[best - joined], _causes_first(ranking, generation) if read.asks_cause else ranking


def _sum(rankings: Sequence[Ranking], weights: Sequence[float], best: Ranking) -> Ranking:
    numbers = np.unique(np.concatenate([each.sentences for each in rankings]))
    scores = np.zeros(len(numbers), np.float32)
    features = np.zeros((len(numbers), best.features.shape[1]), np.float32)
    for each in (*rankings, best):
        features[np.searchsorted(numbers, each.sentences)] = each.features
    for each, weight in zip(rankings, weights, strict=True):
        of_reading = np.full(len(numbers), each.scores[-1] - _ABSENT, np.float32)
        of_reading[np.searchsorted(numbers, each.sentences)] = each.scores
        scores += np.float32(weight) * (of_reading - each.scores[0])
    return _sorted(Ranking(numbers, scores, features, best.evidence))


def _causes_first(ranking: Ranking, generation: Generation) -> Ranking:
    gives = [_GIVES_CAUSE.search(generation.sentence(number).text) is not None for number in ranking.sentences.tolist()]
    return _sorted(replace(ranking, scores=ranking.scores + np.float32(_CAUSE_BONUS) * np.array(gives, np.float32)))


def _sorted(ranking: Ranking) -> Ranking:
    order = np.argsort(-ranking.scores, kind="stable")
    return Ranking(ranking.sentences[order], ranking.scores[order], ranking.features[order], ranking.evidence)


def _asked(history: Sequence[str], encoder: Encoder) -> list[str]:
    """List the first and the last earlier questions with content; a new subject is put into the one before it.

    The first one is the first that may stand alone, as what the ones before it depend on is forgotten.
    """
    messages = [message for message in history if has_content(message)]
    alone = (place for place, message in enumerate(messages) if dependence(message) is not Dependence.CERTAIN)
    messages = messages[next(alone, 0) :]
    asked: list[str] = []
    for message in [*messages[:1], *messages[1:][-_REMEMBERED:]]:
        filled = _with_subject(message, asked[-1], encoder) if asked else None
        asked.append(filled or without_acknowledgement(message))
    return asked


def _shown(question: str, earlier: str, asked: Sequence[str]) -> str:
    """Say the question with the topic of the earlier one, or of the last one before it that stands alone."""
    place = asked.index(earlier)
    named = next(
        (each for each in reversed(asked[: place + 1]) if dependence(each) is not Dependence.CERTAIN), asked[0]
    )
    return f"{question.strip()} (about {_topic(named)})"


def _topic(question: str) -> str:
    """Give the words of a question that name its topic, or the whole question in quotation marks.

    "How deadly is lobular carcinoma in situ?" gives "lobular carcinoma in situ".
    """
    found = _ASKED_ABOUT.search(question[-_LONGEST_TOPIC:])
    topic = (found["is"] or found["about"]).strip() if found else ""
    if topic and words(topic) and not _NOT_A_TOPIC.search(topic):
        return topic
    last = re.split(r"(?<=[.?!])\s+", question.strip())[-1] if len(question) > _LONGEST_TOPIC else question.strip()
    last = last if len(last) <= _LONGEST_TOPIC else f"{last[:_LONGEST_TOPIC].rsplit(' ', 1)[0]} …"
    return f"“{last}”"


def _with_subject(question: str, earlier: str, encoder: Encoder) -> str | None:
    """Put the subject of "And what about X?" into the earlier question; None where it would not read well."""
    subject = new_subject(question)
    subject = _PREPOSITION.sub("", subject) if subject else None
    if not subject or len(subject) > _LONGEST_SUBJECT or _NOT_A_NAME.search(subject):
        return None
    name = _OWNS.sub("", subject)
    owner = _owner(earlier)
    if name != subject and owner is None:  # "And the Internet's?" after "What is its form?": in the place of "its"
        whose = f"the {subject}" if re.search(rf"\bthe {re.escape(subject)}", question, re.IGNORECASE) else subject
        filled, count = _POSSESSIVE.subn(lambda _: whose, earlier, count=1)
        return filled if count and len(filled) <= _LONGEST else None
    replaced = (
        (owner if name != subject else None) or _same_head(name, earlier) or _kindred(name, earlier, encoder) or owner
    )
    if replaced is None:
        return None
    filled = re.sub(rf"\b{re.escape(replaced)}\b", lambda _: name, earlier, flags=re.IGNORECASE)
    return filled if len(filled) <= _LONGEST else None


def _owner(earlier: str) -> str | None:
    """Find the owner in the earlier question: "Internet" in "the Internet's form" or "the form of the Internet"."""
    found = _OWNER.search(earlier)
    return (found["owned"] or found["of"]) if found else None


def _same_head(name: str, earlier: str) -> str | None:
    """Find two words of which the second is the last one of the name: "Yuan dynasty" for "Ming dynasty"."""
    words = name.split()
    if len(words) < 2:
        return None
    # Looking ahead finds every pair of neighbours; plain matches would take each word into one pair only.
    for found in re.finditer(r"(?<![\w-])([\w-]+)(?= ([\w-]+))", earlier):
        if stem(found[2].lower()) == stem(words[-1].lower()):
            return f"{found[1]} {found[2]}"
    return None


def _kindred(name: str, earlier: str, encoder: Encoder) -> str | None:
    """Find the topic word of the earlier question with the highest cosine to the name, if that is high enough."""
    candidates = [word for word in topic_words(earlier) if word not in name.lower().split()]
    if not candidates:
        return None
    rows = encoder.encode_queries([name, *candidates])
    cosine_similarity = rows[1:] @ rows[0]
    best = int(np.argmax(cosine_similarity))
    return candidates[best] if cosine_similarity[best] >= _KINDRED else None
