"""A generation: one immutable build of the library on disk, opened for searching or for reuse of its vectors."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from index.errors import GenerationError
from index.generations.manifest import FOLDER, REBUILD, Manifest, is_whole, live, manifests, read_json, read_manifest
from index.generations.records import Calibration, read_calibration
from index.generations.shapes import check_contexts, check_headings, check_tokens
from index.generations.texts import Texts, read_texts
from index.indexes import bm25, vectors
from index.indexes.checks import check
from index.indexes.headings import Headings
from index.indexes.late_interaction import LateInteraction, taken_over
from index.indexes.overlap import LexicalOverlap
from index.indexes.word_pairs import WordPairs
from index.text.comparison import words_of
from index.text.lexicon import ENGLISH, languages
from index.text.noise import Aliases
from index.text.quotable import LibrarySentence
from index.text.sections import Section, sections_of
from index.text.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from index.documents.document import Document
    from index.indexes.late_interaction import Packed
    from index.indexes.vector_search import OpenVectors, VectorSearch
    from index.models.encoder import Encoder
    from index.text.passages import Passage, Sentence

HEADINGS = "headings.npz"
STEMMED = "stems.json"  # missing where all documents are indexed as English, as older versions did with all
CONTEXTS = {"uint8": "context_signs.npy", "int8": "contexts.npy"}  # two names: older versions cannot read signs


@dataclass(eq=False, repr=False)
class Generation:
    """An open generation, ready to be searched. The indexes are parallel to `passages` or to `sentences`.

    `sentence_starts` int64 [passages + 1] numbers the first sentence of each passage, `passage_of` int64 [sentences]
    the passage of each sentence. `calibration` is None when no thresholds were fitted to this library. `kept` bool
    [passages] are those that a view finds, None for all (narrowing.py).
    """

    texts: Texts
    passage_vectors: VectorSearch
    sentence_vectors: VectorSearch
    passage_words: bm25.Bm25Index
    sentence_words: bm25.Bm25Index
    lexical_overlap: LexicalOverlap
    late_interaction: LateInteraction
    calibration: Calibration | None
    headings: Headings
    kept: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        """Number sentences and passages, and find documents by id."""
        self.passages = self.texts.passages
        self.sentences: tuple[Sentence, ...] = tuple(s for p in self.passages for s in p.sentences)
        self.sentence_starts = sentence_starts(self.passages)
        self.passage_of = np.repeat(np.arange(len(self.passages)), np.diff(self.sentence_starts))
        self.aliases = Aliases(self.texts.manifest.aliases)
        self._documents = {document.id: document for document in self.texts.documents}

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The sections of all documents, in order."""
        return sections_of(self.passages)

    @cached_property
    def language(self) -> str:
        """The ISO 639 code of the language of most documents, "" when it is not clear."""
        known = Counter(document.language for document in self.texts.documents if document.language)
        return known.most_common(1)[0][0] if known else ""

    @cached_property
    def languages(self) -> frozenset[str]:
        """The ISO 639 codes of the languages of the documents, where they are clear."""
        return frozenset(document.language for document in self.texts.documents if document.language)

    @cached_property
    def passages_of(self) -> dict[str, range]:
        """The numbers of the passages of each document that has some, by its id."""
        found: dict[str, range] = {}
        for section in self.sections:
            found[section.document] = range(found.get(section.document, range(section.first, 0)).start, section.end)
        return found

    @cached_property
    def word_pairs(self) -> WordPairs:
        """The adjacent words of each passage with what `around` adds; made at the first use, in about 1 s a million."""
        ranges = ((self.document_of(number), *self.around(number)) for number in range(len(self.passages)))
        return WordPairs(words_of(document.text[start:end]) for document, start, end in ranges)

    @property
    def id(self) -> str:
        """Return the id: 12 hex digits of a hash of the content."""
        return self.texts.manifest.generation

    def document_of(self, passage: int) -> Document:
        """Return the document of a passage, given by number."""
        return self._documents[self.passages[passage].document]

    def around(self, number: int) -> tuple[int, int]:
        """Return the range from a passage, or the start of its document, to the next: all are the whole text."""
        document, passages = self.document_of(number), self.passages
        is_first = number == 0 or passages[number - 1].document != document.id
        is_last = number + 1 == len(passages) or passages[number + 1].document != document.id
        return 0 if is_first else passages[number].start, len(document.text) if is_last else passages[number + 1].start

    def sentence(self, number: int) -> LibrarySentence:
        """Give a sentence with its document and passage."""
        passage, span = int(self.passage_of[number]), self.sentences[number]
        return LibrarySentence(self.document_of(passage), self.passages[passage], passage, span.start, span.end)


