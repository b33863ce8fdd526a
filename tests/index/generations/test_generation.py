"""A generation is whole or refused, never edited, and promoted in one step."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.answering.answer import Asked
from index.answering.selection import answer
from index.errors import GenerationError
from index.generations import generation as generations
from index.generations.generation import Encoded, Keys, check_model, encoded, live_keys, load
from index.generations.manifest import file_sha256, json_sha256, live, live_or_refuse, manifests
from index.generations.promotion import roll_back
from index.generations.texts import open_texts, read_texts
from tests.index.fakes import CLAY, SEA, FakeEncoder, build_texts, hashes


@pytest.fixture
def built(data: Path) -> Path:
    """The folder of a generation of two documents."""
    return data / "generations" / build_texts(data, CLAY, SEA).generation


def refused(data: Path, name: str) -> str:
    with pytest.raises(GenerationError) as caught:
        load(data, name)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert "tutor index build" in sentence
    return sentence


def change_manifest(folder: Path, **changes: Any) -> None:
    file = folder / "manifest.json"
    file.write_text(json.dumps({**json.loads(file.read_text(encoding="utf-8")), **changes}), encoding="utf-8")


def test_what_is_loaded_is_what_was_built(data: Path, built: Path) -> None:
    """Documents and passages come back to the character, and the manifest says what is there."""
    generation = load(data, built.name)
    manifest = generation.texts.manifest
    assert [document.text for document in generation.texts.documents] == [CLAY, SEA]
    assert (manifest.documents, manifest.passages, manifest.sentences) == (2, 5, len(generation.sentences))
    assert (manifest.model, manifest.dimension) == ("fake", 32)
    assert generation.id == built.name == live(data)
    assert set(manifest.files) == {p.relative_to(built).as_posix() for p in built.rglob("*") if p.is_file()} - {
        "manifest.json"
    }
    for number, passage in enumerate(generation.passages):
        first, last = generation.sentence_starts[number : number + 2]
        assert generation.sentences[first:last] == passage.sentences
        assert set(generation.passage_of[first:last]) == {number}
        assert generation.document_of(number).id == passage.document


def test_every_altered_byte_is_refused(data: Path, built: Path) -> None:
    """One byte flipped at the front, in the middle or at the end of any file, the manifest too, is noticed."""
    load(data, built.name)
    files = [path for path in sorted(built.rglob("*")) if path.is_file()]
    assert len(files) > 8
    for file in files:
        whole = file.read_bytes()
        for at in sorted({0, len(whole) // 3, len(whole) // 2, len(whole) - 1}):
            file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            refused(data, built.name)
        file.write_bytes(whole)
    load(data, built.name)


def test_a_half_written_generation_is_refused(data: Path, built: Path) -> None:
    """Each file cut in half, empty or missing is noticed."""
    for file in [path for path in sorted(built.rglob("*")) if path.is_file()]:
        whole = file.read_bytes()
        for part in (whole[: len(whole) // 2], b"", None):
            file.unlink()
            if part is not None:
                file.write_bytes(part)
            refused(data, built.name)
        file.write_bytes(whole)
    load(data, built.name)


@pytest.mark.parametrize(
    "changes",
    [
        {"files": {}},
        {"files": []},
        {"files": None},
        {"built_at": "yesterday"},
        {"built_at": None},
        {"model": "another"},
        {"dimension": 31},
        {"passages": "many"},
        {"aliases": {"clay": "glass"}},
        {"generation": "0123456789ab"},
        {"sha256": "0"},
        {"surprise": 1},
    ],
)
def test_an_edited_manifest_is_refused(data: Path, built: Path, changes: dict[str, Any]) -> None:
    """A generation is never edited, not even in what it says of itself."""
    change_manifest(built, **changes)
    refused(data, built.name)
    assert manifests(data) == []


@pytest.mark.parametrize("content", ["", "[]", "null", "{", '{"format": 1}', "\ufeff{}", "9" * 5000, "[" * 50_000])
def test_a_manifest_that_is_none_is_refused(data: Path, built: Path, content: str) -> None:
    """What is no manifest is refused like any damage."""
    (built / "manifest.json").write_text(content, encoding="utf-8")
    refused(data, built.name)
    assert manifests(data) == []


@pytest.mark.parametrize("number", [0, 99, "1", None])
def test_another_format_is_refused(data: Path, built: Path, number: object) -> None:
    """An index of an older or newer version is named as such."""
    change_manifest(built, format=number)
    assert "format" in refused(data, built.name)


def rewritten(folder: Path, name: str, content: bytes | None) -> None:
    """Put a file in the place of one of a generation, with manifest and hashes as a forger would write them."""
    file, manifest = folder / name, folder / "manifest.json"
    row = json.loads(manifest.read_text(encoding="utf-8"))
    row.pop("sha256")
    if content is not None:
        file.write_bytes(content)
        row["files"][name] = file_sha256(file)
    manifest.write_text(json.dumps(row | {"sha256": json_sha256(row)}), encoding="utf-8")


def array(change: Callable[[Any], Any]) -> Callable[[bytes], bytes]:
    """Change an .npy or .npz file, which may then hold pickles too."""

    def changed(content: bytes) -> bytes:
        held, stream = np.load(io.BytesIO(content)), io.BytesIO()
        if isinstance(held, np.ndarray):
            np.save(stream, change(held), allow_pickle=True)
        else:
            np.savez(stream, **change(dict(held)))
        return stream.getvalue()

    return changed


def rows(change: Callable[[Any], Any]) -> Callable[[bytes], bytes]:
    return lambda content: json.dumps(change(json.loads(content))).encode()


def edited(number: int, key: Any, value: Any) -> Callable[[bytes], bytes]:
    """Change one value of one row of a JSON file."""

    def change(held: Any) -> Any:
        held[number][key] = value(held[number][key]) if callable(value) else value
        return held

    return rows(change)


FORGED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "fewer vectors": ("sentence_vectors.npy", array(lambda held: held[:-1])),
    "narrower vectors": ("passage_vectors.npy", array(lambda held: held[:, :-1])),
    "double vectors": ("passage_vectors.npy", array(lambda held: held.astype(np.float64))),
    "flat vectors": ("passage_vectors.npy", array(lambda held: held.ravel())),
    "pickled vectors": ("passage_vectors.npy", array(lambda held: held.astype(object))),
    "fewer contexts": ("contexts.npy", array(lambda held: held[1:])),
    "wide contexts": ("contexts.npy", array(lambda held: held.astype(np.int64))),
    "word out of range": ("tokens.npz", array(lambda held: held | {"ids": held["ids"] + 1})),
    "negative word": ("tokens.npz", array(lambda held: held | {"ids": held["ids"] - 1})),
    "starts out of order": ("tokens.npz", array(lambda held: held | {"starts": held["starts"][::-1]})),
    "starts beyond": ("tokens.npz", array(lambda held: held | {"starts": held["starts"] * 2})),
    "fewer kinds": ("tokens.npz", array(lambda held: held | {"kinds": held["kinds"][1:]})),
    "text of a sentence in two": ("tokens.npz", array(lambda held: held | {"ids": held["ids"] * 0})),
    "fewer words": ("words.json", rows(lambda held: held[:3])),
    "numbers for words": ("words.json", rows(lambda held: [*range(len(held))])),
    "no document": ("documents.json", rows(lambda held: held[:1])),
    "short text": ("documents.json", edited(0, "text", "short")),
    "text of a number": ("documents.json", edited(0, "text", 7)),
    "same id twice": ("documents.json", rows(lambda held: [held[0] | {"text": each["text"]} for each in held])),
    "pages fall": ("documents.json", edited(0, "pages", [5, 1])),
    "heading beyond": ("documents.json", edited(0, "headings", [[0, 10**6, 1]])),
    "passage beyond": ("passages.json", edited(-1, 3, 10**6)),
    "passage before": ("passages.json", edited(0, 2, -5)),
    "passages overlap": ("passages.json", edited(1, 2, 0)),
    "passage of no document": ("passages.json", edited(0, 0, 9)),
    "sentence beyond": ("passages.json", edited(-1, 5, lambda spans: [*spans[:-1], 10**6])),
    "sentences fall": ("passages.json", edited(0, 5, lambda spans: spans[::-1])),
    "offset of a fraction": ("passages.json", edited(0, 2, 0.5)),
    "text beyond the lists": ("sentence_words/indices.csc.index.npy", array(lambda held: held + 10**6)),
    "negative text": ("sentence_words/indices.csc.index.npy", array(lambda held: held - 10**6)),
    "lists beyond": ("passage_words/indptr.csc.index.npy", array(lambda held: held * 2)),
    "words beyond": (
        "passage_words/vocab.index.json",
        rows(lambda held: {word: number + 10**6 for word, number in held.items()}),
    ),
    "another number of texts": ("passage_words/params.index.json", rows(lambda held: held | {"num_docs": 10**9})),
}


@pytest.mark.parametrize(("name", "forge"), FORGED.values(), ids=FORGED)
def test_parts_that_do_not_fit_are_refused(data: Path, built: Path, name: str, forge: Callable[[bytes], bytes]) -> None:
    """A generation with every hash right, as a forged backup may hold one, is refused before the first question."""
    rewritten(built, name, (built / name).read_bytes())
    assert load(data, built.name)
    rewritten(built, name, forge((built / name).read_bytes()))
    refused(data, built.name)


def test_other_libraries_are_refused(data: Path, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index made with other versions of the libraries says with which."""
    monkeypatch.setattr(generations, "libraries", lambda: {"faiss-cpu": "99.0"})
    sentence = refused(data, built.name)
    assert "faiss-cpu" in sentence
    assert "other libraries" in sentence


