"""Reads a question and a sentence together, with a model made for that, and orders the best sentences anew."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

import numpy as np

from index.errors import ModelError
from index.models import locate
from index.search import Ranking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from index.generation import Generation

_READ = 20  # sentences of each question; each costs as much as encoding it


class Reranker(Protocol):
    """What the search asks of a model that reads two texts at once."""

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Say how well each text answers the question, in log-odds: float32 [n]."""


class CrossEncoderReranker:
    """A cross-encoder of sentence-transformers on the CPU: a folder, or a name on the hub."""

    def __init__(self, name: str) -> None:
        """Load the model; raises ModelError when it is missing or does not give one score for each pair."""
        try:
            model = locate(name)
        except ModelError as error:
            raise ModelError(_cannot_be_loaded(name, "there is no such folder, or no weights in it")) from error
        if model.folder is not None:
            # Read when the library that talks to the hub is first imported: a model on the disk needs nobody.
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        from sentence_transformers import CrossEncoder  # slow to import, so only here
        from torch.nn import Identity

        try:
            self._model = CrossEncoder(str(model.folder or model.name), device="cpu", activation_fn=Identity())
            architectures = self._model.config.architectures or []
            gives_scores = self._model.num_labels == 1 and any("Classification" in each for each in architectures)
        except Exception as error:  # the library raises whatever its parts raise; the cause is kept
            raise ModelError(_cannot_be_loaded(name, type(error).__name__)) from error
        if not gives_scores:
            raise ModelError(
                f"The model {name!r} does not say how well a text answers a question. Set TUTOR_RERANKER to a "
                "cross-encoder that gives one score, or to nothing."
            )

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Read the question with each text, texts of like length together."""
        pairs = [(question, text) for text in texts]
        return np.asarray(self._model.predict(pairs, show_progress_bar=False), np.float32).reshape(len(pairs))


def _cannot_be_loaded(name: str, reason: str) -> str:
    return (
        f"The re-ranking model {name!r} cannot be loaded ({reason}). Set TUTOR_RERANKER to a folder that holds a "
        "cross-encoder, to the name of one on the hub that this machine can reach, or to nothing."
    )


def reranked(ranking: Ranking, generation: Generation, question: str, reranker: Reranker) -> Ranking:
    """Add the model's log-odds to the fitted scores of the best sentences, which are log-odds too.

    Sentences beyond those it reads count as the worst of them. Whether there is an answer at all is still judged by
    the evidence of the ranking it was given: the thresholds were fitted to that.
    """
    read = ranking.sentences[:_READ]
    logits = reranker.scores(question, [_in_context(generation, int(number)) for number in read])
    added = np.full(len(ranking.sentences), logits.min(), np.float32)
    added[: len(read)] = logits
    scores = ranking.scores + added - logits.max()
    order = np.argsort(-scores, kind="stable")
    return Ranking(ranking.sentences[order], scores[order], ranking.features[order], ranking.evidence)


def _in_context(generation: Generation, number: int) -> str:
    """Give a sentence after the one before it in its passage, which often says whom it is about."""
    passage = generation.passage_of[number]
    first = number - 1 if number and generation.passage_of[number - 1] == passage else number
    text = generation.document_of(int(passage)).text
    return text[generation.sentences[first].start : generation.sentences[number].end]
