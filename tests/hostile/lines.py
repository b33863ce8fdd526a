"""Feeds hostile lines and files to the terminal's commands: batches, question sets, quiz banks, aliases, backups."""

from __future__ import annotations

import copy
import io
import json
import random
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import yaml

from bot.backup.checksum import OPEN, write_checksum
from bot.backup.making import back_up
from bot.backup.restoring import restore
from bot.backup.writing import entry
from bot.cli import _ask, _grade
from bot.cli._batch import answer_together, read_lines
from bot.cli._terminal import Refusal, print_json
from bot.quiz.bank import FOLDER, TABLE, read_bank
from bot.quiz.check import check
from index.evaluation.golden import FILE as GOLDEN
from index.evaluation.golden import add_golden, read_golden
from index.text.aliases import read_aliases
from tests.bot.backup.furnished import furnish
from tests.hostile.files import altered
from tests.hostile.questions import hostile_library
from tests.hostile.tally import Tally, shown
from tests.hostile.texts import hostile_text, mutated
from tests.index.fakes import FakeEncoder

_LINES = 25
_VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 10**400, float("nan"), float("inf"), "", " ", [], {}, [[]], ["a", 1], {"a": []}, "\ud800",
    "\x00", "a" * 10_000,
)  # fmt: skip
_BROKEN_LINES = (
    "", " ", "{", "}", "[]", "null", "1", '"a"', "NaN", '{"question"', "\ufeff{}", "{}{}",
    "[" * 100_000, '{"a":' * 50_000,
    '{"question": "' + "a" * 200_000 + '"}', '{"id": ' + "9" * 5000 + ', "question": "a"}', "{'question': 'a'}", "\x00",
    '{"question": "a", "question": 1}', '{"question": "\\ud800 what is it?"}', '{"id": "\\udfff", "question": "Why?"}',
)  # fmt: skip
_YAML = (
    "!!python/object/apply:os.system ['true']", "!!timestamp x", "!!int ''", "!!int 0x", "!!float x", "!!bool x",
    "!!binary é",
    "!!set [a]", "!!omap [a]", "!!pairs x", "!!null x", "2026-13-45", "2026-01-01 99:99:99", "&a [*a]", "*nowhere",
    "<<: *a",
    "? [a, b]\n: c", "? {a: b}\n: c", "=", "<<: 1", "0o9", "1:99:99", "---\n---\n", "%YAML 9.9\n---\na", "\t",
    "\x00", "\ud800",
    "'", '"\\x"', "- - - - -", "{a: b", "[" * 1000, "{a: " * 1000, "- " * 1000, "a: &x !!str y\nb: *x",
    "!<tag:x> y", "...\n",
    "1e400", "9" * 5000, "-.inf", ".nan", "yes", "~", "@everyone", "`", "|", ">-", "? ", ": ", "!!map []", "!!seq {}",
)  # fmt: skip
_SET = {"answerable": [{"question": "What?", "gold": ["clay"]}], "unanswerable": ["Why?"]}


