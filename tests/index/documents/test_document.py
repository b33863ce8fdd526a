"""Reading files as they are in the wild."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.documents.decoding import decode
from index.documents.document import Document, read_sources
from index.documents.sandbox import Sandbox
from index.errors import SourceError
from tests.index.files import locked_pdf, pdf, rezipped, word, zipped

FRENCH = "L’été dernier, nous avons mangé à la crêperie.\r\n\r\nC’était déjà vu — « vraiment ».\n"
PLAIN = "The map is not the territory.\n\nA second paragraph stands here.\n"
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def _read(folder: Path, name: str, data: bytes) -> Document:
    path = folder / name
    path.write_bytes(data)
    return read_sources([path])[0][0]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"],
)
def test_every_usual_encoding_reads_as_the_same_text(tmp_path: Path, encoding: str) -> None:
    """The text does not depend on the encoding; the byte order mark is dropped, CRLF stays."""
    assert _read(tmp_path, "a.txt", FRENCH.encode(encoding)).text == FRENCH


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("latin-1", "Die Größe der Häuser über dem Fluss ist schön."),
        ("cp1251", "Привет, мир. Это простой текст на русском языке для проверки чтения."),
        ("cp1250", "Zażółć gęślą jaźń, proszę państwa. Dziękuję bardzo za wszystko."),
        ("gb18030", "元宇宙与互联网不同。元宇宙的发展逻辑是什么？这是一个问题。"),
        ("utf-16-le", "元宇宙与互联网不同。\n这是一个问题。\n"),
        ("utf-16-be", "Привет, мир. Это простой текст.\n"),
    ],
)
def test_text_of_other_code_pages_is_recognised(tmp_path: Path, encoding: str, text: str) -> None:
    """A file that names no encoding is read by the one it was written in."""
    assert _read(tmp_path, "a.txt", text.encode(encoding)).text == text


def test_a_lone_nul_is_kept(tmp_path: Path) -> None:
    """A NUL byte does not make a text binary, nor is it dropped: offsets count it."""
    assert _read(tmp_path, "a.txt", b"One word\x00 and another.\n").text == "One word\x00 and another.\n"


@given(ANY_TEXT)
def test_utf_8_is_decoded_to_the_character(text: str) -> None:
    """Whatever is accepted as UTF-8 is exactly what was written, but for a byte order mark."""
    try:
        decoded = decode(text.encode("utf-8"), "a.txt")
    except SourceError:
        assert sum(not c.isprintable() for c in text) > 3
        return
    assert decoded == text.removeprefix("\ufeff") or "\x00" in text


@given(st.binary())
def test_any_bytes_are_text_or_one_sentence(data: bytes) -> None:
    """Decoding ends in text that UTF-8 can write or in a SourceError, never in another exception."""
    with suppress(SourceError):
        text = decode(data, "a.txt")
        assert text.encode("utf-8").decode("utf-8") == text


BINARY = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("empty.txt", b"", "holds no text"),
        ("blank.md", b" \r\n\t\n", "holds no text"),
        ("rules.txt", b"---\n***\n", "holds no text"),
        ("marks.txt", "\ufeff\u200b\n".encode(), "holds no text"),
        ("scripts.html", b"<html><script>var a = 1;</script></html>", "holds no text"),
        ("picture.txt", BINARY, "not a text file"),
        ("noise.txt", bytes(range(256)) * 8, "not a text file"),
        ("paper.txt", b"%PDF-1.7\n1 0 obj\n", "is a damaged PDF"),
        ("picture.png", BINARY, "not read"),
    ],
)
def test_what_is_no_document_is_refused_with_a_sentence(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    """A refusal names the file, says what is wrong with it, and ends as a sentence does."""
    with pytest.raises(SourceError) as refusal:
        _read(tmp_path, name, data)
    sentence = str(refusal.value)
    assert says in sentence
    assert sentence.startswith(name)
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("name", "start", "limit"),
    [
        ("large.txt", b"", 20),
        ("large.html", b"<html>", 20),
        ("large.pdf", b"%PDF-1.7", 50),
        ("large.docx", b"PK\x03\x04", 100),
        ("large.zip", b"PK\x03\x04", 100),
    ],
)
def test_a_large_file_is_refused_by_its_size_alone(tmp_path: Path, name: str, start: bytes, limit: int) -> None:
    """300 MB are refused before they are read."""
    path = tmp_path / name
    with path.open("wb") as file:
        file.write(start)
        file.truncate(300 * 2**20)
    with pytest.raises(SourceError, match=rf"^{re.escape(name)} has 300 MB, and {limit} MB is the limit; split it"):
        read_sources([path])


def test_what_the_system_refuses_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing file, a link to itself, a pipe and a forbidden file are each a SourceError."""
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    for name, says in [
        ("missing.txt", "there is no such file"),
        ("loop.txt", "cannot be read"),
        ("pipe.txt", "not a regular file"),
    ]:
        with pytest.raises(SourceError, match=says):
            read_sources([tmp_path / name])
    with pytest.raises(SourceError, match="not one the system accepts"):
        read_sources([Path("a\x00b.txt")])

    def forbidden(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "secret.txt").write_text(PLAIN)
    monkeypatch.setattr(Path, "open", forbidden)
    with pytest.raises(SourceError, match="no permission"):
        read_sources([tmp_path / "secret.txt"])


