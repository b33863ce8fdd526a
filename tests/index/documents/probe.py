"""What a hostile file could try once it has taken over the parser that reads it, tried in the real child process.

tests.index.documents.probing starts it: the child process of a real `tutor index build`, except that reading the file
of the probe makes the attempts that the file asks for: ten, each in several ways, by Python and by raw system calls.
"""

from __future__ import annotations

import ctypes
import errno
import json
import mmap
import os
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.documents import confinement, sandbox_child
from index.documents.formats.kinds import Kind
from index.documents.formats.reading import Reading
from index.errors import SourceError

MANIFEST = "model_fingerprint"
TOKEN = "A" * 24 + ".Gprobe." + "x" * 38
FILE = "probe.md"
# What to leave out: nothing, one of the two means that overlap, or all, of the parent as well: the control.
CONFINED, NO_LANDLOCK, NO_SECCOMP, UNCONFINED = "confined", "no landlock", "no seccomp", "unconfined"

_OPENAT2, _IO_URING_SETUP, _CLONE3 = 437, 425, 435  # the same number on every architecture
_PROCESS_VM_READV, _PTRACE, _CLONE, _SOCKET, _EXECVE = (
    (310, 101, 56, 41, 59) if os.uname().machine == "x86_64" else (270, 117, 220, 198, 221)
)
_PTRACE_SEIZE = 0x4206
_libc = ctypes.CDLL(None, use_errno=True)
_read_really = sandbox_child.read


@dataclass(frozen=True, slots=True)
class Targets:
    """What is attacked: files that must not be read, a folder that must not be written, a port that listens."""

    tokens: tuple[str, ...]
    stores: tuple[str, ...]
    libraries: tuple[str, ...]
    folders: tuple[str, ...]
    port: int


Way = Callable[[], object]


def attempts(targets: Targets) -> dict[str, dict[str, Way]]:
    """Name ten attempts, and for each the ways to make it; a way that gives something true has succeeded."""
    parent = f"/proc/{os.getppid()}"
    return {
        "read the token from the environment of the parent": _ways_to_read([f"{parent}/environ"], TOKEN.encode()),
        "read the token from .env or the credentials": _ways_to_read(targets.tokens, TOKEN.encode()),
        "read or trace the memory of the parent": {
            "mem": lambda: _memory(parent),
            "process_vm_readv": lambda: _readv(_first_mapping(parent)),
            "ptrace": lambda: _call(_PTRACE, _PTRACE_SEIZE, os.getppid(), 0, 0) == 0,
        },
        "read the store": _ways_to_read(targets.stores, b"SQLite format 3"),
        "read the libraries of servers": _ways_to_read(targets.libraries, MANIFEST.encode()),
        "write a file": {
            **{f"in {folder}": lambda folder=folder: _write(folder) for folder in (*targets.folders, "/tmp", ".")},
            "link": lambda: os.symlink("/", f"/tmp/probe{os.getpid()}") or True,
            "memfd": lambda: os.write(os.memfd_create("probe"), b"x"),
        },
        "connect": {
            "tcp": lambda: socket.create_connection(("127.0.0.1", targets.port), 2),
            "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", targets.port)),
            "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
            "raw": lambda: _call(_SOCKET, socket.AF_UNIX, socket.SOCK_STREAM, 0) >= 0,
        },
        "listen": {
            "tcp": lambda: socket.create_server(("127.0.0.1", 0)),
            "abstract": lambda: socket.socket(socket.AF_UNIX).bind(f"\0probe{os.getpid()}") or True,
        },
        "start a program": {
            "spawn": lambda: os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0),
            # The kernel looks for the program: executing is not what is refused.
            "execve": lambda: _call(_EXECVE, b"/nonexistent", None, None) < 0 and ctypes.get_errno() == errno.ENOENT,
        },
        "fork": {
            "fork": lambda: os.waitpid(os.fork() or os._exit(0), 0),
            "clone": lambda: _forked(_call(_CLONE, 17, 0, 0, 0, 0)),
            "clone3": lambda: _forked(_call(_CLONE3, (ctypes.c_uint64 * 8)(0, 0, 0, 0, 17), 64)),
            "thread": lambda: threading.Thread(target=int).start() or True,
        },
    }


