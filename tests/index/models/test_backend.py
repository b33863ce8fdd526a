"""OpenVINO is used by itself where it is there and gives the same rows; where it does not, torch goes on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from index.errors import ModelError
from index.generations.generation import check_model
from index.models import backend, openvino_runtime
from index.models.backend import load
from index.models.cross_encoder import Pair
from index.models.encoder import SentenceTransformerEncoder
from index.models.openvino_runtime import ABOUT, WEIGHTS, OpenVINOEncoder
from index.models.registry import DEFAULT_MODEL, GRAPHS, Backend
from tests.conftest import with_openvino
from tests.index.fakes import CLAY, library

if TYPE_CHECKING:
    from index.models.encoder import Encoder

pytestmark = pytest.mark.model

TEXTS = (
    "What is the metaverse's leading technology?",
    "Ünï — 😀\n\ntwo",
    "",
    "The tide turns twice a day. " * 60,
    "clay remembers the hand 1,234 times",
)


def nobody(sentence: str) -> None:
    pytest.fail(f"nothing was to be said, but: {sentence}")


@pytest.fixture(scope="module")
def data(graphs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the graph of the packaged model, in which those of other models are made once."""
    folder = tmp_path_factory.mktemp("graphs")
    shutil.copytree(graphs, folder / GRAPHS)
    return folder


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Convert without a child, which would have to read torch again."""
    from index.models.openvino_export import convert

    monkeypatch.setattr(backend, "_convert", lambda model, folder: convert(SentenceTransformerEncoder(model), folder))


@pytest.fixture(params=["packaged", "folder"])
def both(
    request: pytest.FixtureRequest, data: Path, tiny_model: Path, real_encoder: SentenceTransformerEncoder
) -> tuple[Encoder, Encoder]:
    """One model on torch and on OpenVINO."""
    if request.param == "packaged":
        return real_encoder, load(DEFAULT_MODEL, data, Backend.OPENVINO, say=lambda _: None)
    torch = SentenceTransformerEncoder(str(tiny_model))
    return torch, load(str(tiny_model), data, Backend.OPENVINO, say=lambda _: None)


@with_openvino
class TestTheSame:
    """What an index holds does not tell which of the two made it."""

    def test_rows(self, both: tuple[Encoder, Encoder]) -> None:
        """Passages, questions, words in context and words alone have the same rows, whatever company they come in."""
        torch, fast = both
        for texts in (TEXTS, TEXTS[:1], TEXTS[3:4]):
            for way in ("encode_documents", "encode_queries", "encode_words"):
                rows, others = getattr(torch, way)(texts), getattr(fast, way)(texts)
                assert others.dtype == np.float32
                assert np.all((rows * others).sum(axis=1) > 0.9999), way
            for asked in (False, True):
                read = [each.encode_in_context(texts, asked=asked) for each in both]
                for one, other in zip(*read, strict=True):
                    np.testing.assert_allclose(other.row, one.row, atol=1e-4)
                    np.testing.assert_allclose(other.words, one.words, atol=1e-3)

    def test_what_is_read(self, both: tuple[Encoder, Encoder]) -> None:
        """A pair has the same log-odds; a model other than the packaged one has no cross-encoder on either."""
        assert [each.cross_encoder is not None for each in both] == [both[0].name == DEFAULT_MODEL] * 2
        pairs = [Pair(TEXTS[0], text, ((0, 20), (0, len(text)))) for text in TEXTS]
        for one, other in zip(
            *(each.cross_encoder.log_odds(pairs) for each in both if each.cross_encoder), strict=True
        ):
            np.testing.assert_allclose(other, one, atol=0.02)

    def test_identity(self, both: tuple[Encoder, Encoder], tmp_path: Path) -> None:
        """Name, fingerprint and dimension are the model's, so an index that torch made serves on."""
        torch, fast = both
        assert isinstance(fast, OpenVINOEncoder)
        assert (fast.name, fast.fingerprint, fast.dimension) == (torch.name, torch.fingerprint, torch.dimension)
        check_model(library(tmp_path, CLAY, encoder=torch), fast)


