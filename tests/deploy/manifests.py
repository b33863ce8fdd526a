"""The manifests of deploy/kubernetes as kubectl applies them, and the files of compose with their anchors resolved."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from typer.main import get_command

from bot.cli import app
from bot.settings import PREFIX, Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
EXAMPLES = ("base", "examples/cloudnativepg", "examples/seaweedfs")

Json = dict[str, Any]


@cache
def rendered(folder: str) -> str:
    """Give what `kubectl apply -k` would send."""
    kubectl = Path(sys.executable).parent / "kubectl"
    done = subprocess.run([kubectl, "kustomize", KUBERNETES / folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def objects(folder: str, kind: str = "") -> list[Json]:
    """List the objects of a kind; without one all of them."""
    return [each for each in yaml.safe_load_all(rendered(folder)) if kind in ("", each["kind"])]


def pods(folder: str) -> dict[str, Json]:
    """Give the template of the pods of each object that makes some, by kind and name."""
    return {
        f"{each['kind']}/{each['metadata']['name']}": each["spec"]["template"]
        for each in objects(folder)
        if "template" in each["spec" if "spec" in each else "metadata"]
    }


def environment(folder: str, pod: Json) -> dict[str, str]:
    """Give what the only container of a pod has in its environment; a secret stands for itself."""
    [container] = pod["spec"]["containers"]
    maps = {each["metadata"]["name"]: each["data"] for each in objects(folder, "ConfigMap")}
    found: dict[str, str] = {}
    for source in container.get("envFrom", []):
        found |= maps[source["configMapRef"]["name"]] if "configMapRef" in source else SECRET
    for each in container.get("env", []):
        origin = each.get("valueFrom", {})
        if "secretKeyRef" in origin:
            found[each["name"]] = SECRET["TUTOR_DATABASE"]
        elif "fieldRef" not in origin:
            found[each["name"]] = each["value"]
    return found


def _secret() -> dict[str, str]:
    lines = (KUBERNETES / "secret.env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


SECRET = _secret()
"""The secret `tutor`, as its example has it."""


def is_setting(name: str) -> bool:
    return name.removeprefix(PREFIX).lower() in Settings.model_fields


def is_command(words: list[str]) -> bool:
    """Say whether `tutor WORDS` names a command."""
    command: Any = get_command(app)
    for word in words:
        command = getattr(command, "commands", {}).get(word)
    return command is not None
