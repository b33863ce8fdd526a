"""Has every ranking of the same passages made in the same run: each framework's in a process of its own, and ours."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.answering.answer import Asked
from index.answering.selection import answer
from tests.bench.peers.install import FAILED, last_line
from tests.bench.peers.ranking import rank

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from index.answering.answer import Answer
    from index.generations.generation import Generation
    from index.models.encoder import SentenceTransformerEncoder
    from tests.bench.squad import Article

WANTED = 10
_TIMEOUT_S = 3600
_QUIET = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "HAYSTACK_TELEMETRY_ENABLED": "False"}


@dataclass(frozen=True, slots=True)
class Task:
    """Paragraphs to find, questions to ask and the number of the paragraph that is right for each."""

    passages: tuple[str, ...]
    questions: tuple[str, ...]
    right: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    """What one recipe of a framework found: for each question numbers of passages, best first.

    `ratio` is how long a question takes as a multiple of the bare model's encoding of it.
    """

    system: str
    recipe: str
    versions: Mapping[str, str]
    rankings: tuple[tuple[int, ...], ...]
    ratio: float


class PeerError(Exception):
    """A framework that cannot be compared with; the sentence says why."""


def task_of(articles: Sequence[Article]) -> Task:
    """Number all paragraphs, and take the questions that have an answer."""
    numbers = _numbers(articles)
    asked = [question for article in articles for question in article.questions if question.answers]
    return Task(
        passages=tuple(paragraph for _, paragraph in numbers),
        questions=tuple(question.text for question in asked),
        right=tuple(numbers[question.article, question.paragraph] for question in asked),
    )


def _numbers(articles: Sequence[Article]) -> dict[tuple[str, str], int]:
    """Number the paragraphs of all articles; one that an article has twice is one."""
    named = dict.fromkeys((article.title, paragraph) for article in articles for paragraph in article.paragraphs)
    return {name: number for number, name in enumerate(named)}


def run_peer(environment: Path, peer: str, given: Path, task: Task, timeout_s: float = _TIMEOUT_S) -> list[Ranked]:
    """Run one framework; raises PeerError with the reason when it is not there, fails, hangs or answers nonsense."""
    failed = environment / FAILED
    if failed.exists() and (reason := json.loads(failed.read_text(encoding="utf-8")).get(peer)):
        raise PeerError(f"could not be installed: {reason}")
    python, output = environment / "bin" / "python", given.with_name(f"{peer}.json")
    output.unlink(missing_ok=True)
    command = [str(each) for each in (python.absolute(), "-m", "tests.bench.peers.ranking", peer, given, output)]
    try:
        done = subprocess.run(
            command, env={**os.environ, **_QUIET}, stderr=subprocess.PIPE, text=True, timeout=timeout_s
        )
    except OSError as error:
        raise PeerError(f"could not be started ({error.strerror}): is it installed?") from error
    except subprocess.TimeoutExpired as error:
        raise PeerError(f"had not ended after {timeout_s:g} seconds") from error
    if done.returncode:
        raise PeerError(f"failed: {last_line(done.stderr) or f'it ended with {done.returncode}'}")
    try:
        content = json.loads(output.read_text(encoding="utf-8"))
        return [
            Ranked(peer, recipe, content["versions"], _checked(found["rankings"], task), float(found["ratio"]))
            for recipe, found in content["recipes"].items()
        ]
    except (OSError, ValueError, TypeError, LookupError) as error:
        raise PeerError(f"wrote no result that can be read ({error})") from error


def _checked(rankings: Sequence[Sequence[int]], task: Task) -> tuple[tuple[int, ...], ...]:
    """Take rankings over if there is one for each question, of passages that exist, each once; else ValueError."""
    if len(rankings) != len(task.questions):
        raise ValueError(f"{len(rankings)} rankings for {len(task.questions)} questions")
    for ranking in rankings:
        if len(set(ranking)) < len(ranking) or not set(ranking) <= set(range(len(task.passages))):
            raise ValueError("a ranking names a passage twice, or one that does not exist")
    return tuple(tuple(ranking[:WANTED]) for ranking in rankings)


def run_ours(
    articles: Sequence[Article],
    task: Task,
    generation: Generation,
    encoder: SentenceTransformerEncoder,
    versions: Mapping[str, str],
) -> Ranked:
    """Ask our library the same questions, one after the other: the whole answer is timed, quotes and all."""
    numbered = _Numbered(articles)

    def search(question: str) -> list[int]:
        return numbered.ranking(answer(generation, encoder, [Asked(question)])[0])

    model = encoder.sentence_transformer  # what is measured against is the model without us
    found: dict[str, Any] = rank(search, lambda question: model.encode([question]), task.questions)
    return Ranked("tutor", "its own", versions, _checked(found["rankings"], task), found["ratio"])


class _Numbered:
    """Tells which paragraph each of our passages is from, so that all rankings are of the same things."""

    def __init__(self, articles: Sequence[Article]) -> None:
        numbers = _numbers(articles)
        self._of: dict[str, list[tuple[int, int, int]]] = {}
        for article in articles:
            lengths = (len(paragraph) + len("\n\n") for paragraph in article.paragraphs)
            self._of[article.document] = [
                (numbers[article.title, paragraph], start, start + len(paragraph))
                for paragraph, start in zip(article.paragraphs, accumulate(lengths, initial=0), strict=False)
            ]

    def ranking(self, found: Answer) -> list[int]:
        """Name each paragraph once, at its first passage; one that touches two counts for where most of it lies."""
        numbers = dict.fromkeys(self._paragraph(p.document, p.start, p.end) for p in found.passages)
        return list(numbers)

    def _paragraph(self, document: str, start: int, end: int) -> int:
        return max(self._of[document], key=lambda paragraph: min(end, paragraph[2]) - max(start, paragraph[1]))[0]
