"""Installs the locked dependencies and the project into a virtual environment; `make` and the Dockerfile call it.

    python3 deploy/install VENV {run,dev,image}

`image` is what the container needs, without the project. Everything but torch comes from requirements/*.txt, checked by
hash. Only the standard library is used, and Python 3.8 suffices to read that a newer one is needed.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import sys
from hashlib import sha256
from pathlib import Path

from environment import UNFINISHED, Environment
from errors import InstallError, advice
from torch_source import install_torch

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ROOT / "requirements"
STAMP = ".installed"


def install(venv: Path, lock: str) -> None:
    """Bring the environment up to the lock, unless it is. One installation at a time in this project."""
    holder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Another installation is running in this folder; waiting for its end.", flush=True)
        fcntl.flock(holder, fcntl.LOCK_EX)
    try:
        _install(venv, lock)
    finally:
        os.close(holder)


def _install(venv: Path, lock: str) -> None:
    stamp = venv / STAMP
    had, _, made_from = stamp.read_text(encoding="utf-8").partition(" ") if stamp.exists() else ("", "", "")
    lock = "dev" if had == "dev" else lock  # the tests' packages stay
    wanted = _digest()
    if (had, made_from) == (lock, wanted) and not (venv / UNFINISHED).exists() and not os.environ.get("TORCH_FROM"):
        return
    print(f"Installing into {venv}.", flush=True)
    environment = Environment(venv)
    environment.create()
    environment.bootstrap(LOCKS / "bootstrap.txt")
    environment.install("--no-deps", "--require-hashes", "-r", str(LOCKS / f"{lock}.txt"))
    install_torch(environment, LOCKS / "torch.txt")
    if lock != "image":
        environment.install("--no-deps", "--no-build-isolation", "-e", str(ROOT))
    stamp.write_text(f"{lock} {wanted}", encoding="utf-8")
    (venv / UNFINISHED).unlink()


def _digest() -> str:
    """Hash what an installation follows from."""
    made_from = sha256()
    for file in (ROOT / "pyproject.toml", *sorted(LOCKS.glob("*.txt"))):
        made_from.update(file.read_bytes())
    return made_from.hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("venv", type=Path)
    parser.add_argument("lock", choices=("run", "dev", "image"))
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        install(arguments.venv, arguments.lock)
    except InstallError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(advice(str(error)) or f"The installation failed: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nStopped. The same command begins anew; what was downloaded is kept.", file=sys.stderr)
        return 130
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
