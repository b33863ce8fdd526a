"""Libraries in the data folder and in a bucket: the same rules, and what several processes see of one another."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import obstore
import pytest
from obstore.store import MemoryStore
from typer.testing import CliRunner

from bot.answering.engine import AnsweringEngine
from bot.backup.making import back_up
from bot.cli import app
from bot.errors import BackupError
from bot.libraries import paths
from bot.libraries.bucket import BucketStorage
from bot.libraries.opening import Library
from bot.libraries.storage import Folders, Storage, built
from bot.people.audit import changes_by, remove_name_from_libraries
from bot.settings import Settings
from index.errors import ExamError, GenerationError, StorageError
from index.evaluation.golden import add_golden, read_golden
from index.evaluation.metrics import Question
from index.generations import promotion, records
from index.generations.generation import load
from index.generations.manifest import FOLDER, json_sha256, live, read_manifest
from tests.index.fakes import CLAY, SEA, FakeEncoder, build_texts, document
from tests.s3 import memory_bucket

AT = "2026-01-02T00:00:00+00:00"


class Clock:
    """Lets a test decide when the local copy of a library is too old."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("bot.libraries.bucket.time.monotonic", clock.monotonic)
    return clock


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def process(store: MemoryStore, tmp_path: Path) -> Callable[..., BucketStorage]:
    """Return a function that makes the storage of one more process, with a data folder of its own."""

    def make(name: str, cache_bytes: int = 10**9) -> BucketStorage:
        return BucketStorage(tmp_path / name, memory_bucket(store), cache_bytes=cache_bytes)

    return make


def publish(storage: Storage, data: Path, *texts: str, golden: str = "") -> str:
    """Build the shared library and publish it, as `tutor index build` does."""
    if golden:
        storage.change(data, lambda folder: add_golden(folder, [Question(golden, ("clay",))]))
    return built(storage, data, lambda: build_texts(data, *texts)).generation


def held(storage: Storage, folder: Path, *texts: str) -> str:
    """Build a generation that waits for its promotion, as a build in Discord does."""
    from index.generations.build import build
    from index.text.noise import Aliases

    def work() -> str:
        base = live(folder)
        documents = [document(text, f"{number}.txt") for number, text in enumerate(texts)]
        report = build(documents, data=folder, encoder=FakeEncoder(), aliases=Aliases({}), built_at=AT)
        exam = {"passed": True, "against": base}
        records.record(folder, report.generation, {"exam": exam, "by": "somebody"})
        return report.generation

    return built(storage, folder, work)


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_a_library_is_built_changed_and_read(kind: str, process: Any, tmp_path: Path) -> None:
    """Folder and bucket keep the same promises: held builds, promotion, rollback, servers, erasure."""
    data = tmp_path / "one"
    storage: Storage = Folders(data) if kind == "folder" else process("one")
    first = publish(storage, data, CLAY, golden="What does clay remember?")
    assert live(storage.ready(None)) == first
    second = held(storage, data, CLAY, SEA)
    assert live(storage.ready(None)) == first
    storage.change(data, lambda folder: promotion.promote_examined(folder, second, at=AT, by="somebody"))
    assert live(storage.ready(None)) == second
    assert load(data, second).id == second
    with pytest.raises(ExamError, match="has changed since"):
        storage.change(data, lambda folder: promotion.promote_examined(folder, second, at=AT))
    assert storage.change(data, lambda folder: promotion.roll_back(folder, at=AT)) == first
    assert [event.step.value for event in promotion.history(data)] == ["promoted", "promoted", "rolled_back"]
    own = paths.own_folder(data, 7)
    storage.pull(own)
    assert storage.ready(7) == data
    storage.change(own, lambda folder: paths.adopt_into(folder, data, at=AT))
    assert storage.ready(7) == own
    assert load(own, first).id == first
    assert [question.text for question in read_golden(own)] == ["What does clay remember?"]
    assert [*storage.servers()] == [None, 7]
    assert {each["did"] for each in changes_by(storage, {"somebody"})} == {"promoted", "built"}
    remove_name_from_libraries(storage, "somebody")
    assert changes_by(storage, {"somebody"}) == []
    storage.change(own, paths.give_back)
    assert storage.ready(7) == data
    storage.delete(7)
    assert [*storage.servers()] == [None]
    storage.change(data, lambda folder: promotion.discard(folder, second))
    with pytest.raises(GenerationError):
        storage.change(data, lambda folder: promotion.roll_back(folder, second, at=AT))


