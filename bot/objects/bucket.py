"""Objects in an S3 bucket below a prefix. Blocking calls for worker threads; raises StorageError for people."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import get_ident
from typing import Any
from uuid import uuid4

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    NotModifiedError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import S3Store

from index.errors import StorageError
from prompts import words

_CONNECT_S, _READ_S, _RETRY_S = 2, 10, 5
_RETRIES = 2
_PART_BYTES = 8 * 2**20
"""Downloaded with one request: it fits the 30 s of a request on a line of 3 Mbit/s."""
# What servers call a full disk or a used-up quota: S3-compatible ones in their XML, gateways by the status 507.
# SeaweedFS calls it an internal error, as everything else that fails in it.
_FULL = (
    "status code: 507",
    "insufficientstorage",
    "quotaexceeded",
    "storagefull",
    "toomuchdata",
    "no free volumes",
    "no writable",
)
_FAILS = re.compile(r"status code: (5\d\d).*?(?:<code>(\w+)</code>|$)", re.DOTALL)
_SKEWED = "requesttimetooskewed"
"""Servers refuse requests that were signed more than 15 minutes ago, or will be."""


class ChangedError(Exception):
    """Another process has written the object since its version was read."""


class UnchangedError(Exception):
    """The object still has the version that was named."""


@dataclass(frozen=True, slots=True)
class Object:
    """The content of an object, and its version for `replace`."""

    content: bytes
    version: str


@dataclass(frozen=True, slots=True)
class Listed:
    """The name of an object below the prefix, and when it was written."""

    name: str
    at: datetime


class Bucket:
    """The objects below one prefix. `url` is `s3://BUCKET/PREFIX`; thread-safe."""

    def __init__(self, url: str, store: Any) -> None:
        """Take a store of obstore, made by `open_bucket` or by a test."""
        self.url = url
        self._store = store

    def read(self, name: str, *, unless: str | None = None) -> Object | None:
        """Read an object, None when there is none; raises UnchangedError when it has the version `unless`."""
        with self._explained():
            try:
                found = obstore.get(self._store, name, options={"if_none_match": unless} if unless else None)
                return Object(bytes(found.bytes()), str(found.meta["e_tag"]))
            except NotModifiedError:
                raise UnchangedError from None
            except FileNotFoundError as error:
                self._refuse_missing_bucket(error)
                return None

    def replace(self, name: str, content: bytes, *, version: str | None) -> str:
        """Write an object that has this version, or must not exist when it is None; returns the new version.

        Raises ChangedError when another process was first.
        """
        with self._explained():
            try:
                mode: Any = "create" if version is None else {"e_tag": version}
                return str(obstore.put(self._store, name, content, mode=mode, use_multipart=False)["e_tag"])
            except (AlreadyExistsError, PreconditionError):
                raise ChangedError from None
            except FileNotFoundError as error:
                self._refuse_missing_bucket(error)
                raise ChangedError from None

    def write(self, name: str, content: bytes | Path) -> None:
        """Write an object; a large file goes up in parts, and is seen whole or not at all."""
        with self._explained():
            obstore.put(self._store, name, content)

    def fetch(self, name: str, path: Path, sha256: str) -> None:
        """Download an object into a file that appears when it is whole; raises StorageError for another hash."""
        beside = path.with_name(f".{path.name}.{os.getpid()}.{get_ident()}")
        try:
            with self._explained(), beside.open("wb") as stream:
                found = hashlib.sha256()
                for part in self._parts(name):
                    found.update(part)
                    stream.write(part)
            if found.hexdigest() != sha256:
                raise StorageError(words("errors.bucket.altered", name=name))
            beside.rename(path)
        finally:
            beside.unlink(missing_ok=True)

    def names(self, prefix: str) -> list[Listed]:
        """List the objects below a folder, in no order."""
        with self._explained():
            pages = obstore.list(self._store, f"{prefix}/", chunk_size=1000)
            return [Listed(each["path"], each["last_modified"]) for page in pages for each in page]

    def folders(self, prefix: str) -> list[str]:
        """List the last parts of the names of the folders in a folder."""
        with self._explained():
            found = obstore.list_with_delimiter(self._store, f"{prefix}/")
            return [each.rstrip("/").rsplit("/", 1)[-1] for each in found["common_prefixes"]]

    def delete(self, names: Sequence[str]) -> None:
        """Delete objects; those that do not exist are passed over."""
        with self._explained():
            for name in names:  # one by one: not every server deletes several with one request
                try:
                    obstore.delete(self._store, name)
                except FileNotFoundError:
                    continue

    def check(self) -> float:
        """Write, read, compare-and-swap and delete a small object; raises StorageError with what does not work.

        Returns how many seconds the server's clock is ahead of this machine's, give or take a second.
        """
        name = f".check/{uuid4().hex}"
        try:
            skew_s = self._try(name)
        except StorageError:
            with suppress(StorageError):  # the first fault is the one to say
                self.delete([name])
            raise
        self.delete([name])
        return skew_s

    def _try(self, name: str) -> float:
        first = self.replace(name, b"1", version=None)
        second = self.replace(name, b"2", version=first)
        found = self.read(name)
        if found is None or (found.content, found.version) != (b"2", second):
            raise StorageError(words("errors.bucket.altered", name=name))
        for version in (None, first):
            try:
                self.replace(name, b"3", version=version)
            except ChangedError:
                continue
            raise StorageError(words("errors.bucket.no_swap", url=self.url))
        with self._explained():
            written_at: datetime = obstore.head(self._store, name)["last_modified"]
            return written_at.timestamp() - time.time()

    def _parts(self, name: str) -> Iterator[bytes]:
        try:
            size = obstore.head(self._store, name)["size"]
            for start in range(0, size, _PART_BYTES):
                end = min(start + _PART_BYTES, size)
                yield bytes(obstore.get_range(self._store, name, start=start, end=end))
        except FileNotFoundError as error:
            self._refuse_missing_bucket(error)
            raise StorageError(words("errors.bucket.missing", name=name)) from None

    def _refuse_missing_bucket(self, error: FileNotFoundError) -> None:
        if "NoSuchBucket" in str(error):
            raise StorageError(words("errors.bucket.no_bucket", url=self.url)) from error

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Raise StorageError in place of the errors of obstore."""
        try:
            yield
        except (PermissionDeniedError, UnauthenticatedError) as error:
            if _SKEWED in str(error).lower():
                raise StorageError(words("errors.bucket.skewed"), passes=True) from error
            raise StorageError(words("errors.bucket.rights")) from error
        except BaseError as error:
            said = str(error).split("Debug source:", 1)[0].lower()
            if "nosuchbucket" in said or "invalidbucketname" in said:
                raise StorageError(words("errors.bucket.no_bucket", url=self.url)) from error
            if "accessdenied" in said:  # of a deletion
                raise StorageError(words("errors.bucket.rights")) from error
            raise StorageError(_sentence(said), passes=True) from error


def _sentence(said: str) -> str:
    """Tell a full server, one that fails and one that is away apart by what it said, in lower case."""
    if any(each in said for each in _FULL):
        return words("errors.bucket.full")
    if (fails := _FAILS.search(said)) is not None:
        return words("errors.bucket.fails", status=fails[1], code=fails[2])
    return words("errors.bucket.away")


def open_bucket(url: str, endpoint: str | None) -> Bucket:
    """Open `s3://BUCKET/PREFIX` without asking the server; keys come from the environment, as AWS names them."""
    options: dict[str, Any] = {} if endpoint is None else {"endpoint": endpoint}
    store = S3Store.from_url(
        url,
        client_options={
            "connect_timeout": f"{_CONNECT_S}s",
            "read_timeout": f"{_READ_S}s",
            "allow_http": (endpoint or "").startswith("http://"),
        },
        retry_config={"max_retries": _RETRIES, "retry_timeout": timedelta(seconds=_RETRY_S)},
        **options,
    )
    return Bucket(url, store)
