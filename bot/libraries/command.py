"""Runs one command of the command line in a child process, with the settings but none of the secrets."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bot.errors import WorkError

if TYPE_CHECKING:
    from bot.settings import Settings

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]

FAILED = 70
"""Exit code of a command that ended by an unexpected error: EX_SOFTWARE of sysexits.h."""

_PROGRAM = "from bot.cli.build_process import main; main()"
# A command prints one line; of a few hundred drafts it has some megabytes.
_LONGEST_LINE = 64 * 2**20
# A build has no keys to Discord and the bucket, and works on the data folder. The database's address, a secret too, is
# passed on as it is below; what strangers sent is read by a process without any of it (index/documents/sandbox.py).
_SECRET = {"discord_token", "discord_token_file", "database", "bucket", "bucket_endpoint"}
# Settings of Python, its threads, the model's libraries and a proxy. Nothing else is passed on.
_INHERITED = frozenset({
    "HOME", "USER", "LOGNAME", "PATH", "TZ", "TMPDIR", "TEMP", "TMP", "LANG", "LANGUAGE", "VIRTUAL_ENV",
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
})  # fmt: skip
_INHERITED_PREFIXES = (
    "PYTHON", "LC_", "XDG_", "OMP_", "KMP_", "MKL_", "OPENBLAS_", "OV_", "OPENVINO_", "TORCH_", "HF_", "TRANSFORMERS_",
    "SENTENCE_TRANSFORMERS_", "TOKENIZERS_", "MALLOC_",
)  # fmt: skip


async def start(settings: Settings, arguments: Sequence[str]) -> asyncio.subprocess.Process:
    """Start `tutor ARGUMENTS` in a new process group. Its sandbox processes end when it ends."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # or a file bot.py in the working directory would be run in place of this package
        "-c",
        _PROGRAM,
        "--no-dotenv",
        "--data",
        str(settings.data),
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(settings),
        limit=_LONGEST_LINE,
        process_group=0,
    )


async def result(process: asyncio.subprocess.Process, progress: Progress | None) -> dict[str, Any]:
    """Wait for a command and return the JSON object that it prints; raises WorkError with the sentence of a refusal.

    Any other end is logged under an id, which the sentence of the WorkError names. A cancellation kills the process.
    """
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        said, last = await asyncio.gather(process.stdout.read(), _listened(process.stderr, progress))
        await process.wait()
    except BaseException:
        await kill(process)
        raise
    return _result(process.returncode, said, last)


async def kill(process: asyncio.subprocess.Process) -> None:
    """Kill the process group of a command, and return when it can write nothing any more."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment of a build: all settings but the token, and what its libraries need."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _INHERITED or name.upper().startswith(_INHERITED_PREFIXES)
    }
    theirs = settings.model_dump(exclude={"data", *_SECRET}, exclude_none=True)
    named = {f"TUTOR_{name.upper()}": str(value) for name, value in theirs.items()}
    if settings.database_address is not None:  # the exam asks the store for the quotes of approved items
        named["TUTOR_DATABASE"] = settings.database_address
    return inherited | named | {"TUTOR_LOG_LEVEL": "ERROR", "TUTOR_LOG_FORMAT": "text"}


async def _listened(stream: asyncio.StreamReader, progress: Progress | None) -> str:
    """Report the progress lines, and return the last line of any other kind."""
    last = ""
    async for raw in stream:
        line = raw.decode("utf-8", "replace").strip()
        try:
            done, total = (int(json.loads(line)[key]) for key in ("done", "total"))
        except (ValueError, TypeError, KeyError):
            last = line or last
            continue
        if progress is not None:
            progress(done, total)
    return last


def _result(code: int | None, said: bytes, last: str) -> dict[str, Any]:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    try:
        found = json.loads(lines[-1]) if lines else None
    except ValueError:
        found = None
    if isinstance(found, dict):
        return found
    if code == 1 and last:
        raise WorkError(last)
    error_id = secrets.token_hex(4)
    # Only the error line of bot.cli.build_process holds nothing of the uploaded documents.
    log.error("error %s: a build ended with %s %s", error_id, code, last if code == FAILED else "")
    raise WorkError.broken(error_id)
