"""The process that reads documents can do nothing else: no files, network, processes, and no look at other memory."""

from __future__ import annotations

import json
import os
import platform
import random
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from index.documents import confinement, sandbox, sandbox_child
from index.documents.formats.kinds import DOCUMENTS, HEAD_BYTES, Kind, kind_of
from index.documents.sandbox import Sandbox
from index.errors import SourceError
from tests.hostile.files import hostile_file, hostile_package, sound
from tests.index.documents.probe import FILE, NO_LANDLOCK, NO_SECCOMP, UNCONFINED, Targets, attempts
from tests.index.documents.probing import ROOT, attacked, probed, program_of, without_capabilities

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these means")
ALL = set(attempts(Targets((), (), (), (), 0)))
YAMA = Path("/proc/sys/kernel/yama/ptrace_scope")
HOSTILE = 20


@pytest.mark.slow
def test_a_reader_that_was_taken_over_can_do_none_of_ten_things(tmp_path: Path) -> None:
    """Below a real command that knows a token, as the same user and without the powers of root."""
    with attacked(tmp_path) as targets:
        assert probed(tmp_path, targets, prefix=without_capabilities()) == {}


@pytest.mark.slow
def test_the_attempts_succeed_without_confinement(tmp_path: Path) -> None:
    """The control: the same attempts of the same user all succeed where nothing is confined."""
    with attacked(tmp_path) as targets:
        found = probed(tmp_path, targets, UNCONFINED, without_capabilities())
    # Yama lets no process trace its parent, on the systems that have it.
    kept = {"read or trace the memory of the parent"} if YAMA.exists() and YAMA.read_text() != "0\n" else set()
    assert set(found) - kept == ALL - kept


