"""Libraries in a bucket: each is one versioned state and immutable generations; the data folder is a cache of them."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TypeVar

from bot.libraries import paths
from bot.libraries.building import Checkpoints, merged, sweep_bucket
from bot.libraries.copies import LocalCopies, copy_library, generations_in, state_name
from bot.libraries.followed import FRESH_S, Followed, mark, marked, unmark
from bot.libraries.states import State, read_state, state_of, write_state
from bot.objects.bucket import Bucket, ChangedError, UnchangedError
from index.errors import StorageError
from index.generations.manifest import FOLDER, is_whole, live
from prompts import words

log = logging.getLogger(__name__)

ResultT = TypeVar("ResultT")

_TRIES = 30  # of a change, when others are always first


class BucketStorage:
    """Implements `bot.libraries.storage.Storage`. Thread-safe; one process for a data folder."""

    def __init__(self, data: Path, bucket: Bucket, *, cache_bytes: int) -> None:
        self._data = data
        self._bucket = bucket
        self._copies = LocalCopies(data, bucket, cache_bytes)
        self._checkpoints = Checkpoints(bucket)
        self._followed: dict[Path, Followed] = {}
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="bucket")

    def folder_for(self, server: int | None) -> Path:
        """Return the server's own folder if it has a library, else the shared one."""
        return paths.folder_for(self._data, server)

    def refresh(self, server: int | None) -> Future[None] | None:
        """Look into the bucket in another thread when the last look is FRESH_S ago; see Storage."""
        for folder in paths.folders_for(self._data, server):
            known = self._known(folder)
            is_fresh = time.monotonic() - known.looked_at < FRESH_S
            if not known.is_known and known.fault is not None and is_fresh:
                raise known.fault
            if not is_fresh and (known.looking is None or known.looking.done()):
                known.looking = self._pool.submit(self._look_quietly, folder)
            if not known.is_known:
                return known.looking
        return None

    def pull(self, folder: Path) -> None:
        """Copy the state of a library, and the files of its live generation, if they are not here yet."""
        known = self._known(folder)
        with known.lock:
            try:
                found = self._bucket.read(self._name(folder), unless=known.version)
            except UnchangedError:
                if known.state.live is not None:
                    self._copies.fill(folder, self._key(folder), known.state.live)
            else:
                if found is None:
                    self._missing(folder, known)
                else:
                    state = read_state(found.content, self._name(folder))
                    self._refuse_foreign(folder, known, state)
                    self._copy(folder, known, state, found.version)
            known.is_known, known.looked_at, known.fault = True, time.monotonic(), None

    def ready(self, server: int | None) -> Path:
        """Return the folder that answers a server, with the files of its live generation; see Storage."""
        for folder in paths.folders_for(self._data, server):
            self._look(folder)
        folder = self.folder_for(server)
        if (name := live(folder)) is not None:
            self.fetch(folder, name)
        return folder

    def fetch(self, folder: Path, generation: str) -> None:
        """Download what is missing of a generation that is kept."""
        known = self._known(folder)
        if generation in known.state.generations:
            with known.lock:
                self._copies.fill(folder, self._key(folder), generation)

    def mend(self, folder: Path, generation: str) -> bool:
        """Download damaged files again."""
        known = self._known(folder)
        if generation not in known.state.generations:
            return False
        with known.lock:
            return self._copies.mend(folder, self._key(folder), generation)

    def change(self, folder: Path, work: Callable[[Path], ResultT]) -> ResultT:
        """Change a copy of the state, and write it by compare-and-swap; see Storage."""
        return self._change(folder, work, frozenset())

    def begin_build(self, folder: Path) -> None:
        """Copy the library, and what killed builds have encoded."""
        self.pull(folder)
        self._checkpoints.fetch(folder, self._key(folder))

    def save_checkpoint(self, folder: Path) -> None:
        """Upload what was encoded since the last call."""
        self._checkpoints.save(folder, self._key(folder))

    def publish(self, folder: Path) -> None:
        """Upload what was built and add it to the state; raises ExamError when a promotion came too late."""
        known = self._known(folder)
        with known.lock:
            before = known.state
            gone = before.generations - generations_in(folder)
            self._change(folder, lambda scratch: merged(scratch, folder, before), gone)
        with suppress(StorageError):
            self._checkpoints.clear(folder, self._key(folder))
            sweep_bucket(self._bucket, self._key(folder), known.state.generations)

    def clear(self, folder: Path, kept: set[str]) -> None:
        """Make the local folder what it was before a failed build."""
        known = self._known(folder)
        with known.lock:
            write_state(folder, state_of(folder), known.state)
        paths.clear_build(folder, kept)

    def servers(self) -> dict[int | None, Path]:
        """Return the local folders of all libraries in the bucket; some may not exist."""
        ids = sorted(int(name) for name in self._bucket.folders(paths.SERVERS) if name.isdecimal())
        return {None: self._data, **{id: paths.own_folder(self._data, id) for id in ids}}

    def delete(self, server: int) -> None:
        """Delete the local folder, then the state, then the files."""
        folder = paths.own_folder(self._data, server)
        paths.delete(self._data, server)
        names = [each.name for each in self._bucket.names(self._key(folder))]
        self._bucket.delete(sorted(names, key=lambda name: name != self._name(folder)))
        with self._lock:
            self._followed.pop(folder, None)

    def hold(self, is_open: Callable[[], frozenset[Path]]) -> None:
        """Never delete the local files of these generations."""
        self._copies.is_open = is_open

    def skew_s(self) -> float:
        """Try conditional writes; see Storage."""
        return self._bucket.check()

    def faults(self) -> list[tuple[int | None, str]]:
        """Read the live generation of every library again; see Storage."""
        found: list[tuple[int | None, str]] = []
        for server, folder in self.servers().items():
            try:
                with TemporaryDirectory() as empty:
                    copy_library(self._bucket, self._key(folder), Path(empty))
            except StorageError as error:
                found.append((server, str(error)))
        return found

    def copies(self, beside: Path) -> Iterator[tuple[Path, Path]]:
        """Copy one library after the other into a folder in `beside`; see Storage."""
        for server, folder in self.servers().items():
            with TemporaryDirectory(dir=beside) as name:
                copy = Path(name) if server is None else paths.own_folder(Path(name), server)
                copy_library(self._bucket, self._key(folder), copy)
                yield Path(name), copy

    def _look_quietly(self, folder: Path) -> None:
        with suppress(StorageError):  # `refresh` raises it when it is called again
            self._look(folder)

    def _look(self, folder: Path) -> None:
        """Pull if the last look is FRESH_S ago. A library that is known stays as it is when that fails."""
        known = self._known(folder)
        with known.lock:
            if time.monotonic() - known.looked_at < FRESH_S:
                if not known.is_known and known.fault is not None:
                    raise known.fault
                return
            try:
                self.pull(folder)
            except StorageError as error:
                if known.fault is None or str(known.fault) != str(error):
                    log.error("the library in %s cannot be compared with the bucket: %s", folder, error)
                known.fault, known.looked_at = error, time.monotonic()
                if not known.is_known:
                    raise

    def _change(self, folder: Path, work: Callable[[Path], ResultT], gone: frozenset[str]) -> ResultT:
        """See `change`; `gone` are generations that are not kept any more."""
        known, name = self._known(folder), self._name(folder)
        for number in range(_TRIES):
            found = self._bucket.read(name)
            before = State() if found is None else read_state(found.content, name)
            result, after = self._changed(folder, before, work, gone)
            if after == before:
                return result
            for generation in after.generations - before.generations:
                self._copies.upload(folder, self._key(folder), generation)
            try:
                version = self._bucket.replace(name, after.to_bytes(), version=None if found is None else found.version)
            except ChangedError:
                again = self._bucket.read(name)
                if again is None or again.content != after.to_bytes():  # else a repeated request was refused
                    time.sleep(random.uniform(0, 0.01 * min(number + 1, 10)))
                    continue
                version = again.version
            with known.lock, suppress(StorageError):  # the next look tries again
                if known.is_known or folder.is_dir():
                    self._copy(folder, known, after, version)
            return result
        raise StorageError(words("errors.bucket.busy"), passes=True)

    def _changed(
        self, folder: Path, before: State, work: Callable[[Path], ResultT], gone: frozenset[str]
    ) -> tuple[ResultT, State]:
        """Call `work` on a scratch folder in this state, whose generations are those of the local folder."""
        was_there = folder.is_dir()
        (folder / FOLDER).mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory() as name:
            scratch = Path(name)
            (scratch / FOLDER).symlink_to((folder / FOLDER).resolve(), target_is_directory=True)
            write_state(scratch, State(), before)
            had = generations_in(scratch)
            result = work(scratch)
            after, has = state_of(scratch), generations_in(scratch)
        if not was_there and not has:
            (folder / FOLDER).rmdir()
            folder.rmdir()
        kept = frozenset(before.generations - (had - has) - gone) | (after.referenced & has)
        return result, replace(after, generations=kept | ({after.live} if after.live else set()), more=before.more)

    def _copy(self, folder: Path, known: Followed, state: State, version: str) -> None:
        """Make the local folder a copy of this state: manifests, then the files of the live one, then the pointer."""
        for generation in state.generations:
            self._copies.list_here(folder, self._key(folder), generation)
        if state.live is not None:
            self._copies.fill(folder, self._key(folder), state.live)
        folder.mkdir(parents=True, exist_ok=True)
        write_state(folder, known.state, state)
        known.state, known.version, known.is_known = state, version, True
        mark(folder, self._bucket.url, version, state)

    def _missing(self, folder: Path, known: Followed) -> None:
        """Upload a folder that was never in the bucket; forget one that was deleted there."""
        if known.version is None:
            if live(folder) is not None:
                self._upload(folder, known)
            return
        if folder == self._data:
            raise StorageError(words("errors.bucket.emptied"))
        write_state(folder, known.state, State())
        unmark(folder)
        known.state, known.version = State(), None

    def _refuse_foreign(self, folder: Path, known: Followed, state: State) -> None:
        if known.version is None and not known.is_known and live(folder) not in (None, state.live):
            raise StorageError(words("errors.bucket.foreign", folder=folder))

    def _upload(self, folder: Path, known: Followed) -> None:
        """Upload a library of the data folder that was never in the bucket."""
        whole = frozenset(name for name in generations_in(folder) if is_whole(folder / FOLDER / name))
        state = State(state_of(folder).files, whole)
        for generation in whole:
            self._copies.upload(folder, self._key(folder), generation)
        try:
            version = self._bucket.replace(self._name(folder), state.to_bytes(), version=None)
        except ChangedError:
            raise StorageError(words("errors.bucket.foreign", folder=folder)) from None
        known.state = state
        self._copy(folder, known, state, version)
        log.info("the library in %s was uploaded", folder)

    def _known(self, folder: Path) -> Followed:
        with self._lock:
            if folder not in self._followed:
                self._followed[folder] = marked(folder, self._bucket.url)
            return self._followed[folder]

    def _key(self, folder: Path) -> str:
        return "shared" if folder == self._data else f"{paths.SERVERS}/{folder.name}"

    def _name(self, folder: Path) -> str:
        return state_name(self._key(folder))
