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
from typing import TYPE_CHECKING, Protocol, TypeVar

from bot.errors import WorkError
from bot.libraries import paths
from bot.libraries.disk import disk_errors_explained, servers_bytes
from bot.libraries.proposals import Proposal
from bot.libraries.pseudonyms import Pseudonyms
from bot.libraries.storage import storage_of
from bot.libraries.uploads import MAX_UPLOAD_BYTES, Upload, receive
from index.errors import StorageError
from index.evaluation.golden import add_golden
from index.evaluation.metrics import Question
from index.generations import promotion, records
from index.generations.manifest import FOLDER, live

if TYPE_CHECKING:
    from bot.libraries.jobs import JobRunner, JobState, Progress
    from bot.settings import Settings

ResultT = TypeVar("ResultT")

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
        self._storage = storage_of(settings)
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
                return await self._build(server, ["add"], by, progress, files=received)
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
            name = await self._pseudonyms.given(int(by))

            def work(own: Path) -> None:
                promotion.promote_examined(own, generation, at=self._at(), by=name, anyway=anyway)

            await asyncio.to_thread(self._change, server, work, generation)
        await self._engine.renew(server=server)

    async def discard(self, server: int, generation: str) -> None:
        """Delete a build that is not promoted; raises LibraryError when it is live or gone.

        A generation that was live before stays for a rollback: only its exam record is deleted.
        """
        is_busy = await self.is_busy(server)

        def work(own: Path) -> None:
            if generation != live(own) and any(event.generation == generation for event in promotion.history(own)):
                records.drop_record(own, generation)
            else:
                promotion.discard(own, generation)
            if not is_busy:
                paths.give_back(own)

        with disk_errors_explained():
            await asyncio.to_thread(self._change, server, work)

    async def roll_back(self, server: int, by: str, generation: str | None = None) -> str:
        """Make an earlier generation live again and return its id; raises LibraryError when there is none."""
        with disk_errors_explained():
            own, name = self._own(server), await self._pseudonyms.given(int(by))

            def work() -> str:
                self._storage.pull(own)
                wanted = generation or promotion.before_live(own)
                return self._change(
                    server, lambda own: promotion.roll_back(own, wanted, at=self._at(), by=name), wanted
                )

            back = await asyncio.to_thread(work)
        await self._engine.renew(server=server)
        return back

    async def history(self, server: int) -> list[promotion.Event]:
        """List which generations were live when, oldest first; empty while the server reads the shared library.

        `by` is the id of a person, or "" when it is not known any more.
        """
        events = await asyncio.to_thread(lambda: promotion.history(self._pulled(server)))
        people = await self._pseudonyms.people({event.by for event in events})
        return [replace(event, by=_person(event.by, people)) for event in events]

    async def earlier(self, server: int) -> list[str]:
        """List the generations that can be made live again, newest first."""

        def work() -> list[str]:
            own = self._pulled(server)
            names = dict.fromkeys(event.generation for event in reversed(promotion.history(own)))
            return [name for name in names if name != live(own) and (own / FOLDER / name).is_dir()]

        return await asyncio.to_thread(work)

    async def has_own(self, server: int) -> bool:
        """Say whether a server has a library of its own."""
        return await asyncio.to_thread(lambda: live(self._pulled(server)) is not None)

    async def proposed(self, server: int, generation: str) -> Proposal | None:
        """Return the proposal of a build that can be promoted or discarded; None when it is gone.

        Raises LibraryError when the library has changed since it was built.
        """

        def work() -> Proposal | None:
            own = self._pulled(server)
            row = records.read_record(own, generation) if (own / FOLDER / generation).is_dir() else None
            if row is None:
                return None
            promotion.check_current(own, row)
            return Proposal.compared(own, row)

        return await asyncio.to_thread(work)

    async def waiting(self, server: int) -> Proposal | None:
        """Return the newest build that waits for a decision."""

        def work() -> Proposal | None:
            own = self._pulled(server)
            rows = [records.read_record(own, name) for name in promotion.waiting(own)[-1:]]
            return next((Proposal.compared(own, row) for row in rows if row is not None), None)

        return await asyncio.to_thread(work)

    def job(self, server: int) -> JobState | None:
        """Return the state of a server's build, queued or running; None when there is none."""
        return self._jobs.job(self._own(server))

    async def cancel(self, server: int, job: str | None = None) -> None:
        """Stop a server's build, or only the job with this id; raises WorkError when there is none."""
        if not await self._jobs.cancel(self._own(server), job):
            raise WorkError.nothing_to_cancel()

    async def is_busy(self, server: int) -> bool:
        """Say whether a build of a server's library is queued or running."""
        return await self._jobs.is_busy(self._own(server))

    async def mark_right(self, server: int, question: str, answers: Sequence[str]) -> bool:
        """Keep a question and its answers, all of them required, for every later exam; says whether it was new."""
        with disk_errors_explained():
            golden = Question(question, tuple(answers), every=len(answers) > 1)
            return bool(await asyncio.to_thread(self._change, server, lambda own: add_golden(own, [golden])))

    async def _check_room(self) -> None:
        """Raise WorkError when the libraries of all servers together have reached their limit on the disk."""
        if await asyncio.to_thread(servers_bytes, self._data) >= self._most_megabytes * 10**6:
            raise WorkError.no_room(self._most_megabytes)

    async def _build(
        self, server: int, arguments: Sequence[str], by: str, progress: Progress, *, files: Sequence[str] = ()
    ) -> Proposal:
        """Run `tutor index ARGUMENTS FILES` on a server's library, which is claimed."""
        await self._engine.texts()  # the shared library is built first when there is none
        command, *rest = arguments
        own, name = self._own(server), await self._pseudonyms.given(int(by))
        options = ["--server", str(server), "--hold", "--json", "--lines", "--by", name]
        await asyncio.to_thread(self._adopt, server, name)
        goes_on = False
        try:
            row = await self._jobs.work(own, ["index", command, *options, *rest], progress, files)
            return await asyncio.to_thread(lambda: Proposal.compared(self._pulled(server), row))
        except WorkError as error:
            goes_on = error.goes_on
            raise
        finally:
            if not goes_on:
                with suppress(StorageError):  # the next build gives it back
                    await asyncio.to_thread(self._change, server, paths.give_back)

    def _adopt(self, server: int, by: str) -> None:
        shared = self._storage.ready(None)
        self._pulled(server)
        self._change(server, lambda own: paths.adopt_into(own, shared, at=self._at(), by=by))

    def _change(self, server: int, work: Callable[[Path], ResultT], generation: str | None = None) -> ResultT:
        """Change a server's library; `generation` is one that `work` needs the files of."""
        own = self._own(server)
        if generation is not None:
            self._storage.fetch(self._pulled(server), generation)
        return self._storage.change(own, work)

    def _pulled(self, server: int) -> Path:
        own = self._own(server)
        self._storage.pull(own)
        return own

    def _own(self, server: int) -> Path:
        return paths.own_folder(self._data, server)

    def _at(self) -> str:
        return self._now().isoformat(timespec="microseconds")


def _person(by: str, people: Mapping[str, int]) -> str:
    """Return the id of the person recorded as `by`; older versions recorded the id itself."""
    return str(people[by]) if by in people else by if by.isdecimal() else ""
