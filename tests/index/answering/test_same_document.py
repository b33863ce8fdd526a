"""Within a conversation, alike sentences of several documents: the one that was talked of comes first."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.answering.answer import Asked
from index.answering.selection import answer
from index.models.encoder import SentenceTransformerEncoder
from tests.index.fakes import library

TRIALS = (
    "The trial of aspirin took a winter. We counted forty patients in the ward. They slept well.",
    "The trial of quinine took a summer. We counted ninety patients in the ward. They slept badly.",
    "The trial of iodine took a spring. We counted sixty patients in the ward. They slept little.",
)
ASKED = "How many patients did we count in the ward?"


@pytest.mark.parametrize(
    ("before", "first"),
    [
        ("How long did the trial of aspirin take?", "forty"),
        ("How long did the trial of quinine take?", "ninety"),
        ("How long did the trial of iodine take?", "sixty"),
    ],
)
def test_the_document_that_was_talked_of_comes_first(
    tmp_path: Path, real_encoder: SentenceTransformerEncoder, before: str, first: str
) -> None:
    """The question stands alone and fits all three; what was asked before decides, also after thanks."""
    small = library(tmp_path, *TRIALS, encoder=real_encoder)
    for history in ((before,), (before, "thanks!")):
        [found] = answer(small, real_encoder, [Asked(ASKED, history)])
        assert found.understood == ASKED
        assert first in found.quotes[0].text


def test_another_document_is_found_all_the_same(tmp_path: Path, real_encoder: SentenceTransformerEncoder) -> None:
    """A question that names what another document is about leaves the one that was talked of."""
    small = library(tmp_path, *TRIALS, encoder=real_encoder)
    [found] = answer(small, real_encoder, [Asked("Which trial was of quinine?", ("What was the trial of iodine?",))])
    assert "quinine" in found.quotes[0].text
