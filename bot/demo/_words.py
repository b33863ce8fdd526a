"""The words of the demo, read once: nothing a person reads there is written in code."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from prompts import read_data


class Person(BaseModel):
    """Somebody to look through; `manages` gives the permission Manage Server."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    label: str
    colour: str
    manages: bool = False


class DemoWords(BaseModel):
    """`prompts/demo.yaml`; `page` maps what the simulated page says to what we say instead."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    server: str
    channel: str
    topic: str
    bot: str
    people: tuple[Person, ...]
    bot_colour: str
    role: str
    private: str
    welcome: str
    announce: str
    busy: str
    page: Mapping[str, str]


def read_words() -> DemoWords:
    """Read and check the demo's words."""
    return DemoWords.model_validate(read_data("demo.yaml"))
