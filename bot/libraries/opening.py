"""Opens a library with its models, and builds the shipped documents first when there is none yet."""

from __future__ import annotations

import gc
import logging
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, cast

from bot.conversation.acts import ActClassifier
from bot.libraries.rebuild import SEEDS, BuildOptions, Selected, keep_all, learn_golden, rebuild, replace_all
from bot.libraries.storage import Storage, storage_of
from bot.libraries.suggestions import Suggestions, suggestions_for
from index.answering.selection import answer
from index.errors import ExamError, GenerationError, StorageError
from index.generations import generation as generations
from index.generations.manifest import live, live_or_refuse
from index.indexes import vectors
from index.models import backend
from index.models.encoder import CrossEncoderReranker
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bot.settings import Settings
    from index.answering.answer import Answer, Asked
    from index.answering.reranker import Reranker
    from index.documents.budget import Budget
    from index.documents.document import Document
    from index.generations.generation import Generation
    from index.indexes.vector_search import OpenVectors
    from index.models.encoder import Encoder

log = logging.getLogger(__name__)

ACTS = "models/acts.npz"
"""Where a data folder keeps the fitted classifier of dialogue acts."""
_PROGRESS_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Library:
    """An open generation, the model that encoded it, and what else reads messages.

    `reranker` is the cross-encoder that re-ranks, if there is one. Without `acts` every message is a question.
    `suggestions` are filled while the library is open.
    """

    generation: Generation
    encoder: Encoder
    reranker: Reranker | None = None
    acts: ActClassifier | None = None
    suggestions: Suggestions = field(default_factory=Suggestions)

    def answer(self, asked: Sequence[Asked]) -> list[Answer]:
        """Answer questions together, in order."""
        return answer(self.generation, self.encoder, asked, reranker=self.reranker)


def load_encoder(settings: Settings, say: Callable[[str], None] = log.info) -> Encoder:
    """Load the encoder in the settings; takes seconds, and `say` gets what takes longer. Raises ModelError."""
    with _for_good():
        return backend.load(settings.model, settings.data, settings.backend, say=say)


def load_reranker(settings: Settings) -> Reranker | None:
    """Load the cross-encoder in the settings, None without one; takes seconds. Raises ModelError."""
    if settings.reranker is None:
        return None
    with _for_good():
        return CrossEncoderReranker(settings.reranker)


@contextmanager
def _for_good() -> Iterator[None]:
    """Exclude the objects that are made in this block from garbage collection.

    The model's libraries make half a million that stay. Collections during loading take a quarter of its time, and
    later each full one would stop the process for a third of a second.
    """
    wanted = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if wanted:
            gc.enable()


def open_library(
    settings: Settings,
    encoder: Encoder | None = None,
    folder: Path | None = None,
    reranker: Reranker | None = None,
    acts: ActClassifier | None = None,
    say: Callable[[str], None] = log.info,
) -> Library:
    """Open the live generation of a library, by default the shared one, building it first when nothing was ever built.

    `say` gets sentences about the progress of converting the model and of building. Raises LibraryError, which says
    what to do, for a missing or damaged generation or one of another model; it is never replaced.
    """
    if encoder is None:
        # In this order: loading the encoder switches downloads off, and the re-ranker may need one.
        reranker = load_reranker(settings)
        encoder = load_encoder(settings, say)
    acts = acts or ActClassifier(encoder, settings.data / ACTS)
    folder = folder or settings.data
    storage = storage_of(settings)
    try:
        storage.pull(folder)
    except StorageError:
        if live(folder) is None:  # else the local copy is opened, and compared again later
            raise
    if live(folder) is None:
        _build_seeds(settings, folder, encoder, say)
    generation = _loaded(storage, folder, live_or_refuse(folder), _open_vectors(settings))
    generations.check_model(generation, encoder)
    return Library(generation, encoder, reranker, acts, suggestions_for(folder, generation))


def _build_seeds(settings: Settings, folder: Path, encoder: Encoder, say: Callable[[str], None]) -> None:
    """Build the shipped documents, unless another process was first."""
    say(words("terminal.building"))
    learn_golden(folder, [SEEDS])
    options = BuildOptions(waiting=lambda: say(words("terminal.waiting")), progress=_progress(say))
    rebuild(settings, folder, _at_first, lambda: encoder, options)
    storage = storage_of(settings)
    try:
        storage.publish(folder)
    except ExamError:
        storage.clear(folder, set())
        storage.pull(folder)


def _open_vectors(settings: Settings) -> OpenVectors:
    """Return what opens vectors; raises GenerationError when the function in the settings cannot be imported."""
    if settings.vector_search is None:
        return vectors.load
    try:
        return cast("OpenVectors", resolve_name(settings.vector_search))
    except (ImportError, AttributeError) as error:
        raise GenerationError(
            words("errors.vector_search", function=settings.vector_search, reason=str(error))
        ) from error


def _loaded(storage: Storage, folder: Path, name: str, open_vectors: OpenVectors) -> Generation:
    """Load a generation; files of a local copy that are damaged are fetched again."""
    try:
        return generations.load(folder, name, open_vectors)
    except GenerationError:
        if not storage.mend(folder, name):
            raise
        return generations.load(folder, name, open_vectors)


def _at_first(now: Sequence[Document], budget: Budget) -> Selected:
    """Select the shipped documents, unless another process has built a library in the meantime."""
    return keep_all(now, budget) if now else replace_all([SEEDS])(now, budget)


def _progress(say: Callable[[str], None]) -> Callable[[int, int], None]:
    """Return a build's progress callback that says how many texts are encoded, once a second and at the end."""
    said_at = time.monotonic()

    def advance(done: int, total: int) -> None:
        nonlocal said_at
        if done == total or time.monotonic() - said_at >= _PROGRESS_EVERY_S:
            said_at = time.monotonic()
            say(words("terminal.reading", done=done, total=total))

    return advance
