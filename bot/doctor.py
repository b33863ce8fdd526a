"""Looks a set-up over and says of each part whether it will work, and how to mend it when not."""

from __future__ import annotations

import re
import sqlite3
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.store.migrate import FILE, known_revisions, revision
from index import generation as generations
from index.errors import LibraryError
from index.manifest import live
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.settings import Settings
    from index.encoder import Encoder

_TOKEN = re.compile(r"[\w-]{20,}\.[\w-]{4,}\.[\w-]{20,}")


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of the set-up; `fine` is None where something is missing that is not needed yet."""

    part: str
    fine: bool | None
    sentence: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at one part after the other; loading the model takes seconds."""
    yield Finding("settings", True, words("doctor.settings.fine"))
    yield _token(settings)
    yield Finding("intents", True, words("doctor.intents.fine"))
    yield _data(settings)
    yield _store(settings)
    encoder = None
    try:
        from bot.library import load_encoder

        encoder = load_encoder(settings)
        sentence = words(
            "doctor.model.fine",
            name=encoder.name,
            dimension=encoder.dimension,
            fingerprint=encoder.fingerprint[:12],
        )
        yield Finding("model", True, sentence)
    except LibraryError as error:
        yield Finding("model", False, str(error))
    yield _index(settings, encoder)


def _token(settings: Settings) -> Finding:
    if settings.discord_token is None:
        return Finding("token", None, words("doctor.token.missing"))
    looks_right = _TOKEN.fullmatch(settings.discord_token.get_secret_value()) is not None
    return Finding("token", looks_right, words("doctor.token.fine" if looks_right else "doctor.token.malformed"))


def _data(settings: Settings) -> Finding:
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.data):
            pass
    except OSError as error:
        return Finding("data", False, words("errors.data_unusable", path=settings.data, reason=error.strerror))
    return Finding("data", True, words("doctor.data.fine", path=settings.data))


def _store(settings: Settings) -> Finding:
    path = settings.data / FILE
    try:
        found = revision(path)
    except (OSError, sqlite3.Error) as error:
        return Finding("store", False, words("errors.store_unusable", path=path, reason=error))
    if found is None:
        return Finding("store", None, words("doctor.store.missing"))
    if found not in known_revisions():
        return Finding("store", False, words("errors.store_newer", path=path))
    return Finding("store", True, words("doctor.store.fine", path=path))


def _index(settings: Settings, encoder: Encoder | None) -> Finding:
    try:
        name = live(settings.data)
        if name is None:
            return Finding("index", None, words("doctor.index.missing"))
        generation = generations.load(settings.data, name)
        if encoder is not None:
            generations.check_model(generation, encoder)
    except LibraryError as error:
        return Finding("index", False, str(error))
    manifest = generation.texts.manifest
    sentence = words("doctor.index.fine", generation=name, documents=manifest.documents, passages=manifest.passages)
    return Finding("index", True, sentence)
