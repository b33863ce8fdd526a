"""What the Discord side refuses, each with the sentence the person reads.

BotError                     shown to people as it is
├── SettingsError            the settings cannot be used
├── TooManyError             a person or a server has used up what it may have within a minute
├── BusyError                too many questions wait to take one more
├── LeavingError             the bot is being ended
├── OutdatedButton           a button points at something that is no longer there
├── RemovedError             a button points at a document that was removed from the library
├── DataError                the data folder cannot be used: its rights, or another bot lives in it
├── ForeignButton            a button or form belongs to another person, server or channel
├── UnknownButton            no class knows the id of a button or form
├── StoreError               the store's file cannot be used, or not now
├── ExportError              what is kept about a person cannot be exported now, or not through Discord
├── BackupError              a backup cannot be made, or not be restored
├── MaintainerError              somebody who may not change a server's library wants to
├── WorkError                work on a library cannot be done
├── DraftError               a draft cannot become what somebody wrote
└── QuizError                a quiz cannot do what was asked of it
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
    """One setting that cannot be used, under the name it has in the environment."""

    name: str
    reason: str


class SettingsError(BotError):
    """The settings cannot be used; carries every fault, not the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(words("errors.settings", faults=self.faults))


class TooManyError(BotError):
    """A person or a server has used up what it may have within a minute; `again_at` is when there is more.

    `is_repetition`: the same was said before, and its time is not over.
    """

    def __init__(self, sentence: str, again_at: datetime, *, is_repetition: bool = False) -> None:
        self.again_at = again_at
        self.is_repetition = is_repetition
        super().__init__(words(f"errors.too_many.{sentence}", when=f"<t:{int(again_at.timestamp())}:R>"))


class BusyError(BotError):
    """Too many questions wait to take one more."""

    def __init__(self) -> None:
        super().__init__(words("errors.busy"))


class LeavingError(BotError):
    """The bot is being ended and answers nothing more."""

    def __init__(self) -> None:
        super().__init__(words("errors.leaving"))


class OutdatedButton(BotError):
    """A button points at something that is no longer there."""

    def __init__(self) -> None:
        super().__init__(words("errors.outdated_button"))


class RemovedError(BotError):
    """A button points at a document that was removed from the library, and whose text is not kept either."""

    def __init__(self) -> None:
        super().__init__(words("errors.removed"))


class DataError(BotError):
    """The data folder cannot be used."""


class ForeignButton(BotError):
    """A button or form belongs to another `person`, or to another `place`: a server or channel."""

    def __init__(self, whose: Literal["person", "place"]) -> None:
        super().__init__(words(f"errors.foreign_button.{whose}"))


class UnknownButton(BotError):
    """No class knows the id of a button or form: it is of another version of the bot, or forged."""

    def __init__(self) -> None:
        super().__init__(words("errors.unknown_button"))


class StoreTrouble(StrEnum):
    """Why the store cannot be used; the names of sentences in `errors.store` and `health.store`."""

    LOCKED = "locked"
    FULL = "full"
    READ_ONLY = "read_only"
    FAILING = "failing"
    DAMAGED = "damaged"


class StoreError(BotError):
    """The store's file cannot be used, or not now; `reason` is for whoever runs the bot."""

    def __init__(self, sentence: str, trouble: StoreTrouble = StoreTrouble.FAILING, reason: str = "") -> None:
        self.trouble = trouble
        self.reason = reason or sentence
        super().__init__(sentence)

    @classmethod
    def because(cls, trouble: StoreTrouble, reason: str) -> StoreError:
        return cls(words(f"errors.store.{trouble}"), trouble, reason)


class ExportError(BotError):
    """What is kept about a person cannot be exported now, or not through Discord."""

    @classmethod
    def busy(cls) -> ExportError:
        return cls(words("privacy.export.busy"))

    @classmethod
    def too_large(cls, files: int, most_bytes: int) -> ExportError:
        return cls(words("privacy.export.too_large", files=files, megabytes=most_bytes // 2**20))


class BackupError(BotError):
    """A backup cannot be made, or not be restored; what is in use is untouched."""


class MaintainerError(BotError):
    """Somebody who may not change a server's library wants to; `key` names the sentence in `errors.keeper`."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(words(f"errors.keeper.{key}"))


class WorkError(BotError):
    """Work on a library cannot be done: refused, busy, cancelled, too long, left undone, or broken."""

    @classmethod
    def busy(cls) -> WorkError:
        return cls(words("errors.work_busy"))

    @classmethod
    def no_document(cls) -> WorkError:
        return cls(words("errors.work_no_document"))

    @classmethod
    def left(cls) -> WorkError:
        return cls(words("errors.work_left"))

    @classmethod
    def too_large(cls, name: str, most_bytes: int) -> WorkError:
        return cls(words("errors.work_too_large", name=name[:100], megabytes=most_bytes // 2**20))

    @classmethod
    def cancelled(cls) -> WorkError:
        return cls(words("errors.work_cancelled"))

    @classmethod
    def nothing_to_cancel(cls) -> WorkError:
        return cls(words("errors.work_nothing"))

    @classmethod
    def too_long(cls, limit_s: float) -> WorkError:
        return cls(words("errors.work_too_long", minutes=f"{limit_s / 60:g}"))

    @classmethod
    def no_room(cls, megabytes: int) -> WorkError:
        return cls(words("errors.work_no_room", megabytes=megabytes))

    @classmethod
    def broken(cls, error_id: str) -> WorkError:
        return cls(words("errors.work_broken", id=error_id))


class DraftError(BotError):
    """A draft cannot become what somebody wrote; `reason` says what does not fit."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(words("errors.draft", reason=reason))


class QuizError(BotError):
    """A quiz cannot do what was asked of it; `key` names the sentence, as in `quiz.error.foreign`."""

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        super().__init__(words(f"quiz.error.{key}", **values))
