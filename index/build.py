"""Makes a new generation from documents, encoding only what no earlier generation has encoded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from index import generation as generations
from index.cleaning import Aliases, Mark, marks, marks_within
from index.contexts import packed
from index.documents import Document, Skipped
from index.errors import SourceError
from index.generation import Encoded, Keys
from index.passages import Passage, search_text, split
from index.tokens import TOKEN, Tokens, tokenize
from index.writing import Content, Vectors, write

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from index.encoder import Encoder


@dataclass(frozen=True, slots=True)
class Report:
    """What a build did; `encoded` and `reused` count passages, `removed` those the earlier generation had."""

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
) -> Report:
    """Build a generation and promote it; `progress` hears how many texts are encoded, and of how many.

    Raises SourceError when the documents hold no sentence at all. The live generation serves until the last moment.
    """
    prepared = prepare(documents, aliases)
    if not prepared.sentence_texts:
        raise SourceError("The documents hold no sentence that could be quoted. Add a document with prose in it.")
    earlier = generations.live_keys(data)
    windows = zip(prepared.window_texts, prepared.sentence_texts, strict=True)
    keys = Keys(tuple(map(_key, prepared.passage_texts)), tuple(_key(f"{window}\n{text}") for window, text in windows))
    known = generations.encoded(data, encoder)
    encoded = sum(key not in known.passages for key in keys.passages)
    _encode_missing(known, keys, prepared, encoder, progress)
    tokens = tokenize(prepared.sentence_texts)
    content = Content(
        documents=documents,
        passages=prepared.passages,
        search_texts=prepared.sentence_texts,
        tokens=tokens,
        rows=_vectors(known, keys, tokens, encoder),
        keys=keys,
    )
    generation = write(data, content, encoder=encoder, aliases=aliases, built_at=built_at)
    generations.promote(data, generation)
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
    known: Encoded, keys: Keys, prepared: Prepared, encoder: Encoder, progress: Callable[[int, int], None] | None
) -> None:
    """Encode what is not known yet, telling how much is done after every batch."""
    passages = {k: n for n, k in enumerate(keys.passages) if k not in known.passages}
    sentences = {k: n for n, k in enumerate(keys.sentences) if k not in known.sentences}
    done = 0

    def report(more: int) -> None:
        nonlocal done
        done += more
        if progress is not None:
            progress(done, len(passages) + len(sentences))

    texts = [prepared.passage_texts[number] for number in passages.values()]
    known.passages.update(zip(passages, encoder.encode_documents(texts, report), strict=True))
    texts = [prepared.window_texts[number] for number in sentences.values()]
    read = encoder.encode_in_context(texts, progress=report)
    for (key, number), found in zip(sentences.items(), read, strict=True):
        known.sentences[key] = found.row
        own = len(TOKEN.findall(prepared.sentence_texts[number]))
        known.contexts[key] = packed(found.words[len(found.words) - own :])


def _vectors(known: Encoded, keys: Keys, tokens: Tokens, encoder: Encoder) -> Vectors:
    contexts = np.zeros((len(tokens.ids), encoder.dimension), np.int8)
    for key, first, last in zip(keys.sentences, tokens.starts, tokens.starts[1:], strict=False):
        contexts[first + 1 : last] = known.contexts[key]
    return Vectors(
        passages=np.stack([known.passages[key] for key in keys.passages]).astype(np.float32),
        sentences=np.stack([known.sentences[key] for key in keys.sentences]).astype(np.float32),
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
