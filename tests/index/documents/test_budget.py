"""One change of a library reads no more than the library may take, and stops where that is exceeded."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from index.documents import archives, budget, sandbox
from index.documents.budget import Budget
from index.documents.document import Document, read_sources
from index.documents.formats.kinds import Kind
from index.documents.sandbox import Sandbox
from index.errors import BudgetError, LengthError
from tests.index.files import word, zipped

SENTENCE = "The tide turns twice a day. "


def files(folder: Path, texts: dict[str, str]) -> list[Path]:
    paths = [folder / name for name in texts]
    for path in paths:
        path.write_text(texts[path.name], encoding="utf-8")
    return paths


def document(id: str, text: str) -> Document:
    return Document(id, id, text, f"sha of {text}")


def test_reading_stops_where_the_characters_end(tmp_path: Path) -> None:
    """Ten archives of 9 MB of text each cost one member's memory, not ninety: no text is kept that is too much."""
    paths = []
    counted = " ".join(f"Tide {number} turns." for number in range(120_000)).encode()
    for number in range(10):
        text = b"%d " % number + counted
        paths.append(tmp_path / f"{number}.zip")
        paths[-1].write_bytes(zipped({f"{part}.txt": text + b"%d" % part for part in range(4)}))
    tracemalloc.start()
    try:
        with pytest.raises(BudgetError, match=r"may hold 3,000,000 characters, and .* is more than the [\d,]+ that"):
            read_sources(paths, budget=Budget(3_000_000))
        assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", ["long.txt", "long.md", "long.html"])
def test_a_document_longer_than_what_is_left_is_refused(tmp_path: Path, name: str) -> None:
    """Whatever the format, the sentence names the document, the limit and what is left of it."""
    paths = files(tmp_path, {"a.txt": "x" * 90, name: SENTENCE * 100})
    with pytest.raises(BudgetError, match=rf"may hold 100 characters, and {name} is more than the 10 that are left"):
        read_sources(paths, budget=Budget(100))


def test_the_reader_does_not_hand_out_a_longer_text() -> None:
    """The limit holds in the process that reads: it answers with a sentence in place of the text."""
    with Sandbox() as reader:
        with pytest.raises(LengthError, match="more than 27 characters"):
            reader.read(SENTENCE.strip().encode() + b"!", Kind.MARKDOWN, "a.md", 27)
        assert len(reader.read(SENTENCE.encode(), Kind.MARKDOWN, "a.md", 27).text) == 27


def test_bytes_that_cannot_fit_are_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain text is refused by its size where even four bytes a character would be too many characters."""
    monkeypatch.setattr("index.documents.document.decode", lambda *_: pytest.fail("decoded"))
    with pytest.raises(BudgetError, match="may hold 100 characters"):
        read_sources(files(tmp_path, {"a.txt": "x" * 404}), budget=Budget(100))


def test_what_is_there_counts_unless_it_is_replaced(tmp_path: Path) -> None:
    """A new version takes the place of the old one, whichever is read first; a text that is there costs nothing."""
    paths = files(tmp_path, {"a.txt": "a" * 60, "b.txt": "b" * 40})
    full = Budget(100)
    full.hold([document("b.txt", "c" * 100)])
    assert len(read_sources(paths, budget=full)[0]) == 2
    other = Budget(100)
    other.hold([document("c.txt", "c" * 100)])
    with pytest.raises(BudgetError, match=r"a\.txt is more than the 0 that are left"):
        read_sources(paths, budget=other)
    (same,), _ = read_sources(paths[:1])
    known = Budget(100)
    known.hold([Document("other.txt", "", same.text, same.sha256)])
    assert [found.id for found in read_sources(paths, budget=known)[0]] == ["a.txt", "b.txt"]


def test_all_archives_unpack_into_one_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Archives and Word files of one change share the limit; without a budget each has it for itself."""
    for module in (archives, budget):
        monkeypatch.setattr(module, "UNPACKED_LIMIT_BYTES", 2**20)
    paths = [tmp_path / f"{number}.zip" for number in range(3)]
    for number, path in enumerate(paths):
        path.write_bytes(zipped({"a.txt": (SENTENCE * 15_000 + str(number)).encode()}))
    assert len(read_sources(paths)[0]) == 3
    with pytest.raises(BudgetError, match="unpack to more than 1 MB together"):
        read_sources(paths, budget=Budget(10**7))
    letters = [tmp_path / f"{number}.docx" for number in range(2)]
    for number, path in enumerate(letters):
        path.write_bytes(word(f"{number} " + SENTENCE * 5_000))
    assert len(read_sources(letters)[0]) == 2
    with pytest.raises(BudgetError, match="unpack to more than 1 MB together"):
        read_sources(letters, budget=Budget(10**7))


def test_all_archives_share_the_limit_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten archives of as many small files as are allowed in one would keep the reader busy for an hour."""
    for module in (archives, budget):
        monkeypatch.setattr(module, "MEMBER_LIMIT", 5)
    paths = [tmp_path / f"{number}.zip" for number in range(2)]
    for path in paths:
        path.write_bytes(zipped({f"{number}.txt": f"{path.name} {number}".encode() for number in range(3)}))
    assert len(read_sources(paths)[0]) == 6
    with pytest.raises(BudgetError, match="hold more than 5 files"):
        read_sources(paths, budget=Budget(10**6))


def test_reading_is_given_up_after_failures_in_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that hang their reader one after the other end a server's change; the sentence names them."""
    monkeypatch.setattr(sandbox, "TIME_LIMIT_S", 0.2)
    hanging = "import time; child.prepare = print; child.read = lambda *file: time.sleep(60); child.main()"
    monkeypatch.setattr(sandbox, "_PROGRAM", sandbox._PROGRAM.replace("child.main()", hanging))
    paths = files(tmp_path, {f"{number}.md": SENTENCE for number in range(5)})
    with pytest.raises(BudgetError, match=r"3 files in a row could not be read: 0\.md, 1\.md, 2\.md\. Leave them out"):
        read_sources(paths, budget=Budget(10**6))


def test_failures_between_files_that_are_read_do_not_add_up(tmp_path: Path) -> None:
    """Only failures in a row count."""
    patience = Budget(10**6)
    for _ in range(3):
        patience.failed("a.pdf")
        patience.failed("b.pdf")
        patience.succeeded()
    patience.failed("a.pdf")
    patience.failed("b.pdf")
    with pytest.raises(BudgetError, match=r"a\.pdf, b\.pdf, c\.pdf"):
        patience.failed("c.pdf")
