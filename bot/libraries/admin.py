"""Changes servers' libraries: builds each change in the workshop and keeps it until it is promoted or discarded."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from bot.errors import WorkError
from bot.libraries import paths
from bot.libraries.proposals import Proposal
from bot.libraries.pseudonyms import Pseudonyms
from bot.libraries.uploads import MAX_UPLOAD_BYTES, Upload, receive
from index.errors import LibraryError, RoomError
from index.evaluation.golden import add_golden
from index.evaluation.metrics import Question
from index.generations import promotion, records
from index.generations.lock import building
from index.generations.manifest import FOLDER, live, manifests

if TYPE_CHECKING:
    from collections.abc import Iterator

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

    The libraries' files record the person's pseudonym instead.
    """

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        workshop: JobRunner,
        pseudonyms: Pseudonyms,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._data = settings.data
        self._most_megabytes = settings.servers_megabytes
        self._engine = engine
        self._workshop = workshop
        self._pseudonyms = pseudonyms
        self._now = now

    async def add(self, server: int, uploads: Sequence[Upload], by: str, progress: Progress) -> Proposal:
        """Build the library with these documents beside what it holds; raises WorkError or LibraryError."""
        for upload in uploads:
            if upload.size > MAX_UPLOAD_BYTES:
                raise WorkError.too_large(upload.name, MAX_UPLOAD_BYTES)
        own = paths.own_folder(self._data, server)
        inbox = own / _INBOX
        with disk_errors_explained(), self._workshop.claimed(own):
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
        with disk_errors_explained(), self._workshop.claimed(paths.own_folder(self._data, server)):
            return await self._build(server, ["remove", "--", *documents], by, progress)

    async def refresh(self, server: int, by: str, progress: Progress) -> Proposal:
        """Build the same documents anew; raises WorkError or LibraryError."""
        with disk_errors_explained(), self._workshop.claimed(paths.own_folder(self._data, server)):
            await self._check_room()
            return await self._build(server, ["refresh"], by, progress)

    async def promote(self, server: int, generation: str, by: str, *, anyway: bool = False) -> None:
        """Make a build live; raises LibraryError when it failed, is gone, or the library has changed since."""
        with disk_errors_explained():
            own, name = paths.own_folder(self._data, server), await self._pseudonyms.given(int(by))
            await asyncio.to_thread(
                lambda: promotion.promote_examined(own, generation, at=self._at(), by=name, anyway=anyway)
            )
        await self._engine.renew(server=server)

    async def discard(self, server: int, generation: str) -> None:
        """Drop a build that waits; raises LibraryError when it is live, or is gone.

        One that was live before stays, because a rollback may want it: only the record of its exam is deleted.
        """

        def work() -> None:
            own = paths.own_folder(self._data, server)
            if generation != live(own) and any(event.generation == generation for event in promotion.history(own)):
                records.drop_record(own, generation)
            else:
                promotion.discard(own, generation)
            if not self._workshop.is_busy(own):
                paths.give_back(self._data, server)

        with disk_errors_explained():
            await asyncio.to_thread(work)

    async def roll_back(self, server: int, by: str, generation: str | None = None) -> str:
        """Make an earlier generation live again; gives its id. Raises LibraryError when there is none."""
        with disk_errors_explained():
            own, name = paths.own_folder(self._data, server), await self._pseudonyms.given(int(by))
            back = await asyncio.to_thread(lambda: promotion.roll_back(own, generation, at=self._at(), by=name))
        await self._engine.renew(server=server)
        return back

    async def history(self, server: int) -> list[promotion.Event]:
        """List what was live when, the oldest first; nothing while the server reads the shared library.

        `by` is an id, or "" where nobody is named any more.
        """
        told = await asyncio.to_thread(promotion.history, paths.own_folder(self._data, server))
        people = await self._pseudonyms.people({event.by for event in told})
        return [replace(event, by=_person(event.by, people)) for event in told]

    async def earlier(self, server: int) -> list[str]:
        """Name the generations that can be made live again, the newest first."""

        def work() -> list[str]:
            own = paths.own_folder(self._data, server)
            names = dict.fromkeys(event.generation for event in reversed(promotion.history(own)))
            return [name for name in names if name != live(own) and (own / FOLDER / name).is_dir()]

        return await asyncio.to_thread(work)

    async def has_own(self, server: int) -> bool:
        """Say whether a server has a library of its own."""
        own = paths.own_folder(self._data, server)
        return await asyncio.to_thread(paths.folder_for, self._data, server) == own

    async def proposed(self, server: int, generation: str) -> Proposal | None:
        """Give what was written down of a build that can be decided about; None when it is gone.

        Raises LibraryError when the library has changed since it was built.
        """

        def work() -> Proposal | None:
            own = paths.own_folder(self._data, server)
            row = records.read_record(own, generation) if (own / FOLDER / generation).is_dir() else None
            if row is None:
                return None
            promotion.check_current(own, row)
            return _compared(own, row)

        return await asyncio.to_thread(work)

    async def waiting(self, server: int) -> Proposal | None:
        """Give the newest build that waits for a word."""

        def work() -> Proposal | None:
            own = paths.own_folder(self._data, server)
            rows = [records.read_record(own, name) for name in promotion.waiting(own)[-1:]]
            return next((_compared(own, row) for row in rows if row is not None), None)

        return await asyncio.to_thread(work)

    def job(self, server: int) -> JobState | None:
        """Say how the build for a server stands: in the queue or running; None when nothing is built."""
        return self._workshop.job(paths.own_folder(self._data, server))

    def cancel(self, server: int, job: str | None = None) -> None:
        """Stop what is being built for a server, or the job of this id; raises WorkError when there is none."""
        if not self._workshop.cancel(paths.own_folder(self._data, server), job):
            raise WorkError.nothing_to_cancel()

    def is_busy(self, server: int) -> bool:
        """Say whether something is being built for a server now."""
        return self._workshop.is_busy(paths.own_folder(self._data, server))

    async def mark_right(self, server: int, question: str, answers: Sequence[str]) -> bool:
        """Keep a question and the words that answer it, together, for every exam to come; says whether that was new."""
        with disk_errors_explained():
            own = paths.own_folder(self._data, server)
            golden = Question(question, tuple(answers), every=len(answers) > 1)
            return bool(await asyncio.to_thread(add_golden, own, [golden]))

    async def _check_room(self) -> None:
        """Raise WorkError when the libraries of all servers have used up what they may have together."""
        if await asyncio.to_thread(paths.servers_bytes, self._data) >= self._most_megabytes * 10**6:
            raise WorkError.no_room(self._most_megabytes)

    async def _build(self, server: int, arguments: Sequence[str], by: str, progress: Progress) -> Proposal:
        """Build in a library that was claimed."""
        await self._engine.texts()  # the shared library is built first when there is none
        command, *rest = arguments
        own, name = paths.own_folder(self._data, server), await self._pseudonyms.given(int(by))
        options = ["--server", str(server), "--hold", "--json", "--lines", "--by", name]
        await asyncio.to_thread(paths.adopt, self._data, server, at=self._at(), by=name)
        kept = await asyncio.to_thread(_generations, own)
        try:
            row = await self._workshop.work(own, ["index", command, *options, *rest], progress)
            return await asyncio.to_thread(_compared, own, row)
        except WorkError:
            await asyncio.to_thread(_clear, own, kept)
            raise
        finally:
            await asyncio.to_thread(paths.give_back, self._data, server)

    def _at(self) -> str:
        return self._now().isoformat(timespec="microseconds")


