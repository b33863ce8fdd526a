"""The hooks of .pre-commit-config.yaml use what is installed: in any environment, without a download."""

from __future__ import annotations

import subprocess
from importlib.util import find_spec
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]


def test_hooks_download_nothing() -> None:
    """Each hook is a module of the environment; `unsupported` is what pre-commit calls a hook without its own one."""
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    for hook in config["repos"][0]["hooks"]:
        python, option, module, *_ = hook["entry"].split()
        assert (python, option, hook["language"]) == (".ci/python", "-m", "unsupported"), hook["id"]
        assert find_spec(module), f"{module} is not installed"


def test_hooks_use_the_environment_that_is_asked_for(tmp_path: Path) -> None:
    """VENV is used before the active environment, which is used before .venv."""
    for name in ("asked", "active", ".venv"):
        python = tmp_path / name / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f"#!/bin/sh\necho {name} $@\n")
        python.chmod(0o755)
    for environment, expected in (
        ({"VENV": "asked", "VIRTUAL_ENV": "active"}, "asked"),
        ({"VIRTUAL_ENV": "active"}, "active"),
        ({}, ".venv"),
    ):
        command = [str(ROOT / ".ci" / "python"), "-m", "ruff"]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
        assert done.stdout == f"{expected} -m ruff\n"