def probed_here(folder: Path, mode: str, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Make the attempts below this process, which is quicker, and knows no token."""
    monkeypatch.setattr(sandbox, "_PROGRAM", program_of(mode))
    with attacked(folder) as targets, Sandbox() as reader, pytest.raises(SourceError) as raised:
        reader.read(json.dumps(asdict(targets)).encode(), Kind.MARKDOWN, FILE)
    return set(json.loads(str(raised.value)))


@pytest.mark.skipif(platform.machine() not in confinement._SYSCALLS, reason="no filter for this processor")
def test_seccomp_alone_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the kernel has no Landlock, nothing succeeds, with all powers of the user who runs this."""
    assert probed_here(tmp_path, NO_LANDLOCK, monkeypatch) == set()


def test_without_seccomp_files_memory_and_network_stay_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Landlock and the limits leave at most new processes, which are as confined."""
    with Sandbox() as reader:
        if "landlock" in reader.start(Kind.MARKDOWN):
            pytest.skip("this kernel has no Landlock")
    assert probed_here(tmp_path, NO_SECCOMP, monkeypatch) <= {"start a program", "fork"}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="only x86-64 has other interfaces")
@pytest.mark.parametrize("interface", ["int80", "x32"])
def test_no_other_system_call_interface_goes_around_the_filter(interface: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their numbers mean other calls: the first one ends the process."""
    monkeypatch.setattr(sandbox, "_PROGRAM", program_of())
    with Sandbox() as reader:
        with pytest.raises(SourceError, match="went through"):
            reader.read(json.dumps("nothing").encode(), Kind.MARKDOWN, FILE)
        with pytest.raises(SourceError, match="makes its reader crash"):
            reader.read(json.dumps(interface).encode(), Kind.MARKDOWN, FILE)


@pytest.mark.slow
def test_what_is_read_is_the_same_under_confinement() -> None:
    """No parser needs a file once it is confined: good and hostile files give the same text or refusal."""
    rng = random.Random(12)
    files = [*sound(), *(make(rng) for _ in range(HOSTILE) for make in (hostile_file, hostile_package))]
    files += [(f"{code}.html", f"<meta charset={code}><p>Größe, 見本 {code}.".encode(code, "ignore")) for code in CODES]
    files += [(f"{code}.txt", ("Привет, гавань. " * 9).encode(code, "ignore")) for code in CODES]
    files += [(f"{code}.md", ("Привет, гавань. " * 9).encode(code, "ignore")) for code in CODES]
    with Sandbox() as reader:
        for name, data in files:
            kind = kind_of(data[:HEAD_BYTES], Path(name).suffix.lower())
            kind = Kind.DOCX if kind is Kind.PACKAGE else kind
            if kind is Kind.OLE:
                continue
            try:
                expected: object = sandbox_child.read(data, kind, name)
            except SourceError as error:
                expected = str(error)
            except Exception as error:
                expected = f"{name} is damaged ({type(error).__name__}); save it again and add that."
            try:
                found: object = reader.read(data, kind, name)
            except SourceError as error:
                found = str(error)
            assert found == expected, name


CODES = ("cp932", "gb18030", "euc_kr", "koi8_r", "cp1251", "iso8859_5", "mac_cyrillic", "utf-7", "utf-16-be", "big5")


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_each_kind_has_a_sample(kind: Kind) -> None:
    """A sample is read as any file of its kind is, so that its parser is loaded."""
    texts = [sandbox_child.read(data, kind, "sample").text for data in kind.reader().samples()]
    assert texts
    assert all("sample" in text or "образец" in text for text in texts)


def test_a_child_inherits_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variables, descriptors, terminal or modules of the working directory; its own folder is empty for good."""
    (tmp_path / "docx.py").write_text("raise SystemExit(9)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    probe = (
        "import os, json, docx; child._enter_empty_folder()\n"
        "found = [sorted(os.environ), sorted(os.listdir('/proc/self/fd')), os.listdir()]\n"
        "found.append(os.getsid(0) == os.getpid() and sys.flags.isolated == 1)\n"
        "try: open('new', 'w')\n"
        "except OSError as error: found.append(error.errno)\n"
        "print(json.dumps({'error': json.dumps(found)}))"
    )
    monkeypatch.setattr(sandbox, "_PROGRAM", sandbox._PROGRAM.replace("child.main()", probe))
    with open(tmp_path / "secret", "w") as other:
        os.set_inheritable(other.fileno(), True)
        with Sandbox() as reader, pytest.raises(OSError, match=r"^\[") as raised:
            reader.start(Kind.DOCX)
    variables, descriptors, entries, apart, refused = json.loads(str(raised.value))
    # Python sets the first, and index/__init__.py the others.
    assert set(variables) <= {"LC_CTYPE", "OMP_WAIT_POLICY", "OPENBLAS_NUM_THREADS", *sandbox._ENVIRONMENT}
    assert descriptors == ["0", "1", "2", "3"]  # the last is that of the listing
    assert apart
    assert entries == []
    assert refused


def changed(code: str) -> str:
    """Give the child's program with something changed before it starts."""
    return sandbox._PROGRAM.replace(
        "child.main()", f"import index.documents.confinement as confinement, errno\n{code}\nchild.main()"
    )


def test_a_means_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel without Landlock, or a container that blocks it, reads documents all the same."""
    for missing in ("ENOSYS", "EOPNOTSUPP", "EPERM"):
        refuse = f"def refuse(*_): raise OSError(errno.{missing}, '')"
        monkeypatch.setattr(sandbox, "_PROGRAM", changed(f"{refuse}\nconfinement._syscall = refuse"))
        with Sandbox() as reader:
            assert reader.start(Kind.MARKDOWN) == ("landlock", "seccomp")
            assert reader.read(b"It is one.", Kind.MARKDOWN, "a.md").text == "It is one."


@pytest.mark.parametrize("number", ["confinement._LANDLOCK_RESTRICT_SELF", "confinement._SYSCALLS['x86_64'][1]"])
def test_a_means_that_fails_stops_the_reading(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the kernel has must hold: an error is told, and no file is read without it."""
    code = (
        f"really = confinement._syscall; failing = ({number}, confinement._SYSCALLS['aarch64'][1])\n"
        "def fail(number, *rest):\n"
        "    if number in failing and rest[0] != confinement._SECCOMP_GET_ACTION_AVAIL: raise OSError(7, 'too much')\n"
        "    return really(number, *rest)\n"
        "confinement._syscall = fail"
    )
    monkeypatch.setattr(sandbox, "_PROGRAM", changed(code))
    with Sandbox() as reader, pytest.raises(SourceError, match=r"a\.md cannot be read: .*too much"):
        reader.read(b"It is one.", Kind.MARKDOWN, "a.md")


def test_a_reader_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that is not installed, or an interpreter that ends at once: one sentence about the file."""
    for code, why in (
        ("import sys; sys.modules['markdown_it'] = None", "markdown_it"),
        ("raise SystemExit", "no answer"),
    ):
        monkeypatch.setattr(sandbox, "_PROGRAM", changed(code))
        with Sandbox() as reader, pytest.raises(SourceError, match=rf"a\.md cannot be read: .*{why}"):
            reader.read(b"It is one.", Kind.MARKDOWN, "a.md")


SOUND = {"title": "", "text": "abc", "headings": [], "pages": [0], "unread_pages": []}


@pytest.mark.parametrize(
    "line",
    [
        "[" * 100_000,
        json.dumps({"reading": SOUND | {"text": 1}}),
        json.dumps({"reading": SOUND | {"headings": [[0, 4, 1]]}}),
        json.dumps({"reading": SOUND | {"pages": [2, 1]}}),
        json.dumps({"reading": SOUND | {"pages": [-1]}}),
        json.dumps({"error": "x" * 10_000}),
        json.dumps({}),
    ],
)
def test_an_answer_that_no_reader_gives_is_a_crash(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A parser that was taken over may answer anything; this process takes no harm from it."""
    program = f"import sys; print('{{}}', flush=True); sys.stdin.readline(); print({line!r}, flush=True)"
    monkeypatch.setattr(sandbox, "_PROGRAM", program)
    with Sandbox() as reader, pytest.raises(SourceError, match=r"a\.md makes its reader crash"):
        reader.read(b"It is one.", Kind.MARKDOWN, "a.md")


def test_commands_hide_their_memory_and_are_still_measured() -> None:
    """Every command is undumpable before it reads a setting; the metrics of a process are there all the same."""
    program = (
        "import bot.cli as cli, ctypes, os; from bot.observability.metrics import Metrics\n"
        "def app():\n"
        "    print(ctypes.CDLL(None).prctl(3))\n"  # PR_GET_DUMPABLE
        "    print(Metrics(lambda: 0).text().decode())\n"
        "cli.app = app\n"
        "if os.getuid() == 0: os.setuid(65534)\n"  # root may read everything
        "ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)\n"  # PR_SET_DUMPABLE, which a change of user takes away
        "cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("0\n")
    for name in ("process_open_fds", "process_max_fds", "process_resident_memory_bytes", "process_cpu_seconds_total"):
        assert f"\n{name} " in done.stdout