def _generations(own: Path) -> set[str]:
    return {manifest.generation for manifest in manifests(own)}


def _clear(own: Path, kept: set[str]) -> None:
    """Delete what a build that was killed has left: half a generation, or one whose result nobody has seen."""
    with suppress(LibraryError), building(own, wait_s=0):
        promotion.sweep(own)
        for generation in _generations(own) - kept:
            promotion.discard(own, generation)


def _compared(own: Path, row: Mapping[str, Any]) -> Proposal:
    """Read a proposal, and compare it with the calibration of the live generation."""
    now = live(own)
    earlier = records.read_record(own, now) if now is not None else None
    return Proposal.model_validate({**row, "before": (earlier or {}).get("calibration")})


def _person(by: str, people: Mapping[str, int]) -> str:
    """Give the id behind what a file says; older versions recorded the id itself."""
    return str(people[by]) if by in people else by if by.isdecimal() else ""


@contextmanager
def disk_errors_explained() -> Iterator[None]:
    """Raise RoomError, with a sentence for the person who asked for the change, in place of an OSError."""
    try:
        yield
    except OSError as error:
        raise RoomError(
            f"The library cannot be written ({error.strerror}). Whoever runs the tutor has to make room or mend its "
            "rights; what is in use is untouched."
        ) from error
