"""Formats log lines as text or JSON, without tokens and without what people wrote, at every level."""

from __future__ import annotations

import json
import logging
import re
import sqlite3
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType

from bot.settings import LogFormat, Settings

_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_HIDDEN = "[hidden]"
# Linear in the length of the line: a run of token characters is tried from its start only, and never given back.
_SECRETS = re.compile(
    r"(?<![\w-])[\w-]{23,}+\.[\w-]{4,}+\.[\w-]{20,}+"  # a bot's token
    r"|(?<=/interactions/)(\d++)/[^/\s\"']++"  # an address with a token in it
    r"|(?<=/webhooks/)(\d++)/[^/\s\"'?]++"
)
_OURS = ("bot", "index")
# Messages of these exceptions name types, attributes or columns. Others may repeat a value that somebody wrote.
_VALUE_FREE = (
    AttributeError, ImportError, IndexError, MemoryError, NameError, NotImplementedError, RecursionError, TypeError,
    sqlite3.Error,
)  # fmt: skip

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class _Formatter(logging.Formatter):
    """Base of both formats: hides the token in use and the values in exceptions."""

    def __init__(self, token: str = "") -> None:
        """Take the token in use, which is hidden whatever its form."""
        super().__init__(_TEXT)
        self._token = token

    def formatException(self, ei: _ExcInfo) -> str:
        """Format an exception with its causes, and messages only where they hold no values."""
        return "" if ei[1] is None else "".join(_traceback(ei[1], set())).rstrip()


class TextFormatter(_Formatter):
    """One line for people, and the traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line, without the token."""
        record.exc_text = None  # may have been set by another handler's formatter
        return hidden(super().format(record), self._token)


class JsonFormatter(_Formatter):
    """One JSON object a line: time (UTC), level, logger, message; error_id and exception where there are any."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a JSON object in one line, without the token."""
        row = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (error_id := getattr(record, "error_id", None)) is not None:
            row["error_id"] = error_id
        if record.exc_info:
            row["exception"] = self.formatException(record.exc_info)
        shown = {name: hidden(str(value), self._token) for name, value in row.items()}
        return json.dumps(shown, ensure_ascii=False)


def _traceback(error: BaseException, seen: set[int]) -> Iterator[str]:
    """Format an exception and its causes; source lines and types as Python does, messages only when value-free."""
    seen.add(id(error))
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and id(cause) not in seen:
        yield from _traceback(cause, seen)
        yield "\nThen, because of it or while it was handled:\n\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    said = _message(error)
    yield f"{type(error).__qualname__}{': ' if said else ''}{said}\n"
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield "\nIn this group:\n\n"
            yield from _traceback(each, seen)


def _message(error: BaseException) -> str:
    if isinstance(error, OSError):
        return error.strerror or ""  # without the names of files
    if isinstance(status := getattr(error, "status", None), int):  # of HTTP, beside Discord's own code
        return f"{status} (code {vars(error).get('code')})"
    return str(error) if isinstance(error, _VALUE_FREE) else ""


def hidden(line: str, token: str = "") -> str:
    """Replace tokens in a line by `[hidden]`; a safeguard, since no line should hold one."""
    if token:
        line = line.replace(token, _HIDDEN)
    return _SECRETS.sub(lambda found: f"{found[1] or found[2]}/{_HIDDEN}" if found[1] or found[2] else _HIDDEN, line)


def _may_be_logged(record: logging.LogRecord) -> bool:
    """Pass the lines of this program, and warnings of libraries.

    At lower levels discord.py logs whole events, the store's driver every value, and readers parts of documents.
    """
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] in _OURS


def _without_objects(record: logging.LogRecord) -> bool:
    """Cut asyncio's message about an exception that was never retrieved: after its first line it prints objects."""
    if record.name == "asyncio":
        record.msg, record.args = record.getMessage().partition("\n")[0], ()
    return True


def set_up(settings: Settings) -> None:
    """Log to stderr as the settings say, unless the root logger has a handler already."""
    root = logging.getLogger()
    level = logging.getLevelNamesMapping()[settings.log_level.value]
    if not root.handlers:
        token = settings.discord_token.get_secret_value() if settings.discord_token is not None else ""
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter((JsonFormatter if settings.log_format is LogFormat.JSON else TextFormatter)(token))
        # At the handler, because some libraries set the level of their loggers when they are imported.
        handler.addFilter(_may_be_logged)
        handler.addFilter(_without_objects)
        root.addHandler(handler)
    root.handlers[0].setLevel(level)
    root.setLevel(max(logging.WARNING, level))
    for ours in _OURS:
        logging.getLogger(ours).setLevel(level)
