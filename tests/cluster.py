"""The processes of a cluster on one machine: workers on one bucket and one database."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bot.libraries.paths import adopt_into, own_folder
from bot.libraries.storage import built, storage_of
from bot.settings import Settings
from tests.index.fakes import CLAY, build_texts
from tests.s3 import S3Server

# In the place of `tutor index add`: it builds with the fake encoder, slowly enough to be killed, from a checkpoint.
BUILD = """
import json, os, sys, time
from pathlib import Path
data = Path(sys.argv[sys.argv.index("--data") + 1])
folder = data / "servers" / sys.argv[sys.argv.index("--server") + 1] if "--server" in sys.argv else data
assert not [name for name in os.environ if name.startswith("AWS_") or "BUCKET" in name]
if "refuse" in sys.argv:
    print("This cannot be built.", file=sys.stderr)
    raise SystemExit(1)
steps = folder / "encoded"
steps.mkdir(exist_ok=True)
done = len(list(steps.glob("*.npz")))
for number in range(done, 4):
    print(json.dumps({"done": number, "total": 4}), file=sys.stderr, flush=True)
    time.sleep(float(os.environ.get("PYTHON_SLOW", "0.1")))
    (steps / f"{number:06}.npz").write_bytes(b"vectors")
from tests.index.fakes import CLAY, build_texts
texts = [Path(each).read_text() for each in sys.argv if each.endswith(".txt")]
from bot.libraries.storage import Folders
from index.generations import promotion, records
from index.generations.manifest import live
from index.generations.build import build
from index.text.noise import Aliases
from tests.index.fakes import FakeEncoder, document
documents = [document(text, f"{number}.txt") for number, text in enumerate([CLAY, *texts])]
found = build(documents, data=folder, encoder=FakeEncoder(), aliases=Aliases({}), built_at="2026-01-02T00:00:00+00:00")
records.record(folder, found.generation, {"exam": {"passed": True, "against": live(folder)}, "by": ""})
print(json.dumps({"generation": found.generation, "resumed": done}))
"""
WORKER = f"""
import sys
import bot.libraries.command
import bot.libraries.build_worker as worker
import bot.libraries.jobs
bot.libraries.command._PROGRAM = {BUILD!r}
bot.libraries.jobs._CHECKPOINT_S = 0.2
worker.HEARTBEAT_S, worker.STALLED_S = 0.3, 1.5
worker.BuildWorker.__init__.__kwdefaults__.update(heartbeat_s=0.3, stalled_s=1.5)
from bot.cli import main
sys.argv = ["tutor", "--no-dotenv", "work"]
main()
"""
SERVER = 7
ADD = ["index", "add", "--server", str(SERVER)]


class Cluster:
    """One bucket and one database, and the processes that use them."""

    def __init__(self, s3: S3Server, address: str, folder: Path, name: str) -> None:
        self._environment = {
            "TUTOR_DATABASE": address,
            "TUTOR_BUCKET": f"s3://bucket/{name}",
            "TUTOR_BUCKET_ENDPOINT": s3.endpoint,
            **s3.environment(),
        }
        self._folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []

    def settings(self, name: str) -> Settings:
        given = {key.removeprefix("TUTOR_").lower(): value for key, value in self._environment.items()}
        return Settings.model_validate({**given, "data": self._folder / name})

    def work(self, name: str, slow_s: float = 0.05) -> subprocess.Popen[bytes]:
        """Start a worker."""
        environment = {**os.environ, **self._environment, "TUTOR_DATA": str(self._folder / name)}
        with (self._folder / f"{name}.log").open("wb") as log:
            worker = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-c", WORKER],
                env={**environment, "PYTHON_SLOW": str(slow_s), "PYTHONPATH": str(Path(__file__).parents[1])},
                stderr=log,
                start_new_session=True,
            )
        self.workers.append(worker)
        return worker

    def is_ready(self, name: str) -> bool:
        """Say whether a worker waits for builds."""
        return "waiting for builds" in (self._folder / f"{name}.log").read_text()

    def make_libraries(self) -> Settings:
        """Publish a shared library and one of SERVER; returns the settings of the process that did."""
        settings = self.settings("bot")
        storage = storage_of(settings)
        built(storage, settings.data, lambda: build_texts(settings.data, CLAY))
        own = own_folder(settings.data, SERVER)
        storage.pull(own)
        storage.change(own, lambda folder: adopt_into(folder, settings.data, at="2026-01-01T00:00:00+00:00"))
        return settings

    def stop(self) -> None:
        """Kill the workers."""
        for worker in self.workers:
            worker.kill()
            worker.wait()
