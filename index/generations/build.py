"""Makes a new generation from documents, encoding only what no kept generation has encoded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from index.documents.document import Document, Skipped
from index.errors import SourceError
from index.generations import generation as generations
from index.generations.checkpoint import Checkpoint
from index.generations.generation import Encoded, Keys
from index.generations.writing import Content, Vectors, write
from index.indexes.late_interaction import are_signs, kept, packed
from index.text.noise import Aliases, Mark, marks, marks_within
from index.text.passages import Passage, search_text, split
from index.text.tokens import TOKEN, Tokens, tokenize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from index.models.encoder import Encoder


_CHECKPOINT = 512  # texts after which what was encoded is written down: some ten seconds' work


@dataclass(frozen=True, slots=True)
class Report:
    """What a build did; `encoded` and `reused` count passages, `removed` those the live generation has besides."""

    generation: str
    documents: int
    passages: int
    encoded: int
    reused: int
    removed: int
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """Documents taken apart, with what is indexed for each passage and sentence."""

    passages: tuple[Passage, ...]
    passage_texts: tuple[str, ...]
    """What is encoded for a passage: its heading and its words."""
    sentence_texts: tuple[str, ...]
    """A sentence's words alone, for the word index."""
    window_texts: tuple[str, ...]
    """What is encoded for a sentence: the one before it in the passage, and itself."""


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
    """Build a generation beside the live one; `progress` hears how many texts are encoded, and of how many.

    `prepared` is what `prepare` made of these documents with these aliases, if that was done before. Raises SourceError
    when the documents hold no sentence at all. What was encoded is written down on the way: a
    build that is killed is taken up again by the next.
    """
    prepared = prepared or prepare(documents, aliases)
    if not prepared.sentence_texts:
        raise SourceError("The documents hold no sentence that could be quoted. Add a document with prose in it.")
    earlier = generations.live_keys(data)
    windows = zip(prepared.window_texts, prepared.sentence_texts, strict=True)
    keys = Keys(tuple(map(_key, prepared.passage_texts)), tuple(_key(f"{window}\n{text}") for window, text in windows))
    tokens = tokenize(prepared.sentence_texts)
    known = generations.encoded(data, encoder, keys, signs=are_signs(len(tokens.ids)))
    checkpoint = Checkpoint(data, encoder)
    checkpoint.read_into(known)
    encoded = sum(key not in known.passages for key in keys.passages)
    _encode_missing(known, keys, prepared, encoder, checkpoint, progress)
    rows = _vectors(known, keys, tokens, encoder)
    del known  # as large as the vectors made of it
    content = Content(
        documents=documents,
        passages=prepared.passages,
        search_texts=prepared.sentence_texts,
        tokens=tokens,
        rows=rows,
        keys=keys,
    )
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
    """Encode what is not known yet, telling how much is done after every batch and writing it down now and then."""
    passages = {k: n for n, k in enumerate(keys.passages) if k not in known.passages}
    sentences = {k: n for n, k in enumerate(keys.sentences) if k not in known.sentences}
    done = 0

    def report(more: int) -> None:
        nonlocal done
        done += more
        if progress is not None:
            progress(done, len(passages) + len(sentences))

    for part in _parts(passages, prepared.passage_texts):
        texts = [prepared.passage_texts[number] for _, number in part]
        rows = encoder.encode_documents(texts, report)
        fresh = Encoded({key: row for (key, _), row in zip(part, rows, strict=True)}, {}, {}, known.signs)
        _learn(known, fresh, checkpoint, is_last=False)
    for part in _parts(sentences, prepared.window_texts):
        read = encoder.encode_in_context([prepared.window_texts[number] for _, number in part], progress=report)
        fresh = Encoded({}, {}, {}, known.signs)
        for (key, number), found in zip(part, read, strict=True):
            own = len(TOKEN.findall(prepared.sentence_texts[number]))
            fresh.sentences[key] = found.row
            fresh.contexts[key] = kept(packed(found.words[len(found.words) - own :]), signs=known.signs)
        _learn(known, fresh, checkpoint, is_last=done == len(passages) + len(sentences))


def _parts(missing: Mapping[str, int], texts: Sequence[str]) -> Iterator[list[tuple[str, int]]]:
    """Part keys and text numbers, texts of like length together, so that little is spent on padding."""
    ordered = sorted(missing.items(), key=lambda item: -len(texts[item[1]]))
    for first in range(0, len(ordered), _CHECKPOINT):
        yield ordered[first : first + _CHECKPOINT]


def _learn(known: Encoded, fresh: Encoded, checkpoint: Checkpoint, *, is_last: bool) -> None:
    known.passages.update(fresh.passages)
    known.sentences.update(fresh.sentences)
    known.contexts.update(fresh.contexts)
    if not is_last:  # the generation itself is written next
        checkpoint.write(fresh)


def _vectors(known: Encoded, keys: Keys, tokens: Tokens, encoder: Encoder) -> Vectors:
    some = known.contexts[keys.sentences[0]]
    contexts = np.zeros((len(tokens.ids), some.shape[1]), some.dtype)
    for key, first, last in zip(keys.sentences, tokens.starts, tokens.starts[1:], strict=False):
        contexts[first + 1 : last] = known.contexts[key]
    return Vectors(
        passages=np.stack([known.passages[key] for key in keys.passages], dtype=np.float32),
        sentences=np.stack([known.sentences[key] for key in keys.sentences], dtype=np.float32),
        contexts=contexts,
    )


def prepare(documents: Sequence[Document], aliases: Aliases) -> Prepared:
    """Take documents apart into passages and sentences, and make the texts that are searched."""
    passages, passage_texts, sentence_texts, window_texts = [], [], [], []
    for document in documents:
        all_marks = marks(document)

        searchable = partial(_searchable, document, all_marks, aliases)
        for passage in split(document, all_marks):
            passages.append(passage)
            heading = aliases.canonical(passage.heading)
            body = searchable(passage.start, passage.end)
            passage_texts.append(f"{heading}. {body}" if heading else body)
            before = ""
            for sentence in passage.sentences:
                text = searchable(sentence.start, sentence.end)
                sentence_texts.append(text)
                window_texts.append(f"{before} {text}".strip())
                before = text
    return Prepared(tuple(passages), tuple(passage_texts), tuple(sentence_texts), tuple(window_texts))


def _searchable(document: Document, all_marks: Sequence[Mark], aliases: Aliases, start: int, end: int) -> str:
    return search_text(document.text[start:end], marks_within(all_marks, start, end), aliases)


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
