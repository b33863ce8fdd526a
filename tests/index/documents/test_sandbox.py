"""A file that hangs, explodes or crashes its reader costs that file and nothing else."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.documents import sandbox
from index.documents.document import read_sources
from index.documents.formats.kinds import Kind
from index.documents.sandbox import Sandbox
from index.errors import SourceError
from tests.index.files import endless_pdf, pdf, pdf_bomb, rezipped, word

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at processes through /proc")


def children_of(pid: int) -> list[int]:
    return [int(child) for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()]


def readers() -> list[int]:
    """List the processes that read documents for this one."""
    found = []
    for child in children_of(os.getpid()):
        try:
            command = Path(f"/proc/{child}/cmdline").read_bytes()
        except OSError:
            continue
        if b"index.documents.sandbox_child" in command:
            found.append(child)
    return found


@pytest.fixture(autouse=True)
def _nobody_stays() -> Iterator[None]:
    """Whatever a test does, no reader is left after it."""
    yield
    assert readers() == []


def test_a_file_that_hangs_is_given_up_and_the_rest_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit of time ends the reader; the file is told, and a new reader takes the others."""
    monkeypatch.setattr(sandbox, "TIME_LIMIT_S", 1.0)
    (tmp_path / "a.pdf").write_bytes(pdf(["It is one."]))
    (tmp_path / "b.pdf").write_bytes(endless_pdf())
    (tmp_path / "c.pdf").write_bytes(pdf(["It is three."]))
    began = time.monotonic()
    documents, skipped = read_sources([tmp_path])
    assert time.monotonic() - began < 10
    assert [document.text for document in documents] == ["It is one.", "It is three."]
    assert [(item.name, item.reason) for item in skipped] == [
        (
            "b.pdf",
            "b.pdf could not be read within 1 seconds; split it, or save its text as .txt and add that.",
        )
    ]


def test_bombs_stay_in_the_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that unpack to gigabytes are refused, the rest goes on, and this process hardly grows."""
    monkeypatch.setattr(sandbox, "MEMORY_LIMIT_BYTES", 200 * 2**20)
    (tmp_path / "a.pdf").write_bytes(pdf_bomb())
    body = b"<w:p><w:r><w:t>abc</w:t></w:r></w:p>" * 1_000_000
    start = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    huge = start + body + b"</w:body></w:document>"
    (tmp_path / "b.docx").write_bytes(rezipped(word("Before."), {"word/document.xml": huge}))
    (tmp_path / "c.docx").write_bytes(word("It is three."))
    del body, huge
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    documents, skipped = read_sources([tmp_path])
    assert [document.text for document in documents] == ["It is three."]
    assert [item.name for item in skipped] == ["a.pdf", "b.docx"]
    assert skipped[1].reason == (
        "b.docx needs more than 200 MB of memory to be read; split it, or save its text as .txt and add that."
    )
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 2**10


def test_a_reader_that_dies_is_told_and_replaced() -> None:
    """A crash, as of a parser written in C, is one sentence about the file that was being read."""
    with Sandbox() as reader:
        assert reader.read(b"It is one.", Kind.MARKDOWN, "a.md").text == "It is one."
        (child,) = readers()
        os.kill(child, signal.SIGSEGV)
        with pytest.raises(SourceError, match=r"^b\.md makes its reader crash; save it again"):
            reader.read(b"It is two.", Kind.MARKDOWN, "b.md")
        assert reader.read(b"It is three.", Kind.MARKDOWN, "c.md").text == "It is three."
        assert readers() != [child]


def test_a_kind_has_one_reader_and_plain_text_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader is started when the first file of its kind needs it, once."""
    started = []
    start = Sandbox._start

    def counted(self: Sandbox, kind: str) -> subprocess.Popen[bytes]:
        started.append(kind)
        return start(self, kind)

    monkeypatch.setattr(Sandbox, "_start", counted)
    (tmp_path / "a.txt").write_text("It is one.")
    read_sources([tmp_path])
    assert started == []
    for number in range(5):
        (tmp_path / f"{number}.md").write_text(f"It is {number}.")
        (tmp_path / f"{number}.html").write_text(f"<p>It was {number}.")
    assert len(read_sources([tmp_path])[0]) == 11
    assert started == [Kind.HTML, Kind.MARKDOWN]


def test_a_reader_that_has_grown_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory that a file took is given back: readers of several kinds must not keep it at the same time."""
    with Sandbox() as reader:
        reader.read(b"It is one.", Kind.MARKDOWN, "a.md")
        (before,) = readers()
        reader.read(b"It is two. " * 500_000, Kind.MARKDOWN, "b.md")
        assert readers() == [before]
        monkeypatch.setattr(sandbox, "_RESIDENT_LIMIT_BYTES", 30 * 2**20)
        reader.read(b"It is two. " * 500_000, Kind.MARKDOWN, "b.md")
        assert readers() == []


def test_an_interruption_ends_the_reader() -> None:
    """Leaving the context by an exception leaves nobody behind."""
    with pytest.raises(KeyboardInterrupt), Sandbox() as reader:  # noqa: PT012
        reader.read(b"It is one.", Kind.MARKDOWN, "a.md")
        raise KeyboardInterrupt


def test_a_reader_leaves_when_its_parent_is_killed(tmp_path: Path) -> None:
    """Even in the middle of a file that would take minutes, a reader does not outlive the process it reads for."""
    (tmp_path / "a.pdf").write_bytes(endless_pdf())
    reading = f"read_sources([Path({str(tmp_path)!r})])"
    program = f"from pathlib import Path; from index.documents.document import read_sources; {reading}"
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stderr=subprocess.DEVNULL) as parent:
        child = _soon(lambda: next(iter(children_of(parent.pid)), None))
        assert child is not None
        time.sleep(0.5)  # until it reads
        assert Path(f"/proc/{child}").exists()
        parent.kill()
    assert _soon(lambda: 1 if _gone(child) else None)


def _gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def _soon(ask: Callable[[], int | None]) -> int | None:
    """Ask until there is an answer, for ten seconds."""
    end = time.monotonic() + 10
    while (found := ask()) is None and time.monotonic() < end:
        time.sleep(0.02)
    return found


def test_a_reader_knows_neither_the_model_nor_its_libraries() -> None:
    """The child starts fast and small: nothing it imports brings FAISS, torch or sentence-transformers."""
    probe = (
        "import sys, index.documents.sandbox_child, trafilatura;"
        "from index.documents.formats import docx, html, pdf;"
        "print([name for name in ('faiss', 'torch', 'sentence_transformers', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
