"""Chooses what a model runs on: OpenVINO where it is installed and gives the same rows, else torch."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import suppress
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from index.errors import ModelError
from index.models import openvino_runtime
from index.models.encoder import SentenceTransformerEncoder
from index.models.openvino_runtime import OpenVINOEncoder
from index.models.registry import DEFAULT_MODEL, GRAPHS, Backend, Model, locate, settings_sha256

if TYPE_CHECKING:
    from collections.abc import Callable

    from index.models.encoder import Encoder

_FORMAT = 2
_MADE_BY = ("openvino", "sentence-transformers", "transformers", "tokenizers", "torch")
_UNFINISHED = ".unfinished"


def load(name: str, data: Path, backend: Backend, *, say: Callable[[str], None]) -> Encoder:
    """Load a model; for OpenVINO a graph is made of it once, in the data folder, and `say` hears how that goes.

    Raises ModelError when the model cannot be loaded, or OpenVINO was asked for and cannot run it. By itself it is
    only used where it can.
    """
    if backend is Backend.OPENVINO and not openvino_runtime.is_installed():
        raise ModelError("TUTOR_BACKEND is openvino, which is not installed. Install it: pip install '.[fast]'.")
    model = locate(name)
    if backend is Backend.TORCH or not openvino_runtime.is_installed():
        return SentenceTransformerEncoder(model)
    if model.folder is None:
        if backend is Backend.OPENVINO:
            raise ModelError(
                f"OpenVINO runs the packaged model and models in folders, and {name} is a name on the hub. "
                "Set TUTOR_MODEL to a folder with it, or TUTOR_BACKEND=torch."
            )
        return SentenceTransformerEncoder(model)
    return _on_openvino(model, data / GRAPHS, backend, say)


def _on_openvino(model: Model, folder: Path, backend: Backend, say: Callable[[str], None]) -> Encoder:
    own = folder.absolute() / _graph_name(model)
    refused = own.with_suffix(".refused")
    if backend is Backend.AUTO and refused.exists():
        return SentenceTransformerEncoder(model)
    try:
        return _open(model, own) or _made(model, own, say)
    except (ModelError, OSError) as error:
        if backend is Backend.OPENVINO:
            raise
        say(f"the model runs on torch: {error}")
        if isinstance(error, _RefusedError):
            with suppress(OSError):  # else the next start tries again, which only takes long
                refused.write_text(str(error), encoding="utf-8")
        return SentenceTransformerEncoder(model)


class _RefusedError(ModelError):
    """The model gives no graph, or none that does the same; it never will."""


def _graph_name(model: Model) -> str:
    """Name the folder of a model's graph after all that it follows from; the front is the weights' own."""
    assert model.folder is not None
    made_from = [str(_FORMAT), model.fingerprint, settings_sha256(model.folder), *map(version, _MADE_BY)]
    return f"{model.fingerprint[:12]}-{sha256(' '.join(made_from).encode()).hexdigest()[:12]}"


def _open(model: Model, own: Path) -> OpenVINOEncoder | None:
    """Open the graph; None where there is none, or none that is whole."""
    with suppress(ModelError):
        return OpenVINOEncoder(own, name=model.name, fingerprint=model.fingerprint)
    return None


def _made(model: Model, own: Path, say: Callable[[str], None]) -> OpenVINOEncoder:
    """Make the graph, unless another process is just doing that; those of older versions go."""
    own.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(own.parent / "lock"):
        if found := _open(model, own):
            return found
        say("Converting the model for OpenVINO: done once on this machine, takes up to a minute.")
        unfinished = own.parent / _UNFINISHED
        shutil.rmtree(unfinished, ignore_errors=True)
        _convert(model, unfinished)
        for older in own.parent.glob(f"{own.name[:12]}-*"):
            shutil.rmtree(older) if older.is_dir() else older.unlink()
        unfinished.rename(own)
    return OpenVINOEncoder(own, name=model.name, fingerprint=model.fingerprint)


def _convert(model: Model, folder: Path) -> None:
    """Have a child make the graph: what it needs for that, several times what the graph takes, goes with it."""
    name = model.name if model.name == DEFAULT_MODEL else str(model.folder and model.folder.absolute())
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "index.models.openvino_export", name, str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
        text=True,
        check=False,
    )
    if done.returncode:
        sentence = (
            done.stdout.strip().splitlines() or [f"The model {model.name!r} cannot be made ready for OpenVINO."]
        )[-1]
        raise _RefusedError(sentence) if done.returncode == 1 and done.stdout else ModelError(sentence)
