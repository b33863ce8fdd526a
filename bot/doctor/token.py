"""Checks the form of the token without showing it, and makes the invite link from the application's id in it."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from bot.doctor.finding import Finding
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.settings import Settings

_TOKEN = re.compile(r"([\w-]{20,})\.[\w-]{4,}\.[\w-]{20,}", re.ASCII)
_ID = re.compile(r"[0-9]{15,20}", re.ASCII)


def look(settings: Settings) -> Iterator[Finding]:
    """Check whether a well-formed token is set; name the intents and the invite link."""
    secret = settings.discord_token
    if secret is None:
        yield Finding("token", None, words("doctor.token.missing"))
    else:
        looks_right = _TOKEN.fullmatch(secret.get_secret_value()) is not None
        yield Finding("token", looks_right, words("doctor.token.fine" if looks_right else "doctor.token.malformed"))
    yield Finding("intents", True, words("doctor.intents.fine"))
    application = None if secret is None else application_id(secret.get_secret_value())
    if application is not None:
        from bot.ui.invite import invite

        yield Finding("invite", True, invite(application))


def application_id(token: str) -> int | None:
    """Decode the application's id, which is not secret, from the first part of a token; None when there is none."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    front = found[1]
    try:
        said = base64.urlsafe_b64decode(front + "=" * (-len(front) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return int(said) if _ID.fullmatch(said) else None
