"""The nearest vectors are the nearest, whichever kind of index finds them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from index.errors import GenerationError
from index.indexes import vectors
from index.indexes.vectors import VectorIndex, load, train


def unit(rows: NDArray[np.floating]) -> NDArray[np.float32]:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def clustered(count: int, dimension: int = 32, seed: int = 7) -> NDArray[np.float32]:
    """Vectors as texts have them: gathered around topics."""
    random = np.random.default_rng(seed)
    topics = random.standard_normal((200, dimension))
    return unit(topics[random.integers(0, 200, count)] + 0.6 * random.standard_normal((count, dimension)))


def best_by_numpy(rows: NDArray[np.float32], query: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    return np.argsort(-(rows @ query), kind="stable")[:count]


def recall(index: VectorIndex, rows: NDArray[np.float32], queries: NDArray[np.float32], count: int) -> float:
    """Give the share of the nearest by NumPy that the index finds, on average."""
    wanted = [set(best_by_numpy(rows, query, count).tolist()) for query in queries]
    return float(
        np.mean([len(set(f.tolist()) & w) / count for f, w in zip(index.search(queries, count), wanted, strict=True)])
    )


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "EXACT_UP_TO", 999)


def same_rows(found: list[NDArray[np.int64]], wanted: list[NDArray[np.int64]]) -> bool:
    return len(found) == len(wanted) and all(map(np.array_equal, found, wanted))


@pytest.mark.parametrize("count", [1, 7, 40])
@pytest.mark.parametrize("size", [1, 40, 700])
def test_a_small_index_is_exact(size: int, count: int) -> None:
    """Up to the limit the rows found are those of plain NumPy, in its order."""
    rows, queries = clustered(size), clustered(9, seed=8)
    found = train(rows).search(queries, count)
    assert same_rows(found, [best_by_numpy(rows, query, count) for query in queries])


@pytest.mark.parametrize("trained", [False, True])
def test_asking_for_more_than_there_is(trained: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """More neighbours than rows: each row at most once, and FAISS's -1 for "none" never gets out."""
    monkeypatch.setattr(vectors, "EXACT_UP_TO", 399 if trained else 400)
    rows = clustered(400)
    index = train(rows)
    assert (index._trained is not None) is trained
    for found in index.search(clustered(5, seed=8), 1000):
        assert len(found) <= 400
        assert len(set(found.tolist())) == len(found)
        assert found.min() >= 0
        if not trained:
            assert len(found) == 400


def test_no_question_and_no_neighbour() -> None:
    """No queries give no results; no neighbours wanted give empty ones."""
    index = train(clustered(10))
    assert index.search(np.zeros((0, 32), np.float32), 5) == []
    assert [len(found) for found in index.search(clustered(2), 0)] == [0, 0]


@pytest.mark.parametrize(("size", "is_trained"), [(20_000, False), (20_001, True)])
def test_a_trained_index_takes_over_above_the_limit(size: int, is_trained: bool) -> None:
    """Above 20,000 rows a trained index answers, and still finds 99 of 100 of what plain NumPy finds."""
    rows = clustered(size)
    index = train(rows)
    assert (index._trained is not None) is is_trained
    assert recall(index, rows, clustered(100, seed=9), 10) >= (0.99 if is_trained else 1.0)


