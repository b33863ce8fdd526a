"""Folders of libraries: the shared one is the data folder, a server's own one is `servers/ID` in it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from index.evaluation.golden import add_golden, read_golden
from index.generations import records
from index.generations.lock import building
from index.generations.manifest import FOLDER, LIVE, live, live_or_refuse
from index.generations.promotion import HISTORY, Step, history, promote, waiting

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
    """Give a server a library of its own, a copy of the shared one, if it has none; returns its folder.

    Files are hard links where possible, since a generation never changes. Raises GenerationError when the shared
    library was never built.
    """
    own = own_folder(data, server)
    if live(own) is None:
        generation = live_or_refuse(data)
        target = own / FOLDER / generation
        if not target.is_dir():
            beside = target.with_name(f".{generation}.{os.getpid()}")
            shutil.rmtree(beside, ignore_errors=True)
            shutil.copytree(data / FOLDER / generation, beside, copy_function=_share)
            beside.rename(target)
        if (found := records.read_record(data, generation)) is not None:
            records.record(own, generation, {**found, "by": ""})
        add_golden(own, read_golden(data))
        promote(own, generation, at=at, by=by, step=Step.ADOPTED)
    return own


def give_back(data: Path, server: int) -> None:
    """Let a server read the shared library again when its own was never changed and no build waits in it."""
    own = own_folder(data, server)
    if len({event.generation for event in history(own)}) == 1 and not waiting(own):
        (own / LIVE).unlink(missing_ok=True)
        (own / HISTORY).unlink(missing_ok=True)


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