def test_a_generation_under_another_name_is_refused(data: Path, built: Path) -> None:
    """A folder that was copied or renamed is not what it is called."""
    shutil.copytree(built, built.with_name("0123456789ab"))
    refused(data, "0123456789ab")


def test_a_missing_generation_is_refused(data: Path, built: Path) -> None:
    """A live generation whose folder is gone is named, with what to do."""
    shutil.rmtree(built)
    assert built.name in refused(data, live_or_refuse(data))


def test_no_index_is_not_a_damaged_one(data: Path) -> None:
    """Where nothing was ever built there is no live generation, and asking for one says how to build it."""
    assert live(data) is None
    assert live(data / "nowhere") is None
    with pytest.raises(GenerationError, match="tutor index build"):
        live_or_refuse(data)


@pytest.mark.parametrize("content", [b"", b"\n", b"../../etc", b"a b", b"\xff\xfe"])
def test_a_damaged_pointer_is_refused(data: Path, built: Path, content: bytes) -> None:
    """The file that names the live generation is no way out of the folder."""
    (data / "live").write_bytes(content)
    with pytest.raises(GenerationError):
        live(data)


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    """A file where the folder should be is one sentence, not a traceback."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(GenerationError, match="Check its rights"):
        live(tmp_path / "file")


@pytest.mark.parametrize(("name", "dimension"), [("other", 32), ("fake", 16)])
def test_a_foreign_model_is_refused(data: Path, built: Path, name: str, dimension: int) -> None:
    """Vectors of one model are not asked with another; the sentence names both and both ways out."""
    generation = load(data, built.name)
    check_model(generation, FakeEncoder())
    with pytest.raises(GenerationError) as caught:
        check_model(generation, FakeEncoder(name, dimension))
    for needed in ("tutor index build", "TUTOR_MODEL=fake", f"{name} ({dimension} dimensions)"):
        assert needed in str(caught.value)


def test_a_generation_is_never_edited(data: Path) -> None:
    """Questions, builds and rollbacks leave every file of every generation as it was written."""
    encoder = FakeEncoder()
    first = build_texts(data, CLAY, encoder=encoder, built_at="2026-01-01T00:00:00+00:00").generation
    written = hashes(data / "generations")
    answer(load(data, first), encoder, [Asked("What does clay remember?"), Asked("How does clay differ from glass?")])
    second = build_texts(data, CLAY, SEA, encoder=encoder, built_at="2026-01-02T00:00:00+00:00").generation
    written_too = {name: digest for name, digest in hashes(data / "generations").items() if name.startswith(second)}
    roll_back(data, at="2026-01-02T12:00:00+00:00")
    build_texts(data, SEA, encoder=encoder, built_at="2026-01-03T00:00:00+00:00")
    build_texts(data, CLAY, encoder=encoder, built_at="2026-01-04T00:00:00+00:00")
    roll_back(data, second, at="2026-01-05T00:00:00+00:00")
    now = hashes(data / "generations")
    assert {**written, **written_too}.items() <= now.items()
    assert not [path for path in data.rglob("*") if path.name.startswith(".")], "a build leaves nothing behind"


def test_an_open_generation_outlives_its_files(data: Path, built: Path) -> None:
    """Whoever reads the old one goes on reading it, whole."""
    generation, encoder = load(data, built.name), FakeEncoder()
    asked = [Asked("What does clay remember?")]
    before = answer(generation, encoder, asked)
    shutil.rmtree(data)
    assert answer(generation, encoder, asked) == before


def test_rows_of_damaged_generations_are_passed_over(data: Path, built: Path) -> None:
    """A damaged generation is no source of vectors, and no reason to fail."""
    wanted = live_keys(data)
    assert len(wanted.passages) == 5
    assert {*wanted.passages, *wanted.headings} == {*encoded(data, FakeEncoder(), wanted).passages}
    assert encoded(data, FakeEncoder("other"), wanted) == Encoded({}, {}, {})
    assert encoded(data, FakeEncoder(), Keys((), ())) == Encoded({}, {}, {})
    (built / "keys.json").write_text("{}", encoding="utf-8")
    assert encoded(data, FakeEncoder(), wanted) == Encoded({}, {}, {})
    assert live_keys(data) == Keys((), ())


def test_texts_are_read_without_an_index(data: Path, built: Path) -> None:
    """Documents and passages need neither vectors nor words, and are read once."""
    for file in built.rglob("*.npy"):
        file.unlink()
    texts = read_texts(data, built.name)
    assert texts.document("b.txt").text == SEA
    assert open_texts(data, built.name) is open_texts(data, built.name)
    with pytest.raises(GenerationError, match=r"no document 'c\.txt'.*a\.txt, b\.txt"):
        texts.document("c.txt")


def test_a_place_lies_in_one_passage(data: Path, built: Path) -> None:
    """Every offset of a passage is in it, the end is not; places outside are refused."""
    texts = read_texts(data, built.name)
    for number, passage in enumerate(texts.passages):
        assert texts.passage_index_at(passage.document, passage.start) == number
        assert texts.passage_index_at(passage.document, passage.end - 1) == number
    for place in (("a.txt", len(CLAY)), ("a.txt", -1), ("c.txt", 0)):
        with pytest.raises(GenerationError):
            texts.passage_index_at(*place)
