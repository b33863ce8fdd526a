"""Measures what it costs in quotes to keep only the signs of words' rows, in the same library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from index.answering.answer import Asked
from index.generations import generation as generations
from index.generations.manifest import FOLDER
from index.indexes.late_interaction import LateInteraction, kept
from tests.bench.asking import answers_to, passage_rank, quote_rank
from tests.bench.metrics import difference, hit
from tests.bench.quality import folder
from tests.bench.results import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from index.generations.generation import Generation
    from index.models.encoder import Encoder
    from tests.bench.squad import Question

_ALLOWED = -0.005  # of quote@1


def rows(
    generation: Generation, encoder: Encoder, questions: Sequence[Question], sources: dict[str, str]
) -> Iterator[Row]:
    """Ask every answerable question of a library with bytes, and of the same one with signs."""
    of_bytes = _found(generation, encoder, questions, sources)
    of_signs = _found(with_signs(generation), encoder, questions, sources)
    for name, before in of_bytes.items():
        lost = difference(of_signs[name], before)
        is_first = name == "quote@1"
        yield Row(
            f"SQuAD: {name}, words kept as bytes, as signs (difference)",
            f"{before.mean():.3f}, {of_signs[name].mean():.3f} ({lost})",
            f">= {_ALLOWED}" if is_first else "",
            lost.value >= _ALLOWED if is_first else None,
        )
    changed = np.mean(of_signs["quote@1"] != of_bytes["quote@1"])
    yield Row("SQuAD: questions that lose or gain quote@1 by signs", f"{100 * changed:.1f} of 100")
    whole = [file for file in (folder() / "squad" / FOLDER / generation.id).rglob("*") if file.is_file()]
    on_disk = sum(file.stat().st_size for file in whole) / 1e6
    kept_as_bytes = generation.late_interaction._rows.nbytes / 1e6
    yield Row("words' rows of SQuAD: bytes, signs", f"{kept_as_bytes:.1f} MB, {kept_as_bytes / 8:.1f} MB")
    yield Row(
        "generation of SQuAD on disk: bytes, signs", f"{on_disk:.1f} MB, {on_disk - kept_as_bytes * 7 / 8:.1f} MB"
    )


def with_signs(generation: Generation) -> Generation:
    """Open a library again, as it would be with nothing kept but the signs."""
    again = generations.load(folder() / "squad", generation.id)
    given = again.late_interaction
    again.late_interaction = LateInteraction(kept(given._rows, signs=True), given._token_starts, given._sentence_starts)
    return again


def _found(
    generation: Generation, encoder: Encoder, questions: Sequence[Question], sources: dict[str, str]
) -> Mapping[str, NDArray[np.float64]]:
    pairs = [*zip(questions, answers_to(generation, encoder, [Asked(q.text) for q in questions]), strict=True)]
    quoted = [quote_rank(question, found) for question, found in pairs]
    passage = [passage_rank(question, found, sources) for question, found in pairs]
    return {"quote@1": hit(quoted, 1), "quote@3": hit(quoted, 3), "hit@1": hit(passage, 1)}
