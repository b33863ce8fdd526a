"""Opens the library the settings name, and builds the one that ships when there is none yet."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from index import generation as generations
from index.build import Report, build
from index.cleaning import read_aliases
from index.documents import read_sources
from index.encoder import SentenceTransformerEncoder
from index.errors import LibraryError
from index.texts import live

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.settings import Settings
    from index.encoder import Encoder
    from index.generation import Generation

log = logging.getLogger(__name__)

SEEDS = Path(str(files("index") / "seeds"))
_ALIASES = Path(str(files("prompts") / "aliases.yaml"))


@dataclass(frozen=True, slots=True)
class Library:
    """An open generation and the model that made it."""

    generation: Generation
    encoder: Encoder


def aliases_file(settings: Settings) -> Path:
    """Name the file of words that mean the same: the one that is set, or the one that ships."""
    return settings.aliases or _ALIASES


def load_encoder(settings: Settings) -> Encoder:
    """Load the model the settings name; takes seconds. Raises ModelError."""
    return SentenceTransformerEncoder(settings.model)


def open_library(settings: Settings, encoder: Encoder | None = None) -> Library:
    """Open the live generation, building the default one first when nothing was ever built.

    Raises LibraryError: a missing, damaged or foreign index is refused with what to do, never replaced unasked.
    """
    encoder = encoder or load_encoder(settings)
    name = live(settings.data)
    if name is None:
        log.info("there is no index yet: building the default one")
        name = build_library(settings, [SEEDS], encoder).generation
    generation = generations.load(settings.data, name)
    generations.check_model(generation, encoder)
    return Library(generation, encoder)


def build_library(
    settings: Settings,
    sources: Sequence[Path],
    encoder: Encoder,
    progress: Callable[[int, int], None] | None = None,
    *,
    strict: bool = False,
) -> Report:
    """Build a generation from files and folders and make it the live one.

    Raises LibraryError; when strict, also when anything in them cannot be read.
    """
    documents, skipped = read_sources(sources, strict=strict)
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        return build(
            documents,
            data=settings.data,
            encoder=encoder,
            aliases=read_aliases(aliases_file(settings)),
            built_at=datetime.now(UTC).isoformat(timespec="seconds"),
            skipped=skipped,
            progress=progress,
        )
    except OSError as error:
        raise LibraryError(
            f"The data folder {settings.data} cannot be written ({error.strerror}). Make room or mend its rights; "
            "the library in use is untouched."
        ) from error
