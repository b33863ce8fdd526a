"""The example of a search by a vector database works in the program; what every search does is tested for it too."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.libraries.opening import Library, open_library
from bot.settings import Settings
from index.answering.answer import Asked
from index.errors import GenerationError
from index.indexes import vectors
from tests.index.indexes.test_vectors import clustered
from tests.postgresql import Server

_QUESTIONS = Path(__file__).parents[1] / "essay_questions.json"


def test_a_library_answers_the_same(pgvector: Any, essay: tuple[Settings, Library]) -> None:
    """With the setting, every question of the essay has the answer that it has with FAISS."""
    settings, library = essay
    chosen = Settings(_env_file=None, data=settings.data, vector_search="pgvector_search:load")
    served = open_library(chosen, library.encoder)
    assert isinstance(served.generation.sentence_vectors, pgvector.PgVectorSearch)
    content = json.loads(_QUESTIONS.read_text(encoding="utf-8"))
    asked = [Asked(text) for text in [*(each["question"] for each in content["answerable"]), *content["unanswerable"]]]
    assert served.answer(asked) == library.answer(asked)
    assert pgvector._server()._not_before == 0.0  # it was the database that searched
    with pytest.raises(GenerationError, match=r"TUTOR_VECTOR_SEARCH names pgvector_search:lode"):
        open_library(settings.model_copy(update={"vector_search": "pgvector_search:lode"}), library.encoder)


def test_many_rows_are_indexed_in_the_database(
    pgvector: Any, postgresql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above the limit of an exact search HNSW finds nearly all of what plain NumPy finds."""
    monkeypatch.setattr(pgvector, "EXACT_UP_TO", 500)
    rows, queries = clustered(2000), clustered(50, seed=8)
    np.save(tmp_path / "rows.npy", rows)
    index = pgvector.load(tmp_path, "rows", rows.shape)
    database = postgresql.execute
    assert database("SELECT count(*) FROM pg_indexes WHERE indexdef LIKE '%hnsw%'", _database()) == [(1,)]
    wanted = np.argsort(-(queries @ rows.T), axis=1)[:, :40]
    shared = [len(np.intersect1d(*each)) for each in zip(index.search(queries, 40), wanted, strict=True)]
    assert np.mean(shared) / 40 > 0.95


def test_what_nobody_opens_is_dropped(pgvector: Any, postgresql: Server, tmp_path: Path) -> None:
    """The vectors of a generation go some days after it was last opened, those of others stay."""
    rows = clustered(30)
    for generation in ("aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc"):
        (tmp_path / generation).mkdir()
        np.save(tmp_path / generation / "rows.npy", rows)
        pgvector.load(tmp_path / generation, "rows", rows.shape)
        if generation == "aaaaaaaaaaaa":
            postgresql.execute("COMMENT ON TABLE vectors.aaaaaaaaaaaa_rows IS '2020-01-01'", _database())
    found = postgresql.execute("SELECT relname FROM pg_class WHERE relname LIKE '%_rows' ORDER BY 1", _database())
    assert found == [("bbbbbbbbbbbb_rows",), ("cccccccccccc_rows",)]


def test_the_database_may_be_away(
    pgvector: Any, postgresql: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What it would find is found in the process then; a table that is missing is no reason to wait for others."""
    rows, queries = clustered(300), clustered(9, seed=8)
    np.save(tmp_path / "rows.npy", rows)
    index = pgvector.load(tmp_path, "rows", rows.shape)
    wanted = [found.tolist() for found in vectors.VectorIndex(rows).search(queries, 12)]
    assert [found.tolist() for found in index.search(queries, 12)] == wanted
    assert not caplog.records
    postgresql.execute("DROP SCHEMA vectors CASCADE", _database())
    assert [found.tolist() for found in index.search(queries, 12)] == wanted
    assert pgvector._server()._not_before == 0.0
    postgresql.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{_database()}'")
    assert [found.tolist() for found in index.search(queries, 12)] == wanted
    assert pgvector._server()._not_before > 0.0
    assert "searched in this process" in caplog.text


def _database() -> str:
    return os.environ["PGDATABASE"]
