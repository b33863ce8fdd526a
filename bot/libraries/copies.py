"""Local copies of generations that lie in a bucket: upload, download with a check of hashes, and a budget of bytes."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Lock

from bot.libraries.paths import every_folder
from bot.libraries.states import State, read_state, write_state
from bot.objects.bucket import Bucket
from index.errors import GenerationError, StorageError
from index.generations.durable import replace_text
from index.generations.manifest import FOLDER, Manifest, file_sha256, is_whole, read_manifest
from prompts import words

_AT_ONCE = 8  # files that are sent or fetched together
_MANIFEST = "manifest.json"
_JUST_USED_S = 60.0
"""A generation that was fetched or used so lately may be opening, and is not deleted."""


class LocalCopies:
    """Generations in the data folder; `key` is the name of their library in the bucket.

    A generation that is kept has at least its manifest here, so that it can be listed; the other files are here while
    there is room for them.
    """

    def __init__(self, data: Path, bucket: Bucket, budget_bytes: int) -> None:
        self._data = data
        self._bucket = bucket
        self._budget_bytes = budget_bytes
        self._sizes: dict[Path, int] | None = None
        self._lock = Lock()
        self.is_open: Callable[[], frozenset[Path]] = frozenset

    def upload(self, folder: Path, key: str, generation: str) -> None:
        """Send the files of a generation, each under its hash, then the manifest; raises GenerationError if damaged."""
        local = folder / FOLDER / generation
        if not is_whole(local):
            raise GenerationError(f"The generation {generation} is missing or damaged. See `tutor index list`.")
        names = {digest: local / name for name, digest in read_manifest(local).files.items()}
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(lambda each: self._bucket.write(_object(key, generation, each[0]), each[1]), names.items()))
        self._bucket.write(_object(key, generation, _MANIFEST), (local / _MANIFEST).read_bytes())

    def list_here(self, folder: Path, key: str, generation: str) -> Manifest:
        """Get the manifest of a generation; raises StorageError when the bucket's is missing or altered."""
        local = folder / FOLDER / generation
        with suppress(GenerationError):
            return read_manifest(local)
        name = _object(key, generation, _MANIFEST)
        found = self._bucket.read(name)
        if found is None:
            raise StorageError(words("errors.bucket.missing", name=name))
        local.mkdir(parents=True, exist_ok=True)
        try:
            replace_text(local / _MANIFEST, found.content.decode())
            return read_manifest(local)
        except (UnicodeDecodeError, GenerationError) as error:
            shutil.rmtree(local, ignore_errors=True)
            raise StorageError(words("errors.bucket.altered", name=name)) from error

    def fill(self, folder: Path, key: str, generation: str) -> None:
        """Fetch the files of a generation that are not here; raises StorageError when one is missing or altered."""
        manifest, local = self.list_here(folder, key, generation), folder / FOLDER / generation
        missing = [(name, digest) for name, digest in manifest.files.items() if not (local / name).is_file()]
        if missing:
            for name, _ in missing:
                (local / name).parent.mkdir(parents=True, exist_ok=True)
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                list(
                    pool.map(
                        lambda each: self._bucket.fetch(_object(key, generation, each[1]), local / each[0], each[1]),
                        missing,
                    )
                )
            self._count(local)
        with suppress(OSError):
            (local / _MANIFEST).touch()  # when it was used last
        if missing:
            self.make_room()

    def mend(self, folder: Path, key: str, generation: str) -> bool:
        """Fetch the files again that have another hash than the manifest says; returns whether there were some."""
        local = folder / FOLDER / generation
        manifest = self.list_here(folder, key, generation)
        wrong = [
            local / name
            for name, digest in manifest.files.items()
            if (local / name).is_file() and file_sha256(local / name) != digest
        ]
        for path in wrong:
            path.unlink()
        self.fill(folder, key, generation)
        return bool(wrong)

    def make_room(self) -> None:
        """Delete files of the generations used longest ago, never of open ones, until the budget holds."""
        with self._lock:
            sizes = self._measured()
            over = sum(sizes.values()) - self._budget_bytes
            if over <= 0:
                return
            open_now, latest = self.is_open(), time.time() - _JUST_USED_S
            for used_at, local in sorted((_used_at(local), local) for local in sizes):
                if over > 0 and used_at < latest and local not in open_now:
                    over -= sizes.pop(local)
                    _empty(local)

    def _measured(self) -> dict[Path, int]:
        """Return the bytes of each generation here, from the disk at the first call."""
        if self._sizes is None:
            folders = every_folder(self._data).values()
            self._sizes = {local: _bytes(local) for folder in folders for local in (folder / FOLDER).glob("[0-9a-f]*")}
        return self._sizes

    def _count(self, local: Path) -> None:
        with self._lock:
            self._measured()[local] = _bytes(local)


def copy_library(bucket: Bucket, key: str, empty: Path) -> None:
    """Copy a library and its live generation into an empty folder; nothing when it is not in the bucket."""
    name = state_name(key)
    if (found := bucket.read(name)) is None:
        return
    state = read_state(found.content, name)
    if state.live is not None:
        LocalCopies(empty, bucket, 0).fill(empty, key, state.live)
    empty.mkdir(parents=True, exist_ok=True)
    write_state(empty, State(), state)


def state_name(key: str) -> str:
    """Return the name of the object that has the state of a library."""
    return f"{key}/state.json"


def generations_in(folder: Path) -> set[str]:
    """Return the ids of the generations that have a folder here."""
    return {path.name for path in (folder / FOLDER).glob("[0-9a-f]*") if path.is_dir()}


def _object(key: str, generation: str, name: str) -> str:
    return f"{key}/{FOLDER}/{generation}/{name}"


def _bytes(local: Path) -> int:
    return sum(path.stat().st_size for path in local.rglob("*") if path.is_file())


def _used_at(local: Path) -> float:
    try:
        return (local / _MANIFEST).stat().st_mtime
    except OSError:
        return 0.0


def _empty(local: Path) -> None:
    """Delete all files of a generation but the manifest."""
    for path in local.iterdir():
        if path.name == _MANIFEST:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
