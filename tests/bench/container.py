"""Runs `tutor` in a tree of its own as the container would, without a container engine: namespaces and a chroot."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.image import DEVICES, PROGRAM, UID, system

_ROOM = "size=256m,mode=1777,nosuid,nodev,noexec"
_OWN = ("--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "--propagation", "private")
_NO_RIGHTS = (
    "prlimit", "--nproc=256:256", "setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", "--no-new-privs",
    "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all",
)  # fmt: skip
_STOPPED_WITHIN_S = 15.0
# What the image sets; what the tutor itself is told comes out of the env file.
_ENVIRONMENT = {
    "PATH": f"/{PROGRAM}/bin:/usr/local/bin:/usr/bin:/bin",
    "PYTHONUNBUFFERED": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "HOME": "/tmp",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "HF_HOME": "/data/huggingface",
}


def is_permitted() -> bool:
    """Say whether this user may make namespaces and give up rights in them."""
    tools = all(shutil.which(name) for name in ("unshare", "setpriv", "chroot", "mount"))
    return tools and os.geteuid() == 0 and subprocess.run(["unshare", *_OWN, "true"], check=False).returncode == 0


@dataclass(slots=True)
class Container:
    """The tree with one data folder as its volume; `confined` is False where namespaces are not permitted."""

    tree: Path
    data: Path
    backups: Path
    env_file: Mapping[str, str]
    confined: bool
    said: str = ""
    _running: asyncio.subprocess.Process | None = None
    _listening: asyncio.Task[None] | None = field(default=None, repr=False)

    async def start(self) -> None:
        """Start `tutor run`, which goes on until it is stopped or killed."""
        self.said = ""
        self._running = await self._spawn("tutor", "run")
        self._listening = asyncio.create_task(self._listen(self._running))

    async def run(self, *command: str) -> tuple[int, str]:
        """Run a command on the same volume and wait for it, as `docker compose run` does; gives its code and words."""
        running = await self._spawn(*command)
        said, _ = await asyncio.wait_for(running.communicate(), 300)
        assert running.returncode is not None
        return running.returncode, said.decode("utf-8", "replace")

    async def stop(self) -> int:
        """Ask it to end with the image's STOPSIGNAL and give the exit code."""
        os.kill(self._inner(), signal.SIGINT)
        return await self._ended()

    async def kill(self) -> None:
        """End it at once."""
        if self._running is not None and self._running.returncode is None:
            os.kill(self._inner(), signal.SIGKILL)
            await self._ended()

    async def _ended(self) -> int:
        assert self._running is not None
        assert self._listening is not None
        code = await asyncio.wait_for(self._running.wait(), _STOPPED_WITHIN_S)
        await self._listening
        return code

    def _inner(self) -> int:
        """Give the id, outside, of the program: it is the only child of what made its namespaces."""
        assert self._running is not None
        pid = self._running.pid
        if not self.confined:
            return pid
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()[0])

    async def _spawn(self, *command: str) -> asyncio.subprocess.Process:
        environment = _ENVIRONMENT | dict(self.env_file)
        pipe = asyncio.subprocess.PIPE
        quiet = asyncio.subprocess.DEVNULL
        if self.confined:
            line = ("unshare", *_OWN, "sh", "-euc", self._script(command, environment))
            return await asyncio.create_subprocess_exec(
                *line, stdin=quiet, stdout=pipe, stderr=asyncio.subprocess.STDOUT, env={"PATH": os.environ["PATH"]}
            )
        inside = {name: value.replace("/data", str(self.data)) for name, value in environment.items()}
        python = self.tree / PROGRAM / "bin" / "python"
        here = [each.replace("/backups", str(self.backups)) for each in command]
        here[:1] = [str(python), str(python.with_name("tutor"))] if here[0] == "tutor" else [str(python)]
        return await asyncio.create_subprocess_exec(
            *here, stdin=quiet, stdout=pipe, stderr=asyncio.subprocess.STDOUT, env=inside, cwd=self.tree
        )

    def _script(self, command: tuple[str, ...], environment: Mapping[str, str]) -> str:
        """Write down how the tree is put together, and how rights are given up before the program begins."""
        tree = shlex.quote(str(self.tree))
        lines = [f"mount --bind {tree} {tree}", f"cd {tree}"]
        for folder in system():
            inside = shlex.quote(str(folder).lstrip("/"))
            lines += [
                f"mount --bind {shlex.quote(str(folder))} {inside}",
                f"mount -o remount,bind,ro,nosuid,nodev {inside}",
            ]
        lines += [f"mount --bind /dev/{name} dev/{name}" for name in DEVICES]
        lines += ["mount -t tmpfs -o size=64m,mode=1777,nosuid,nodev,noexec tmpfs dev/shm"]
        lines += ["mount -t proc -o nosuid,nodev,noexec proc proc", f"mount -t tmpfs -o {_ROOM} tmpfs tmp"]
        for name, folder in (("data", self.data), ("backups", self.backups)):
            lines += [f"mount --bind {shlex.quote(str(folder))} {name}", f"mount -o remount,bind,nosuid,nodev {name}"]
        lines += [f"mount -o remount,bind,ro,nosuid {tree}"]
        given = [f"{name}={value}" for name, value in environment.items()]
        inner = shlex.join([*_NO_RIGHTS, "env", "-i", "-C", f"/{PROGRAM}", *given, *command])
        return "\n".join([*lines, f"exec chroot . {inner}"])

    async def _listen(self, running: asyncio.subprocess.Process) -> None:
        assert running.stdout is not None
        async for line in running.stdout:
            self.said += line.decode("utf-8", "replace")
