"""The locks in requirements/ are whole: every requirement has its hashes, and nothing that is needed is missing."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ROOT / "requirements"
EXTRAS = {"image": ("fast", "cluster"), "run": ("fast", "demo"), "dev": ("fast", "cluster", "demo", "dev", "docs")}
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
# The platforms that the README names.
PLATFORMS = [
    {
        "python_version": version,
        "python_full_version": f"{version}.1",
        "sys_platform": system,
        "platform_system": {"linux": "Linux", "darwin": "Darwin"}[system],
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "os_name": "posix",
    }
    for version in ("3.11", "3.12", "3.13", "3.14")
    for system, machine in (("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"))
]


def locked(name: str) -> dict[str, tuple[Requirement, int]]:
    """Give each requirement of a lock by its name, with how many hashes it has."""
    text = re.sub(r"^\s*#.*\n", "", (LOCKS / f"{name}.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)
    found: dict[str, tuple[Requirement, int]] = {}
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        requirement, *hashes = line.split("--hash=")
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}\s*", each) for each in hashes), line
        parsed = Requirement(requirement)
        assert canonicalize_name(parsed.name) not in found, f"{parsed.name} stands twice"
        found[canonicalize_name(parsed.name)] = (parsed, len(hashes))
    return found


@pytest.mark.parametrize("name", ["bootstrap", "torch", *EXTRAS])
def test_every_requirement_has_one_version_and_hashes(name: str) -> None:
    """pip and uv refuse whatever is not one of the files that were locked; no address of an index is written down."""
    found = locked(name)
    assert found
    for requirement, hashes in found.values():
        assert [each.operator for each in requirement.specifier] == ["=="], requirement
        assert hashes >= 1, requirement
        assert requirement.url is None
    assert not re.search(r"https?:|file:|--index|--find-links", (LOCKS / f"{name}.txt").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", EXTRAS)
@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda each: "-".join(list(each.values())[::2][:3]))
def test_a_lock_holds_what_the_project_asks_for(name: str, platform: dict[str, str]) -> None:
    """Each dependency, on every platform that the README names, in a version that pyproject.toml allows."""
    found = locked(name)
    project = PYPROJECT["project"]
    asked = [
        *project["dependencies"],
        *(each for extra in EXTRAS[name] for each in project["optional-dependencies"][extra]),
    ]
    for wanted in map(Requirement, asked):
        if canonicalize_name(wanted.name) == project["name"] or (
            wanted.marker and not wanted.marker.evaluate(platform)
        ):
            continue
        assert canonicalize_name(wanted.name) in found, f"{wanted.name}: make lock"
        requirement, _ = found[canonicalize_name(wanted.name)]
        assert requirement.marker is None or requirement.marker.evaluate(platform), requirement
        [pinned] = requirement.specifier
        assert wanted.specifier.contains(pinned.version, prereleases=True), f"{wanted}, locked {pinned}: make lock"


def test_locks_agree() -> None:
    """One version of each package, whichever lock it is in; the smaller locks are parts of the greater."""
    image, run, dev, torch, bootstrap = map(locked, ("image", "run", "dev", "torch", "bootstrap"))
    assert image.keys() < dev.keys()
    assert run.keys() < dev.keys()
    for part in (image, run, torch, bootstrap):
        for name in part.keys() & dev.keys():
            assert part[name][0].specifier == dev[name][0].specifier, name


def test_torch_and_cuda_are_locked_apart() -> None:
    """A CPU build of torch finds all that it needs in the other locks, and none of them brings CUDA."""
    cuda = re.compile(r"torch|triton|cuda|nvidia")
    torch = locked("torch")
    for name in EXTRAS:
        found = locked(name)
        assert not [each for each in found if cuda.match(each)]
        assert [each for each in torch if not cuda.match(each) and each not in found] == []


def test_what_builds_the_project_is_locked() -> None:
    """setuptools, which builds it without isolation, has the version that pyproject.toml names, in every lock."""
    [wanted] = PYPROJECT["build-system"]["requires"]
    for name in ("bootstrap", *EXTRAS):
        assert str(locked(name)["setuptools"][0]) == wanted
