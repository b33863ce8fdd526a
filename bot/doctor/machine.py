"""Checks the machine: its clock, the build of torch, and the sandbox of the document readers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from typing import TYPE_CHECKING

from bot.doctor.finding import Finding
from bot.libraries.paths import every_folder
from index.documents.formats.kinds import Kind
from index.documents.sandbox import Sandbox
from index.generations.manifest import manifests
from index.generations.promotion import history
from prompts import words

if TYPE_CHECKING:
    from pathlib import Path

    from bot.settings import Settings

_SLACK = timedelta(minutes=2)
_RELEASED = datetime(2026, 1, 1, tzinfo=UTC)
_CUDA = ("nvidia", "cuda", "triton")


def clock(settings: Settings, now: datetime) -> Finding:
    """Compare the clock with the latest time in the libraries' files: quiz schedules depend on it."""
    latest = max([_RELEASED, *(_written(settings.data))])
    if now + _SLACK < latest:
        return Finding("clock", False, words("doctor.clock.behind", now=now, latest=latest))
    return Finding("clock", True, words("doctor.clock.fine", now=now))


def _written(data: Path) -> list[datetime]:
    found = []
    for folder in every_folder(data).values():
        for said in [event.at for event in history(folder)] + [each.built_at for each in manifests(folder)]:
            try:
                found.append(datetime.fromisoformat(said))
            except ValueError:
                continue
    return [each for each in found if each.tzinfo is not None]


def torch() -> Finding:
    """Check whether torch is the CUDA build, which takes gigabytes and is not used."""
    try:
        installed = distribution("torch")
    except PackageNotFoundError:
        return Finding("torch", False, words("doctor.torch.missing"))
    extra = [each for each in distributions() if (each.name or "").lower().startswith(_CUDA)]
    if "+cu" not in installed.version and not extra:
        return Finding("torch", True, words("doctor.torch.fine", version=installed.version))
    size = sum(_size_bytes(each) for each in (installed, *extra))
    return Finding("torch", None, words("doctor.torch.cuda", version=installed.version, size=size // 2**20))


def sandbox() -> Finding:
    """Start a sandbox process and ask which confinement this platform lacks; takes half a second."""
    try:
        with Sandbox() as starting:
            lacking = starting.start(Kind.MARKDOWN)
    except OSError as error:
        return Finding("sandbox", False, words("doctor.sandbox.broken", reason=error, text=Kind.TEXT.suffix))
    if not lacking:
        return Finding("sandbox", True, words("doctor.sandbox.fine"))
    named = " ".join(words(f"doctor.sandbox.lacking.{means}") for means in lacking)
    return Finding("sandbox", None, words("doctor.sandbox.weak", lacking=named))


def _size_bytes(package: Distribution) -> int:
    return sum(file.size or 0 for file in package.files or ())
