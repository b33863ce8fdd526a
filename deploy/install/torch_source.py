"""Chooses where torch comes from.

On Linux the package index has torch with CUDA, several gigabytes that nothing here uses. torch is taken from the first
of these that has it: TORCH_FROM (options of pip); on Linux PyTorch's index of CPU builds, if it answers, and pip's
find-links; the package index, by hash.
"""

from __future__ import annotations

import http.client
import os
import re
import shlex
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from environment import Environment

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
CUDA_SIZE = "2.7 GB to download and 6 GB on the disk"
TIMEOUT_S = 5.0


def install_torch(environment: Environment, lock: Path) -> None:
    """Install torch by the pin in its lock, unless that version is there and TORCH_FROM does not name a source."""
    [pin] = re.findall(r"^torch==\S+", lock.read_text(encoding="utf-8"), re.MULTILINE)
    torch_from = shlex.split(os.environ.get("TORCH_FROM", ""))
    installed = environment.version("torch")
    if torch_from:
        if installed:  # else its version would do, whichever build it is
            environment.uninstall("torch")
        environment.install(*torch_from, pin)
    elif installed.partition("+")[0] != pin.partition("==")[2]:
        if sys.platform == "linux":
            index = os.environ.get("TORCH_CPU_INDEX") or CPU_INDEX
            for source in _cpu_sources(index, environment.pip_settings):
                if environment.attempt("--no-deps", *source, pin) is None:
                    return
            print(
                f"No CPU build of torch from {index}: taking the one with CUDA from the package index, {CUDA_SIZE}. "
                "It runs on the CPU too. Another source can be named: TORCH_FROM='--index-url ADDRESS'",
                flush=True,
            )
        environment.install("--no-deps", "--require-hashes", "-r", str(lock))


def _cpu_sources(index: str, pip_settings: dict[str, str]) -> Iterator[list[str]]:
    if answers(index.rstrip("/") + "/torch/"):
        yield ["--index-url", index]
    for folder in pip_settings.get("find-links", "").split():
        yield ["--no-index", "--find-links", folder]


def answers(address: str) -> bool:
    """Ask for a page for at most TIMEOUT_S, in a thread, since looking up a name cannot be given a time limit."""
    answered = threading.Event()

    def ask() -> None:
        try:
            with urllib.request.urlopen(address, timeout=TIMEOUT_S) as page:
                if page.read(1):
                    answered.set()
        except (OSError, ValueError, http.client.HTTPException):
            pass

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(TIMEOUT_S)
    return answered.is_set()
