"""Zip archives are not trusted: what is in them is counted while it comes out, and named before it is believed."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest

from index.documents import archives
from index.documents.archives import members, open_archive
from index.documents.document import Document, read_sources
from index.documents.listing import Skipped
from index.errors import SourceError
from tests.index.files import pdf, rezipped, word, zipped

TEXT = "The map is not the territory."


def read(folder: Path, data: bytes, name: str = "a.zip") -> tuple[list[Document], dict[str, str]]:
    path = folder / name
    path.write_bytes(data)
    documents, skipped = read_sources([path])
    return documents, {item.name: item.reason for item in skipped}


def test_an_archive_holds_documents_of_every_format(tmp_path: Path) -> None:
    """Members are documents called like the archive and their place in it, in order of name."""
    data = zipped(
        {
            "b/one.txt": TEXT,
            "two.md": "# Two\n\nIt is two.",
            "three.html": "<p>It is three.",
            "four.pdf": pdf(["It is four."]),
            "five.docx": word("It is five."),
        }
    )
    documents, skipped = read(tmp_path, data)
    assert {document.id: document.text.splitlines()[-1] for document in documents} == {
        "a.zip/b/one.txt": TEXT,
        "a.zip/five.docx": "It is five.",
        "a.zip/four.pdf": "It is four.",
        "a.zip/three.html": "It is three.",
        "a.zip/two.md": "It is two.",
    }
    assert [document.id for document in documents] == sorted(document.id for document in documents)
    assert skipped == {}


def _flagged(name: str, flag: int = 0, method: int = 0, mode: int = 0) -> bytes:
    """Pack a member under a plain name, then write into the archive what no library would pack."""
    info = zipfile.ZipInfo("ok.txt")
    info.external_attr = mode << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(info, TEXT)
        archive.writestr("z.txt", "Another text.")
    data = bytearray(out.getvalue())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.index(mark) + at
        data[start] |= flag
        data[start + 2] = method
    return bytes(data).replace(b"ok.txt", name.encode())


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (zipped({"../up.txt": TEXT, "z.txt": "Z."}), "../up.txt", "leads out of the archive"),
        (zipped({"a/../../up.txt": TEXT, "z.txt": "Z."}), "a/../../up.txt", "leads out of the archive"),
        (zipped({"/etc/up.txt": TEXT, "z.txt": "Z."}), "/etc/up.txt", "leads out of the archive"),
        (zipped({"C:up.txt": TEXT, "z.txt": "Z."}), "C:up.txt", "leads out of the archive"),
        (zipped({"a\\up.txt": TEXT, "z.txt": "Z."}), "a\\up.txt", "holds a backslash"),
        (zipped({"__MACOSX/a/._one.txt": TEXT, "z.txt": "Z."}), "__MACOSX", "macOS"),
        (zipped({"a/.secret.txt": TEXT, "z.txt": "Z."}), "a/.secret.txt", "hidden"),
        (zipped({"a.zip": zipped({"b.txt": TEXT}), "z.txt": "Z."}), "a.zip", "archive in an archive"),
        (zipped({"a.txt": zipped({"b.txt": TEXT}), "z.txt": "Z."}), "a.txt", "archive in an archive"),
        (zipped({"map.": b"\x89PNG", "z.txt": "Z."}).replace(b"map.", b"\x00\x00\x00\x00"), "\ufffd" * 4, "no name"),
        (zipped({"map.png": b"\x89PNG", "z.txt": "Z."}), "map.png", "files of type .png are not read"),
        (zipped({"m.docm": rezipped(word(TEXT), {"word/vbaProject.bin": b"x"}), "z.txt": "Z."}), "m.docm", "macros"),
        (_flagged("ok.txt", flag=1), "ok.txt", "encrypted"),
        (_flagged("ok.txt", method=99), "ok.txt", "by a method that is not read"),
        (_flagged("ok.txt", method=8), "ok.txt", "it is damaged"),
        (_flagged("ok.txt", mode=stat.S_IFLNK | 0o777), "ok.txt", "a link or a device"),
    ],
)
def test_what_is_not_read_is_told_and_the_rest_goes_on(tmp_path: Path, data: bytes, name: str, says: str) -> None:
    """One member that is hostile, damaged or no document is skipped with its reason; z.txt is read."""
    documents, skipped = read(tmp_path, data)
    assert [document.id for document in documents] == ["a.zip/z.txt"]
    assert list(skipped) == [f"a.zip/{name}"]
    assert says in skipped[f"a.zip/{name}"]


def test_nothing_is_written_anywhere(tmp_path: Path) -> None:
    """After reading, the folder holds the archive and nothing else, and neither does the one above it."""
    folder = tmp_path / "inner"
    folder.mkdir()
    read(folder, zipped({"../up.txt": TEXT, "sub/in.txt": "In."}))
    assert [path.relative_to(tmp_path).as_posix() for path in sorted(tmp_path.rglob("*"))] == ["inner", "inner/a.zip"]


def test_odd_names_become_ids_that_can_be_shown(tmp_path: Path) -> None:
    """Control characters and long names are made safe, each id is its own; UTF-8 is read as such unsaid."""
    long = "n" * 300
    data = zipped(
        {f"{long}1.txt": "One.", f"{long}2.txt": "Two.", "a\nb\x1b\u202e.txt": "Three.", "Cafes.txt": "Four."}
    )
    documents, skipped = read(tmp_path, data.replace(b"Cafes", "Café".encode()))
    ids = [document.id for document in documents]
    assert skipped == {}
    assert len(set(ids)) == 4
    assert ids[0] == "a.zip/Café.txt"
    assert all(len(id) <= 200 and id.isprintable() and id.endswith(".txt") for id in ids)


def test_the_same_name_twice_is_one_document(tmp_path: Path) -> None:
    """Of two members of one name the second is told."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", TEXT)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.txt", "Another text.")
    documents, skipped = read(tmp_path, out.getvalue())
    assert [document.text for document in documents] == [TEXT]
    assert "an earlier file of that name" in skipped["a.zip/a.txt"]


