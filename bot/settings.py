"""The settings, read once from the environment and `.env`, so that no other file looks at either."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import Field, HttpUrl, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import Fault, SettingsError
from index.models.registry import DEFAULT_MODEL, Backend
from prompts import words

PREFIX = "TUTOR_"


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
    discord_token_file: Path | None = Field(None, description="file that holds the token, when it is not set itself")
    discord_token: SecretStr | None = Field(None, validate_default=True, description="token of the Discord bot")
    discord_api: str | None = Field(
        None, pattern=r"^https?://[^\s/]+(/[^\s]*)?$", description="base address of the API, if not Discord's own"
    )
    model: str = Field(DEFAULT_MODEL, min_length=1, description="embedding model: a hub name or a folder")
    reranker: str | None = Field(None, min_length=1, description="cross-encoder: a hub name or a folder")
    backend: Backend = Field(Backend.AUTO, description="what the model runs on")
    aliases: Path | None = Field(None, description="file of words that mean the same")
    questions_per_minute: int = Field(12, ge=1, le=600, description="how many one person may ask")
    server_questions_per_minute: int = Field(300, ge=1, le=1_000_000, description="how many one server may ask")
    actions_per_minute: int = Field(
        90, ge=1, le=1_000_000, description="how many commands, presses and forms one person may send"
    )
    server_characters: int = Field(2_000_000, ge=1, description="how many characters a server's own library may hold")
    build_minutes: float = Field(9, gt=0, le=1440, description="how long one change of a server's library may take")
    servers_megabytes: int = Field(
        10_000, ge=1, description="how many megabytes on the disk the libraries of all servers may take together"
    )
    server_grace_days: int = Field(
        30,
        ge=1,
        le=3650,
        description="how many days what belongs to a server is kept after the bot was removed from it",
    )
    remember_minutes: int = Field(
        15, ge=0, le=1440, description="how long a question is remembered, in memory, to understand a follow-up"
    )
    privacy_policy: HttpUrl | None = Field(None, description="where your privacy policy can be read")
    keep_generations: int = Field(5, ge=2, le=100, description="how many builds of a library are kept to go back to")
    exam_margin: float = Field(
        0.05, ge=0, le=1, description="by which share of its golden questions a new build may do worse"
    )
    log_level: LogLevel = Field(LogLevel.INFO, description="least severe log lines that are written")
    log_format: LogFormat = Field(LogFormat.TEXT, description="lines for people, or one JSON object a line")
    health_port: int | None = Field(None, ge=1, le=65535, description="port on loopback that says how the bot is")

    @field_validator("log_level", mode="before")
    @classmethod
    def _any_case(cls, value: object) -> object:
        return value.strip().upper() if isinstance(value, str) else value

    @field_validator("discord_api", mode="after")
    @classmethod
    def _without_slash(cls, value: str | None) -> str | None:
        return value.rstrip("/") if value is not None else None

    @field_validator("log_format", "backend", mode="before")
    @classmethod
    def _any_case_too(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("discord_token", mode="before")
    @classmethod
    def _token(cls, value: object, info: ValidationInfo) -> object:
        # A token pasted with a line break or a blank around it is the most common mistake with it.
        if isinstance(value, str):
            value = value.strip() or None
        file = info.data.get("discord_token_file")
        if value is None and file is not None:
            return _read_token(file)
        return value


def _read_token(file: Path) -> str:
    """Read a secret as Docker and systemd hand it over; the fault names the file and nothing that is in it."""
    try:
        if token := file.read_text(encoding="utf-8").strip():
            return token
        reason = words("errors.token_file.empty")
    except UnicodeDecodeError:
        reason = words("errors.token_file.no_text")
    except OSError as error:
        reason = error.strerror or type(error).__name__
    sentence = words("errors.token_file.unreadable", path=file, reason=reason)
    raise PydanticCustomError("token_file", "{sentence}", {"sentence": sentence})


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