def test_another_process_sees_a_promotion_after_two_seconds(process: Any, tmp_path: Path, clock: Clock) -> None:
    """It fetches the new generation, checks it, and has the pointer last; before that it answers from the old one."""
    one, two = process("one"), process("two")
    first = publish(one, tmp_path / "one", CLAY)
    assert live(two.ready(None)) == first
    assert load(tmp_path / "two", first).id == first
    second = publish(one, tmp_path / "one", CLAY, SEA)
    clock.now += 1.9
    two.refresh(None)
    assert live(tmp_path / "two") == first
    clock.now += 0.2
    assert two.refresh(None) is None, "what is known answers meanwhile"
    two._known(tmp_path / "two").looking.result(20)
    assert live(tmp_path / "two") == second
    assert load(tmp_path / "two", second).id == second


def test_one_of_many_promotions_wins_and_no_change_is_lost(process: Any, tmp_path: Path) -> None:
    """Two builds made on one generation: one is promoted, the other is refused; other changes all stay."""
    storages = {name: process(name) for name in ("one", "two", "three")}
    publish(storages["one"], tmp_path / "one", CLAY)
    waiting = {}
    for name, storage in storages.items():
        storage.pull(tmp_path / name)
        waiting[name] = held(storage, tmp_path / name, CLAY, f"The {name} of them is a number. Numbers have names.")

    def promoted(name: str) -> bool:
        storage, folder = storages[name], tmp_path / name
        storage.change(folder, lambda scratch: add_golden(scratch, [Question(f"Is {name} one?", ("number",))]))
        try:
            storage.change(folder, lambda scratch: promotion.promote_examined(scratch, waiting[name], at=AT))
        except ExamError:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        won = dict(zip(storages, pool.map(promoted, storages), strict=True))
    assert sum(won.values()) == 1
    fourth = process("four")
    folder = fourth.ready(None)
    assert live(folder) == next(waiting[name] for name in won if won[name])
    assert len(read_golden(folder)) == 3


def test_a_build_on_an_older_library_is_not_promoted(process: Any, tmp_path: Path) -> None:
    """A command that builds and promotes is refused when another was promoted meanwhile, and leaves nothing behind."""
    one, two = process("one"), process("two")
    first = publish(one, tmp_path / "one", CLAY)
    two.pull(tmp_path / "two")

    def build() -> object:
        publish(one, tmp_path / "one", CLAY, SEA)
        return build_texts(tmp_path / "two", SEA)

    with pytest.raises(ExamError, match="has changed since"):
        built(two, tmp_path / "two", build)
    assert live(tmp_path / "two") == first
    two.pull(tmp_path / "two")
    assert live(tmp_path / "two") == live(tmp_path / "one")


def test_a_folder_that_was_there_before_goes_up_whole(process: Any, tmp_path: Path) -> None:
    """Setting TUTOR_BUCKET uploads what the data folder has; a second folder with other content is refused and kept."""
    first = build_texts(tmp_path / "one", CLAY).generation
    second = build_texts(tmp_path / "one", CLAY, SEA, built_at=AT).generation
    one = process("one")
    one.pull(tmp_path / "one")
    assert live(process("two").ready(None)) == second
    two = process("two")
    two.pull(tmp_path / "two")
    two.fetch(tmp_path / "two", first)
    assert two.change(tmp_path / "two", lambda folder: promotion.roll_back(folder, at=AT)) == first
    other = build_texts(tmp_path / "three", SEA).generation
    with pytest.raises(StorageError, match="holds a library that is not from the bucket"):
        process("three").pull(tmp_path / "three")
    assert load(tmp_path / "three", other).id == other


