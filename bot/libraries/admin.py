"""Changes servers' libraries: runs each change as a build job, and promotes or discards the result."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bot.errors import WorkError
from bot.libraries import paths
from bot.libraries.disk import disk_errors_explained, servers_bytes
from bot.libraries.proposals import Proposal
from bot.libraries.pseudonyms import Pseudonyms
from bot.libraries.uploads import MAX_UPLOAD_BYTES, Upload, receive
from index.errors import LibraryError
from index.evaluation.golden import add_golden
from index.evaluation.metrics import Question
from index.generations import promotion, records
from index.generations.lock import building
from index.generations.manifest import FOLDER, live, manifests

if TYPE_CHECKING:
    from bot.libraries.jobs import JobRunner, JobState, Progress
    from bot.settings import Settings

_INBOX = "inbox"


class Engine(Protocol):
    """What a change needs of the answering engine."""

    async def texts(self) -> object:
        """Return the texts of the shared library, which is built first when there is none."""

    async def renew(self, *, server: int | None = None) -> None:
        """Answer from the generation that is live now."""


class LibraryAdmin:
    """Callers have checked that the person may change the server's library. `by` is that person's id.

    The libraries' files record the person's pseudonym instead. What writes to the disk raises RoomError when it cannot.
    """

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        jobs: JobRunner,
        pseudonyms: Pseudonyms,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._data = settings.data
        self._most_megabytes = settings.servers_megabytes
        self._engine = engine
        self._jobs = jobs
        self._pseudonyms = pseudonyms
        self._now = now

    async def add(self, server: int, uploads: Sequence[Upload], by: str, progress: Progress) -> Proposal:
        """Build the library with these documents added to it; raises WorkError or LibraryError."""
        for upload in uploads:
            if upload.size > MAX_UPLOAD_BYTES:
                raise WorkError.too_large(upload.name, MAX_UPLOAD_BYTES)
        own = self._own(server)
        inbox = own / _INBOX
        with disk_errors_explained(), self._jobs.claimed(own):
            await self._check_room()
            try:
                received = await receive(uploads, inbox)
                return await self._build(server, ["add", *received], by, progress)
            except WorkError as error:
                # Do not show the path of the temporary upload folder.
                raise WorkError(re.sub(rf"{re.escape(str(inbox))}/\d+/", "", str(error))) from None
            finally:
                await asyncio.to_thread(shutil.rmtree, inbox, ignore_errors=True)

    async def remove(self, server: int, documents: Sequence[str], by: str, progress: Progress) -> Proposal:
        """Build the library without these documents; raises WorkError or LibraryError."""
        with disk_errors_explained(), self._jobs.claimed(self._own(server)):
            return await self._build(server, ["remove", "--", *documents], by, progress)

    async def refresh(self, server: int, by: str, progress: Progress) -> Proposal:
        """Build the same documents again; raises WorkError or LibraryError."""
        with disk_errors_explained(), self._jobs.claimed(self._own(server)):
            await self._check_room()
            return await self._build(server, ["refresh"], by, progress)

    async def promote(self, server: int, generation: str, by: str, *, anyway: bool = False) -> None:
        """Make a build live; raises LibraryError when it failed, is gone, or the library has changed since."""
        with disk_errors_explained():
            own, name = self._own(server), await self._pseudonyms.given(int(by))
            await asyncio.to_thread(promotion.promote_examined, own, generation, at=self._at(), by=name, anyway=anyway)
        await self._engine.renew(server=server)

    async def discard(self, server: int, generation: str) -> None:
        """Delete a build that is not promoted; raises LibraryError when it is live or gone.

        A generation that was live before stays for a rollback: only its exam record is deleted.
        """
        own = self._own(server)

        def work() -> None:
            if generation != live(own) and any(event.generation == generation for event in promotion.history(own)):
                records.drop_record(own, generation)
            else:
                promotion.discard(own, generation)
            if not self._jobs.is_busy(own):
                paths.give_back(self._data, server)

        with disk_errors_explained():
            await asyncio.to_thread(work)

    async def roll_back(self, server: int, by: str, generation: str | None = None) -> str:
        """Make an earlier generation live again and return its id; raises LibraryError when there is none."""
        with disk_errors_explained():
            own, name = self._own(server), await self._pseudonyms.given(int(by))
            back = await asyncio.to_thread(promotion.roll_back, own, generation, at=self._at(), by=name)
        await self._engine.renew(server=server)
        return back

    async def history(self, server: int) -> list[promotion.Event]:
        """List which generations were live when, oldest first; empty while the server reads the shared library.

        `by` is the id of a person, or "" when it is not known any more.
        """
        events = await asyncio.to_thread(promotion.history, self._own(server))
        people = await self._pseudonyms.people({event.by for event in events})
        return [replace(event, by=_person(event.by, people)) for event in events]

    async def earlier(self, server: int) -> list[str]:
        """List the generations that can be made live again, newest first."""
        own = self._own(server)

        def work() -> list[str]:
            names = dict.fromkeys(event.generation for event in reversed(promotion.history(own)))
            return [name for name in names if name != live(own) and (own / FOLDER / name).is_dir()]

        return await asyncio.to_thread(work)

    async def has_own(self, server: int) -> bool:
        """Say whether a server has a library of its own."""
        return await asyncio.to_thread(paths.folder_for, self._data, server) == self._own(server)

    async def proposed(self, server: int, generation: str) -> Proposal | None:
        """Return the proposal of a build that can be promoted or discarded; None when it is gone.

        Raises LibraryError when the library has changed since it was built.
        """
        own = self._own(server)

        def work() -> Proposal | None:
            row = records.read_record(own, generation) if (own / FOLDER / generation).is_dir() else None
            if row is None:
                return None
            promotion.check_current(own, row)
            return Proposal.compared(own, row)

        return await asyncio.to_thread(work)

    async def waiting(self, server: int) -> Proposal | None:
        """Return the newest build that waits for a decision."""
        own = self._own(server)

        def work() -> Proposal | None:
            rows = [records.read_record(own, name) for name in promotion.waiting(own)[-1:]]
            return next((Proposal.compared(own, row) for row in rows if row is not None), None)

        return await asyncio.to_thread(work)

    def job(self, server: int) -> JobState | None:
        """Return the state of a server's build, queued or running; None when there is none."""
        return self._jobs.job(self._own(server))

    def cancel(self, server: int, job: str | None = None) -> None:
        """Stop a server's build, or only the job with this id; raises WorkError when there is none."""
        if not self._jobs.cancel(self._own(server), job):
            raise WorkError.nothing_to_cancel()

    def is_busy(self, server: int) -> bool:
        """Say whether a build of a server's library is queued or running."""
        return self._jobs.is_busy(self._own(server))

    async def mark_right(self, server: int, question: str, answers: Sequence[str]) -> bool:
        """Keep a question and its answers, all of them required, for every later exam; says whether it was new."""
        with disk_errors_explained():
            golden = Question(question, tuple(answers), every=len(answers) > 1)
            return bool(await asyncio.to_thread(add_golden, self._own(server), [golden]))

    async def _check_room(self) -> None:
        """Raise WorkError when the libraries of all servers together have reached their limit on the disk."""
        if await asyncio.to_thread(servers_bytes, self._data) >= self._most_megabytes * 10**6:
            raise WorkError.no_room(self._most_megabytes)

    async def _build(self, server: int, arguments: Sequence[str], by: str, progress: Progress) -> Proposal:
        """Run `tutor index ARGUMENTS` on a server's library, which is claimed."""
        await self._engine.texts()  # the shared library is built first when there is none
        command, *rest = arguments
        own, name = self._own(server), await self._pseudonyms.given(int(by))
        options = ["--server", str(server), "--hold", "--json", "--lines", "--by", name]
        await asyncio.to_thread(paths.adopt, self._data, server, at=self._at(), by=name)
        kept = await asyncio.to_thread(_generations, own)
        try:
            row = await self._jobs.work(own, ["index", command, *options, *rest], progress)
            return await asyncio.to_thread(Proposal.compared, own, row)
        except WorkError:
            await asyncio.to_thread(_clear, own, kept)
            raise
        finally:
            await asyncio.to_thread(paths.give_back, self._data, server)

    def _own(self, server: int) -> Path:
        return paths.own_folder(self._data, server)

    def _at(self) -> str:
        return self._now().isoformat(timespec="microseconds")


def _generations(own: Path) -> set[str]:
    return {manifest.generation for manifest in manifests(own)}


def _clear(own: Path, kept: set[str]) -> None:
    """Delete what a killed build left: part of a generation, or one whose result was never read."""
    with suppress(LibraryError), building(own, wait_s=0):
        promotion.sweep(own)
        for generation in _generations(own) - kept:
            promotion.discard(own, generation)


def _person(by: str, people: Mapping[str, int]) -> str:
    """Return the id of the person recorded as `by`; older versions recorded the id itself."""
    return str(people[by]) if by in people else by if by.isdecimal() else ""
