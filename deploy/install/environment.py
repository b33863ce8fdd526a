"""A virtual environment and what installs into it: uv with pip's configuration; where uv fails, pip."""

from __future__ import annotations

import ast
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from errors import DISK_FULL, READ_ONLY, UNKNOWN, InstallError, advice

OLDEST_PYTHON = (3, 11)
UNFINISHED = ".unfinished"


class Environment:
    """The environment in `folder`; `uv` is None where it could not be installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / "bin" / "python"
        self.uv: Path | None = None
        self.pip_settings: dict[str, str] = {}

    def create(self) -> None:
        """Make it unless it is there and works; one whose installation was broken off is made anew.

        Raises InstallError when Python is too old or has no venv, OSError when the folder cannot be written.
        """
        mark = self.folder / UNFINISHED
        if mark.exists() or (self.python.is_symlink() and not self._works()):
            shutil.rmtree(self.folder)
        if not self.python.exists():
            _require_python()
            self.folder.mkdir(parents=True, exist_ok=True)
            mark.touch()
            code, said = run([sys.executable, "-m", "venv", str(self.folder)], dict(os.environ))
            if code and "ensurepip" in said:
                raise InstallError("Python's venv module is missing. Debian, Ubuntu: apt-get install python3-venv")
            if code:
                raise InstallError(advice(said) or said.strip())
        mark.touch()

    def _works(self) -> bool:
        program = f"import pip, sys; sys.exit(sys.version_info < {OLDEST_PYTHON})"
        return run([str(self.python), "-c", program], dict(os.environ))[0] == 0

    def bootstrap(self, lock: Path) -> None:
        """Install uv by pip; where it has no build, or a mirror lacks it, pip installs everything."""
        self.pip_settings = _pip_settings(self.python)
        code, said = self._pip("--no-deps", "--require-hashes", "-r", str(lock))
        uv = self.folder / "bin" / "uv"
        if code == 0 and run([str(uv), "--version"], dict(os.environ))[0] == 0:
            self.uv = uv
        elif cause := advice(said):
            raise InstallError(cause)
        else:
            print("uv cannot be installed here; pip installs the packages, which takes longer.", flush=True)

    def install(self, *arguments: str) -> None:
        """Install these requirements. Raises InstallError when neither uv nor pip can."""
        said = self.attempt(*arguments)
        if said is not None and self.uv is not None:
            print("uv cannot install this here; pip tries, which takes longer.", flush=True)
            code, said_by_pip = self._pip(*arguments)
            said = said + said_by_pip if code else None
        if said is not None:
            cause = advice(said)
            if cause is None:
                print(said, file=sys.stderr)
            raise InstallError(cause or UNKNOWN)

    def attempt(self, *arguments: str) -> str | None:
        """Install by uv, or by pip where there is no uv; gives what it said when it cannot, else None.

        Raises InstallError when the disk is full or cannot be written: no other source would help.
        """
        if self.uv is None:
            code, said = self._pip(*arguments)
        else:
            own_index = any(word.startswith(("--index-url", "--find-links", "--no-index")) for word in arguments)
            options = [] if own_index else _uv_options(self.pip_settings)
            command = [str(self.uv), "pip", "install", "--python", str(self.python), *options, *arguments]
            code, said = run(command, _uv_environment(self.pip_settings), show=True)
        cause = advice(said) if code else None
        if cause in (DISK_FULL, READ_ONLY):
            raise InstallError(cause)
        return said if code else None

    def _pip(self, *arguments: str) -> tuple[int, str]:
        command = [str(self.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
        return run(command, dict(os.environ, PIP_ROOT_USER_ACTION="ignore"))

    def uninstall(self, package: str) -> None:
        """Remove a package that is there."""
        run([str(self.python), "-m", "pip", "uninstall", "--yes", package], dict(os.environ))

    def version(self, package: str) -> str:
        """Give the installed version; empty when there is none."""
        program = f"from importlib.metadata import version; print(version({package!r}))"
        code, said = run([str(self.python), "-c", program], dict(os.environ))
        return "" if code else said.strip()


def run(command: list[str], environment: dict[str, str], *, show: bool = False) -> tuple[int, str]:
    """Run to the end; gives exit code and output, of which `show` prints how far downloads and installation are.

    It has a process group to itself, so that all of it ends when this is interrupted.
    """
    lines = []
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as running:
        assert running.stdout is not None
        try:
            for line in running.stdout:
                lines.append(line)
                if show and line.startswith(("Downloading", "Prepared", "Installed")):
                    print(line, end="", flush=True)
        except BaseException:
            os.killpg(running.pid, signal.SIGTERM)
            raise
    return running.returncode, "".join(lines)


def _require_python() -> None:
    if sys.version_info < OLDEST_PYTHON:
        oldest, this = (".".join(map(str, version)) for version in (OLDEST_PYTHON, sys.version_info[:3]))
        raise InstallError(
            f"Python {oldest} or newer is needed, and {sys.executable} is {this}. "
            f"Install a newer one and name it: make run PYTHON=python{oldest}"
        )


def _pip_settings(python: Path) -> dict[str, str]:
    """Read what pip is configured with, files and environment together, by option."""
    _, listed = run([str(python), "-m", "pip", "--disable-pip-version-check", "config", "list"], dict(os.environ))
    settings = {}
    for section in ("global.", "install.", ":env:."):  # the later ones go before the earlier ones
        for name, _, value in (line.partition("=") for line in listed.splitlines() if line.startswith(section)):
            settings[name[len(section) :]] = str(ast.literal_eval(value))
    return settings


def _uv_options(settings: dict[str, str]) -> list[str]:
    """Translate pip's settings, which uv does not read. As pip does, look at all indexes: hashes make that safe."""
    options = ["--index-strategy", "unsafe-best-match"]
    names = {
        "index-url": "--default-index",
        "extra-index-url": "--index",
        "find-links": "--find-links",
        "trusted-host": "--allow-insecure-host",
    }
    for name, option in names.items():
        for value in settings.get(name, "").split():
            options += [option, value]
    return [*options, "--no-index"] if settings.get("no-index", "").lower() in ("1", "true", "yes", "on") else options


def _uv_environment(settings: dict[str, str]) -> dict[str, str]:
    """Give uv pip's certificates and proxy, unless the environment names them for all programs."""
    given = {"SSL_CERT_FILE": settings.get("cert"), "ALL_PROXY": settings.get("proxy")}
    return {**{name: value for name, value in given.items() if value}, **os.environ}
