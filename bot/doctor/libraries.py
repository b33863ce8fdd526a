"""Checks the model, the aliases and every library, the shared one and those of servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.doctor.finding import Finding
from bot.libraries.paths import every_folder
from bot.libraries.rebuild import aliases_file
from bot.libraries.storage import storage_of
from index.errors import LibraryError
from index.evaluation.golden import read_golden
from index.generations import generation as generations
from index.generations.manifest import FOLDER, live, read_manifest
from index.text.aliases import read_aliases
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.settings import Settings
    from index.generations.manifest import Manifest
    from index.models.encoder import Encoder


def model(settings: Settings) -> tuple[Encoder | None, Finding]:
    """Load the encoder and the re-ranker, if there is one; takes seconds."""
    try:
        from bot.libraries.opening import load_encoder, load_reranker

        load_reranker(settings)  # before the other one, as when the bot starts
        encoder = load_encoder(settings)
    except LibraryError as error:
        return None, Finding("model", False, str(error))
    sentence = words(
        "doctor.model.fine", name=encoder.name, dimension=encoder.dimension, fingerprint=encoder.fingerprint[:12]
    )
    return encoder, Finding("model", True, sentence)


def aliases(settings: Settings) -> Finding:
    """Read the aliases, and check that the shared library was built with them."""
    path = aliases_file(settings)
    try:
        variants = dict(read_aliases(path).variants)
    except LibraryError as error:
        return Finding("aliases", False, str(error))
    try:
        name = live(settings.data)
        built = None if name is None else read_manifest(settings.data / FOLDER / name).aliases
    except LibraryError:
        built = None  # said of the library itself
    if built is not None and built != variants:
        return Finding("aliases", None, words("doctor.aliases.other", path=path))
    return Finding("aliases", True, words("doctor.aliases.fine", path=path, count=len(variants)))


def shared(settings: Settings, encoder: Encoder | None = None, *, briefly: bool = False) -> Finding:
    """Open the shared library, or read only its manifest when `briefly`."""
    try:
        manifest = _look(settings, settings.data, encoder, briefly=briefly)
    except LibraryError as error:
        return Finding("index", False, str(error))
    if manifest is None:
        return Finding("index", None, words("doctor.index.missing"))
    count = {"documents": manifest.documents, "passages": manifest.passages}
    return Finding("index", True, words("doctor.index.fine", generation=manifest.generation, **count))


def servers(settings: Settings, encoder: Encoder | None = None, *, briefly: bool = False) -> Iterator[Finding]:
    """Check the libraries of servers in the same way; yields nothing when there are none."""
    fine, faults = 0, []
    for folder in [*every_folder(settings.data).values()][1:]:
        try:
            fine += _look(settings, folder, encoder, briefly=briefly) is not None
        except LibraryError as error:
            faults.append((folder.name, str(error)))
    if faults:
        server, reason = faults[0]
        others = [name for name, _ in faults[1:]]
        yield Finding("servers", False, words("doctor.servers.bad", server=server, reason=reason, others=others))
    elif fine:
        yield Finding("servers", True, words("doctor.servers.fine", count=fine))


def _look(settings: Settings, folder: Path, encoder: Encoder | None, *, briefly: bool) -> Manifest | None:
    """Return the manifest of a library, None when it has no live generation; raises LibraryError."""
    name = live(folder)
    if name is None:
        return None
    if briefly:
        return read_manifest(folder / FOLDER / name)
    storage_of(settings).fetch(folder, name)
    generation = generations.load(folder, name)
    if encoder is not None:
        generations.check_model(generation, encoder)
    read_golden(folder)
    return generation.texts.manifest
