"""A build encodes what is new, keeps what is known, and changes nothing that is in use until it is done."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.answering.answer import Asked
from index.answering.selection import answer
from index.documents.document import Document
from index.errors import SourceError
from index.generations.build import build, prepare
from index.generations.checkpoint import Checkpoint
from index.generations.generation import Encoded, load
from index.generations.manifest import live
from index.text.noise import Aliases, marks
from index.text.passages import split
from tests.index.conftest import ROOT
from tests.index.fakes import CLAY, SEA, FakeEncoder, build_texts, document, hashes, library


def test_a_first_build_encodes_everything_once(data: Path, fake: FakeEncoder) -> None:
    """Every passage and sentence is encoded, none twice, and the counts are exact."""
    report = build_texts(data, CLAY, SEA, encoder=fake)
    assert (report.documents, report.passages) == (2, 5)
    assert (report.encoded, report.reused, report.removed) == (5, 0, 0)
    assert len(fake.encoded) == len(set(fake.encoded))
    assert report.generation == live(data)


def test_an_unchanged_rebuild_encodes_nothing(data: Path, fake: FakeEncoder) -> None:
    """The same documents again: no text goes through the model, and the generation is the same."""
    first = build_texts(data, CLAY, SEA, encoder=fake)
    fake.encoded.clear()
    again = build_texts(data, CLAY, SEA, encoder=fake, built_at="2026-02-02T00:00:00+00:00")
    assert fake.encoded == []
    assert again.generation == first.generation
    assert (again.encoded, again.reused, again.removed) == (0, 5, 0)


def test_only_what_changed_is_encoded(data: Path, fake: FakeEncoder) -> None:
    """One paragraph changed, one gone: only the new words are encoded."""
    build_texts(data, CLAY, SEA, encoder=fake)
    fake.encoded.clear()
    changed = CLAY.replace("Iron is patient", "Steel is patient")
    report = build_texts(data, changed, encoder=fake)
    assert (report.passages, report.encoded, report.reused, report.removed) == (3, 1, 2, 3)
    assert all("Steel" in text for text in fake.encoded)
    assert fake.encoded


def test_what_any_kept_generation_knows_is_reused(data: Path, fake: FakeEncoder) -> None:
    """Documents that come back are not encoded again."""
    build_texts(data, CLAY, encoder=fake)
    build_texts(data, SEA, encoder=fake)
    fake.encoded.clear()
    report = build_texts(data, CLAY, SEA, encoder=fake)
    assert fake.encoded == ["b.txt: A sailor's book"], "which was called a.txt: a heading is encoded with the title"
    assert (report.encoded, report.reused, report.removed) == (0, 5, 0)


def test_the_order_of_documents_does_not_matter_to_reuse(data: Path, fake: FakeEncoder) -> None:
    """Rows are found by what was encoded, so a reordered library gets the right rows."""
    build_texts(data, CLAY, SEA, encoder=fake)
    generation = library(data, SEA, CLAY, encoder=fake)
    fresh = library(data / "fresh", SEA, CLAY)
    assert np.array_equal(generation.passage_vectors.vectors, fresh.passage_vectors.vectors)
    assert np.array_equal(generation.sentence_vectors.vectors, fresh.sentence_vectors.vectors)


def test_another_model_reuses_nothing(data: Path) -> None:
    """Rows of one model mean nothing to another."""
    build_texts(data, CLAY, encoder=FakeEncoder())
    other = FakeEncoder("other")
    report = build_texts(data, CLAY, encoder=other)
    assert (report.encoded, report.reused) == (3, 0)
    generation = load(data, report.generation)
    prepared = prepare([document(CLAY)], Aliases({}))
    assert np.array_equal(generation.passage_vectors.vectors, other.encode_documents(prepared.passage_texts))


def test_rows_belong_to_their_texts(data: Path, fake: FakeEncoder) -> None:
    """Row n is what the model says of passage n and sentence n, repeated texts and all."""
    texts = [CLAY, f"{CLAY}\n\n{SEA}", CLAY]
    generation = library(data, *texts, encoder=fake)
    prepared = prepare([document(text) for text in texts], Aliases({}))
    assert np.array_equal(generation.passage_vectors.vectors, fake.encode_documents(prepared.passage_texts))
    assert np.array_equal(generation.sentence_vectors.vectors, fake.encode_documents(prepared.window_texts))


def test_words_in_context_belong_to_their_sentences(data: Path, fake: FakeEncoder) -> None:
    """Each sentence's words have the rows that the model gives them, whether encoded now or taken over."""
    for texts in ([CLAY], [SEA, CLAY, SEA]):
        generation = library(data, *texts, encoder=fake)
        prepared = prepare([document(text) for text in texts], Aliases({}))
        words = fake.encode_in_context(["Clay tide hand"])[0].words
        [found] = generation.late_interaction.nearest([words], [np.arange(len(generation.passages))])
        for text, nearest in zip(prepared.sentence_texts, found, strict=True):
            own = fake.encode_in_context([text])[0].words
            np.testing.assert_allclose(nearest, np.maximum((own @ words.T).max(axis=0), 0), atol=0.03)


