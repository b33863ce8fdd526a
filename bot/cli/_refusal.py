"""How a command ends when it cannot do what it was asked."""

from __future__ import annotations


class Refusal(Exception):
    """Ends a command with one sentence on stderr and exit code 1."""
