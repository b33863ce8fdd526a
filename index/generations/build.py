"""Builds a new generation from documents. Encodes only texts that no kept generation has encoded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from index.errors import SourceError
from index.generations import generation as generations
from index.generations.checkpoint import Checkpoint
from index.generations.generation import Encoded, Keys
from index.generations.writing import Content, stemmed_by, write
from index.indexes.late_interaction import are_signs, kept, packed
from index.text.lexicon import ENGLISH
from index.text.noise import marks, marks_within
from index.text.passages import search_text, split
from index.text.tokens import TOKEN, Tokens, tokenize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from index.documents.document import Document, Skipped
    from index.models.encoder import Encoder
    from index.text.noise import Aliases, Mark
    from index.text.passages import Passage

_CHECKPOINT = 512  # texts between two checkpoints: about ten seconds of encoding


@dataclass(frozen=True, slots=True)
class Report:
    """Result of a build. `encoded` and `reused` count passages of the new generation.

    `removed` counts the passages of the live generation that the new one does not have.
    """

    generation: str
    documents: int
    passages: int
    encoded: int
    reused: int
    removed: int
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """Passages of all documents, and the texts that are indexed: parallel to the passages or to their sentences."""

    passages: tuple[Passage, ...]
    passage_texts: tuple[str, ...]
    """Encoded for a passage: its heading and its text."""
    sentence_texts: tuple[str, ...]
    """Indexed by word for a sentence."""
    window_texts: tuple[str, ...]
    """Encoded for a sentence: the one before it in the passage, and itself."""
    heading_texts: tuple[str, ...]
    """Encoded for a heading: the title of its document and itself; parallel to the passages, "" without a heading."""


def build(
    documents: Sequence[Document],
    *,
    data: Path,
    encoder: Encoder,
    aliases: Aliases,
    built_at: str,
    skipped: Sequence[Skipped] = (),
    progress: Callable[[int, int], None] | None = None,
    prepared: Prepared | None = None,
) -> Report:
    """Build a generation beside the live one; `progress` is called with the texts encoded so far and their total.

    `prepared` is the result of `prepare` for these documents and aliases, if the caller has it. A build that was
    killed is continued from its last checkpoint. Raises SourceError when the documents hold no sentence.
    """
    prepared = prepared or prepare(documents, aliases)
    if not prepared.sentence_texts:
        raise SourceError("The documents hold no sentence that could be quoted. Add a document with prose in it.")
    earlier = generations.live_keys(data)
    windows = zip(prepared.window_texts, prepared.sentence_texts, strict=True)
    keys = Keys(
        tuple(map(_key, prepared.passage_texts)),
        tuple(_key(f"{window}\n{text}") for window, text in windows),
        tuple(map(_key, dict.fromkeys(filter(None, prepared.heading_texts)))),
    )
    stemmed = stemmed_by(documents)
    languages = [stemmed.get(each.document, ENGLISH) for each in prepared.passages for _ in each.sentences]
    tokens = tokenize(prepared.sentence_texts, languages)
    known = generations.encoded(data, encoder, keys, signs=are_signs(len(tokens.ids)))
    checkpoint = Checkpoint(data, encoder)
    checkpoint.read_into(known)
    encoded = sum(key not in known.passages for key in keys.passages)
    _encode_missing(known, keys, prepared, encoder, checkpoint, progress)
    content = _content(documents, prepared, tokens, keys, known)
    del known  # as large as the arrays made of it
    generation = write(data, content, encoder=encoder, aliases=aliases, built_at=built_at)
    checkpoint.clear()
    return Report(
        generation=generation,
        documents=len(documents),
        passages=len(keys.passages),
        encoded=encoded,
        reused=len(keys.passages) - encoded,
        removed=len(set(earlier.passages) - set(keys.passages)),
        skipped=tuple(skipped),
    )


def _encode_missing(
    known: Encoded,
    keys: Keys,
    prepared: Prepared,
    encoder: Encoder,
    checkpoint: Checkpoint,
    progress: Callable[[int, int], None] | None,
) -> None:
    """Encode the texts that are not in `known` and add them, with a checkpoint after each chunk but the last."""
    texts = (*prepared.passage_texts, *dict.fromkeys(filter(None, prepared.heading_texts)))
    passages = {k: n for n, k in enumerate((*keys.passages, *keys.headings)) if k not in known.passages}
    sentences = {k: n for n, k in enumerate(keys.sentences) if k not in known.sentences}
    done = 0

    def report(more: int) -> None:
        nonlocal done
        done += more
        if progress is not None:
            progress(done, len(passages) + len(sentences))

    for chunk in _chunks(passages, texts):
        rows = encoder.encode_documents([texts[number] for _, number in chunk], report)
        fresh = Encoded({key: row for (key, _), row in zip(chunk, rows, strict=True)}, {}, {}, known.signs)
        known.update(fresh)
        checkpoint.write(fresh)
    for chunk in _chunks(sentences, prepared.window_texts):
        read = encoder.encode_in_context([prepared.window_texts[number] for _, number in chunk], progress=report)
        fresh = Encoded({}, {}, {}, known.signs)
        for (key, number), found in zip(chunk, read, strict=True):
            own = len(TOKEN.findall(prepared.sentence_texts[number]))
            fresh.sentences[key] = found.row
            fresh.contexts[key] = kept(packed(found.words[len(found.words) - own :]), signs=known.signs)
        known.update(fresh)
        if done < len(passages) + len(sentences):  # else the generation is written next
            checkpoint.write(fresh)


def _chunks(missing: Mapping[str, int], texts: Sequence[str]) -> Iterator[list[tuple[str, int]]]:
    """Split (key, text number) pairs into chunks, longest texts first: texts of like length need little padding."""
    ordered = sorted(missing.items(), key=lambda item: -len(texts[item[1]]))
    for first in range(0, len(ordered), _CHECKPOINT):
        yield ordered[first : first + _CHECKPOINT]


def _content(documents: Sequence[Document], prepared: Prepared, tokens: Tokens, keys: Keys, known: Encoded) -> Content:
    some = known.contexts[keys.sentences[0]]
    contexts = np.zeros((len(tokens.ids), some.shape[1]), some.dtype)
    for key, first, last in zip(keys.sentences, tokens.starts, tokens.starts[1:], strict=False):
        contexts[first + 1 : last] = known.contexts[key]
    return Content(
        documents=documents,
        passages=prepared.passages,
        search_texts=prepared.sentence_texts,
        tokens=tokens,
        keys=keys,
        passage_vectors=np.stack([known.passages[key] for key in keys.passages], dtype=np.float32),
        sentence_vectors=np.stack([known.sentences[key] for key in keys.sentences], dtype=np.float32),
        contexts=contexts,
        heading_vectors=np.array([known.passages[key] for key in keys.headings], np.float32),
        heading_of_passage=_numbered(prepared.heading_texts),
    )


def _numbered(texts: Sequence[str]) -> NDArray[np.int64]:
    """Number distinct texts in the order in which they first occur, -1 for the empty one: [texts]."""
    numbers = {text: number for number, text in enumerate(dict.fromkeys(filter(None, texts)))}
    return np.array([numbers.get(text, -1) for text in texts], np.int64)


def prepare(documents: Sequence[Document], aliases: Aliases) -> Prepared:
    """Split documents into passages and sentences, and make the texts that are indexed."""
    passages, passage_texts, sentence_texts, window_texts, heading_texts = [], [], [], [], []
    for document in documents:
        all_marks = marks(document)
        searchable = partial(_searchable, document, all_marks, aliases)
        for passage in split(document, all_marks):
            passages.append(passage)
            heading = aliases.canonical(passage.heading)
            body = searchable(passage.start, passage.end)
            passage_texts.append(f"{heading}. {body}" if heading else body)
            title = aliases.canonical(document.title)
            heading_texts.append(f"{title}: {heading}" if heading not in ("", title) else heading)
            before = ""
            for sentence in passage.sentences:
                text = searchable(sentence.start, sentence.end)
                sentence_texts.append(text)
                window_texts.append(f"{before} {text}".strip())
                before = text
    texts = map(tuple, (passage_texts, sentence_texts, window_texts, heading_texts))
    return Prepared(tuple(passages), *texts)


def _searchable(document: Document, all_marks: Sequence[Mark], aliases: Aliases, start: int, end: int) -> str:
    return search_text(document.text[start:end], marks_within(all_marks, start, end), aliases)


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
