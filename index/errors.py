"""Errors of the library. Each message is one sentence for people that says what to do.

LibraryError                 shown to people as it is
├── SourceError              a document cannot be read, or a folder holds none
│   ├── ReaderError          a document's reader hangs, crashes or needs too much memory
│   └── LengthError          a document's text is longer than it may be
├── BudgetError              the documents of one change are more than the library may take
├── GenerationError          the index on disk is missing, half-written, foreign or altered
├── LibraryLockedError       another process or person is changing the library
├── RoomError                the disk of the library is full, read-only or broken
├── StorageError             the storage of the libraries cannot be used, or holds something else
├── ExamError                a new generation must not go live
└── ModelError               the embedding model is missing, altered or not the one the index was made with
"""

from __future__ import annotations


class LibraryError(Exception):
    """Base of the errors whose text is meant for people: one sentence that says what to do."""


class SourceError(LibraryError):
    """A document cannot be read, or a folder holds no document."""


class ReaderError(SourceError):
    """A document's reader hangs, crashes or needs too much memory."""


class LengthError(SourceError):
    """A document's text is longer than it may be."""


class BudgetError(LibraryError):
    """The documents of one change are more than the library may take; the whole change is refused."""


class GenerationError(LibraryError):
    """The index on disk is missing, half-written, foreign or altered."""


class LibraryLockedError(LibraryError):
    """Another process or person is changing the library."""


class RoomError(LibraryError):
    """The disk of the library is full, read-only or broken."""


class StorageError(LibraryError):
    """The storage of the libraries cannot be used, or holds something else; `passes`: it may work again by itself."""

    def __init__(self, sentence: str, *, passes: bool = False) -> None:
        self.passes = passes
        super().__init__(sentence)


class ExamError(LibraryError):
    """A new generation failed its exam, or the library has changed since."""


class ModelError(LibraryError):
    """The embedding model is missing, altered or not the one the index was made with."""
