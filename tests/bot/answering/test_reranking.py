"""The model that TUTOR_RERANKER names reads the best sentences of every answer again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.doctor import libraries
from bot.libraries.opening import Library, load_reranker, open_library
from bot.settings import Settings
from index.answering.answer import Asked
from index.errors import ModelError
from index.models.encoder import CrossEncoderReranker
from tests.conftest import make_cross_encoder
from tests.index.fakes import FondReranker


def test_a_library_answers_with_it_word_for_word(small_library: Library) -> None:
    """What comes first in the answer is what the model likes, still exactly as it stands in the document."""
    asked = [Asked("What forgets the fire?")]
    second = small_library.answer(asked)[0].quotes[1].text
    found = replace(small_library, reranker=FondReranker(second)).answer(asked)[0]
    assert found.quotes[0].text == second
    assert found.outcome is small_library.answer(asked)[0].outcome
    for quote in found.quotes:
        assert quote.text == small_library.generation.texts.document(quote.document).text[quote.start : quote.end]


@pytest.mark.model
def test_the_setting_names_it(essay: tuple[Settings, Library], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the folder in TUTOR_RERANKER the library answers with it; without the setting there is none."""
    settings, plain = essay
    assert plain.reranker is None
    assert load_reranker(settings) is None
    folder = str(make_cross_encoder(tmp_path, seed=3))
    opened = open_library(settings.model_copy(update={"reranker": folder}))
    assert isinstance(opened.reranker, CrossEncoderReranker)
    asked = [Asked("What is the leading technology of the metaverse?")]
    # Random weights hardly prefer anything; turned against the ranking, the model's opinion shows.
    own = opened.reranker.scores

    def against(question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        scores = own(question, texts)
        assert len(set(scores.tolist())) > 1
        return np.add(scores, np.arange(len(texts)), dtype=np.float32)

    monkeypatch.setattr(opened.reranker, "scores", against)
    with_it, without = opened.answer(asked)[0], plain.answer(asked)[0]
    assert [quote.text for quote in with_it.quotes] != [quote.text for quote in without.quotes]
    assert with_it.confidence == pytest.approx(without.confidence)


@pytest.mark.model
def test_one_that_is_not_there_is_named_by_the_doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that no hub can be asked for is refused in one sentence, and the doctor says it too."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)  # what HF_HUB_OFFLINE=1 sets at the first import
    settings = Settings(_env_file=None, data=tmp_path, reranker="nobody/no-such-model")
    with pytest.raises(ModelError) as caught:
        load_reranker(settings)
    assert str(caught.value).startswith("The re-ranking model 'nobody/no-such-model' cannot be loaded")
    assert "\n" not in str(caught.value)
    encoder, finding = libraries.model(settings)
    assert encoder is None
    assert not finding.fine
    assert "TUTOR_RERANKER" in finding.sentence
