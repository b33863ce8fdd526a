"""Builds a folder tree with what deploy/Dockerfile puts into the image: the program and what it needs, nothing else."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PROGRAM = "opt/tutor"
UID = 10001
DEVICES = ("null", "zero", "full", "random", "urandom")
_LINKS = ("bin", "sbin", "lib", "lib32", "lib64")
_COPIED = ("README.md", "LICENSE", "pyproject.toml", "index", "prompts", "bot")
_PACKAGES = f"{PROGRAM}/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
_WHEEL = "import setuptools.build_meta as backend; print(backend.build_wheel({!r}))"
_SCRIPT = "#!/{}/bin/python\nimport sys\n\nfrom bot.cli import main\n\nsys.exit(main())\n"
_ETC = {
    "passwd": f"root:x:0:0::/root:/usr/sbin/nologin\ntutor:x:{UID}:{UID}::/data:/usr/sbin/nologin\n",
    "group": f"root:x:0:\ntutor:x:{UID}:\n",
    "hosts": "127.0.0.1 localhost\n",
}


def build(tree: Path, work: Path) -> list[str]:
    """Fill an empty folder, with `work` beside it to build in; gives the names of the packages that are in it."""
    packages = tree / _PACKAGES
    packages.mkdir(parents=True)
    needed = _needed()
    for package in needed.values():
        _link(package, packages)
    _slim(packages)
    _install(packages, work)
    _interpreter(tree)
    _outline(tree)
    return [*needed]


def _outline(tree: Path) -> None:
    """Make the places where something will be mounted, the links at the top, and who there is."""
    for name in ("data", "backups", "tmp", "proc", "dev/shm", "etc", *(str(path).lstrip("/") for path in system())):
        (tree / name).mkdir(parents=True, exist_ok=True)
    for name in DEVICES:
        (tree / "dev" / name).touch()
    for path in Path("/").iterdir():
        if path.is_symlink() and path.name in _LINKS:
            (tree / path.name).symlink_to(os.readlink(path))
    for name, content in _ETC.items():
        (tree / "etc" / name).write_text(content, encoding="utf-8")


def _needed() -> dict[str, Distribution]:
    """Find what is installed for the image: the project's requirements and theirs, without those of tests and demo."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = map(Requirement, [*project["dependencies"], *project["optional-dependencies"]["fast"]])
    waiting = [each for each in asked if each.marker is None or each.marker.evaluate()]
    found, seen = {}, set()
    while waiting:
        wanted = waiting.pop()
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        for extra in {"", *wanted.extras}:
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            found[name] = distribution(wanted.name)
            inner = map(Requirement, found[name].requires or [])
            waiting += [each for each in inner if each.marker is None or each.marker.evaluate({"extra": extra})]
    return dict(sorted(found.items()))


def _link(package: Distribution, packages: Path) -> None:
    """Put a package's files there: by a second name on the same disk, which costs no room."""
    for file in package.files or []:
        source = Path(str(package.locate_file(file)))
        if ".." in file.parts or not source.is_file():
            continue  # scripts for the command line, which the image has and nobody runs
        target = packages / file
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except OSError:
            shutil.copy(source, target)


def _slim(packages: Path) -> None:
    """Take out what the Dockerfile takes out."""
    for name in ("include", "test", "share"):
        shutil.rmtree(packages / "torch" / name, ignore_errors=True)
    for path in (packages / "torch" / "bin").glob("*"):
        if path.is_file() and path.name != "torch_shm_manager":
            path.unlink()
    for folder in [path for path in packages.rglob("tests") if path.is_dir()]:
        shutil.rmtree(folder, ignore_errors=True)


def _install(packages: Path, work: Path) -> None:
    """Build the program's wheel from what the Dockerfile copies, and unpack it."""
    source = work / "build"
    source.mkdir(parents=True)
    for name in _COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    command = [sys.executable, "-W", "ignore", "-c", _WHEEL.format(str(work))]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=True)
    with zipfile.ZipFile(work / done.stdout.splitlines()[-1]) as wheel:
        wheel.extractall(packages)


def _interpreter(tree: Path) -> None:
    """Make the virtual environment around the packages; Python itself stays where it is on this machine."""
    base = Path(sys.base_prefix) / "bin" / Path(sys.executable).resolve().name
    program = tree / PROGRAM
    (program / "bin").mkdir()
    (program / "bin" / "python").symlink_to(base)
    version = ".".join(map(str, sys.version_info[:3]))
    (program / "pyvenv.cfg").write_text(
        f"home = {base.parent}\ninclude-system-site-packages = false\nversion = {version}\n", encoding="utf-8"
    )
    script = program / "bin" / "tutor"
    script.write_text(_SCRIPT.format(PROGRAM), encoding="utf-8")
    script.chmod(0o755)


def system() -> Iterator[Path]:
    """Name the folders of this machine that stand for the image's base: its libraries and its Python."""
    yield Path("/usr")
    yield Path(sys.base_prefix)