@dataclass(frozen=True, slots=True)
class Keys:
    """Hashes of the encoded texts, parallel to the vectors, by which later builds reuse vectors."""

    passages: tuple[str, ...]
    sentences: tuple[str, ...]
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Encoded:
    """Vectors by key: float32 [dim] of passages with headings, and of sentences; packed token vectors of sentences."""

    passages: dict[str, NDArray[np.float32]]
    sentences: dict[str, NDArray[np.float32]]
    contexts: dict[str, Packed]
    signs: bool = False

    def update(self, other: Encoded) -> None:
        """Add the vectors of another."""
        self.passages.update(other.passages)
        self.sentences.update(other.sentences)
        self.contexts.update(other.contexts)


def libraries() -> dict[str, str]:
    """Return the versions of the libraries that determine the files of a generation."""
    return {name: version(name) for name in ("faiss-cpu", "bm25s", "sentence-transformers")}


def load(data: Path, generation: str, open_vectors: OpenVectors = vectors.load) -> Generation:
    """Open a generation; raises GenerationError when it is missing, altered, of another format or does not fit."""
    folder = data / FOLDER / generation
    manifest = read_manifest(folder)
    if not is_whole(folder):
        raise GenerationError(f"The index {generation} was altered or is half-written. {REBUILD}")
    if manifest.libraries != libraries():
        theirs = ", ".join(f"{name} {number}" for name, number in manifest.libraries.items())
        raise GenerationError(f"The index {generation} was made with other libraries ({theirs}). {REBUILD}")
    texts = read_texts(data, generation)
    try:
        words = read_json(folder / "words.json")
        with np.load(folder / "tokens.npz", allow_pickle=False) as arrays:
            tokens = Tokens(tuple(words), arrays["ids"], arrays["kinds"], arrays["starts"])
        check_tokens(manifest, tokens)
        contexts = _read_contexts(folder)
        check_contexts(manifest, contexts, len(tokens.ids))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GenerationError(f"The index {generation} cannot be read. {REBUILD}") from error
    passage_starts = sentence_starts(texts.passages)
    stemmed = _read_stemmed(folder)
    passage_languages = [stemmed.get(passage.document, ENGLISH) for passage in texts.passages]
    return Generation(
        texts,
        passage_vectors=open_vectors(folder, "passage_vectors", (manifest.passages, manifest.dimension)),
        sentence_vectors=open_vectors(folder, "sentence_vectors", (manifest.sentences, manifest.dimension)),
        passage_words=bm25.load(folder, "passage_words", manifest.passages),
        sentence_words=bm25.load(folder, "sentence_words", manifest.sentences),
        lexical_overlap=LexicalOverlap(tokens, passage_starts, passage_languages),
        late_interaction=LateInteraction(contexts, tokens.starts, passage_starts),
        calibration=read_calibration(data, generation),
        headings=_read_headings(folder, manifest),
    )


def live_keys(data: Path) -> Keys:
    """Return the keys of the live generation; empty when there is none that can be read."""
    try:
        name = live(data)
        return Keys((), ()) if name is None else _read_keys(data / FOLDER / name)
    except GenerationError:
        return Keys((), ())


def encoded(data: Path, encoder: Encoder, wanted: Keys, *, signs: bool = False) -> Encoded:
    """Collect the vectors of `wanted` texts that kept generations have for this model; skips damaged generations.

    Reads the newest generation first and stops when nothing is missing. `signs`: token vectors as sign bits instead of
    bytes; a sentence of which only signs are kept counts as not encoded where bytes are needed.
    """
    found = Encoded({}, {}, {}, signs)
    missing = Keys(*(tuple(dict.fromkeys(each)) for each in (wanted.passages, wanted.sentences, wanted.headings)))
    for manifest in reversed(manifests(data)):
        if not (missing.passages or missing.sentences or missing.headings):
            break
        folder = data / FOLDER / manifest.generation
        if manifest.model_fingerprint == encoder.fingerprint and is_whole(folder):
            try:
                _take(folder, missing, found)
            except (GenerationError, OSError, ValueError, KeyError, IndexError, TypeError):
                continue
            missing = Keys(
                tuple(key for key in missing.passages if key not in found.passages),
                tuple(key for key in missing.sentences if key not in found.sentences),
                tuple(key for key in missing.headings if key not in found.passages),
            )
    return found