@pytest.mark.parametrize("count", [1, 10, 40])
def test_a_trained_index_finds_as_well_however_few_are_asked_for(
    count: int, small_limit: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a byte a number ranks wrongly is not lost: more is proposed than asked for."""
    rows = unit(np.random.default_rng(3).standard_normal((3000, 64)))
    queries = unit(np.random.default_rng(4).standard_normal((60, 64)))
    monkeypatch.setattr(vectors, "_PROBES_PER_FOURTH_ROOT", 100)  # so that what is missed is missed by the bytes
    assert recall(train(rows), rows, queries, count) >= 0.97


def test_the_lists_of_a_trained_index_grow_with_the_root_of_its_rows(small_limit: None) -> None:
    """So do the rows in each, and with them the time of a search, rather than with the rows."""
    lists = [train(clustered(size))._trained.nlist for size in (1_000, 4_000, 16_000)]
    assert lists == [126, 252, 505]


@pytest.mark.parametrize("size", [1_500, 30_000])
def test_the_trained_file_is_the_same_however_many_threads_build_it(
    size: int, small_limit: None, threads_of_faiss: None, tmp_path: Path
) -> None:
    """Threads change how long a build takes, and not one byte of what it writes."""
    for threads in (1, 2, 3):
        faiss.omp_set_num_threads(threads)
        train(clustered(size)).save(tmp_path, str(threads))
    one, two, three = ((tmp_path / f"{threads}.faiss").read_bytes() for threads in (1, 2, 3))
    assert one == two == three


@pytest.fixture
def threads_of_faiss() -> Iterator[None]:
    before = faiss.omp_get_max_threads()
    yield
    faiss.omp_set_num_threads(before)


@pytest.mark.parametrize("size", [300, 2000])
def test_a_search_leaves_its_thread_as_many_threads_as_before(
    size: int, small_limit: None, threads_of_faiss: None
) -> None:
    """Torch may use the same number: left at one, the model would run on one thread."""
    rows = clustered(size)
    index = train(rows)
    faiss.omp_set_num_threads(3)
    index.search(rows[:2], 5)
    assert faiss.omp_get_max_threads() == 3


@pytest.mark.parametrize("size", [300, 2000])
def test_loaded_vectors_stay_in_their_file(size: int, small_limit: None, tmp_path: Path) -> None:
    """They are mapped, not read: the memory they take is the system's to take back."""
    train(clustered(size)).save(tmp_path, "rows")
    loaded = load(tmp_path, "rows").vectors
    assert isinstance(loaded.base, np.memmap)
    assert not loaded.flags.writeable


@pytest.mark.slow
def test_searches_do_not_take_a_large_file_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What they touched of it is given back, and found again; a small one may stay."""
    monkeypatch.setattr(vectors, "EXACT_UP_TO", 999)
    rows = unit(np.random.default_rng(5).standard_normal((40_000, 128)))
    train(rows).save(tmp_path, "rows")
    index, queries = load(tmp_path, "rows"), unit(np.random.default_rng(6).standard_normal((656, 128)))
    assert mapped_mb(tmp_path / "rows.npy") < 1
    first = [found.tolist() for found in index.search(queries[:31], 40)]
    assert mapped_mb(tmp_path / "rows.npy") > 15  # of 20: so soon is it all in memory
    monkeypatch.setattr(vectors, "_MAPPED_UP_TO", 1e6)
    for start in range(0, 656, 16):
        index.search(queries[start : start + 16], 40)
        assert mapped_mb(tmp_path / "rows.npy") < 1
    assert [found.tolist() for found in index.search(queries[:31], 40)] == first


def mapped_mb(file: Path) -> float:
    """Give how much of a mapped file counts as memory of this process, as Linux tells it."""
    maps = Path("/proc/self/smaps").read_text(encoding="utf-8")
    _, _, after = maps.partition(f"{file}\n")
    return int(after.partition("Rss:")[2].split()[0]) / 1024


def test_a_trained_index_ranks_by_the_true_cosine(small_limit: None) -> None:
    """What quantisation proposes is put in order by the unquantised vectors."""
    rows = clustered(4000)
    queries = unit(rows[:20] + 0.05 * np.random.default_rng(9).standard_normal((20, 32)))
    for query, found in zip(queries, train(rows).search(queries, 40), strict=True):
        cosine_similarity = rows[found] @ query
        assert np.all(np.diff(cosine_similarity) <= 1e-6)
        assert found[0] == best_by_numpy(rows, query, 1)[0]


@pytest.mark.parametrize("size", [300, 2000])
def test_what_is_loaded_finds_what_was_saved(size: int, small_limit: None, tmp_path: Path) -> None:
    """An index on disk and the one that wrote it find the same; training it twice gives the same file."""
    rows, queries = clustered(size), clustered(9, seed=8)
    index = train(rows)
    index.save(tmp_path, "rows")
    train(rows).save(tmp_path, "again")
    again = load(tmp_path, "rows")
    assert (tmp_path / "rows.faiss").exists() is (size > 999)
    assert (again._trained is None) is (size <= 999)
    assert np.array_equal(again.vectors, rows)
    assert same_rows(again.search(queries, 12), index.search(queries, 12))
    if size > 999:
        assert (tmp_path / "rows.faiss").read_bytes() == (tmp_path / "again.faiss").read_bytes()


@pytest.mark.parametrize("size", [300, 2000])
def test_a_view_finds_the_nearest_of_the_kept_rows_alone(size: int, small_limit: None) -> None:
    """They are those of plain NumPy, however few are kept; the index itself still finds all rows."""
    rows, queries = clustered(size), clustered(9, seed=8)
    index = train(rows)
    for share in (0.75, 0.02, 0.0):
        kept = np.random.default_rng(3).random(size) < share
        numbers = np.flatnonzero(kept)
        wanted = [numbers[best_by_numpy(rows[kept], query, 12)] for query in queries]
        assert same_rows(index.within(kept).search(queries, 12), wanted)
    assert recall(index, rows, queries, 12) > 0.9


@pytest.mark.parametrize("suffix", ["npy", "faiss"])
def test_a_damaged_file_is_refused(suffix: str, small_limit: None, tmp_path: Path) -> None:
    """Half a file is a GenerationError that says what to do."""
    train(clustered(1500)).save(tmp_path, "rows")
    file = tmp_path / f"rows.{suffix}"
    file.write_bytes(file.read_bytes()[:50])
    with pytest.raises(GenerationError, match="Rebuild"):
        load(tmp_path, "rows")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """No file is a GenerationError too."""
    with pytest.raises(GenerationError, match="Rebuild"):
        load(tmp_path, "rows")


def test_rows_without_contiguous_memory_are_searched_too() -> None:
    """A view of every second row is as good as a copy of it."""
    rows = clustered(100)
    view, queries = rows[::2], clustered(6, seed=3)[::2]
    assert same_rows(VectorIndex(view).search(queries, 5), VectorIndex(view.copy()).search(queries.copy(), 5))


def test_a_trained_index_that_does_not_fit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FAISS is given no index of other rows: it would read beyond its memory, or name rows that are not there."""
    monkeypatch.setattr("index.indexes.vectors.EXACT_UP_TO", 100)
    rng = np.random.default_rng(0)
    content = rng.standard_normal((400, 16)).astype(np.float32)
    train(content).save(tmp_path, "rows")
    assert len(load(tmp_path, "rows", (400, 16)).vectors) == 400
    train(content[:300]).save(tmp_path, "fewer")
    train(content[:, :8]).save(tmp_path, "narrower")
    shifted = train(content)._trained
    assert shifted is not None
    shifted.reset()
    shifted.add_with_ids(content, np.arange(400) + 7)
    faiss.write_index(shifted, str(tmp_path / "shifted.faiss"))
    faiss.write_index(faiss.IndexFlatIP(16), str(tmp_path / "flat.faiss"))
    for other in ("fewer", "narrower", "shifted", "flat"):
        (tmp_path / "rows.faiss").write_bytes((tmp_path / f"{other}.faiss").read_bytes())
        with pytest.raises(GenerationError, match="do not fit"):
            load(tmp_path, "rows", (400, 16))
