"""The settings, read once from the environment and `.env`, so that no other file looks at either."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import Fault, SettingsError

PREFIX = "TUTOR_"
DEFAULT_MODEL = "all-MiniLM-L6-v2"


class LogLevel(StrEnum):
    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class LogFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


class Settings(BaseSettings):
    """Frozen; `load_settings` is the way to get one with readable faults."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    data: Path = Field(Path("data"), description="folder that holds everything the program writes")
    discord_token: SecretStr | None = Field(None, description="token of the Discord bot")
    model: str = Field(DEFAULT_MODEL, min_length=1, description="embedding model: a hub name or a folder")
    aliases: Path | None = Field(None, description="file of words that mean the same")
    questions_per_minute: int = Field(12, ge=1, le=600, description="how many one person may ask")
    keep_generations: int = Field(5, ge=2, le=100, description="how many builds of a library are kept to go back to")
    exam_margin: float = Field(
        0.02, ge=0, le=1, description="by which share of its golden questions a new build may do worse"
    )
    log_level: LogLevel = Field(LogLevel.INFO, description="least severe log lines that are written")
    log_format: LogFormat = Field(LogFormat.TEXT, description="lines for people, or one JSON object a line")
    health_port: int | None = Field(None, ge=1, le=65535, description="port on loopback that says how the bot is")

    @field_validator("log_level", mode="before")
    @classmethod
    def _any_case(cls, value: object) -> object:
        return value.strip().upper() if isinstance(value, str) else value

    @field_validator("log_format", mode="before")
    @classmethod
    def _any_case_too(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("discord_token", mode="before")
    @classmethod
    def _without_spaces(cls, value: object) -> object:
        # A token pasted with a line break or a blank around it is the most common mistake with it.
        if isinstance(value, str):
            return value.strip() or None
        return value


def load_settings(**overrides: Any) -> Settings:
    """Read the settings, with these values before all others; raise SettingsError naming every fault."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsError([_fault(detail) for detail in error.errors(include_input=False)]) from None
    except (OSError, UnicodeError) as error:
        raise SettingsError([Fault(".env", str(error))]) from None


def _fault(detail: Any) -> Fault:
    return Fault(PREFIX + "_".join(str(part) for part in detail["loc"]).upper(), detail["msg"])
