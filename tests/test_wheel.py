"""The wheel holds what the program needs: every module, data file and `py.typed` of the three packages, and no test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "index", "prompts")
# Run in the project's folder, as pip does; `setuptools` is the locked version, so nothing is downloaded.
_BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of the files in a wheel that is built from a copy of the project."""
    copy, wheels = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("wheels")
    for name in (*PACKAGES, "pyproject.toml", "README.md", "LICENSE"):
        (copy / name).symlink_to(ROOT / name)
    subprocess.run([sys.executable, "-W", "ignore", "-c", _BUILD, str(wheels)], cwd=copy, check=True, timeout=60)
    [wheel] = wheels.glob("*.whl")
    with ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def test_the_wheel_has_every_file_of_the_packages(shipped: set[str]) -> None:
    """A data file that package-data does not name would be missing after `pip install` only."""
    files = {
        file.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for file in (ROOT / package).rglob("*")
        # script.py.mako is Alembic's template for a new migration, which is written in a checkout.
        if file.is_file() and "__pycache__" not in file.parts and file.name != "script.py.mako"
    }
    assert shipped == files


@pytest.mark.parametrize("package", PACKAGES)
def test_the_packages_are_typed(shipped: set[str], package: str) -> None:
    """Type checkers read the annotations of a package only if it ships `py.typed` (PEP 561)."""
    assert f"{package}/py.typed" in shipped
