"""A cross-encoder, where one is named, orders the best sentences anew and changes nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.answering.ranking import search
from index.answering.reranker import reranked
from index.errors import ModelError
from index.generations.generation import Generation
from index.models.encoder import CrossEncoderReranker, SentenceTransformerEncoder
from tests.conftest import make_cross_encoder, make_model
from tests.index.fakes import FakeEncoder, FondReranker, library


def test_the_models_favourite_comes_first_and_the_evidence_stays(small: Generation) -> None:
    """Scores are sums, in falling order; whether there is an answer at all is judged as before."""
    before = search(small, FakeEncoder(), ["What forgets the fire?"])[0]
    end = small.sentence(before.sentences[3]).text[-20:]
    after = reranked(before, small, "What forgets the fire?", FondReranker(end))
    assert small.sentence(after.sentences[0]).text.endswith(end)
    assert sorted(after.sentences) == sorted(before.sentences)
    assert (np.diff(after.scores) <= 0).all()
    assert after.scores[0] == pytest.approx(float(before.scores[3]))
    assert np.array_equal(after.evidence, before.evidence)
    row = before.features[3]
    assert np.array_equal(after.features[0], row)


def test_a_model_without_an_opinion_changes_nothing(small: Generation) -> None:
    """Where it likes all the same, the order and the scores are those of the ranking."""
    before = search(small, FakeEncoder(), ["Which captain loses a ship?"])[0]
    after = reranked(before, small, "Which captain loses a ship?", FondReranker("no sentence ends like this"))
    assert np.array_equal(after.sentences, before.sentences)
    np.testing.assert_allclose(after.scores, before.scores)


def test_only_the_best_are_read_each_after_the_one_before_it(tmp_path: Path) -> None:
    """Twenty sentences are read, in context; all others count as the worst of them."""
    text = "\n\n".join(f"The kiln of village {n} burned pine. It burned for {n} days." for n in range(40))
    generation = library(tmp_path, text)
    before = search(generation, FakeEncoder(), ["How long did the kiln burn?"])[0]
    fond = FondReranker("nothing")
    reranked(before, generation, "How long did the kiln burn?", fond)
    assert len(fond.read) == 20
    assert any(each.startswith("The kiln of village ") and each.endswith(" days.") for each in fond.read)
    left_out = generation.sentence(before.sentences[25]).text
    after = reranked(before, generation, "How long did the kiln burn?", FondReranker(left_out))
    assert np.array_equal(after.sentences[:20], before.sentences[:20])


@pytest.mark.model
def test_scores_are_the_models_own_logits(tmp_path: Path) -> None:
    """A folder's cross-encoder gives what its own libraries give for the pair, whatever else is read with it."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    folder = make_cross_encoder(tmp_path, seed=3)
    pairs = [("what burns", "pine burns"), ("what burns", "the tide turns twice a day, and nobody sees it")]
    found = CrossEncoderReranker(str(folder)).scores("what burns", [text for _, text in pairs])
    model, tokenizer = AutoModelForSequenceClassification.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    with torch.inference_mode():
        wanted = [float(model.eval()(**tokenizer(*pair, return_tensors="pt")).logits[0, 0]) for pair in pairs]
    np.testing.assert_allclose(found, wanted, atol=1e-5)
    assert found[0] != found[1]


@pytest.mark.model
@pytest.mark.parametrize("labels", [0, 3])
def test_a_model_without_one_score_is_refused(labels: int, tmp_path: Path) -> None:
    """An embedding model would be given random scores, and three labels are no order: the sentence says what to set."""
    folder = make_cross_encoder(tmp_path, seed=1, labels=labels) if labels else make_model(tmp_path, seed=1)
    with pytest.raises(ModelError, match="TUTOR_RERANKER"):
        CrossEncoderReranker(str(folder))


@pytest.mark.parametrize("name", ["/nowhere/at/all", "./nothing"])
def test_a_folder_that_is_not_there(name: str) -> None:
    """The sentence names the setting that named the folder."""
    with pytest.raises(ModelError, match=r"no such folder.* Set TUTOR_RERANKER"):
        CrossEncoderReranker(name)


def test_the_embedding_model_is_none(real_encoder: SentenceTransformerEncoder) -> None:
    """The packaged model's name is no cross-encoder's."""
    with pytest.raises(ModelError, match="cross-encoder"):
        CrossEncoderReranker(real_encoder.name)