def test_the_same_window_cut_elsewhere_is_another_sentence(fake: FakeEncoder, data: Path) -> None:
    """Keys tell apart sentences whose windows read the same, since their words are not the same."""
    texts = ["It rains. Now. And then we sail home again.", "It rains. Now and then we sail home again."]
    generation = library(data, *texts, encoder=fake)
    words = fake.encode_in_context(["sail"])[0].words
    assert np.isfinite(generation.late_interaction.nearest([words], [np.arange(2)])).all()


def test_a_window_is_the_sentence_after_the_one_before_it() -> None:
    """A sentence is encoded with the one before it in its passage, and never with one of another passage."""
    prepared = prepare([document("One came here. Two went there.\n\nThree stayed at home.")], Aliases({}))
    assert prepared.sentence_texts == ("One came here.", "Two went there.", "Three stayed at home.")
    assert prepared.window_texts == ("One came here.", "One came here. Two went there.", "Three stayed at home.")


def test_aliases_are_for_the_search_only() -> None:
    """What is indexed has the canonical spelling; the passages' offsets are those of the author's words."""
    source = document("The metasverse is here to stay. Nobody knows why.")
    prepared = prepare([source], Aliases({"metasverse": "metaverse"}))
    assert prepared.sentence_texts[0] == "The metaverse is here to stay."
    first = prepared.passages[0].sentences[0]
    assert source.text[first.start : first.end] == "The metasverse is here to stay."


def test_other_aliases_make_another_generation(data: Path) -> None:
    """A new spelling changes what is found, so it is a new generation."""
    first = build_texts(data, CLAY)
    assert build_texts(data, CLAY, aliases={"klay": "clay"}).generation != first.generation


