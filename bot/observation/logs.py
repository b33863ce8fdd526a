"""How log lines look: for people or as JSON, and in either with everything blacked out that may be a token."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime

from bot.settings import LogFormat, Settings

_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_HIDDEN = "[hidden]"
_SECRETS = re.compile(
    r"[\w-]{23,}\.[\w-]{4,}\.[\w-]{20,}"  # a bot's token
    r"|(?<=/interactions/)(\d+)/[^/\s\"']+"  # an address with a token in it
    r"|(?<=/webhooks/)(\d+)/[^/\s\"'?]+"
)
# Discord's library and the store's tell everything that passes through them: whose it is, and what they wrote.
_PRIVATE = ("discord", "aiosqlite", "sqlalchemy")
_CHATTY = (*_PRIVATE, "httpx", "sentence_transformers", "aiohttp.access", "alembic", "faiss.loader", "bm25s")


class TextFormatter(logging.Formatter):
    """One line for people, and the traceback below it."""

    def __init__(self, token: str = "") -> None:
        """Take the token in use, which is hidden whatever it looks like."""
        super().__init__(_TEXT)
        self._token = token

    def format(self, record: logging.LogRecord) -> str:
        return hidden(super().format(record), self._token)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message; error_id and exception where there are any."""

    def __init__(self, token: str = "") -> None:
        """Take the token in use, which is hidden whatever it looks like."""
        super().__init__()
        self._token = token

    def format(self, record: logging.LogRecord) -> str:
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


def hidden(line: str, token: str = "") -> str:
    """Black out tokens: the last line of defence, for no line of ours should hold one."""
    if token:
        line = line.replace(token, _HIDDEN)
    return _SECRETS.sub(lambda found: f"{found[1] or found[2]}/{_HIDDEN}" if found[1] or found[2] else _HIDDEN, line)


def set_up(settings: Settings) -> None:
    """Have everything logged to stderr as the settings say, unless somebody has set logging up before."""
    root = logging.getLogger()
    level = settings.log_level.value
    if not root.handlers:
        token = settings.discord_token.get_secret_value() if settings.discord_token is not None else ""
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter((JsonFormatter if settings.log_format is LogFormat.JSON else TextFormatter)(token))
        root.addHandler(handler)
        root.setLevel(level)
    # Some libraries lower their own loggers' level when they are imported, so the handler keeps the level too.
    root.handlers[0].setLevel(level)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