def _take(folder: Path, missing: Keys, found: Encoded) -> None:
    """Add the vectors of missing texts that one generation has; raises where its files do not fit each other."""
    manifest, keys = read_manifest(folder), _read_keys(folder)
    passage_vectors, sentence_vectors = (
        np.load(folder / f"{kind}_vectors.npy", mmap_mode="r", allow_pickle=False) for kind in ("passage", "sentence")
    )
    contexts = _read_contexts(folder)
    with np.load(folder / "tokens.npz", allow_pickle=False) as arrays:
        starts = arrays["starts"]
        check_contexts(manifest, contexts, len(arrays["ids"]))
    check(
        manifest.generation,
        "vectors",
        passage_vectors.shape == (len(keys.passages), manifest.dimension),
        sentence_vectors.shape == (len(keys.sentences), manifest.dimension),
        len(starts) == len(keys.sentences) + 1,
    )
    row_of = {key: row for row, key in enumerate(keys.passages)}
    found.passages.update((key, np.asarray(passage_vectors[row_of[key]])) for key in missing.passages if key in row_of)
    heading_vectors = _read_headings(folder, manifest).vectors
    check(manifest.generation, "headings", len(heading_vectors) == len(keys.headings))
    row_of = {key: row for row, key in enumerate(keys.headings)}
    found.passages.update((key, heading_vectors[row_of[key]]) for key in missing.headings if key in row_of)
    row_of = {key: row for row, key in enumerate(keys.sentences)}
    for key in missing.sentences:
        if (row := row_of.get(key)) is not None:
            words = taken_over(contexts[starts[row] + 1 : starts[row + 1]], signs=found.signs)
            if words is not None:
                found.sentences[key] = np.asarray(sentence_vectors[row])
                found.contexts[key] = words


def _read_contexts(folder: Path) -> Packed:
    """Map the packed token vectors, bytes or signs."""
    name = next(name for name in CONTEXTS.values() if (folder / name).exists() or name == CONTEXTS["int8"])
    return np.asarray(np.load(folder / name, mmap_mode="r", allow_pickle=False))


def _read_headings(folder: Path, manifest: Manifest) -> Headings:
    """Read the headings; none where a generation was made before they were stored, or has none."""
    if not (folder / HEADINGS).exists():
        return Headings(np.zeros((0, manifest.dimension), np.float32), np.full(manifest.passages, -1, np.int64))
    with np.load(folder / HEADINGS, allow_pickle=False) as arrays:
        headings = Headings(arrays["vectors"], arrays["of_passage"])
    check_headings(manifest, headings)
    return headings


def _read_stemmed(folder: Path) -> dict[str, str]:
    """Read in which language the words of each document are indexed, by its id; English is left out."""
    if not (folder / STEMMED).exists():
        return {}
    try:
        found = read_json(folder / STEMMED)
        check(folder.name, "stems", *(language in languages() for language in found.values()))
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise GenerationError(f"The index {folder.name} cannot be read. {REBUILD}") from error
    return dict(found)


def _read_keys(folder: Path) -> Keys:
    try:
        keys = read_json(folder / "keys.json")
        return Keys(tuple(keys["passages"]), tuple(keys["sentences"]), tuple(keys.get("headings", ())))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GenerationError(f"The index {folder.name} cannot be read. {REBUILD}") from error


def check_model(generation: Generation, encoder: Encoder) -> None:
    """Refuse a model other than the one that made the index; raises GenerationError."""
    manifest = generation.texts.manifest
    if (manifest.model_fingerprint, manifest.dimension) != (encoder.fingerprint, encoder.dimension):
        raise GenerationError(
            f"The index {generation.id} was made with the model {manifest.model} ({manifest.dimension} dimensions), "
            f"and {encoder.name} ({encoder.dimension} dimensions) is set now. Rebuild it with `tutor index build`, "
            f"or set TUTOR_MODEL={manifest.model}."
        )


def sentence_starts(passages: Sequence[Passage]) -> NDArray[np.int64]:
    """Return the number of the first sentence of each passage, and the total: int64 [passages + 1]."""
    return np.concatenate([[0], np.cumsum([len(passage.sentences) for passage in passages])]).astype(np.int64)
