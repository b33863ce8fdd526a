"""The errors of the bot, each with the sentence that the person reads.

BotError                     shown to people as it is
├── SettingsError            the settings cannot be used
├── TooManyError             a person or a server has used up a quota
├── BusyError                too many questions wait to take one more
├── LeavingError             the bot is stopping
├── OutdatedButton           a button names something that no longer exists
├── RemovedError             a button names a document that was removed from the library
├── DataError                the data folder cannot be used: its rights, or another bot lives in it
├── ClusterError             this process may not run the shards that its settings name
├── ForeignButton            a button or form belongs to another person, server or channel
├── UnknownButton            no class knows the id of a button or form
├── StoreError               the store's file cannot be used, or not now
├── ForgottenError           a person's data was deleted while something was done for them
├── ExportError              the data of a person cannot be exported now, or not through Discord
├── BackupError              a backup cannot be made or restored
├── MaintainerError          a person may not change a server's library, or not in this way
├── WorkError                a library cannot be built or changed
├── DraftError               a draft cannot be edited in this way
├── QuizError                a quiz action is not possible
└── LessonError              a lesson cannot begin or go on
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from prompts import words


class BotError(Exception):
    """Base of the errors whose text is meant for people."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One invalid setting, with its name in the environment."""

    name: str
    reason: str


class SettingsError(BotError):
    """The settings cannot be used; `faults` are all of them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(words("errors.settings", faults=self.faults))


class TooManyError(BotError):
    """A person or a server has used up a quota; `again_at` is when they can go on.

    `is_repetition`: they were told the same before and it is still true.
    """

    def __init__(self, sentence: str, again_at: datetime, *, is_repetition: bool = False) -> None:
        self.again_at = again_at
        self.is_repetition = is_repetition
        super().__init__(words(f"errors.too_many.{sentence}", when=f"<t:{int(again_at.timestamp())}:R>"))


class BusyError(BotError):
    """Too many questions wait; this one is refused."""

    def __init__(self) -> None:
        super().__init__(words("errors.busy"))


class LeavingError(BotError):
    """The bot is stopping and answers no more questions."""

    def __init__(self) -> None:
        super().__init__(words("errors.leaving"))


class OutdatedButton(BotError):
    """A button names something that no longer exists."""

    def __init__(self) -> None:
        super().__init__(words("errors.outdated_button"))


class RemovedError(BotError):
    """A button names a document that was removed from the library and whose text is not kept."""

    def __init__(self) -> None:
        super().__init__(words("errors.removed"))


class DataError(BotError):
    """The data folder cannot be used."""


class ClusterError(BotError):
    """This process may not run the shards that its settings name, or cannot find out whether it may."""

    @classmethod
    def other_layout(cls, own: tuple[int, int], running: tuple[int, int]) -> ClusterError:
        """Processes with other counts of shards and processes run."""
        counts = {"shards": own[0], "processes": own[1], "running_shards": running[0], "running_processes": running[1]}
        return cls(words("errors.cluster.other_layout", **counts))


class ForeignButton(BotError):
    """A button or form belongs to another `person`, or to another `place`: a server or channel."""

    def __init__(self, whose: Literal["person", "place"]) -> None:
        super().__init__(words(f"errors.foreign_button.{whose}"))


class UnknownButton(BotError):
    """No class handles this custom id: it is from another version of the bot, or forged."""

    def __init__(self) -> None:
        super().__init__(words("errors.unknown_button"))


class StoreTrouble(StrEnum):
    """Why the store cannot be used; each has a sentence in `errors.store` and `health.store`."""

    LOCKED = "locked"
    FULL = "full"
    READ_ONLY = "read_only"
    FAILING = "failing"
    DAMAGED = "damaged"


class StoreError(BotError):
    """The store's file cannot be used, or not now; `reason` is for the operator."""

    def __init__(self, sentence: str, trouble: StoreTrouble = StoreTrouble.FAILING, reason: str = "") -> None:
        self.trouble = trouble
        self.reason = reason or sentence
        super().__init__(sentence)

    @classmethod
    def because(cls, trouble: StoreTrouble, reason: str) -> StoreError:
        """Return the error with the sentence of this trouble."""
        return cls(words(f"errors.store.{trouble}"), trouble, reason)


