"""Restricts a Linux process for good: no files, no network, no other processes, no reading of its memory by others.

Plain ctypes on the kernel's interface: the packages that wrap it need a system library (libseccomp) or cover one of the
means only. What each of the MEANS stops:

- undumpable: processes of the same user cannot read the memory or /proc/PID/environ of this one, or trace it.
- landlock (kernel 5.13): no file or folder can be opened, created or removed; from ABI 4 on no TCP, from ABI 6 on no
  abstract Unix socket and no signal to other processes. Holds for root as well.
- seccomp (x86-64 and 64-bit ARM): an allow-list of system calls, none of which takes a path, an address or the id of
  another process. It covers all that Landlock does, and starting programs, other sockets and kernel interfaces. Holds
  for root as well, so that no capability has to be dropped.

They overlap on purpose: one remains where a kernel or a container runtime lacks another. Where all are missing (macOS),
only the resource limits of index.documents.sandbox_child remain. A missing means is reported by name; one that the
kernel has and that cannot be applied raises OSError.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Callable, Iterable, Iterator

MEANS = ("undumpable", "landlock", "seccomp")

# What a kernel without a means answers; EPERM comes from a container runtime that blocks the system call.
_MISSING = {errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL, errno.EPERM}

# linux/prctl.h
_PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 4, 38

# linux/landlock.h. A right that is handled and that no rule allows is denied; there are no rules. Each right comes with
# the ABI that introduced it. The numbers of the system calls are the same on every architecture.
_LANDLOCK_CREATE_RULESET, _LANDLOCK_RESTRICT_SELF = 444, 446
_LANDLOCK_CREATE_RULESET_VERSION = 1
_ACCESS_FS = ((1, 0x1FFF), (2, 0x2000), (3, 0x4000), (5, 0x8000))  # ABI 1, then refer, truncate, ioctl on devices
_ACCESS_NET = ((4, 0x3),)  # bind and connect TCP
_SCOPE = ((6, 0x3),)  # abstract Unix sockets, signals

# linux/seccomp.h, linux/filter.h
_SECCOMP_SET_MODE_FILTER, _SECCOMP_GET_ACTION_AVAIL = 1, 2
_SECCOMP_FILTER_FLAG_TSYNC = 1
_SECCOMP_RET_KILL_PROCESS, _SECCOMP_RET_ERRNO, _SECCOMP_RET_ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_BPF_LOAD, _BPF_JUMP_IF_EQUAL, _BPF_JUMP_IF_AT_LEAST, _BPF_RETURN = 0x20, 0x15, 0x35, 0x06
_X32_SYSCALL_BIT = 0x40000000

# By machine: AUDIT_ARCH (linux/audit.h), the number of seccomp(2), and what is allowed (asm/unistd.h).
_SYSCALLS = {
    "x86_64": (
        0xC000003E,
        317,
        "read 0 write 1 close 3 poll 7 mmap 9 mprotect 10 munmap 11 brk 12 rt_sigaction 13 rt_sigprocmask 14 "
        "rt_sigreturn 15 readv 19 writev 20 sched_yield 24 mremap 25 madvise 28 nanosleep 35 alarm 37 setitimer 38 "
        "getpid 39 exit 60 gettimeofday 96 getrusage 98 sysinfo 99 sigaltstack 131 gettid 186 time 201 futex 202 "
        "sched_getaffinity 204 restart_syscall 219 clock_gettime 228 clock_getres 229 clock_nanosleep 230 "
        "exit_group 231 set_robust_list 273 getcpu 309 getrandom 318 rseq 334",
    ),
    "aarch64": (
        0xC00000B7,
        277,
        "close 57 read 63 write 64 readv 65 writev 66 ppoll 73 exit 93 exit_group 94 futex 98 set_robust_list 99 "
        "nanosleep 101 setitimer 103 clock_gettime 113 clock_getres 114 clock_nanosleep 115 sched_getaffinity 123 "
        "sched_yield 124 restart_syscall 128 sigaltstack 132 rt_sigaction 134 rt_sigprocmask 135 rt_sigreturn 139 "
        "getrusage 165 getcpu 168 gettimeofday 169 getpid 172 gettid 178 sysinfo 179 brk 214 munmap 215 mremap 216 "
        "mmap 222 mprotect 226 madvise 233 getrandom 278 rseq 293",
    ),
}


def make_undumpable() -> bool:
    """Deny other processes of the same user this one's memory and environment; False where there is no such means.

    A program that this process starts does not inherit it. Root can still attach a debugger.
    """
    return sys.platform == "linux" and not _libc().prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def confine(start_threads: Callable[[], None]) -> list[str]:
    """Apply the MEANS to this process for good; give those that the platform lacks.

    What is needed later must be imported and open already. `start_threads` is called between Landlock, which only
    new threads inherit, and seccomp, which all threads get and under which none can be started. Raises OSError when a
    means that the platform has cannot be applied.
    """
    applied = {"undumpable": make_undumpable(), "landlock": False, "seccomp": False}
    if sys.platform == "linux":
        _checked(_libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))  # without it only root may apply the other two
        applied["landlock"] = _apply_landlock()
    start_threads()
    if sys.platform == "linux":
        applied["seccomp"] = _apply_seccomp()
    return [means for means in MEANS if not applied[means]]


def _apply_landlock() -> bool:
    """Deny all that the kernel's version of Landlock can deny; False when it has none."""
    try:
        abi = _syscall(_LANDLOCK_CREATE_RULESET, None, 0, _LANDLOCK_CREATE_RULESET_VERSION)
    except OSError as error:
        if error.errno in _MISSING:
            return False
        raise
    handled = [sum(bits for since, bits in rights if since <= abi) for rights in (_ACCESS_FS, _ACCESS_NET, _SCOPE)]
    attributes = struct.pack("=3Q", *handled)
    ruleset = _syscall(_LANDLOCK_CREATE_RULESET, attributes, len(attributes), 0)
    try:
        _syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return True