@with_openvino
def test_neither_torch_nor_anybody_else_is_told(data: Path, tmp_path: Path) -> None:
    """Once the graph is made no torch is read, and OpenVINO's makers never hear of its being used."""
    load(DEFAULT_MODEL, data, Backend.AUTO, say=lambda _: None)
    probe = (
        "import sys; from pathlib import Path\n"
        "from index.models.backend import load; from index.models.registry import Backend\n"
        f"load({DEFAULT_MODEL!r}, Path({str(data)!r}), Backend.AUTO, say=print).encode_queries(['a'])\n"
        "print([name for name in ('torch', 'transformers', 'sentence_transformers') if name in sys.modules])\n"
        "print([name for name, module in sys.modules.items() if 'openvino_telemetry' in name and module])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", probe],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout.split("\n")[:2] == ["[]", "[]"]


@with_openvino
def test_nothing_is_said_where_there_is_no_sys(tmp_path: Path) -> None:
    """As in a container: hwloc, which OpenVINO links, would complain on stderr, between our own lines."""
    program = "from index.models.openvino_runtime import openvino; print(openvino().Core().available_devices)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "HWLOC_FSROOT": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("['CPU']\n", "")


@with_openvino
@pytest.mark.usefixtures("in_process")
def test_it_is_made_once_and_anew_when_it_was_altered(tiny_model: Path, tmp_path: Path) -> None:
    """The second load says nothing; one byte flipped or a file gone, and it is made again, never used."""
    heard: list[str] = []
    first = load(str(tiny_model), tmp_path, Backend.AUTO, say=heard.append)
    assert len(heard) == 1
    assert isinstance(load(str(tiny_model), tmp_path, Backend.AUTO, say=nobody), OpenVINOEncoder)
    (about,) = tmp_path.glob(f"{GRAPHS}/*/{ABOUT}")
    weights = bytearray((about.parent / WEIGHTS).read_bytes())
    weights[len(weights) // 2] ^= 1
    del first  # its file must not change under it
    (about.parent / WEIGHTS).unlink()
    (about.parent / WEIGHTS).write_bytes(weights)
    assert isinstance(load(str(tiny_model), tmp_path, Backend.AUTO, say=heard.append), OpenVINOEncoder)
    about.unlink()
    assert isinstance(load(str(tiny_model), tmp_path, Backend.AUTO, say=heard.append), OpenVINOEncoder)
    assert len(heard) == 3


@with_openvino
@pytest.mark.usefixtures("in_process")
def test_another_tokenizer_or_length_is_another_graph(tiny_model: Path, tmp_path: Path) -> None:
    """Beside the weights the graph follows from the other files of the model; the graph of what they were goes."""
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    before = load(str(folder), tmp_path, Backend.AUTO, say=lambda _: None)
    config = folder / "sentence_bert_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"max_seq_length": 8}))
    after = load(str(folder), tmp_path, Backend.AUTO, say=lambda _: None)
    assert after.fingerprint == before.fingerprint
    long = ["clay remembers"]
    rows = SentenceTransformerEncoder(str(folder)).encode_documents(long)
    np.testing.assert_allclose(after.encode_documents(long), rows, atol=1e-5)
    assert np.abs(before.encode_documents(long) - rows).max() > 1e-3
    assert len([*tmp_path.glob(f"{GRAPHS}/*/{ABOUT}")]) == 1


@with_openvino
@pytest.mark.usefixtures("in_process")
def test_prompts_are_kept(tiny_model: Path, tmp_path: Path) -> None:
    """What a model wants put before questions and passages is put before them, and shifts no word."""
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    config = folder / "config_sentence_transformers.json"
    prompts = {"query": "ask: ", "document": "text: "}
    config.write_text(json.dumps(json.loads(config.read_text()) | {"prompts": prompts}))
    torch, fast = SentenceTransformerEncoder(str(folder)), load(str(folder), tmp_path, Backend.OPENVINO, say=print)
    text = "clay remembers the hand"
    for asked in (False, True):
        (one,), (other,) = (each.encode_in_context([text], asked=asked) for each in (torch, fast))
        np.testing.assert_allclose(other.row, one.row, atol=1e-5)
        np.testing.assert_allclose(other.words, one.words, atol=1e-4)
        assert np.linalg.norm(other.words, axis=1).all()
    assert np.abs(fast.encode_queries([text]) - fast.encode_documents([text])).max() > 1e-3


@with_openvino
def test_a_model_that_cannot_be_converted_runs_on_torch(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reason is said once, and later starts do not try again; whoever asks for OpenVINO is refused with it."""
    tried: list[str] = []

    def convert(model: object, folder: Path) -> None:
        tried.append(str(model))
        raise backend._RefusedError("it does not give the same rows")

    monkeypatch.setattr(backend, "_convert", convert)
    heard: list[str] = []
    assert isinstance(load(str(tiny_model), tmp_path, Backend.AUTO, say=heard.append), SentenceTransformerEncoder)
    assert heard[-1] == "the model runs on torch: it does not give the same rows"
    assert isinstance(load(str(tiny_model), tmp_path, Backend.AUTO, say=nobody), SentenceTransformerEncoder)
    assert len(tried) == 1
    with pytest.raises(ModelError, match="same rows"):
        load(str(tiny_model), tmp_path, Backend.OPENVINO, say=heard.append)


@with_openvino
def test_nowhere_to_keep_it(tiny_model: Path, tmp_path: Path) -> None:
    """Where nothing can be written, torch serves, and the next start tries again."""
    (tmp_path / GRAPHS).write_text("in the way")
    heard: list[str] = []
    assert isinstance(load(str(tiny_model), tmp_path, Backend.AUTO, say=heard.append), SentenceTransformerEncoder)
    assert "runs on torch" in heard[-1]


@with_openvino
def test_the_proof_notices_other_rows(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A graph that says something else is not left behind."""
    from index.models import openvino_export

    encoder = SentenceTransformerEncoder(str(tiny_model))
    monkeypatch.setattr(encoder.sentence_transformer, "encode_query", encoder.sentence_transformer.encode_document)
    monkeypatch.setattr(encoder.sentence_transformer, "prompts", {"query": "ask: ", "document": ""})
    with pytest.raises(ModelError, match="does not give the same rows"):
        openvino_export.convert(encoder, tmp_path / "graph")
    assert not (tmp_path / "graph").exists()


def test_openvino_is_asked_for_and_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says how to install it; by itself the tutor does without."""
    monkeypatch.setattr(openvino_runtime, "is_installed", lambda: False)
    with pytest.raises(ModelError, match=r"pip install '\.\[fast\]'"):
        load(DEFAULT_MODEL, tmp_path, Backend.OPENVINO, say=nobody)


@pytest.mark.parametrize("absent", [False, True])
def test_torch_when_it_is_asked_for_or_alone(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, absent: bool
) -> None:
    """Nothing is made and nothing said."""
    monkeypatch.setattr(openvino_runtime, "is_installed", lambda: not absent)
    encoder = load(str(tiny_model), tmp_path, Backend.AUTO if absent else Backend.TORCH, say=nobody)
    assert isinstance(encoder, SentenceTransformerEncoder)
    assert not (tmp_path / GRAPHS).exists()


@with_openvino
def test_a_name_on_the_hub_stays_on_torch(tmp_path: Path) -> None:
    """What is fetched from a hub is not converted; asked for, the sentence says what can be set."""
    with pytest.raises(ModelError, match="TUTOR_MODEL to a folder"):
        load("nobody/no-such-model", tmp_path, Backend.OPENVINO, say=nobody)