class ForgottenError(BotError):
    """A person's data was deleted while this was under way; nothing was stored."""

    def __init__(self) -> None:
        super().__init__(words("errors.forgotten"))


class ExportError(BotError):
    """The data of a person cannot be exported now, or not through Discord."""

    @classmethod
    def busy(cls) -> ExportError:
        """An export of this person is being written."""
        return cls(words("privacy.export.busy"))

    @classmethod
    def too_large(cls, files: int, most_bytes: int) -> ExportError:
        """The export needs more files, of `most_bytes` each, than Discord accepts."""
        return cls(words("privacy.export.too_large", files=files, megabytes=most_bytes // 2**20))


class BackupError(BotError):
    """A backup cannot be made or restored; the data in use is unchanged."""


class MaintainerError(BotError):
    """A person may not change a server's library, or not in this way; `key` names the sentence in `errors.keeper`."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(words(f"errors.keeper.{key}"))


class WorkError(BotError):
    """A library cannot be built or changed: refused, busy, cancelled, too long, not begun, or failed.

    `goes_on`: a worker goes on with it, although nobody waits for the result here any more.
    """

    goes_on = False

    @classmethod
    def handed_over(cls) -> WorkError:
        """The bot stops while a worker builds."""
        error = cls(words("errors.work_handed_over"))
        error.goes_on = True
        return error

    @classmethod
    def no_queue(cls) -> WorkError:
        """The queue of builds cannot be reached."""
        return cls(words("errors.work_no_queue"))

    @classmethod
    def of_later_version(cls) -> WorkError:
        """A bot of a later version has asked for something that this worker does not know."""
        return cls(words("errors.work_of_later_version"))

    @classmethod
    def busy(cls) -> WorkError:
        """The library is being changed already."""
        return cls(words("errors.work_busy"))

    @classmethod
    def no_document(cls) -> WorkError:
        """The library has no such document."""
        return cls(words("errors.work_no_document"))

    @classmethod
    def left(cls) -> WorkError:
        """The bot stops before the work is done."""
        return cls(words("errors.work_left"))

    @classmethod
    def too_large(cls, name: str, most_bytes: int) -> WorkError:
        """A file has more than `most_bytes`."""
        return cls(words("errors.work_too_large", name=name[:100], megabytes=most_bytes // 2**20))

    @classmethod
    def cancelled(cls) -> WorkError:
        """A person cancelled the work."""
        return cls(words("errors.work_cancelled"))

    @classmethod
    def nothing_to_cancel(cls) -> WorkError:
        """There is no work to cancel."""
        return cls(words("errors.work_nothing"))

    @classmethod
    def too_long(cls, limit_s: float) -> WorkError:
        """The work took more than `limit_s` seconds."""
        return cls(words("errors.work_too_long", minutes=f"{limit_s / 60:g}"))

    @classmethod
    def no_room(cls, megabytes: int) -> WorkError:
        """The libraries of all servers together would have more than so many megabytes."""
        return cls(words("errors.work_no_room", megabytes=megabytes))

    @classmethod
    def broken(cls, error_id: str) -> WorkError:
        """The work failed; the log has the details under this id."""
        return cls(words("errors.work_broken", id=error_id))


class DraftError(BotError):
    """A draft cannot be edited in this way, for this reason."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(words("errors.draft", reason=reason))


class QuizError(BotError):
    """A quiz action is not possible; `key` names the sentence in `quiz.error`."""

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        super().__init__(words(f"quiz.error.{key}", **values))


class LessonError(BotError):
    """A lesson cannot begin or go on; `key` names the sentence in `lesson.error`."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(words(f"lesson.error.{key}"))