def _ways_to_read(paths: Sequence[str], expected: bytes) -> dict[str, Way]:
    """Open each path by Python and by openat2; io_uring would open files without a further system call."""
    ways: dict[str, Way] = {"io_uring": lambda: _call(_IO_URING_SETUP, 8, ctypes.create_string_buffer(120)) >= 0}
    for path in paths:
        ways[f"open {path}"] = lambda path=path: expected in Path(path).read_bytes()
        ways[f"openat2 {path}"] = lambda path=path: expected in _openat2(path)
    return ways


def _openat2(path: str) -> bytes:
    found = _call(_OPENAT2, -100, path.encode(), (ctypes.c_uint64 * 3)(), 24)
    if found < 0:
        return b""
    with os.fdopen(found, "rb") as file:
        return file.read()


def _first_mapping(process: str) -> int:
    return int(Path(f"{process}/maps").read_text(encoding="utf-8").split("-")[0], 16)


def _memory(process: str) -> bytes:
    start = _first_mapping(process)
    with Path(f"{process}/mem").open("rb", 0) as memory:
        memory.seek(start)
        return memory.read(16)


def _readv(address: int) -> bool:
    into = ctypes.create_string_buffer(16)
    local = (ctypes.c_uint64 * 2)(ctypes.addressof(into), 16)
    return _call(_PROCESS_VM_READV, os.getppid(), local, 1, (ctypes.c_uint64 * 2)(address, 16), 1, 0) > 0


def _write(folder: str) -> bool:
    path = Path(folder) / f"probe{os.getpid()}"
    path.write_bytes(b"x")
    path.unlink()
    return True


def _forked(pid: int) -> bool:
    if pid == 0:
        os._exit(0)
    return pid > 0 and bool(os.waitpid(pid, 0))


def _call(number: int, *arguments: object) -> int:
    wide = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return int(_libc.syscall(ctypes.c_long(number), *wide))


def succeeded(targets: Targets) -> dict[str, list[str]]:
    """Make all attempts; give of each the ways that succeeded."""
    found: dict[str, list[str]] = {}
    for name, ways in attempts(targets).items():
        found[name] = []
        for way, act in ways.items():
            try:
                if act():
                    found[name].append(way.partition(" ")[0])
            except Exception:
                continue
    return found


def enter_by_another_interface() -> None:
    """Make a system call of 32-bit x86 from machine code, which a filter of 64-bit numbers alone would let through."""
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # mov eax, 20 (getpid); int 0x80; ret
    ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()


def _read(data: bytes, kind: Kind, name: str) -> Reading:
    """Take the place of index.documents.sandbox_child.read: samples are read as ever, the probe's file is obeyed."""
    if name != FILE:
        return _read_really(data, kind, name)
    said = json.loads(data)
    if said == "int80":
        enter_by_another_interface()
    if said == "x32":
        _call(0x40000000 | 39)
    if isinstance(said, str):
        raise SourceError(f"{said} went through")
    found = succeeded(Targets(**said))
    raise SourceError(json.dumps({name: " ".join(sorted({*ways})) for name, ways in found.items() if ways}))


def main() -> None:
    """Be the child process."""
    mode = sys.argv.pop()
    if mode == UNCONFINED:
        changed: Any = sandbox_child
        changed.confine, changed._start_watching = (lambda start: start() or []), lambda: None
    elif mode == NO_LANDLOCK:
        confinement._apply_landlock = lambda: False
    elif mode == NO_SECCOMP:
        confinement._apply_seccomp = lambda: False
    sandbox_child.read = _read
    sandbox_child.main()
