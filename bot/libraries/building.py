"""What a build of a library in a bucket needs: checkpoints, the merge of its result, the removal of old files."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.libraries.states import State, state_of, write_state
from bot.objects.bucket import Bucket
from index.errors import ExamError
from index.evaluation.golden import FILE, add_golden, read_golden
from index.generations import promotion, records
from index.generations.checkpoint import FOLDER as ENCODED
from index.generations.durable import replace_text
from index.generations.manifest import FOLDER, live
from prompts import words

_KEPT = timedelta(hours=1)
"""How long files of generations that are not kept stay: one may just be uploaded by a build that is not done."""


class Checkpoints:
    """Checkpoints of builds in the bucket, so that another machine continues a build whose worker died."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._saved: dict[Path, set[str]] = defaultdict(set)

    def fetch(self, folder: Path, key: str) -> None:
        """Download the checkpoints that are not here; a damaged one is ignored by the build."""
        names = {each.name.rsplit("/", 1)[-1] for each in self._bucket.names(f"{key}/{ENCODED}")}
        self._saved[folder] = {name for name in names if Path(name).suffix == ".npz"}
        for name in self._saved[folder]:
            path = folder / ENCODED / name
            if not path.exists() and (found := self._bucket.read(f"{key}/{ENCODED}/{name}")) is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(found.content)

    def save(self, folder: Path, key: str) -> None:
        """Upload the checkpoints that were written since the last call; the build may clear them meanwhile."""
        for path in sorted((folder / ENCODED).glob("*.npz")):
            if path.name not in self._saved[folder]:
                try:
                    content = path.read_bytes()
                except FileNotFoundError:
                    return
                self._bucket.write(f"{key}/{ENCODED}/{path.name}", content)
                self._saved[folder].add(path.name)

    def clear(self, folder: Path, key: str) -> None:
        """Delete the checkpoints, once a generation holds what they do."""
        if self._saved.pop(folder, None):
            self._bucket.delete([each.name for each in self._bucket.names(f"{key}/{ENCODED}")])


def merged(scratch: Path, built: Path, before: State) -> None:
    """Add what a build has left in a folder to the state in `scratch`; `before` is the state it was started on.

    Raises ExamError when it has promoted a generation, and what is live is another one meanwhile, and when the library
    was deleted.
    """
    if before.live is not None and live(scratch) is None:
        raise ExamError(words("errors.bucket.deleted"))
    found = state_of(built)
    for name in found.files.keys() - before.files.keys():
        if name.startswith(f"{records.FOLDER}/"):
            (scratch / name).parent.mkdir(exist_ok=True)
            replace_text(scratch / name, found.files[name])
    for name in before.files.keys() - found.files.keys():
        if name.startswith(f"{records.FOLDER}/") and Path(name).stem != live(scratch):
            (scratch / name).unlink(missing_ok=True)
    if found.files.get(FILE) != before.files.get(FILE):
        add_golden(scratch, read_golden(built))
    with TemporaryDirectory() as name:
        write_state(Path(name), State(), before)
        known = len(promotion.history(Path(name)))
    events = promotion.history(built)[known:]
    if events and live(scratch) != before.live:
        raise ExamError("The library has changed since this was built. Make the change again, on what is live now.")
    for event in events:
        promotion.promote(scratch, event.generation, at=event.at, by=event.by, step=event.step)


def sweep_bucket(bucket: Bucket, key: str, kept: frozenset[str]) -> None:
    """Delete the files of generations that are not kept and were not written for an hour by the bucket's clock.

    Its time is that of the library's newest object: the state that was just written.
    """
    objects = bucket.names(key)
    found = defaultdict(list)
    for each in objects:
        if each.name.startswith(f"{key}/{FOLDER}/"):
            found[each.name.removeprefix(f"{key}/{FOLDER}/").split("/")[0]].append(each)
    latest = max((each.at for each in objects), default=datetime.now(UTC)) - _KEPT
    for generation, files in found.items():
        if generation not in kept and max(each.at for each in files) < latest:
            bucket.delete([each.name for each in files])
