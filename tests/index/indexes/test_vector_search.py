"""What every search of vectors does that a generation may be opened with: FAISS, and pgvector as an example."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from index.errors import GenerationError
from index.indexes import vectors
from index.indexes.vector_search import OpenVectors, VectorSearch
from tests.index.indexes.test_vectors import unit

_DIMENSION = 32


def random_rows(count: int, seed: int = 1) -> NDArray[np.float32]:
    return unit(np.random.default_rng(seed).standard_normal((count, _DIMENSION)))


@pytest.fixture(params=["FAISS", "pgvector"])
def open_vectors(request: pytest.FixtureRequest) -> OpenVectors:
    if request.param == "FAISS":
        return vectors.load
    return cast("OpenVectors", request.getfixturevalue("pgvector").load)


def opened(
    open_vectors: OpenVectors, tmp_path: Path, rows: NDArray[np.float32], generation: str = "0123456789ab"
) -> VectorSearch:
    folder = tmp_path / generation
    folder.mkdir(exist_ok=True)
    vectors.train(rows).save(folder, "rows")
    return open_vectors(folder, "rows", rows.shape)


def test_the_nearest_come_first(open_vectors: OpenVectors, tmp_path: Path) -> None:
    """They are those of plain NumPy, in its order, each once, however many are asked for; the rows can be read."""
    queries = random_rows(5, seed=2)
    for size in (1, 300):
        rows = random_rows(size)
        index = opened(open_vectors, tmp_path, rows, f"{size:012}")
        assert np.array_equal(index.vectors, rows)
        for count in (1, 40, 1000):
            for query, found in zip(queries, index.search(queries, count), strict=True):
                assert found.dtype == np.int64
                assert found.tolist() == np.argsort(-(rows @ query), kind="stable")[:count].tolist()


def test_equal_rows_are_all_found(open_vectors: OpenVectors, tmp_path: Path) -> None:
    """What the library says word for word in several places is found in each of them, before anything else."""
    rows = random_rows(60)
    rows[[7, 21, 58]] = rows[3]
    [found] = opened(open_vectors, tmp_path, rows).search(rows[3][None], 6)
    assert {*found[:4].tolist()} == {3, 7, 21, 58}
    assert np.all(np.diff(rows[found] @ rows[3]) <= 1e-6)


def test_no_query_no_neighbour_and_no_number(open_vectors: OpenVectors, tmp_path: Path) -> None:
    """No queries give no results, no neighbours wanted give none, and what is not finite neither finds nor is found."""
    rows = random_rows(20)
    rows[4] = np.nan
    index = opened(open_vectors, tmp_path, rows)
    assert index.search(np.zeros((0, _DIMENSION), np.float32), 5) == []
    assert [len(found) for found in index.search(rows[:2], 0)] == [0, 0]
    nothing, everything = index.search(np.stack([rows[4], rows[5]]), 40)
    assert len(nothing) == 0
    assert sorted(everything.tolist()) == [number for number in range(20) if number != 4]


def test_a_view_finds_the_kept_rows_alone(open_vectors: OpenVectors, tmp_path: Path) -> None:
    """They are the nearest of these, as many as there are; the index itself still finds all."""
    rows, query = random_rows(200), random_rows(1, seed=2)
    index = opened(open_vectors, tmp_path, rows)
    for share in (0.5, 0.02, 0.0):
        kept = np.random.default_rng(3).random(200) < share
        wanted = [number for number in np.argsort(-(rows @ query[0]), kind="stable").tolist() if kept[number]]
        assert index.within(kept).search(query, 12)[0].tolist() == wanted[:12]
    assert len(index.search(query, 200)[0]) == 200


def test_two_generations_do_not_mix(open_vectors: OpenVectors, tmp_path: Path) -> None:
    """Each finds its own rows, also opened side by side and again."""
    first, second = random_rows(50), random_rows(80, seed=5)
    indexes = [opened(open_vectors, tmp_path, rows, f"{len(rows):012}") for rows in (first, second, first)]
    for index, rows in zip(indexes, (first, second, first), strict=True):
        assert [found.tolist() for found in index.search(rows, 1)] == [[number] for number in range(len(rows))]


def test_what_does_not_fit_is_refused(open_vectors: OpenVectors, tmp_path: Path) -> None:
    """Vectors of another number or width, half a file and none are a GenerationError that says what to do."""
    rows = random_rows(50)
    opened(open_vectors, tmp_path, rows)
    folder = tmp_path / "0123456789ab"
    for shape in ((49, _DIMENSION), (50, _DIMENSION + 1)):
        with pytest.raises(GenerationError, match="do not fit"):
            open_vectors(folder, "rows", shape)
    (folder / "rows.npy").write_bytes((folder / "rows.npy").read_bytes()[:50])
    for name in ("rows", "none"):
        with pytest.raises(GenerationError, match="Rebuild"):
            open_vectors(folder, name, rows.shape)
