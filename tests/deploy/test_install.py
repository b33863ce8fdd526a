"""The installer chooses torch's source as deploy/install says, and gives one sentence for what can go wrong.

Most tests use a virtual environment whose pip and uv are recorded, and real servers on loopback.
"""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "deploy" / "install"
LOCK = ROOT / "requirements" / "torch.txt"


@pytest.fixture(scope="module")
def modules() -> Iterator[dict[str, ModuleType]]:
    """Import the installer's modules, which find one another beside the program and not in a package."""
    sys.path.insert(0, str(PROGRAM))
    names = ("errors", "environment", "torch_source")
    assert not sys.modules.keys() & set(names)
    yield {name: importlib.import_module(name) for name in names}
    sys.path.remove(str(PROGRAM))
    for name in names:
        del sys.modules[name]


class Recorded:
    """Stands for an environment: notes what is to be installed, and cannot install what holds one of `fails`."""

    def __init__(self, *fails: str, settings: dict[str, str] | None = None, installed: str = "") -> None:
        self.fails = fails
        self.pip_settings = settings or {}
        self.installed = installed
        self.asked: list[str] = []

    def attempt(self, *arguments: str) -> str | None:
        self.asked.append(" ".join(arguments))
        return "error" if any(each in arguments for each in self.fails) else None

    def install(self, *arguments: str) -> None:
        assert self.attempt(*arguments) is None

    def uninstall(self, package: str) -> None:
        self.asked.append(f"uninstall {package}")

    def version(self, package: str) -> str:
        assert package == "torch"
        return self.installed


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/cpu/torch/" else 404)
        self.end_headers()
        self.wfile.write(b"<a href='torch.whl'>torch</a>")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def index() -> Iterator[str]:
    """Serve an index that has torch; gives its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/cpu"
        server.shutdown()


@pytest.fixture
def silent() -> Iterator[str]:
    """Give the address of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/cpu"


