"""Runs the probe of the sandbox below a real command, with all laid out that it must not reach."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from bot.libraries.paths import adopt
from bot.store.migrate import FILE as STORE
from bot.store.migrate import migrate
from index.generations.manifest import FOLDER as GENERATIONS
from tests.index.documents.probe import CONFINED, FILE, TOKEN, UNCONFINED, Targets
from tests.index.fakes import CLAY, build_texts

ROOT = Path(__file__).parents[3]


def program_of(mode: str = CONFINED) -> str:
    """Give the program of a child process that is the probe."""
    root = str(ROOT)
    start = f"import sys; sys.path.append({root!r}); sys.argv.append({mode!r}); "
    return start + "import tests.index.documents.probe as p; p.main()"


def _command_line(mode: str) -> str:
    """Give a program that is our command line, whose child process is the probe."""
    lines = ["import sys", f"sys.path.insert(0, {str(ROOT)!r})", "import bot.cli, index.documents.sandbox"]
    lines += [f"index.documents.sandbox._PROGRAM = {program_of(mode)!r}"]
    lines += ["bot.cli.make_undumpable = lambda: None"] * (mode == UNCONFINED)
    return "\n".join([*lines, "bot.cli.main()"])


@contextmanager
def attacked(folder: Path) -> Iterator[Targets]:
    """Lay out a folder as a bot has it: a token in each place, a store, libraries of two servers; and a port."""
    data, credential, settings = folder / "data", folder / "credentials" / "token", folder / ".env"
    credential.parent.mkdir()
    credential.write_text(TOKEN, encoding="utf-8")
    settings.write_text(f"TUTOR_DISCORD_TOKEN={TOKEN}\n", encoding="utf-8")
    build_texts(data, CLAY)
    own = [adopt(data, server, at="2026-01-01T00:00:00+00:00") for server in (11, 22)]
    migrate(data / STORE)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield Targets(
            tokens=(str(credential), str(settings)),
            stores=(str(data / STORE),),
            libraries=tuple(str(next((each / GENERATIONS).glob("*/manifest.json"))) for each in own),
            folders=(str(data), str(folder)),
            port=listening.getsockname()[1],
        )


def probed(
    folder: Path, asked: Targets | str, mode: str = CONFINED, prefix: Sequence[str] = ()
) -> dict[str, str] | str:
    """Build a library of the probe's file in a folder of `attacked`; give the ways that succeeded, or what was said.

    `prefix` is a command that runs the build, as without_capabilities.
    """
    said = asked if isinstance(asked, str) else asdict(asked)
    (folder / FILE).write_text(json.dumps(said), encoding="utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TUTOR_DISCORD_TOKEN": TOKEN,
        "CREDENTIALS_DIRECTORY": str(folder / "credentials"),
        "OMP_NUM_THREADS": "1",
    }
    program = [sys.executable, "-P", "-c", _command_line(mode)]
    done = subprocess.run(
        [*prefix, *program, "--data", str(folder / "data"), "index", "build", FILE],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    line = done.stderr.strip().splitlines()[-1]
    return dict(json.loads(line)) if line.startswith("{") else line


def without_capabilities() -> list[str]:
    """Give what runs a command as root without the powers of root; nothing where this is not root."""
    if os.getuid() or not shutil.which("setpriv"):
        return []
    return ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
