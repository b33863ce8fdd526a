"""The libraries that tests of the index ask: a small one with the fake model, the essay with the real one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.index.fakes import CLAY, SEA, FakeEncoder, library

if TYPE_CHECKING:
    from index.generations.generation import Generation
    from index.models.encoder import SentenceTransformerEncoder

ROOT = Path(__file__).parents[2]


@pytest.fixture
def fake() -> FakeEncoder:
    return FakeEncoder()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """An empty folder for a library."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    """Two short documents, indexed with the fake model."""
    return library(tmp_path_factory.mktemp("small"), CLAY, SEA)


@pytest.fixture(scope="session")
def essay_generation(tmp_path_factory: pytest.TempPathFactory, real_encoder: SentenceTransformerEncoder) -> Generation:
    """The essay that ships, indexed with the real model and the spellings that ship."""
    from index.documents.document import read_sources
    from index.generations.build import build
    from index.generations.generation import load
    from index.text.noise import read_aliases

    data = tmp_path_factory.mktemp("essay")
    documents, _ = read_sources([ROOT / "index/seeds"])
    aliases = read_aliases(ROOT / "prompts/aliases.yaml")
    report = build(documents, data=data, encoder=real_encoder, aliases=aliases, built_at="2026-01-01T00:00:00+00:00")
    return load(data, report.generation)
