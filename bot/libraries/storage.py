"""Where libraries are stored: the port that readers and builders use, and the data folder as its default."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from bot.libraries import paths
from index.errors import LibraryError, StorageError
from index.generations.manifest import manifests
from prompts import words

if TYPE_CHECKING:
    from bot.settings import Settings

ResultT = TypeVar("ResultT")


class Storage(Protocol):
    """The libraries of the bot. Each has a local folder; in a bucket, the folder is a copy of what lies there.

    All methods but `refresh` may use the network and are called in worker threads. They raise StorageError.
    """

    def folder_for(self, server: int | None) -> Path:
        """Return the local folder of the library that answers a server, as it is known here; no network."""

    def refresh(self, server: int | None) -> Future[None] | None:
        """Have the library of a server compared with the storage now and then, in the background.

        Returns the future to wait for when nothing is known of it yet. Raises StorageError when that failed just now.
        """

    def pull(self, folder: Path) -> None:
        """Bring the local folder of a library up to date, with the files of its live generation."""

    def ready(self, server: int | None) -> Path:
        """Return the local folder of the library that answers a server, not older than some seconds, to read it."""

    def fetch(self, folder: Path, generation: str) -> None:
        """Get the files of a generation that is kept; does nothing when it is here, or not kept."""

    def mend(self, folder: Path, generation: str) -> bool:
        """Get damaged files of a generation again; returns whether there were some."""

    def change(self, folder: Path, work: Callable[[Path], ResultT]) -> ResultT:
        """Call `work` with a folder that has the pointer, history, records and golden questions; keep its changes.

        Where another process was first, `work` is called again on what that one wrote.
        """

    def begin_build(self, folder: Path) -> None:
        """Get what a build of this library starts from, the checkpoint of a killed one included."""

    def save_checkpoint(self, folder: Path) -> None:
        """Keep what a running build has encoded, for the process that continues it."""

    def publish(self, folder: Path) -> None:
        """Make what a build has left in the local folder of a library known to everybody."""

    def clear(self, folder: Path, kept: set[str]) -> None:
        """Delete what a failed build has left beside the `kept` generations."""

    def servers(self) -> dict[int | None, Path]:
        """Return the local folders of all libraries, by server; None is the shared one."""

    def delete(self, server: int) -> None:
        """Delete the library of a server; raises LibraryLockedError during a build."""

    def hold(self, is_open: Callable[[], frozenset[Path]]) -> None:
        """Never delete the local files of these generations to make room."""

    def skew_s(self) -> float:
        """Try what the storage must be able to do; return how many seconds its clock is ahead of this machine's."""

    def faults(self) -> list[tuple[int | None, str]]:
        """Say what is missing or altered in the live generations, by server; reads all of them."""

    def copies(self, beside: Path) -> Iterator[tuple[Path, Path]]:
        """Give each library with its live generation, to copy it: a root, and the library's folder in it.

        The folder may be a temporary one in `beside`, which is there until the next one is asked for.
        """


class Folders:
    """Libraries in the data folder, which is all there is."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def folder_for(self, server: int | None) -> Path:
        """Return the server's own folder if it has a library, else the shared one."""
        return paths.folder_for(self._data, server)

    def refresh(self, server: int | None) -> Future[None] | None:
        """Do nothing: `live` is read at every question."""

    def pull(self, folder: Path) -> None:
        """Do nothing: the folder is the library."""

    def ready(self, server: int | None) -> Path:
        """Return the folder."""
        return self.folder_for(server)

    def fetch(self, folder: Path, generation: str) -> None:
        """Do nothing: what is kept is here."""

    def mend(self, folder: Path, generation: str) -> bool:
        """Return False: there is no other copy."""
        return False

    def change(self, folder: Path, work: Callable[[Path], ResultT]) -> ResultT:
        """Change the folder itself; the functions of index/generations are atomic there."""
        return work(folder)

    def begin_build(self, folder: Path) -> None:
        """Do nothing: everything is here."""

    def save_checkpoint(self, folder: Path) -> None:
        """Do nothing: the checkpoint is here."""

    def publish(self, folder: Path) -> None:
        """Do nothing: what is written is seen."""

    def clear(self, folder: Path, kept: set[str]) -> None:
        """Delete part of a generation, or one whose result was never read."""
        paths.clear_build(folder, kept)

    def servers(self) -> dict[int | None, Path]:
        """Return the folders that exist, also of servers that gave their library back."""
        return paths.every_folder(self._data)

    def delete(self, server: int) -> None:
        """Delete the folder."""
        paths.delete(self._data, server)

    def hold(self, is_open: Callable[[], frozenset[Path]]) -> None:
        """Do nothing: only `prune` deletes generations."""

    def skew_s(self) -> float:
        """Return 0: it is this machine's clock."""
        return 0.0

    def faults(self) -> list[tuple[int | None, str]]:
        """Return nothing: opening a library checks its files."""
        return []

    def copies(self, beside: Path) -> Iterator[tuple[Path, Path]]:
        """Give the folders themselves."""
        for folder in paths.every_folder(self._data).values():
            yield self._data, folder


def built(storage: Storage, folder: Path, build: Callable[[], ResultT]) -> ResultT:
    """Build in a library's folder and publish the result; when it cannot be published the folder is as before."""
    storage.begin_build(folder)
    kept = {manifest.generation for manifest in manifests(folder)}
    result = build()
    try:
        storage.publish(folder)
    except LibraryError:
        storage.clear(folder, kept)
        raise
    return result


def storage_of(settings: Settings) -> Storage:
    """Return the storage that the settings name; one for each data folder and bucket in this process."""
    if settings.bucket is None:
        return Folders(settings.data)
    return _bucket(settings.data, settings.bucket, settings.bucket_endpoint, settings.cache_megabytes)


@lru_cache(maxsize=16)
def _bucket(data: Path, url: str, endpoint: str | None, megabytes: int) -> Storage:
    try:
        from bot.libraries.bucket import BucketStorage
        from bot.objects.bucket import open_bucket
    except ModuleNotFoundError as error:
        raise StorageError(words("errors.bucket.not_installed")) from error
    return BucketStorage(data, open_bucket(url, endpoint), cache_bytes=megabytes * 10**6)