def test_a_document_knows_its_hash_and_title(tmp_path: Path) -> None:
    """sha256 is that of the text, not of the file; the title is the first line where that is no sentence."""
    document = _read(tmp_path, "my_first-essay.txt", PLAIN.encode("utf-16"))
    assert document.sha256 == hashlib.sha256(PLAIN.encode("utf-8")).hexdigest()
    assert document.title == "my first essay"
    titled = _read(tmp_path, "b.txt", b"0123456789abcdef0123456789abcdefMaps and lands\n\nA map is not its land.")
    assert titled.title == "Maps and lands"


@pytest.mark.parametrize("sign", ["[", "\n[", "-", "\u0301"])
def test_a_first_line_without_a_word_costs_no_time(tmp_path: Path, sign: str) -> None:
    """However many signs stand before the first word, the title is found at once."""
    began = time.process_time()
    document = _read(tmp_path, "a.txt", f"{sign * 200_000}\nMaps and lands\n\nA map is not its land.".encode())
    assert time.process_time() - began < 2
    assert document.title == "Maps and lands"


MARKDOWN = """---
title: "On maps"
---
# Maps & *lands*

A map, see [the atlas](https://maps.example/a), is ![a picture](a.png) not
its `land`.

## What is left

- borders
- rivers

| name | long |
|------|------|
| Rhine | 1230 |

    code = 1
"""


def test_markdown_is_read_as_its_reader_sees_it(tmp_path: Path) -> None:
    """No markup, front matter, targets or pictures; headings are spans of the text with their level."""
    document = _read(tmp_path, "a.md", MARKDOWN.encode())
    assert document.title == "On maps"
    assert document.text == (
        "Maps & lands\n\nA map, see the atlas, is not\nits land.\n\nWhat is left\n\n- borders\n- rivers\n\n"
        "name | long\nname: Rhine | long: 1230\n\ncode = 1"
    )
    headings = [(document.text[h.start : h.end], h.level) for h in document.headings]
    assert headings == [("Maps & lands", 1), ("What is left", 2)]


def test_html_is_read_as_its_main_content(tmp_path: Path) -> None:
    """Navigation, scripts and markup are no text; headings and list items are kept."""
    story = "A map is a picture of a land, drawn so that a traveller may find a way through it without asking."
    page = (
        f"<html><head><title>Maps</title></head><body><nav><a href='/'>Home</a></nav>"
        "<article><h1>Maps</h1>"
        f"<p>{story}</p><h2>Rivers</h2><p>{story[::-1]} &amp; more</p>"
        f"<ul><li>the Rhine</li><li>the Elbe</li></ul>"
        f"<p>{story} Again.</p></article><script>secret()</script></body></html>"
    )
    document = _read(tmp_path, "a.html", page.encode())
    assert document.title == "Maps"
    assert story in document.text
    assert "& more" in document.text
    assert "- the Rhine\n- the Elbe" in document.text
    assert "secret" not in document.text
    assert "Rivers" in [document.text[h.start : h.end] for h in document.headings]


def test_a_page_without_main_content_gives_its_visible_text(tmp_path: Path) -> None:
    """Where no article stands out nothing visible is lost, in the page's own encoding."""
    page = '<meta charset="iso-8859-1"><h2>Café</h2>loose words<div>and a box</div><style>p{}</style>'
    document = _read(tmp_path, "a.htm", page.encode("latin-1"))
    assert document.text == "Café\n\nloose words\n\nand a box"