def _apply_seccomp() -> bool:
    """Allow all threads the listed system calls only; False when the kernel or this architecture has no filter.

    Any other call fails with EPERM instead of ending the process: a library that looks for an optional file goes on
    without it, and the document is read.
    """
    if platform.machine() not in _SYSCALLS or sys.maxsize < 2**32:
        return False
    architecture, seccomp, allowed = _SYSCALLS[platform.machine()]
    try:
        _syscall(seccomp, _SECCOMP_GET_ACTION_AVAIL, 0, struct.pack("=I", _SECCOMP_RET_ERRNO))
    except OSError as error:
        if error.errno in _MISSING:
            return False
        raise
    instructions = b"".join(_instructions(architecture, map(int, allowed.split()[1::2])))
    buffer = ctypes.create_string_buffer(instructions, len(instructions))
    program = struct.pack("@HP", len(instructions) // 8, ctypes.addressof(buffer))
    if _syscall(seccomp, _SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_TSYNC, program):
        raise OSError(errno.EBUSY, "a thread does not take the system call filter")
    return True


def _instructions(architecture: int, allowed: Iterable[int]) -> Iterator[bytes]:
    """Give a BPF program, one instruction at a time, over struct seccomp_data: number at 0, architecture at 4."""

    def instruction(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
        return struct.pack("=HBBI", code, if_true, if_false, operand)

    yield instruction(_BPF_LOAD, 4)
    yield instruction(_BPF_JUMP_IF_EQUAL, architecture, 1, 0)
    yield instruction(_BPF_RETURN, _SECCOMP_RET_KILL_PROCESS)
    yield instruction(_BPF_LOAD, 0)
    yield instruction(_BPF_JUMP_IF_AT_LEAST, _X32_SYSCALL_BIT, 0, 1)
    yield instruction(_BPF_RETURN, _SECCOMP_RET_KILL_PROCESS)
    for number in allowed:
        yield instruction(_BPF_JUMP_IF_EQUAL, number, 0, 1)
        yield instruction(_BPF_RETURN, _SECCOMP_RET_ALLOW)
    yield instruction(_BPF_RETURN, _SECCOMP_RET_ERRNO | errno.EPERM)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _syscall(number: int, *arguments: int | bytes | None) -> int:
    """Call syscall(2); raise OSError where it gives -1."""
    wide = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return _checked(_libc().syscall(ctypes.c_long(number), *wide))


def _checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
