"""Objects in a bucket: the same rules in memory and on a real S3 server; its errors as sentences."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from bot.doctor.bucket import look
from bot.objects.bucket import Bucket, ChangedError, UnchangedError, open_bucket
from bot.settings import Settings
from index.errors import StorageError
from tests.s3 import S3Server, memory_bucket, s3_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3"), volume_megabytes=1) as running:
        yield running


@pytest.fixture(params=["memory", "s3"])
def bucket(request: pytest.FixtureRequest) -> Bucket:
    if request.param == "memory":
        return memory_bucket()
    server: S3Server = request.getfixturevalue("server")
    return Bucket("s3://bucket", server.store(prefix=uuid4().hex))


@pytest.mark.slow
def test_one_of_many_writers_wins(bucket: Bucket) -> None:
    """Of eight who read one version, one writes; nobody creates what exists."""
    first = bucket.replace("state", b"0", version=None)

    def written(number: int) -> bool:
        try:
            bucket.replace("state", str(number).encode(), version=first)
        except ChangedError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(written, range(1, 9))) == 1
    with pytest.raises(ChangedError):
        bucket.replace("state", b"again", version=None)
    found = bucket.read("state")
    assert found is not None
    with pytest.raises(UnchangedError):
        bucket.read("state", unless=found.version)
    assert abs(bucket.check()) < 5, "the server's clock is this machine's"


@pytest.mark.slow
def test_a_file_comes_back_as_it_was_or_not_at_all(bucket: Bucket, tmp_path: Path) -> None:
    """Files of several parts are whole; one with another hash leaves nothing behind."""
    content = bytes(range(256)) * 40_000  # two parts
    (tmp_path / "file").write_bytes(content)
    bucket.write("a/b/file", tmp_path / "file")
    bucket.fetch("a/b/file", tmp_path / "back", hashlib.sha256(content).hexdigest())
    assert (tmp_path / "back").read_bytes() == content
    assert [each.name for each in bucket.names("a")] == ["a/b/file"]
    assert bucket.folders("a") == ["b"]
    bucket.write("a/b/file", content[:-1])
    with pytest.raises(StorageError, match="a/b/file in the bucket was altered"):
        bucket.fetch("a/b/file", tmp_path / "other", hashlib.sha256(content).hexdigest())
    bucket.delete(["a/b/file", "a/none"])
    with pytest.raises(StorageError, match="is missing in the bucket"):
        bucket.fetch("a/b/file", tmp_path / "other", "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["back", "file"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "name", "sentence", "passes"),
    [
        ("reader", "bucket", "refuses these keys", False),
        ("nobody", "bucket", "refuses these keys", False),
        ("tutor", "no", "There is no bucket", False),
    ],
)
def test_what_the_server_refuses_is_one_sentence(
    server: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: str, name: str, sentence: str, passes: bool
) -> None:
    """Wrong keys and a bucket that does not exist are told apart, and do not look as if they passed by themselves."""
    for variable, value in server.environment(key).items():
        monkeypatch.setenv(variable, value)
    bucket = open_bucket(f"s3://{name}/prefix", server.endpoint)
    with pytest.raises(StorageError, match=sentence) as refusal:
        bucket.replace("state", b"", version=None)
    assert refusal.value.passes is passes
    if key != "tutor":
        with pytest.raises(StorageError, match=sentence):
            bucket.delete(["state"])
    given = {"bucket": f"s3://{name}/prefix", "bucket_endpoint": server.endpoint, "data": tmp_path}
    [finding] = look(Settings.model_validate(given))
    assert finding.fine is False
    assert str(refusal.value) in finding.sentence


@pytest.mark.slow
def test_a_server_without_room_answers_on(server: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """SeaweedFS says nothing but 500: the sentence names the disk, the doctor too, and what is stored can be read."""
    for variable, value in server.environment().items():
        monkeypatch.setenv(variable, value)
    bucket = open_bucket("s3://bucket/full", server.endpoint)
    content = os.urandom(2**20)

    def fill() -> None:
        for number in range(100):
            bucket.write(f"{number}", content)

    with pytest.raises(StorageError, match=r"fails \(status 500, internalerror\).*disk may be full") as refusal:
        fill()
    assert refusal.value.passes
    found = bucket.read("0")
    assert found is not None
    assert found.content == content
    given = {"bucket": "s3://bucket/full", "bucket_endpoint": server.endpoint, "data": tmp_path}
    [finding] = look(Settings.model_validate(given))
    assert "disk may be full" in finding.sentence


def test_a_server_that_is_away_or_full_may_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such an error passes by itself, so builds wait; full is called full, and a wrong clock a wrong clock."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key")
    with pytest.raises(StorageError, match="does not answer") as away:
        open_bucket("s3://bucket/prefix", "http://127.0.0.1:9").read("state")
    assert away.value.passes

    def full(*_: object, **__: object) -> None:
        from obstore.exceptions import GenericError

        raise GenericError("status code: 507: <Code>XMinioStorageFull</Code>")

    monkeypatch.setattr("obstore.put", full)
    with pytest.raises(StorageError, match="is full") as refusal:
        memory_bucket().write("file", b"")
    assert refusal.value.passes

    def late(*_: object, **__: object) -> None:
        from obstore.exceptions import PermissionDeniedError

        raise PermissionDeniedError("status code: 403: <Code>RequestTimeTooSkewed</Code>")

    monkeypatch.setattr("obstore.put", late)
    with pytest.raises(StorageError, match="whose clock differs") as refusal:
        memory_bucket().write("file", b"")
    assert refusal.value.passes