@pytest.mark.parametrize("harm", ["truncated", "altered", "missing"])
def test_a_damaged_object_changes_nothing(process: Any, tmp_path: Path, store: MemoryStore, harm: str) -> None:
    """A process that has the old generation stays on it; one that has none says what is wrong, and doctor does too."""
    one, two = process("one"), process("two")
    first = publish(one, tmp_path / "one", CLAY)
    two.pull(tmp_path / "two")
    second = publish(one, tmp_path / "one", CLAY, SEA)
    digest = read_manifest(tmp_path / "one" / "generations" / second).files["passages.json"]
    name = f"shared/generations/{second}/{digest}"
    content = bytes(obstore.get(store, name).bytes())
    if harm == "missing":
        obstore.delete(store, name)
    else:
        obstore.put(store, name, content[:-1] if harm == "truncated" else b" " + content[1:])
    for storage, folder in ((two, tmp_path / "two"), (process("three"), tmp_path / "three")):
        with pytest.raises(StorageError, match=f"{name} .*Put it back"):
            storage.pull(folder)
    assert live(tmp_path / "two") == first
    assert load(tmp_path / "two", first).id == first
    assert [server for server, _ in one.faults()] == [None]
    obstore.put(store, name, content)
    two.pull(tmp_path / "two")
    assert live(tmp_path / "two") == second
    assert one.faults() == []