@pytest.fixture
def refusing() -> str:
    """Give an address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"http://127.0.0.1:{port}/cpu"


Install = Callable[..., tuple[list[str], str]]


@pytest.fixture
def install_torch(
    modules: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Install:
    """Choose a source on Linux, with this CPU index; gives what was to be installed, in order, and what was printed."""

    def run(
        environment: Recorded, index: str, *, torch_from: str = "", platform: str = "linux"
    ) -> tuple[list[str], str]:
        monkeypatch.setenv("TORCH_CPU_INDEX", index)
        monkeypatch.setenv("TORCH_FROM", torch_from)
        monkeypatch.setattr(sys, "platform", platform)
        monkeypatch.setattr(modules["torch_source"], "TIMEOUT_S", 0.5)
        modules["torch_source"].install_torch(environment, LOCK)
        return environment.asked, capsys.readouterr().out

    return run


PIN = "torch==2.13.0"
LOCKED = f"--no-deps --require-hashes -r {LOCK}"


class TestTorch:
    def test_it_comes_from_the_cpu_index_if_that_answers(self, install_torch: Install, index: str) -> None:
        """By its pin, without dependencies, which the lock has."""
        assert install_torch(Recorded(), index) == ([f"--no-deps --index-url {index} {PIN}"], "")

    @pytest.mark.parametrize("state", ["silent", "refusing"])
    def test_an_index_that_does_not_answer_is_given_up(
        self, install_torch: Install, request: pytest.FixtureRequest, state: str
    ) -> None:
        """Within the time limit, with one line that says how large the other build is; nothing ends because of it."""
        began = time.monotonic()
        asked, said = install_torch(Recorded(), request.getfixturevalue(state))
        assert time.monotonic() - began < 3
        assert asked == [LOCKED]
        assert said.count("\n") == 1
        assert "GB" in said
        assert "TORCH_FROM=" in said

    def test_an_index_that_cannot_serve_it_is_given_up(self, install_torch: Install, index: str) -> None:
        """It answers, but has no build for this Python, or breaks off."""
        asked, said = install_torch(Recorded(index), index)
        assert asked[1:] == [LOCKED]
        assert "GB" in said
        assert install_torch(Recorded(), f"{index}/nothing")[0] == [LOCKED], "404 is no answer"

    def test_pips_own_folders_go_before_cuda(self, install_torch: Install, refusing: str) -> None:
        """A build that pip would find there is taken; a folder without one is passed over."""
        settings = {"find-links": "/empty /wheels"}
        asked, said = install_torch(Recorded("/empty", settings=settings), refusing)
        assert asked == [f"--no-deps --no-index --find-links {folder} {PIN}" for folder in ("/empty", "/wheels")]
        assert said == ""

    def test_torch_from_overrules_everything(self, install_torch: Install, index: str) -> None:
        """Also what is installed already."""
        environment = Recorded(installed="2.13.0+cpu")
        asked, _ = install_torch(environment, index, torch_from="--index-url 'A B'")
        assert asked == ["uninstall torch", f"--index-url A B {PIN}"]

    def test_what_is_there_stays(self, install_torch: Install, index: str) -> None:
        """Whichever build it is, if its version is right."""
        assert install_torch(Recorded(installed="2.13.0+cu130"), index)[0] == []
        assert install_torch(Recorded(installed="2.12.0+cpu"), index)[0] != []

    def test_elsewhere_the_package_index_has_cpu_builds(self, install_torch: Install, index: str) -> None:
        """On macOS they are locked by hash."""
        assert install_torch(Recorded(), index, platform="darwin") == ([LOCKED], "")


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("OSError: [Errno 28] No space left on device: '/x'", "disk is full"),
        ("failed to write: No space left on device (os error 28)", "disk is full"),
        ("[Errno 30] Read-only file system: '.venv'", "cannot be written"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", "certificate"),
        ("invalid peer certificate: UnknownIssuer", "certificate"),
        ("NewConnectionError('<pip>: Failed to establish a new connection: [Errno -3]')", "cannot be reached"),
        ("  Caused by: dns error", "cannot be reached"),
        ("ReadTimeoutError: HTTPSConnectionPool: Read timed out.", "cannot be reached"),
    ],
)
def test_each_cause_has_its_sentence(modules: dict[str, ModuleType], said: str, word: str) -> None:
    """As pip, uv or the system says it."""
    assert word in modules["errors"].advice(said)
    assert modules["errors"].advice("ERROR: No matching distribution found for uv==9") is None


def test_pips_configuration_reaches_uv(
    modules: dict[str, ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Index, extra indexes, folders and certificates, from file and environment, of which the environment wins."""
    for name in [name for name in os.environ if name.startswith("PIP_") or name in ("SSL_CERT_FILE", "ALL_PROXY")]:
        monkeypatch.delenv(name)
    (tmp_path / "pip.conf").write_text(
        "[global]\nindex-url = https://file.example/simple\nfind-links =\n    /a\n    /b\ncert = /ca.pem\n"
        "[install]\nextra-index-url = https://more.example/simple\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setenv("PIP_INDEX_URL", "https://env.example/simple")
    environment = modules["environment"]
    settings = environment._pip_settings(Path(sys.executable))
    options = environment._uv_options(settings)
    pairs = list(zip(options[::2], options[1::2], strict=True))
    assert ("--default-index", "https://env.example/simple") in pairs
    assert ("--index", "https://more.example/simple") in pairs
    assert [value for option, value in pairs if option == "--find-links"] == ["/a", "/b"]
    assert environment._uv_environment(settings)["SSL_CERT_FILE"] == "/ca.pem"


@pytest.mark.parametrize(("said", "again"), [("No space left on device (os error 28)", False), ("a bug of uv", True)])
def test_pip_tries_what_uv_cannot(
    modules: dict[str, ModuleType], tmp_path: Path, said: str, again: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """But not on a full disk, where another gigabyte would be fetched for nothing."""
    environment = modules["environment"].Environment(tmp_path)
    (tmp_path / "bin").mkdir()
    for name, last_words in (("uv", said), ("python", "a bug of pip")):
        program = tmp_path / "bin" / name
        program.write_text(f"#!/bin/sh\necho {last_words!r}; echo {name} >> {tmp_path}/ran; exit 1\n", encoding="utf-8")
        program.chmod(0o755)
    environment.uv = tmp_path / "bin" / "uv"
    with pytest.raises(modules["errors"].InstallError, match="lines above" if again else "disk is full"):
        environment.install("idna")
    assert (tmp_path / "ran").read_text(encoding="utf-8").split() == (["uv", "python"] if again else ["uv"])
    assert ("a bug of pip" in capsys.readouterr().err) is again


def program(venv: Path, project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the installer of a copy of the project, without network: pip and uv are given an index that refuses."""
    return subprocess.run(
        [sys.executable, str(project / "deploy" / "install"), str(venv), "run"],
        env={"PATH": os.environ["PATH"], "HOME": str(project), "PIP_CONFIG_FILE": os.devnull, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Copy what the installer reads, into a folder with a space and an umlaut in its name."""
    folder = tmp_path / "Mein Prüfstück"
    shutil.copytree(PROGRAM, folder / "deploy" / "install", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_an_old_python_is_one_sentence(project: Path) -> None:
    """It says which one is there, and how to name another."""
    simulated = project / "old.py"
    simulated.write_text(
        "import runpy, sys\nsys.version_info = (3, 10, 12)\nsys.argv[:1] = []\n"
        "sys.path.insert(0, sys.argv[0])\nrunpy.run_path(sys.argv[0], run_name='__main__')\n",
        encoding="utf-8",
    )
    command = [sys.executable, str(simulated), str(project / "deploy" / "install"), str(project / ".venv"), "run"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Python 3.11 or newer is needed")
    assert "3.10.12" in done.stderr
    assert "make run PYTHON=" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (project / ".venv").exists()


def test_a_folder_that_cannot_be_written_is_one_sentence(project: Path) -> None:
    """Its name is a file's here, which root cannot write into either."""
    (project / "file").touch()
    done = program(project / "file" / ".venv", project)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_ctrl_c_and_then_no_network(project: Path, silent: str, refusing: str) -> None:
    """What was broken off is not taken for whole but begun anew; without a network there is one sentence."""
    venv = project / ".venv"
    environment: dict[str, Any] = {**os.environ, "PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": silent}
    command = [sys.executable, str(project / "deploy" / "install"), str(venv), "run"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        while not (venv / "pyvenv.cfg").exists():
            assert running.poll() is None
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=20)
    assert running.returncode == 130
    assert "Traceback" not in said
    assert "same command" in said
    (venv / "left-over").touch()
    done = program(venv, project, PIP_INDEX_URL=refusing, PIP_RETRIES="1")
    assert (done.returncode, done.stdout) == (1, f"Installing into {venv}.\n")
    assert done.stderr.count("\n") == 1
    assert "cannot be reached" in done.stderr
    assert not (venv / "left-over").exists()
    assert (venv / ".unfinished").exists()


def test_what_is_up_to_date_is_left_alone(project: Path, modules: dict[str, ModuleType]) -> None:
    """A stamp over the locks says so; another lock is another installation, and a second one waits for the first."""
    import fcntl
    from hashlib import sha256

    digest = sha256()
    for file in (project / "pyproject.toml", *sorted((project / "requirements").glob("*.txt"))):
        digest.update(file.read_bytes())
    venv = project / ".venv"
    venv.mkdir()
    (venv / ".installed").write_text(f"dev {digest.hexdigest()}", encoding="utf-8")
    done = program(venv, project)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [path.name for path in venv.iterdir()] == [".installed"]
    held = os.open(project, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    command = [sys.executable, str(project / "deploy" / "install"), str(venv), "run"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as second:
        assert second.stdout is not None
        assert "waiting" in second.stdout.readline()
        os.close(held)
        assert second.wait(60) == 0