def test_a_folder_is_read_in_order_and_faults_are_told(tmp_path: Path) -> None:
    """Documents come sorted by path; bad files are named with a reason; settings and hidden files are not."""
    root = tmp_path / "sources"
    (root / "b").mkdir(parents=True)
    (tmp_path / "outside.txt").write_text(PLAIN)
    (root / "z.txt").write_text(PLAIN)
    (root / "b" / "a.md").write_text(PLAIN)
    (root / "c.rst").write_text("Another text.")
    (root / "bad.txt").write_bytes(BINARY)
    (root / "map.png").write_bytes(BINARY)
    for passed_over in (".hidden.txt", "data.json", "conf.yaml"):
        (root / passed_over).write_text(PLAIN)
    (root / "link.txt").symlink_to(tmp_path / "outside.txt")
    found, skipped = read_sources([root])
    assert [document.id for document in found] == ["b/a.md", "c.rst", "z.txt"]
    assert {item.name: item.reason.split(";")[0] for item in skipped} == {
        "bad.txt": "bad.txt is not a text file",
        "link.txt": "it is a link that leaves the folder",
        "map.png": "files of type .png are not read",
    }


def test_equal_names_in_two_folders_get_their_own_ids(tmp_path: Path) -> None:
    """Ids are unique, whatever the order of the folders; a file given twice is one document."""
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_text(PLAIN + folder)
    one, two = tmp_path / "one", tmp_path / "two"
    forward = {document.id: document.text for document in read_sources([one, two])[0]}
    backward = {document.id: document.text for document in read_sources([two, one, two / "a.txt"])[0]}
    assert forward == backward == {"one/a.txt": PLAIN + "one", "two/a.txt": PLAIN + "two"}