def test_a_member_that_explodes_is_given_up_while_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tight member, one too large and all that is too much together are each given up; small ones go on."""
    monkeypatch.setattr(archives, "UNPACKED_LIMIT_BYTES", 12 * 2**20)
    noise = bytes(range(256)) * 4 * 2**10
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", bytes(2**24), zipfile.ZIP_DEFLATED)
        archive.writestr("b.txt", noise * 5)
        archive.writestr("c.txt", "Small.")
        archive.writestr("d.txt", noise * 4)
        archive.writestr("e.txt", noise * 4)
    found = list(members(open_archive(out.getvalue(), "a.zip"), 4 * 2**20, archives.Room()))
    told = {item.name: item.reason for item in found if isinstance(item, Skipped)}
    assert {name: reason.split(";")[0] for name, reason in told.items()} == {
        "a.txt": "it unpacks to more than 200 times its size, which no document does",
        "b.txt": "it unpacks to more than 4 MB, the limit of one file",
        "e.txt": "the archive unpacks to more than 12 MB",
    }
    assert [item[0] for item in found if not isinstance(item, Skipped)] == ["c.txt", "d.txt"]


def test_too_many_members_are_refused_before_they_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The count is taken from the bytes, where it costs nothing."""
    monkeypatch.setattr(archives, "MEMBER_LIMIT", 10)
    with pytest.raises(SourceError, match=r"^a\.zip holds more than 10 files; pack them into several archives\.$"):
        open_archive(zipped({f"{number}.txt": TEXT for number in range(11)}), "a.zip")

    def never(*_: object) -> None:
        raise AssertionError("it was listed")

    monkeypatch.setattr(zipfile, "ZipFile", never)
    with pytest.raises(SourceError, match="holds more than 10 files"):
        open_archive(b"PK\x03\x04" + b"PK\x01\x02" * 100, "a.zip")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (zipped({"a.txt": TEXT})[:-30], "is a damaged archive"),
        (zipped({}), "holds no document"),
        (zipped({"mimetype": "application/epub+zip", "a.xhtml": TEXT}), "is an e-book or an OpenDocument file"),
        (zipped({"[Content_Types].xml": "", "xl/workbook.xml": ""}), "another office file"),
        (rezipped(word(TEXT), {"word/vbaProject.bin": b"x"}), "holds macros"),
    ],
)
def test_an_archive_that_is_none_says_what_it_is(tmp_path: Path, data: bytes, says: str) -> None:
    """Damaged and empty archives and the packages of other programs each end in one sentence."""
    with pytest.raises(SourceError) as refusal:
        read(tmp_path, data)
    assert str(refusal.value).startswith("a.zip ")
    assert says in str(refusal.value)
