"""The settings; the only module that reads the environment and `.env`."""

from __future__ import annotations

import re
import socket
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
_POSTGRESQL = ("postgresql://", "postgres://", "postgresql+psycopg://")


class LogLevel(StrEnum):
    """The least severe level that is logged."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class LogFormat(StrEnum):
    """Lines for people, or one JSON object a line."""

    TEXT = "text"
    JSON = "json"


class Settings(BaseSettings):
    """All settings, frozen; `load_settings` reads them with sentences for people about what is wrong."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    data: Path = Field(
        Path("data"), description="Folder for everything the program writes: the libraries' generations and the store."
    )
    database: SecretStr | None = Field(
        None,
        description="Address of a PostgreSQL database for the store, `postgresql://USER:PASSWORD@HOST/DATABASE`, which "
        "several processes may share; needs the extra `cluster`. Empty: the SQLite file `store.sqlite3` in the data "
        "folder, for one process.",
    )
    discord_token_file: Path | None = Field(
        None,
        description="File that contains the bot's token and nothing else: a Docker secret or a systemd credential. "
        "`TUTOR_DISCORD_TOKEN` takes precedence.",
    )
    discord_token: SecretStr | None = Field(
        None,
        validate_default=True,
        description="The bot's token, from Discord's developer portal (Bot, Reset Token). "
        "Without a token, `tutor` starts the demo.",
    )
    shards: int | None = Field(
        None,
        ge=1,
        le=65_535,
        description="Shards of Discord's gateway, over all processes. Empty: as many as Discord advises.",
    )
    processes: int = Field(
        1, ge=1, le=32_767, description="Processes that share the shards. More than one need `TUTOR_DATABASE`."
    )
    ordinal: int | None = Field(
        None,
        validate_default=True,
        description="Number of this process, from 0, or a name that ends in it, such as `tutor-2`. "
        "Empty: from the host's name, as a StatefulSet gives it. Process 0 registers the commands.",
    )
    bucket: str | None = Field(
        None,
        pattern=r"^s3://[^\s/]+(/[^\s]*)?$",
        description="Bucket that holds the libraries, as `s3://BUCKET/PREFIX`, for several processes; the data folder "
        "is then a cache of it. Keys and region: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, or what "
        "the machine is given. Empty: the data folder.",
    )
    bucket_endpoint: str | None = Field(
        None,
        pattern=r"^https?://[^\s]+$",
        description="Address of an S3 server that is not Amazon's, such as `http://127.0.0.1:8333`.",
    )
    cache_megabytes: int = Field(
        5_000,
        ge=1,
        description="Most megabytes on disk for generations that were fetched from the bucket; those used longest ago "
        "are deleted here first, never one that is open.",
    )
    open_megabytes: int = Field(
        2_000,
        ge=1,
        description="Most megabytes of libraries that stay open, counted by the size of their files; those asked "
        "longest ago are closed first, never the shared one.",
    )
    discord_api: str | None = Field(
        None,
        pattern=r"^https?://[^\s/]+(/[^\s]*)?$",
        description="Base address of the Discord API, for a proxy or a test server, "
        "such as `http://127.0.0.1:8080/api/v10`. Empty: Discord's own.",
    )
    model: str = Field(
        DEFAULT_MODEL,
        min_length=1,
        description="Embedding model: `all-MiniLM-L6-v2` (installed with the program), a folder, or a name on the "
        "Hugging Face hub. After a change run `tutor index refresh`: an index works only with the model that made it.",
    )
    vector_search: str | None = Field(
        None,
        pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$",
        description="Python function that opens the vectors of a library, as `MODULE:FUNCTION`: a search by a vector "
        "database. Empty: FAISS in the process, which needs no server; see `docs/scaling.md`.",
    )
    reranker: str | None = Field(
        None,
        min_length=1,
        description="Cross-encoder that scores the 20 best sentences again: a folder or a name on the hub. "
        "Empty: none. An answer then takes about twenty times as long.",
    )
    backend: Backend = Field(
        Backend.AUTO,
        description="Runtime of the model. `auto` uses OpenVINO where it is installed and gives the same vectors, "
        "else PyTorch. OpenVINO is the extra `fast`.",
    )
    aliases: Path | None = Field(
        None,
        description="YAML file of words that mean the same, as `canonical: [variant, ...]`. "
        "Empty: the file for the essay that ships.",
    )
    questions_per_minute: int = Field(12, ge=1, le=600, description="Questions that one person may ask in a minute.")
    server_questions_per_minute: int = Field(
        300, ge=1, le=1_000_000, description="Questions that all people of one server together may ask in a minute."
    )
    actions_per_minute: int = Field(
        90, ge=1, le=1_000_000, description="Commands, button presses and forms that one person may send in a minute."
    )
    server_characters: int = Field(
        2_000_000,
        ge=1,
        description="Most characters in a server's own library (2,000,000 are about a thousand pages). "
        "The shared library has no limit.",
    )
    build_minutes: float = Field(
        9,
        gt=0,
        le=1440,
        description="Most minutes that one change of a server's library may take. "
        "What was encoded until then is kept for the next attempt.",
    )
    servers_megabytes: int = Field(
        10_000,
        ge=1,
        description="Most megabytes on disk for the libraries of all servers together, with the generations kept.",
    )
    server_grace_days: int = Field(
        30,
        ge=1,
        le=3650,
        description="Days after which a server's data (library, settings, drafts, rounds) is deleted when the bot was "
        "removed from the server.",
    )
    remember_minutes: int = Field(
        15,
        ge=0,
        le=1440,
        description="Minutes that a question is kept, in memory only, to understand a follow-up. 0: not kept.",
    )
    privacy_policy: HttpUrl | None = Field(
        None,
        description="Address of your privacy policy, for a button under `/privacy about`. "
        "`docs/privacy.md` is a policy that you can publish.",
    )
    keep_generations: int = Field(
        5, ge=2, le=100, description="Generations of a library that are kept to go back to, with the live one."
    )
    exam_margin: float = Field(
        0.05,
        ge=0,
        le=1,
        description="Share of its golden questions that a new generation may answer worse than the live one "
        "before it is held back.",
    )
    log_level: LogLevel = Field(
        LogLevel.INFO, description="Least severe log lines to write. No level logs what people write."
    )
    log_format: LogFormat = Field(
        LogFormat.TEXT,
        description="`text`: lines for people. `json`: one JSON object a line, with time, level, logger, message, "
        "error_id, exception.",
    )
    health_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="Port for `/healthz`, `/readyz` and `/metrics`, such as 9464. Empty: none.",
    )
    health_host: str = Field(
        "127.0.0.1",
        min_length=1,
        description="Address of the health port. At `0.0.0.0` other machines reach it: only in a network that keeps "
        "people out, because the port asks for no password.",
    )

    @property
    def database_address(self) -> str | None:
        """The address of the PostgreSQL database, with its password; None for SQLite."""
        return self.database.get_secret_value() if self.database is not None else None

    @field_validator("database", mode="before")
    @classmethod
    def _postgresql(cls, value: object) -> object:
        address = value.get_secret_value() if isinstance(value, SecretStr) else value
        if isinstance(address, str) and not address.strip().startswith(_POSTGRESQL):
            raise _wrong(words("errors.database.setting"))
        return address.strip() if isinstance(address, str) else value

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

    @field_validator("processes")
    @classmethod
    def _processes(cls, value: int, info: ValidationInfo) -> int:
        shards = info.data.get("shards")
        if value > 1:
            if shards is None:
                raise _wrong(words("errors.shards.no_count"))
            if value > shards:
                raise _wrong(words("errors.shards.too_few", processes=value, shards=shards))
            if info.data.get("database") is None:
                raise _wrong(words("errors.shards.no_server"))
        return value

    @field_validator("ordinal", mode="before")
    @classmethod
    def _ordinal(cls, value: object, info: ValidationInfo) -> object:
        processes = info.data.get("processes")
        if processes is None or (value is None and processes == 1):
            return None
        name = str(value if value is not None else socket.gethostname()).strip()
        found = re.fullmatch(r"(?:.+-)?(\d{1,9})", name)
        if found is None:
            raise _wrong(words("errors.shards.no_ordinal", name=name, last=processes - 1))
        ordinal = int(found[1])
        if ordinal >= processes:
            raise _wrong(words("errors.shards.no_process", ordinal=ordinal, processes=processes, last=processes - 1))
        return ordinal

    @field_validator("discord_token", mode="before")
    @classmethod
    def _token(cls, value: object, info: ValidationInfo) -> object:
        # Tokens are often pasted with white space around them.
        if isinstance(value, str):
            value = value.strip() or None
        file = info.data.get("discord_token_file")
        if value is None and file is not None:
            return _read_token(file)
        return value


def _read_token(file: Path) -> str:
    """Return the token in a file; the error names the file, not its contents."""
    try:
        if token := file.read_text(encoding="utf-8").strip():
            return token
        reason = words("errors.token_file.empty")
    except UnicodeDecodeError:
        reason = words("errors.token_file.no_text")
    except OSError as error:
        reason = error.strerror or type(error).__name__
    raise _wrong(words("errors.token_file.unreadable", path=file, reason=reason))


def _wrong(sentence: str) -> PydanticCustomError:
    return PydanticCustomError("setting", "{sentence}", {"sentence": sentence})


def load_settings(**overrides: Any) -> Settings:
    """Return the settings, `overrides` first; raises SettingsError with every fault."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsError([_fault(detail) for detail in error.errors(include_input=False)]) from None
    except (OSError, UnicodeError) as error:
        raise SettingsError([Fault(".env", str(error))]) from None


def _fault(detail: Any) -> Fault:
    return Fault(PREFIX + "_".join(str(part) for part in detail["loc"]).upper(), detail["msg"])
