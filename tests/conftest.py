"""What tests of every room share: the real model, loaded once, and a tiny one made on the spot."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.settings import Settings
from index.models import openvino_runtime
from index.models.registry import DEFAULT_MODEL, GRAPHS, Backend
from tests.scheduling import LongestFirst, longest_first

if TYPE_CHECKING:
    from xdist.remote import Producer

    from bot.libraries.opening import Library
    from index.models.encoder import SentenceTransformerEncoder
    from tests.postgresql import Server


# Made for OpenVINO the model would be in every test's new data folder, which takes seconds each time; the tests of that
# ask for it.
os.environ["TUTOR_BACKEND"] = "torch"


with_openvino = pytest.mark.skipif(
    not openvino_runtime.is_installed(), reason="needs the extra [fast], which [dev] brings"
)


_WITH_MODEL = {"real_encoder", "essay", "graphs", "tiny_model"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that load a model, so that `make quick` leaves them out."""
    for item in items:
        if isinstance(item, pytest.Function) and _WITH_MODEL & set(item.fixturenames):
            item.add_marker(pytest.mark.model)
    if "PYTEST_XDIST_WORKER" in os.environ:
        longest_first(items)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LongestFirst | None:
    """Begin with the longest files under `--dist loadfile`."""
    return LongestFirst(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server for all tests of this worker."""
    from tests.postgresql import Server  # brings the driver in, which most tests do without

    server = Server().start()
    yield server
    server.remove()


@pytest.fixture
def pgvector(postgresql: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The example deploy/pgvector as its users have it, with an empty database."""
    address = postgresql.empty()
    database = address.split("/")[3].split("?")[0]
    postgresql.execute("CREATE EXTENSION vector", database)
    for name, value in (("PGHOST", str(postgresql.folder)), ("PGUSER", "postgres"), ("PGDATABASE", database)):
        monkeypatch.setenv(name, value)
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "deploy" / "pgvector")
    example = import_module("pgvector_search")
    yield example
    example._server().close()
    example._server.cache_clear()


@pytest.fixture(scope="session")
def real_encoder() -> SentenceTransformerEncoder:
    """The default model, loaded once for all tests."""
    from index.models.encoder import SentenceTransformerEncoder  # most tests do without

    return SentenceTransformerEncoder()


@pytest.fixture(scope="session")
def essay(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Library]:
    """The essay that ships, indexed and opened once with the real model."""
    from bot.libraries.opening import open_library  # brings the model's libraries in, which most tests do without

    settings = Settings(_env_file=None, data=tmp_path_factory.mktemp("essay"))
    return settings, open_library(settings)


@pytest.fixture(scope="session")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default model made for OpenVINO, once for all workers; copied into a data folder, a bot opens it in a second.

    Where OpenVINO is not installed, an empty folder.
    """
    from index.models.backend import load

    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "for-openvino"
    (folder / GRAPHS).mkdir(parents=True, exist_ok=True)
    if openvino_runtime.is_installed():
        load(DEFAULT_MODEL, folder, Backend.OPENVINO, say=lambda _: None)  # one makes it, and the others wait for that
    return folder / GRAPHS


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a complete model of 32 dimensions and random weights."""
    return make_model(tmp_path_factory.mktemp("model"), seed=1)


def make_model(folder: Path, *, seed: int) -> Path:
    from sentence_transformers import SentenceTransformer

    bare = _make_bert(folder / "bare", seed)
    SentenceTransformer(str(bare), device="cpu").save(str(folder / "whole"))
    return folder / "whole"


def make_cross_encoder(folder: Path, *, seed: int, labels: int = 1) -> Path:
    from sentence_transformers import CrossEncoder

    CrossEncoder(str(_make_bert(folder / "bare", seed, labels)), device="cpu").save(str(folder / "whole"))
    return folder / "whole"


def _make_bert(bare: Path, seed: int, labels: int = 0) -> Path:
    """Write a model of random weights that reads letters; with labels it is one that scores pairs of texts."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertModel, BertTokenizerFast

    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,?'-"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    bare.mkdir(parents=True)
    (bare / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")
    BertTokenizerFast(vocab=str(bare / "vocab.txt"), model_max_length=64).save_pretrained(bare)
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        num_labels=labels or 2,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        (BertForSequenceClassification if labels else BertModel)(config).save_pretrained(bare)
    return bare