def run(count: int, seed: int) -> Tally:
    """Feed so many of them, most of them lines of a batch."""
    rng, tally = random.Random(seed), Tally()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        library = hostile_library(place / "library", FakeEncoder())
        backups = max(count // 20, 1)
        files = max(count // 8, 1)
        _batches(tally, rng, place, library, count - backups - 3 * files)
        texts = {source.id: source.text for source in library.generation.texts.documents}
        for _ in range(files):
            _bank(tally, rng, place, texts)
            _aliases(tally, rng, place)
            _question_set(tally, rng, place)
        for _ in range(1):
            _backups(tally, rng, place, backups)
    return tally


def _batches(tally: Tally, rng: random.Random, place: Path, library: Any, count: int) -> None:
    """Ask and grade by files of lines, of which each is an input; the good among them have to be answered."""
    path = place / "in.jsonl"
    for first in range(0, count, _LINES):
        lines = [_line(rng) for _ in range(min(_LINES, count - first))]
        data = "\n".join(lines).encode("utf-8", "surrogatepass" if rng.random() < 0.05 else "replace")
        path.write_bytes(data if rng.random() < 0.9 else altered(rng, data))
        tally.count("lines of a batch", len(lines) - 1)
        with _counted(tally, "lines of a batch", (lines[0], lines[-1])):
            rows = read_lines(path, _ask._read)
            _printed(tally, answer_together(rows, lambda good: _ask._answer_rows(library, good)), len(rows))
            rows = read_lines(path, _grade._read)
            _printed(tally, answer_together(rows, lambda good: _grade._grade(good, library.encoder)), len(rows))


def _printed(tally: Tally, answers: Iterator[dict[str, Any]], wanted: int) -> None:
    with redirect_stdout(io.StringIO()) as out:
        for row in answers:
            print_json(row)
    printed = out.getvalue().encode().decode().split("\n")[:-1]
    if len(printed) != wanted:
        tally.crashes.append(f"{len(printed)} answers for {wanted} lines")
    for line in printed:
        json.loads(line)


def _line(rng: random.Random) -> str:
    if rng.random() < 0.15:
        return rng.choice(_BROKEN_LINES)
    row: dict[str, Any] = {
        "id": rng.choice((1, "a", *_VALUES)) if rng.random() < 0.3 else rng.randrange(10**6),
        "question": hostile_text(rng, 1000),
        "history": [hostile_text(rng, 200) for _ in range(rng.randrange(3))],
        "reference": hostile_text(rng, 600),
        "answer": hostile_text(rng, 600),
    }
    for key in [*row]:
        match rng.randrange(16):
            case 0:
                del row[key]
            case 1:
                row[key] = rng.choice(_VALUES)
    line = json.dumps(row, ensure_ascii=rng.random() < 0.5)
    return mutated(rng, line) if rng.random() < 0.2 else line


def _bank(tally: Tally, rng: random.Random, place: Path, texts: dict[str, str]) -> None:
    """Check a quiz bank with a file in it that was changed, or is something else altogether."""
    sound = rng.choice(sorted(FOLDER.glob("*.yaml")))
    folder = place / "quiz"
    folder.mkdir(exist_ok=True)
    is_table = sound.name == TABLE
    path = folder / sound.name
    if not is_table:
        shutil.copy(FOLDER / TABLE, folder / TABLE)
    path.write_bytes(_yaml(rng, sound.read_text(encoding="utf-8")))
    with _counted(tally, "quiz banks", path.read_bytes()):
        bank = read_bank(folder) if is_table or rng.random() < 0.5 else read_bank(folder, [path])
        for fault in bank.faults:
            if not fault.reason.strip():
                tally.crashes.append(f"a fault without a reason in {shown(path.read_bytes())}")
        tally.refused += bool(bank.faults)
        check(bank, texts, FakeEncoder())
    path.unlink()


def _aliases(tally: Tally, rng: random.Random, place: Path) -> None:
    path = place / "aliases.yaml"
    path.write_bytes(_yaml(rng, "metaverse: [meta-universe, metasverse]\nInternet: [the net]\n"))
    with _counted(tally, "alias files", path.read_bytes()):
        read_aliases(path).canonical(hostile_text(rng, 500))


def _question_set(tally: Tally, rng: random.Random, place: Path) -> None:
    """Read a question set as a file of golden questions, and add to it."""
    folder = place / "golden"
    folder.mkdir(exist_ok=True)
    content: Any = json.loads(json.dumps(_SET))
    match rng.randrange(4):
        case 0:
            text = rng.choice(_BROKEN_LINES)
        case 1:
            content[rng.choice((*content, "x"))] = rng.choice(_VALUES)
            text = json.dumps(content)
        case 2:
            content["answerable"][0][rng.choice(("question", "gold", "x"))] = rng.choice(_VALUES)
            content["answerable"].append(rng.choice(_VALUES))
            text = json.dumps(content)
        case _:
            text = mutated(rng, json.dumps(content))
    (folder / GOLDEN).write_bytes(text.encode("utf-8", "surrogatepass"))
    with _counted(tally, "question sets", text):
        known = read_golden(folder)
        add_golden(folder, known[:1])


def _yaml(rng: random.Random, sound: str) -> bytes:
    """Change a sound YAML text in its letters, its lines or its values."""
    match rng.randrange(5):
        case 0:
            text = rng.choice(_YAML)
        case 1:
            text = mutated(rng, sound)
        case 2:
            lines = sound.split("\n")
            lines.insert(rng.randrange(len(lines)), rng.choice(("", "  ", "    ", "- ")) + rng.choice(_YAML))
            text = "\n".join(lines)
        case 3:
            content = yaml.safe_load(sound)
            _changed(rng, content)
            text = yaml.dump(content, allow_unicode=rng.random() < 0.5)
        case _:
            at = rng.randrange(len(sound))
            end = sound.find(": ", at)
            text = sound[: end + 2] + rng.choice(_YAML) + "\n" + sound[sound.find("\n", end) + 1 :]
    return text.encode("utf-8", rng.choice(("replace", "replace", "surrogatepass")))


def _changed(rng: random.Random, content: Any) -> None:
    """Exchange a value somewhere inside a tree of lists and mappings."""
    while True:
        keys = [*content] if isinstance(content, dict) else [*range(len(content))]
        key = rng.choice(keys)
        inner = content[key]
        if not isinstance(inner, dict | list) or not inner or rng.random() < 0.15:
            hostile = mutated(rng, inner) if isinstance(inner, str) else hostile_text(rng, 400)
            content[key] = copy.deepcopy(rng.choice((hostile, hostile, *_VALUES)))
            return
        content = inner


def _backups(tally: Tally, rng: random.Random, place: Path, count: int) -> None:
    """Restore backups whose bytes or members were changed, some of them sealed again by whoever changed them."""
    home, path, target = place / "home", place / "altered.zip", place / "target"
    furnish(home)
    back_up(home, place / "sound.zip", at="2026-01-01T00:00:00+00:00")
    sound = (place / "sound.zip").read_bytes()
    for number in range(count):
        path.write_bytes(rng.choice((altered, _resealed, _exchanged))(rng, sound))
        with _counted(tally, "backups", ("backup", number)):
            restore(target, path, when=str(number), replace=True)
        outside = {file.name for file in place.iterdir()} - _OWN
        if outside:
            tally.crashes.append(f"a backup wrote {outside} outside of its folder")
        shutil.rmtree(target, ignore_errors=True)


_OWN = {
    "home", "altered.zip", "target", "sound.zip", "library", "quiz", "golden", "aliases.yaml", "in.jsonl",
    "target.lock",
}  # fmt: skip


def _resealed(rng: random.Random, sound: bytes) -> bytes:
    """Change bytes of a backup and seal it as if it had been made so."""
    end = len(sound) - len(OPEN)
    return _sealed(altered(rng, sound[:end]) + OPEN)


def _exchanged(rng: random.Random, sound: bytes) -> bytes:
    """Pack a backup anew with a member exchanged, renamed or added, or a manifest that says something else."""
    with zipfile.ZipFile(io.BytesIO(sound)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members["manifest.json"])
    name = rng.choice([*members])
    match rng.randrange(5):
        case 0:
            members[name] = altered(rng, members[name])
        case 1:
            members[rng.choice(_MEMBERS)] = members[name]
        case 2:
            hostile = rng.choice(_MEMBERS)
            members[hostile] = members.pop(name)
            if name in manifest["members"]:
                manifest["members"][hostile] = manifest["members"].pop(name)
        case 3:
            _changed(rng, manifest)
        case _:
            del members[name]
    if "manifest.json" in members and name != "manifest.json":
        members["manifest.json"] = json.dumps(manifest).encode("utf-8", "surrogatepass")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.comment = OPEN
        for each, data in members.items():
            info = entry(each)
            info.compress_type = rng.choice((0, 8, 8, 12, 14))
            archive.writestr(info, data)
    return _sealed(out.getvalue())


def _sealed(data: bytes) -> bytes:
    stream = io.BytesIO(data)
    write_checksum(stream)
    return stream.getvalue()


_MEMBERS = (
    "../outside", "/tmp/outside", "generations/../../outside", "generations/a/../../../outside", "servers/1/live/x",
    "live/x",
    "store.sqlite3/x", "generations/abc/manifest.json/x", "C:\\outside", "golden.json", "history.json", "exams/a.json",
    "servers/18446744073709551616/live", "servers/0/live", "generations/x/\u202e", "live\n", "", ".",
    "generations/a/-rf",
)  # fmt: skip


class _counted:
    """Counts one input; the terminal's own refusals are refusals too."""

    def __init__(self, tally: Tally, kind: str, what: object) -> None:
        self._one = tally.one(kind, what)
        self._tally = tally

    def __enter__(self) -> None:
        self._one.__enter__()

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        if isinstance(error, Refusal) and str(error):
            self._tally.refused += 1
            kind = error = trace = None
        self._one.__exit__(kind, error, trace)
        return True
