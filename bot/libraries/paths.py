"""Folders of libraries: the shared one is the data folder, a server's own one is `servers/ID` in it."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from index.errors import LibraryError
from index.evaluation.golden import add_golden, read_golden
from index.generations import records
from index.generations.lock import building
from index.generations.manifest import FOLDER, LIVE, live, live_or_refuse, manifests
from index.generations.promotion import HISTORY, Step, discard, history, promote, sweep, waiting

SERVERS = "servers"


def own_folder(data: Path, server: int) -> Path:
    """Return the folder of a server's own library, which may not exist."""
    return data / SERVERS / str(server)


def folder_for(data: Path, server: int | None) -> Path:
    """Return the folder of the library that answers a server: its own if it has one, else the shared one."""
    if server is None or live(own_folder(data, server)) is None:
        return data
    return own_folder(data, server)


def folders_for(data: Path, server: int | None) -> tuple[Path, ...]:
    """Return the folders whose generations a server may quote, its own first; never those of another server."""
    return (data,) if server is None else (own_folder(data, server), data)


def every_folder(data: Path) -> dict[int | None, Path]:
    """Return the folders of all libraries by server, None is the shared one; also of servers that gave theirs back."""
    own = [path for path in (data / SERVERS).glob("*") if path.name.isdecimal()]
    return {None: data, **{int(path.name): path for path in sorted(own)}}


def adopt(data: Path, server: int, *, at: str, by: str = "") -> Path:
    """Give a server a library of its own, a copy of the shared one, if it has none; returns its folder."""
    own = own_folder(data, server)
    adopt_into(own, data, at=at, by=by)
    return own


def adopt_into(own: Path, shared: Path, *, at: str, by: str = "") -> None:
    """Copy the live generation of the shared library into a folder without a library, and make it live there.

    Files are hard links where possible, since a generation never changes. Raises GenerationError when the shared
    library was never built.
    """
    if live(own) is None:
        generation = live_or_refuse(shared)
        target = own / FOLDER / generation
        if not target.is_dir():
            beside = target.with_name(f".{generation}.{os.getpid()}")
            shutil.rmtree(beside, ignore_errors=True)
            shutil.copytree(shared / FOLDER / generation, beside, copy_function=_share)
            beside.rename(target)
        if (found := records.read_record(shared, generation)) is not None:
            records.record(own, generation, {**found, "by": ""})
        add_golden(own, read_golden(shared))
        promote(own, generation, at=at, by=by, step=Step.ADOPTED)


def give_back(own: Path) -> None:
    """Let a server read the shared library again when its own was never changed and no build waits in it."""
    if len({event.generation for event in history(own)}) == 1 and not waiting(own):
        (own / LIVE).unlink(missing_ok=True)
        (own / HISTORY).unlink(missing_ok=True)


def clear_build(folder: Path, kept: set[str]) -> None:
    """Delete what a killed build left beside the `kept` generations, unless another build runs."""
    with suppress(LibraryError), building(folder, wait_s=0):
        sweep(folder)
        for manifest in manifests(folder):
            if manifest.generation not in kept:
                discard(folder, manifest.generation)


def delete(data: Path, server: int) -> None:
    """Delete a server's own library and what killed deletions left; raises LibraryLockedError during a build."""
    for left_over in (data / SERVERS).glob(".*.gone"):
        shutil.rmtree(left_over, ignore_errors=True)
    own = own_folder(data, server)
    if own.is_dir():
        gone = own.with_name(f".{server}.gone")
        with building(own, wait_s=0):
            own.rename(gone)
        shutil.rmtree(gone)


def _share(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without hard links
        shutil.copy2(source, target)