def test_another_way_to_split_makes_another_generation(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version that cuts the same documents differently does not take the old index for its own."""
    first = build_texts(data, CLAY)
    monkeypatch.setattr("index.generations.build.split", lambda source, noise: split(source, noise)[:2])
    second = build_texts(data, CLAY)
    assert second.generation != first.generation
    assert (second.passages, second.encoded, second.removed) == (2, 0, 1)
    assert len(load(data, second.generation).passages) == 2


def test_progress_tells_how_far_it_is(data: Path, fake: FakeEncoder) -> None:
    """Progress only grows, and ends at the number of texts that had to be encoded."""
    heard: list[tuple[int, int]] = []
    build(
        [document(CLAY)],
        data=data,
        encoder=fake,
        aliases=Aliases({}),
        built_at="2026-01-01T00:00:00+00:00",
        progress=lambda done, total: heard.append((done, total)),
    )
    assert heard == [(n, len(fake.encoded)) for n in range(1, len(fake.encoded) + 1)]


@pytest.mark.parametrize("documents", [[], [document("\n\n")], [document("...")]])
def test_documents_without_a_sentence_are_refused(documents: list[Document], data: Path, fake: FakeEncoder) -> None:
    """Nothing to quote is a SourceError, and nothing is written."""
    with pytest.raises(SourceError, match="Add a document"):
        build(documents, data=data, encoder=fake, aliases=Aliases({}), built_at="2026-01-01T00:00:00+00:00")
    assert hashes(data) == {}


class Dying(FakeEncoder):
    """Does not come back from the encoding of the text after so many."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def encode_documents(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        if len(self.encoded) + len(texts) > self.most:
            raise KeyboardInterrupt
        return super().encode_documents(texts, progress)


@pytest.mark.parametrize("most", range(0, 14))
def test_what_a_killed_build_had_encoded_is_not_encoded_again(
    data: Path, fake: FakeEncoder, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """The next build takes up where it ended, the result is the same, and nothing is left over."""
    monkeypatch.setattr("index.generations.build._CHECKPOINT", 2)
    whole = hashes(data / "whole" / "generations") if build_texts(data / "whole", CLAY, SEA, encoder=fake) else {}
    all_texts = len(fake.encoded)
    dying = Dying(most)
    with pytest.raises(KeyboardInterrupt) if most < all_texts else nullcontext():
        build_texts(data, CLAY, SEA, encoder=dying)
    fake.encoded.clear()
    report = build_texts(data, CLAY, SEA, encoder=fake)
    assert len(fake.encoded) + len(dying.encoded) == all_texts
    assert report.reused == 5 - report.encoded
    assert hashes(data / "generations") == whole
    assert not (data / "encoded").exists()


@pytest.mark.parametrize("damage", [b"", b"PK", None])
def test_a_damaged_checkpoint_counts_as_none(data: Path, fake: FakeEncoder, damage: bytes | None) -> None:
    """What cannot be read, or another model wrote, is encoded again; it never stops a build."""
    foreign = FakeEncoder("other")
    rows = Encoded({"a" * 32: foreign.encode_documents(["clay"])[0]}, {}, {})
    Checkpoint(data, foreign).write(rows)
    [file] = (data / "encoded").glob("*.npz")
    if damage is not None:
        file.write_bytes(damage)
    known = Encoded({}, {}, {})
    Checkpoint(data, fake).read_into(known)
    assert known == Encoded({}, {}, {})
    assert build_texts(data, CLAY, encoder=fake).encoded == 3


class Failing(FakeEncoder):
    def encode_documents(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        raise RuntimeError("the lights went out")


def test_a_build_that_fails_leaves_the_live_generation(data: Path) -> None:
    """Whatever stops the encoding, the library in use is untouched."""
    before = build_texts(data, CLAY)
    files = hashes(data)
    with pytest.raises(RuntimeError):
        build_texts(data, SEA, encoder=Failing())
    assert hashes(data) == files
    assert live(data) == before.generation


def test_a_damaged_generation_is_built_anew(data: Path, fake: FakeEncoder) -> None:
    """What was altered on the disk is not reused, and the rebuilt generation is whole."""
    report = build_texts(data, CLAY, encoder=fake)
    file = data / "generations" / report.generation / "passage_vectors.npy"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    fake.encoded.clear()
    again = build_texts(data, CLAY, encoder=fake)
    assert again.encoded == 3
    assert again.generation == report.generation
    assert load(data, again.generation).id == report.generation
    assert file.read_bytes() == whole


KILLED = """
    import os, shutil, signal, sys
    from pathlib import Path
    from index.errors import GenerationError
    from index.generations.generation import Encoded, load
    from index.generations.manifest import live
    from tests.index.fakes import CLAY, SEA, build_texts, hashes

    data = Path(sys.argv[1])
    old = build_texts(data, CLAY).generation
    # Everything that is imported on the way is imported before the first fork.
    build_texts(data / "other", CLAY, SEA)
    new = live(data / "other")
    before = hashes(data / "generations" / old)

    def touches_the_disk(event, arguments):
        if event == "open":
            name, _, flags = arguments
            return str(name).startswith(str(data)) and bool(flags & (os.O_WRONLY | os.O_RDWR))
        return event in ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree")

    moments, promoted = 0, []
    while True:
        (data / "live").write_text(old)
        shutil.rmtree(data / "encoded", ignore_errors=True)
        for left_over in (data / "generations").iterdir():
            if left_over.name != old:
                shutil.rmtree(left_over)
        child = os.fork()
        if child == 0:
            left = moments
            def count(event, arguments):
                global left
                if touches_the_disk(event, arguments):
                    if left == 0:
                        os.kill(os.getpid(), signal.SIGKILL)
                    left -= 1
            sys.addaudithook(count)
            build_texts(data, CLAY, SEA)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        name = live(data)
        assert name in (old, new), name
        assert load(data, name).id == name
        assert hashes(data / "generations" / old) == before
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0
            assert name == new
            break
        promoted.append(name == new)
        moments += 1
    # From the rename on it is live, whatever was left to do.
    assert promoted == sorted(promoted) and sum(promoted) < 12, promoted
    print(moments)
"""


@pytest.mark.slow
def test_a_build_killed_at_any_moment_leaves_the_live_generation(tmp_path: Path) -> None:
    """SIGKILL before every single file operation of a build: the old generation stays whole and live."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 25


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
PROSE = st.lists(
    st.sampled_from(
        ["Clay remembers the hand. ", "What is it? ", "\n\n", "\r\n", "0796b07b88aaa3a50796b07b88aaa3a5", "😀 ",
         "Scroll to Top\n", "# A heading\n", "It isn\u00e2\u0080\u0099t so. ", "\u200b", "- item\n", "no full stop ",
         "\u202e", "مرحبا "]
    ),
    max_size=25,
).map("".join)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PROSE | ANY_TEXT, min_size=1, max_size=3), st.lists(PROSE | ANY_TEXT, min_size=1, max_size=3))
def test_whatever_is_asked_of_whatever_is_quoted_exactly(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], questions: list[str]
) -> None:
    """Any documents, any questions: each quote is source[start:end], and passages and noise are the whole text."""
    data = tmp_path_factory.mktemp("any")
    try:
        generation = library(data, *texts)
    except SourceError:
        return
    sources = {stored.id: stored.text for stored in generation.texts.documents}
    assert list(sources.values()) == texts
    for found in answer(generation, FakeEncoder(), [Asked(question) for question in questions]):
        assert len(found.quotes) <= 3
        for quote in (*found.quotes, *found.more):
            assert quote.text == sources[quote.document][quote.start : quote.end]
        for hit in found.passages:
            assert 0 <= hit.start < hit.end <= len(sources[hit.document])
    for stored in generation.texts.documents:
        passages = [p for p in generation.passages if p.document == stored.id]
        noise = marks(stored)
        assert tuple(passages) == split(stored, noise)
        inside = [(p.start, p.end) for p in passages]
        outside = [(m.start, m.end) for m in noise if not any(a <= m.start and m.end <= b for a, b in inside)]
        assert "".join(stored.text[a:b] for a, b in sorted(inside + outside)) == stored.text