def test_nothing_readable_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    """A folder without documents, a lone bad file and an empty list each end in one sentence."""
    with pytest.raises(SourceError, match=r"No document can be read in .*; use \.txt, \.md, .* or a \.zip of them\.$"):
        read_sources([tmp_path])
    with pytest.raises(SourceError, match=r"^gone\.txt cannot be read: there is no such file\.$"):
        read_sources([tmp_path / "gone.txt"])
    with pytest.raises(SourceError, match="No document"):
        read_sources([])


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("paper.txt", pdf(["It is a PDF."]), "It is a PDF."),
        ("letter.doc", word("It is a Word file."), "It is a Word file."),
        ("letter.pdf", word("It is a Word file."), "It is a Word file."),
        ("plain.pdf", b"It is plain.", "It is plain."),
        ("plain.docx", b"It is plain.", "It is plain."),
        ("login.pdf", b"<!DOCTYPE html><title>Log in</title><p>It is a page.", "It is a page."),
        ("late.pdf", b"junk before\n" + pdf(["It is a PDF."]), "It is a PDF."),
    ],
)
def test_what_the_bytes_are_decides(tmp_path: Path, name: str, data: bytes, text: str) -> None:
    """A wrong ending of the name does no harm."""
    assert _read(tmp_path, name, data).text == text


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("old.doc", OLE + "WordDocument".encode("utf-16-le"), "is an old Word file; save it as .docx"),
        ("locked.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "is locked with a password; remove the password"),
        ("sheet.doc", OLE, "is a file of an old office program"),
        ("letter.rtf", b"{\\rtf1 It is rich.}", "is not a text file"),
        ("macros.docm", rezipped(word("It."), {"word/vbaProject.bin": b"x"}), "holds macros; save it as .docx"),
        ("locked.pdf", locked_pdf(pdf(["It."]), "secret"), "is locked with a password"),
        ("scan.pdf", pdf([]), "if it was scanned, have its text recognised (OCR)"),
        ("broken.docx", word("It.")[:-40], "is a damaged archive"),
    ],
)
def test_a_document_of_another_program_is_refused(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    """What is locked, old, scanned or broken is said with what to do."""
    with pytest.raises(SourceError) as refusal:
        _read(tmp_path, name, data)
    assert str(refusal.value).startswith(f"{name} ")
    assert says in str(refusal.value)
    assert str(refusal.value).endswith(".")


def test_the_same_text_under_two_names_is_one_document(tmp_path: Path) -> None:
    """The second is skipped and says of which it is the copy; under `strict` it is no fault."""
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("It is one.")
    found, skipped = read_sources([tmp_path], strict=True)
    assert [document.id for document in found] == ["a.txt"]
    assert [(item.name, item.reason) for item in skipped] == [("b.txt", "it holds the same text as a.txt")]


def test_strict_names_all_that_cannot_be_read(tmp_path: Path) -> None:
    """One error says every file and why; without `strict` the others are read."""
    (tmp_path / "a.txt").write_text("It is one.")
    (tmp_path / "b.pdf").write_bytes(pdf([]))
    (tmp_path / "c.zip").write_bytes(zipped({"in.docx": word("It.")[:-40], "ok.txt": "It is two."}))
    found, skipped = read_sources([tmp_path])
    assert [document.id for document in found] == ["a.txt", "c.zip/ok.txt"]
    with pytest.raises(SourceError) as refusal:
        read_sources([tmp_path], strict=True)
    said = str(refusal.value)
    assert said.startswith("2 files cannot be read: b.pdf (b.pdf holds no text;")
    assert "c.zip/in.docx (in.docx is a damaged archive" in said
    assert all(item.reason.rstrip(".") in said for item in skipped)


def test_names_that_cannot_be_shown_become_ids_that_can(tmp_path: Path) -> None:
    """Control characters are replaced; long paths are cut to ids that stay apart."""
    deep = tmp_path / ("d" * 150)
    deep.mkdir()
    for number in range(2):
        (deep / f"{'n' * 200}{number}.txt").write_text(f"It is {number}.")
    (tmp_path / "a\nb\x1b.txt").write_text("It is three.")
    ids = [document.id for document in read_sources([tmp_path])[0]]
    assert len(set(ids)) == 3
    assert all(len(id) <= 200 and id.isprintable() and id.endswith(".txt") for id in ids)


def test_an_upload_is_called_as_it_was(tmp_path: Path) -> None:
    """A file alone is known by its name, wherever it lies for the moment."""
    folder = tmp_path / "upload-x7f3"
    folder.mkdir()
    (folder / "my notes.pdf").write_bytes(pdf(["It is one, and it is short."]))
    for source in (folder, folder / "my notes.pdf"):
        (document,) = read_sources([source])[0]
        assert (document.id, document.title, document.pages) == ("my notes.pdf", "my notes", (0,))


SUFFIXES = st.sampled_from([".txt", ".md", ".html", ".pdf", ".docx", ".zip", ".doc", ""])
STARTS = st.sampled_from([b"", b"%PDF-1.7\n", b"PK\x03\x04", b"PK\x05\x06", OLE, b"<html>", b"\xef\xbb\xbf"])
SOUND = [pdf(["It is one.", "It is two."]), word("# One", "It is one."), zipped({"a.md": "It is one."})]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A sound file with some bytes exchanged and perhaps its end cut off."""
    data = bytearray(draw(st.sampled_from(SOUND)))
    for _ in range(draw(st.integers(0, 8))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.integers(len(data) // 2, len(data)))])


@pytest.fixture(scope="module")
def one_reader() -> Iterator[Sandbox]:
    """A reader for hundreds of small files, which would otherwise each wait for one to start."""
    with Sandbox() as reader:
        yield reader


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    files=st.lists(
        st.tuples(SUFFIXES, st.builds(bytes.__add__, STARTS, st.binary(max_size=200)) | damaged()), min_size=5
    )
)
@pytest.mark.slow
def test_any_bytes_give_documents_or_reasons(
    tmp_path: Path, one_reader: Sandbox, files: list[tuple[str, bytes]]
) -> None:
    """Whatever stands in a file of whatever name, it is a document or is skipped, and nothing else happens."""
    folder = tmp_path / "any"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for number, (suffix, data) in enumerate(files):
        (folder / f"{number}{suffix}").write_bytes(data)
    with patch("index.documents.document.Sandbox", lambda: nullcontext(one_reader)), suppress(SourceError):
        for document in read_sources([folder])[0]:
            assert document.sha256 == hashlib.sha256(document.text.encode()).hexdigest()
            assert all(0 <= start <= len(document.text) for start in document.pages)
            assert list(document.pages) == sorted(document.pages)


HTML_BLOCKS = """<!doctype html><title>Kiln</title><article><h1>Kiln</h1>
<p>The kiln is fed
with pine.<br>It burns.</p><p>You need<sup>2</sup> this<sup><a href="#n1">1</a></sup>:</p>
<ul><li>a map</li><li>some wood<ul><li>pine</li></ul></li></ul><ol start="3"><li>Go.</li><li>Stay.</li></ol>
<p>Run:</p><pre><code>$ kiln light
It burns. Good</code></pre>
<table><tr><th>Plan</th><th>Free</th><th>Pro</th></tr>
<tr><td>Export</td><td></td><td><i class="fa fa-check"></i></td></tr>
<tr><td rowspan="2">Import<br>of files</td><td>✓</td><td><img alt="yes"></td></tr><tr><td>x</td><td></td></tr></table>
<p><strong>Can I use oak?</strong></p><p>No.</p><dl><dt>Who owns it?</dt><dd>We.</dd></dl>
<p><strong>Oak burns long, so you cannot.</strong></p></article>"""


def test_a_page_keeps_breaks_lists_code_and_columns(tmp_path: Path) -> None:
    """What a page shows is in the text: line breaks, nested items, raised digits, marks, headings of columns."""
    document = _read(tmp_path, "a.html", HTML_BLOCKS.encode())
    assert document.text.split("\n") == [
        "Kiln", "", "The kiln is fed with pine.", "It burns.", "", "You need² this:", "",
        "- a map", "- some wood", "  - pine", "", "3. Go.", "4. Stay.", "", "Run:", "",
        "$ kiln light", "It burns. Good", "", "Plan | Free | Pro", "Plan: Export | Free: | Pro: ✓",
        "Plan: Import of files | Free: ✓ | Pro: yes", "Plan: Import of files | Free: x | Pro:", "",
        "Can I use oak?", "", "No.", "", "Who owns it?", "", "We.", "", "Oak burns long, so you cannot.",
    ]  # fmt: skip
    assert [document.text[start:end] for start, end in document.code] == ["$ kiln light\nIt burns. Good"]
    assert [document.text[h.start : h.end] for h in document.headings] == ["Kiln", "Can I use oak?", "Who owns it?"]


MARKDOWN_BLOCKS = """# Kiln

It burns.<br>It is old.[^1]

{% alert %}
See [it]({% page "a b" %}).
{% endalert %}

**Can I use oak?**

No.

**Note:** it is old.

```
$ kiln light

It burns. Good
```

| Plan | Pro |
|---|---|
| Import<br>of files | ![yes](a.png) |

<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>

[^1]: From 1712.
"""


def test_markdown_keeps_breaks_code_and_columns(tmp_path: Path) -> None:
    """Breaks, bold questions, code and tables, also in HTML, are kept; tags of templates and note numbers are not."""
    document = _read(tmp_path, "a.md", MARKDOWN_BLOCKS.encode())
    assert document.text.split("\n") == [
        "Kiln", "", "It burns.", "It is old.", "", "See it.", "", "Can I use oak?", "", "No.", "",
        "Note: it is old.", "",
        "$ kiln light", "", "It burns. Good", "", "Plan | Pro", "Plan: Import of files | Pro: yes", "",
        "A | B", "A: 1 | B: 2", "", "From 1712.",
    ]  # fmt: skip
    assert [document.text[start:end] for start, end in document.code] == ["$ kiln light\n\nIt burns. Good"]
    assert [document.text[h.start : h.end] for h in document.headings] == ["Kiln", "Can I use oak?"]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Form 12 | Date: | Page 1\nName |  | Signature\n\nA. PURPOSE\n\nIt says who may enter.\n", "my file"),
        ("Working Group                S. Bradner\nRequest: 2119              Harvard\n\n\n"
         "        Key words for use in texts\n\nStatus\n\n   It is.", "Key words for use in texts"),
        ("On kilns\n\nThey burn.", "On kilns"),
    ],
)  # fmt: skip
def test_the_head_of_a_form_is_no_title(tmp_path: Path, text: str, title: str) -> None:
    """Cells side by side are no title; a line by itself under them is, but no heading of a section."""
    assert _read(tmp_path, "my-file.txt", text.encode()).title == title


def test_a_page_of_odd_tables_is_read_in_a_moment(tmp_path: Path) -> None:
    """Cells that claim to span thousands of columns, and boxes in boxes, cost no time and no words."""
    row = '<tr><td rowspan="9999" colspan="9999">a well</td><td>dry</td></tr>'
    boxes = "<div>" * 240 + "the last box" + "</div>" * 240
    began = time.monotonic()
    document = _read(tmp_path, "a.html", f"<html><body><table>{row * 60}</table>{boxes}</body></html>".encode())
    assert time.monotonic() - began < 20
    assert "a well" in document.text
    assert "the last box" in document.text