def test_the_cache_has_a_budget_and_spares_what_is_open(
    process: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The generations used longest ago lose their files, never an open one; what is used again is fetched again."""
    monkeypatch.setattr("bot.libraries.copies._JUST_USED_S", 0.0)
    one = process("one")
    generations = [publish(one, tmp_path / "one", *texts) for texts in ((CLAY,), (CLAY, SEA), (SEA,))]
    two = process("two", cache_bytes=1)
    folder = tmp_path / "two"
    held_folder = folder / "generations" / generations[0]
    two.hold(lambda: frozenset({held_folder}))
    two.pull(folder)
    for generation in generations:
        two.fetch(folder, generation)
    kept = [name for name in generations if (folder / "generations" / name / "documents.json").exists()]
    assert kept[0] == generations[0]
    assert generations[1] not in kept
    assert len(promotion.history(folder)) == 3
    monkeypatch.setattr("bot.libraries.copies._JUST_USED_S", 60.0)
    two.fetch(folder, generations[1])
    assert two.change(folder, lambda scratch: promotion.roll_back(scratch, generations[1], at=AT)) == generations[1]
    two.fetch(folder, generations[1])
    assert load(folder, generations[1]).id == generations[1]


def test_damage_on_the_disk_is_mended_from_the_bucket(process: Any, tmp_path: Path) -> None:
    """A local file that was altered is fetched again."""
    one = process("one")
    first = publish(one, tmp_path / "one", CLAY)
    (tmp_path / "one" / "generations" / first / "words.json").write_text("[]")
    with pytest.raises(GenerationError):
        load(tmp_path / "one", first)
    assert one.mend(tmp_path / "one", first)
    assert load(tmp_path / "one", first).id == first


def test_without_the_bucket_what_is_here_answers_on(
    process: Any, tmp_path: Path, store: MemoryStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A known library stays readable, after a restart too; an unknown one is refused in a sentence, and tried again."""
    one = process("one")
    first = publish(one, tmp_path / "one", CLAY)
    with monkeypatch.context() as away:

        def refused(*_: object, **__: object) -> None:
            from obstore.exceptions import GenericError

            raise GenericError("error sending request")

        away.setattr("obstore.get", refused)
        clock.now += 5
        assert live(one.ready(None)) == first
        again = process("one")
        assert live(again.ready(None)) == first
        looking = again.refresh(7)
        assert looking is not None
        looking.result(20)
        with pytest.raises(StorageError, match="does not answer"):
            again.refresh(7)
    clock.now += 5
    looking = again.refresh(7)
    assert looking is not None
    looking.result(20)
    assert again.refresh(7) is None


@pytest.mark.asyncio
async def test_servers_are_answered_from_the_bucket(
    process: Any, tmp_path: Path, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bot answers each server from its library in the bucket, changed by whoever; administrators see the same."""
    settings = Settings(_env_file=None, data=tmp_path / "one", bucket="s3://tests/memory")
    one, two = process("one"), process("two")
    monkeypatch.setattr("bot.libraries.storage._bucket", lambda *_: one)
    first = publish(one, settings.data, CLAY)
    engine = AnsweringEngine(settings, load=lambda: Library(load(settings.data, first), FakeEncoder()))
    try:
        assert (await engine.ask("What does clay remember?", server=7)).generation == first
        own = paths.own_folder(tmp_path / "two", 7)
        await asyncio.to_thread(two.ready, 7)
        two.change(own, lambda folder: paths.adopt_into(folder, tmp_path / "two", at=AT))
        second = held(two, own, SEA)
        two.change(own, lambda folder: promotion.promote_examined(folder, second, at=AT))
        known = one._known(paths.own_folder(settings.data, 7))
        known.looked_at = -10.0
        async with asyncio.timeout(20):
            while (await engine.ask("What does the tide do?", server=7)).generation != second:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert (await engine.ask("What does clay remember?", server=8)).generation == first
        assert (await engine.texts(server=7)).manifest.generation == second
    finally:
        await engine.close()


def test_doctor_names_what_is_wrong_with_the_bucket(
    process: Any, tmp_path: Path, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says whether the bucket works, and which library has a damaged object."""
    from bot.doctor.bucket import look

    one = process("one")
    settings = Settings(_env_file=None, data=tmp_path / "one", bucket="s3://tests/memory")
    monkeypatch.setattr("bot.libraries.storage._bucket", lambda *_: one)
    publish(one, settings.data, CLAY)
    assert [finding.fine for finding in look(settings)] == [True]
    with monkeypatch.context() as patched:
        patched.setattr("bot.objects.bucket.time.time", lambda: datetime.now(UTC).timestamp() + 3600)
        [clock, fine] = look(settings)
    assert (clock.fine, fine.fine) == (False, True)
    assert "differ by -3600 seconds" in clock.sentence
    [damaged] = [each.name for each in one._bucket.names("shared/generations") if "manifest" in each.name]
    obstore.put(store, damaged, b"{}")
    [finding] = look(settings)
    assert finding.fine is False
    assert finding.sentence.startswith(f"The shared library: {damaged} in the bucket was altered")
    assert [*look(Settings(_env_file=None, data=tmp_path))] == []


def test_a_backup_has_the_libraries_of_the_bucket(
    process: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made in a process whose cache is empty, it has all of them; restored beside an empty bucket they go up again."""
    one, two, after = process("one"), process("two"), BucketStorage(tmp_path / "three", memory_bucket(), cache_bytes=1)
    shared = publish(one, tmp_path / "one", CLAY, golden="Why clay?")
    own = paths.own_folder(tmp_path / "one", 7)
    one.pull(own)
    one.change(own, lambda folder: paths.adopt_into(folder, tmp_path / "one", at=AT))
    theirs = held(one, own, CLAY, SEA)
    one.change(own, lambda folder: promotion.promote(folder, theirs, at=AT, by="somebody"))

    def run(storage: BucketStorage, name: str, *command: str) -> str:
        monkeypatch.setattr("bot.libraries.storage._bucket", lambda *_: storage)
        arguments = ["--data", str(tmp_path / name), "--no-dotenv", *command, str(tmp_path / "backup.zip")]
        done = CliRunner().invoke(app, arguments, env={"TUTOR_BUCKET": "s3://tests/memory"})
        assert done.exit_code == 0, done.output
        return done.output

    said = run(two, "two", "backup")
    assert "2 libraries" in said
    assert "s3://tests/memory" in said
    assert [*paths.every_folder(tmp_path / "two")] == [None], "nothing is kept here"
    run(after, "three", "restore")
    assert list(after.servers()) == [None, 7]
    assert after.faults() == []
    fresh = BucketStorage(tmp_path / "four", after._bucket, cache_bytes=10**9)
    assert [live(fresh.ready(server)) for server in (None, 7)] == [shared, theirs]
    assert [each.text for each in read_golden(tmp_path / "four")] == ["Why clay?"]
    empty = BucketStorage(tmp_path / "five", memory_bucket(), cache_bytes=1)
    with pytest.raises(BackupError, match="nothing to back up"):
        back_up(tmp_path / "five", tmp_path / "none.zip", at=AT, with_store=False, storage=empty)


def test_a_killed_build_is_continued_by_another_process(process: Any, tmp_path: Path) -> None:
    """Checkpoints go up while a build runs; another process starts with them, and they are gone when it is done."""
    one, two = process("one"), process("two")
    publish(one, tmp_path / "one", CLAY)
    one.begin_build(tmp_path / "one")
    (tmp_path / "one" / "encoded").mkdir(exist_ok=True)
    (tmp_path / "one" / "encoded" / "000000.npz").write_bytes(b"vectors")
    one.save_checkpoint(tmp_path / "one")
    two.begin_build(tmp_path / "two")
    assert (tmp_path / "two" / "encoded" / "000000.npz").read_bytes() == b"vectors"
    shutil.rmtree(tmp_path / "two" / "encoded")
    build_texts(tmp_path / "two", SEA)
    two.publish(tmp_path / "two")
    assert one._bucket.names("shared/encoded") == []


def test_a_state_of_a_newer_version_or_with_other_paths_is_refused(
    process: Any, tmp_path: Path, store: MemoryStore
) -> None:
    """Nothing is written outside the library's folder, whatever a state names."""
    for row, sentence in (
        ({"format": 2}, "newer version"),
        ({"format": 1, "files": {"../../etc/passwd": ""}, "generations": []}, "altered"),
        ({"format": 1, "files": {}, "generations": ["../up"]}, "altered"),
        ([], "altered"),
    ):
        obstore.put(store, "shared/state.json", json.dumps(row).encode())
        with pytest.raises(StorageError, match=sentence):
            process("one").pull(tmp_path / "one")


def test_what_a_later_version_adds_to_a_state_is_kept(process: Any, tmp_path: Path, store: MemoryStore) -> None:
    """Within one format a process passes on what it does not know when it changes a library, and reads the rest."""
    first = process("one")
    generation = publish(first, tmp_path / "one", CLAY)
    row = json.loads(obstore.get(store, "shared/state.json").bytes().to_bytes())
    obstore.put(store, "shared/state.json", json.dumps({**row, "later": {"a": [1]}}).encode())
    second = process("two")
    second.change(tmp_path / "two", lambda folder: add_golden(folder, [Question("What forgets?", ("clay",))]))
    row = json.loads(obstore.get(store, "shared/state.json").bytes().to_bytes())
    assert row["later"] == {"a": [1]}
    assert "What forgets?" in row["files"]["golden.json"]
    second.pull(tmp_path / "two")
    assert live(tmp_path / "two") == generation


def test_what_a_later_version_adds_to_a_manifest_is_ignored(tmp_path: Path) -> None:
    """Within one format a generation is read; in another one a sentence says what to do."""
    folder = tmp_path / FOLDER / build_texts(tmp_path, CLAY).generation
    row = json.loads((folder / "manifest.json").read_text())
    del row["sha256"]
    for more, fits in (({"later": 1}, True), ({"later": 1, "format": row["format"] + 1}, False)):
        said = {**row, **more}
        (folder / "manifest.json").write_text(json.dumps({**said, "sha256": json_sha256(said)}))
        if fits:
            assert read_manifest(folder).generation == folder.name
        else:
            with pytest.raises(GenerationError, match="a format that this version does not read"):
                read_manifest(folder)
