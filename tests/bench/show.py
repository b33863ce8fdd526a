"""Shows the tutor as the container runs it: asked, quizzed, killed, exported, forgotten, backed up and restored.

`make show`, or `python -m tests.bench.show`, as root. It stands for deploy/Dockerfile and deploy/compose.yaml as far as
this goes without a container engine: a tree with the program's wheel and what it needs and nothing else (no tests, no
compilers' headers, none of the packages of development), as the image has it; a user without rights, capabilities or
ways to get any; a read-only root, where only the volume and a /tmp of 256 MB without execution can be written; own
process, mount and IPC namespaces; 256 processes; the environment of the image and of an env file, and no other. Python
and the system's libraries are this machine's, mounted read-only, not Debian's image. There is no seccomp filter, no
user namespace, no init in front, and the network is the machine's, for the Discord of tests/gateway is on loopback. Of
deploy/tutor.service it shows the same confinement, not systemd's filters.

Where namespaces are not permitted the same is run without them, and every line says so.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from tests.bench.container import Container, is_permitted
from tests.bench.demonstration import STEPS, Stage, volume
from tests.bench.image import build
from tests.gateway.person import Actor
from tests.gateway.server import Server
from tests.gateway.world import TOKEN

_NOT_IN_IT = ("tests", "pytest", "simcord", "mypy", "playwright")
_EXAMPLE = Path(__file__).parents[2] / "deploy" / "tutor.env.example"
_LOOK = """
import os, pathlib
def refused(place):
    try:
        pathlib.Path(place).write_text("x")
    except OSError:
        return True
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
assert os.getuid() == 10001 and int(status["CapBnd"], 16) == int(status["CapEff"], 16) == 0, status
assert int(status["NoNewPrivs"]) == 1
assert all(map(refused, ("/x", "/opt/tutor/x", "/usr/x", "/etc/x", "/dev/x"))) and not refused("/data/x")
os.remove("/data/x")
others = [name for name in os.environ if name.startswith("BENCH") or name == "VIRTUAL_ENV"]
assert not others and not pathlib.Path("/work").exists(), others
print("uid", os.getuid(), "without capabilities; only /data, /backups and /tmp can be written")
"""


async def show(folder: Path) -> bool:
    """Go through all steps, printing a line for each; says whether all went well."""
    tree = folder / "tree"
    tree.mkdir()
    confined = is_permitted()
    if not confined:
        print("NOT CONFINED: this user may not make namespaces; run as root to see the container's limits hold.")
    packages = await asyncio.to_thread(build, tree, folder / "work")
    unwanted = [name for name in _NOT_IN_IT if name in packages or any(tree.rglob(name))]
    _say(confined, not unwanted, "image", f"{len(packages)} packages; of {', '.join(_NOT_IN_IT)}: {len(unwanted)}")
    if unwanted:
        return False
    async with Server() as server:
        box = Container(tree, volume(folder / "data"), volume(folder / "backups"), _env_file(server), confined)
        if confined:
            code, said = await box.run("python", "-c", _LOOK)
            _say(confined, code == 0, "confinement", said.strip().splitlines()[-1])
            if code:
                return False
        stage = Stage(folder, server, box, Actor(server, "alice"), Actor(server, "bob", channel=1))
        try:
            for name, step in STEPS:
                try:
                    _say(confined, True, name, await step(stage))
                except Exception as failure:
                    _say(confined, False, name, f"{type(failure).__name__}: {failure}"[:600])
                    return False
        finally:
            await box.kill()
        _say(confined, not server.violations, "Discord's rules", f"{len(server.violations)} broken")
        return not server.violations


def _env_file(server: Server) -> dict[str, str]:
    """Give what stands in deploy/tutor.env.example, filled in, and what compose.yaml says whatever stands there."""
    lines = [line for line in _EXAMPLE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    given = dict(line.split("=", 1) for line in lines)
    return given | {"TUTOR_DISCORD_TOKEN": TOKEN, "TUTOR_DISCORD_API": server.api, "TUTOR_DATA": "/data"}


def _say(confined: bool, went_well: bool, name: str, seen: str) -> None:
    mark = "ok" if went_well else "FAILED"
    print(f"{mark:7} {name:38} {seen}{'' if confined else '  [not confined]'}", flush=True)


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="tutor-show-"))
    try:
        went_well = asyncio.run(show(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(0 if went_well else 1)


if __name__ == "__main__":
    main()
