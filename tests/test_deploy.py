"""The files of deploy/ are valid for what reads them, and keep what docs/operators.md promises."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from bot.cli import app
from bot.settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
FILES = ("Dockerfile", "compose.yaml", "tutor.service", "tutor.env.example")
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def instructions() -> Iterator[tuple[str, str]]:
    """Give the Dockerfile's instructions with their arguments, lines that go on put together."""
    lines = [line for line in (DEPLOY / "Dockerfile").read_text().splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        if line.strip():
            name, _, rest = line.partition(" ")
            yield name, rest


def stages() -> list[list[tuple[str, str]]]:
    """Give the instructions of each stage; what stands before the first is stage 0."""
    found: list[list[tuple[str, str]]] = [[]]
    for name, rest in instructions():
        if name == "FROM":
            found.append([])
        found[-1].append((name, rest))
    return found


def only(stage: list[tuple[str, str]], name: str) -> str:
    [rest] = [rest for each, rest in stage if each == name]
    return rest


def service() -> dict[str, Any]:
    content = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    assert isinstance(content["services"]["tutor"], dict)
    return dict(content["services"]["tutor"])


def unit() -> dict[str, list[str]]:
    """Give what the unit says under [Service], in order; one key may stand there more than once."""
    said: dict[str, list[str]] = {}
    section = ""
    for line in (DEPLOY / "tutor.service").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line
        elif section == "[Service]" and line and not line.startswith("#"):
            key, _, value = line.partition("=")
            said.setdefault(key, []).append(value)
    return said


def is_command(words: list[str]) -> bool:
    """Say whether `tutor WORDS` names a command, with options that it has."""
    command = get_command(app).commands[words[0]]  # type: ignore[attr-defined]
    options = {option for parameter in command.params for option in parameter.opts}
    return all(word in options for word in words[1:])


class TestDockerfile:
    def test_both_stages_stand_on_one_pinned_image(self) -> None:
        """A slim Python that the project supports, or what BASE names; nothing is fetched from anywhere by address."""
        before, *built = stages()
        base = re.fullmatch(r"BASE=python:(3)\.(\d+)-slim-\w+", only(before, "ARG"))
        assert base
        assert tuple(map(int, base.groups())) >= (3, 11)
        assert [only(stage, "FROM") for stage in built] == ["${BASE} AS build", "${BASE}"]
        text = "\n".join(rest for _, rest in instructions())
        assert "latest" not in text
        assert not re.search(r"https?://|\bcurl\b|\bwget\b", text)
        assert not [name for name, _ in instructions() if name == "ADD"]

    def test_it_runs_as_nobody_in_particular(self) -> None:
        """A numbered user without rights, whose only place to write is the volume."""
        last = stages()[-1]
        user, group = only(last, "USER").split(":")
        assert int(user) >= 1000
        assert int(group) >= 1000
        assert only(last, "VOLUME") == "/data"
        names = [name for name, _ in last]
        assert names.index("USER") > max(n for n, name in enumerate(names) if name in ("RUN", "COPY"))
        environment = dict(word.split("=", 1) for word in shlex.split(only(last, "ENV")))
        assert environment["TUTOR_DATA"] == "/data"
        assert environment["MPLCONFIGDIR"].startswith("/tmp/")

    def test_what_it_starts_exists(self) -> None:
        """Command and health check are commands of this program, and it is stopped as by Ctrl-C."""
        last = stages()[-1]
        assert json.loads(only(last, "ENTRYPOINT")) == ["tutor"]
        assert is_command(json.loads(only(last, "CMD")))
        check = json.loads(only(last, "HEALTHCHECK").partition(" CMD ")[2])
        assert check[0] == "tutor"
        assert is_command(check[1:])
        assert only(last, "STOPSIGNAL") == "SIGINT"

    def test_every_package_is_locked(self) -> None:
        """Packages come from the image's lock, by the same program that `make` runs; pip adds the project alone."""
        commands = [part.strip() for name, rest in stages()[1] if name == "RUN" for part in rest.split("&&")]
        assert "python deploy/install /opt/tutor image" in commands
        [project] = [command for command in commands if " install " in command]
        assert {"--no-deps", "--no-build-isolation"} < set(project.split())
        assert project.endswith(" .")

    def test_nothing_gets_in_that_is_not_named(self) -> None:
        """What is copied is there and let through; a token beside the project is not."""
        first, *rules = [
            line
            for line in (ROOT / ".dockerignore").read_text().splitlines()
            if line.strip() and not line.startswith("#")
        ]
        assert first == "*"
        let_in = [rule[1:] for rule in rules if rule.startswith("!")]
        copied = {
            word
            for name, rest in instructions()
            if name == "COPY" and not rest.startswith("--from")
            for word in rest.split()[:-1]
        }
        assert copied == {*let_in}
        assert all((ROOT / name).exists() for name in copied)
        for secret in (".env", "deploy/tutor.env", "data", ".git", "tests", ".venv"):
            assert not any(fnmatch(secret, rule) for rule in let_in)


class TestCompose:
    def test_it_can_write_nowhere_but_in_its_volume(self) -> None:
        """Read-only root, a small /tmp without programs, one volume where the data is; no port, nothing of the host."""
        said = service()
        assert said["read_only"] is True
        assert [each.split(":")[0] for each in said["tmpfs"]] == ["/tmp"]
        assert all(option in said["tmpfs"][0] for option in ("size=", "noexec", "nosuid", "nodev"))
        assert said["volumes"] == [f"data:{said['environment']['TUTOR_DATA']}"]
        assert not said.keys() & {"ports", "privileged", "cap_add", "devices", "network_mode", "pid", "user"}

    def test_it_has_no_rights(self) -> None:
        """No capability, and no way to get one."""
        said = service()
        assert said["cap_drop"] == ["ALL"]
        assert said["security_opt"] == ["no-new-privileges:true"]

    def test_its_memory_is_bounded(self) -> None:
        """Two builds and the bot fit; more than that must not take the machine's memory from others."""
        assert service()["mem_limit"] == "3g"

    def test_it_comes_back_and_goes_in_time(self) -> None:
        """After a crash or a restart of the machine it is there again; it has time to take its leave."""
        said = service()
        assert (said["restart"], said["stop_grace_period"], said["init"]) == ("unless-stopped", "15s", True)

    def test_it_is_built_here_and_named_by_version(self) -> None:
        """The files it names exist, and its image is the one of this version."""
        said = service()
        assert said["image"] == f"metaverse-tutor:{VERSION}"
        context = (DEPLOY / said["build"]["context"]).resolve()
        assert context == ROOT
        assert (context / said["build"]["dockerfile"]).exists()
        arguments = {rest.partition("=")[0] for name, rest in stages()[1] if name == "ARG"}
        assert said["build"]["args"].keys() <= arguments
        assert said["env_file"] == "tutor.env"


class TestUnit:
    def test_it_is_locked_in(self) -> None:
        """A user without rights, a file system that cannot be written but for its own folders, no new privileges."""
        said = unit()
        wanted = {
            "User": "tutor",
            "ProtectSystem": "strict",
            "ProtectHome": "yes",
            "NoNewPrivileges": "yes",
            "PrivateTmp": "yes",
            "PrivateDevices": "yes",
            "CapabilityBoundingSet": "",
            "StateDirectory": "tutor",
            "UMask": "0077",
            "TimeoutStopSec": "15",
            "KillSignal": "SIGINT",
        }
        assert {key: said[key] for key in wanted} == {key: [value] for key, value in wanted.items()}
        # The second line is what index/documents/confinement.py calls: systemd has it in no group of a service.
        allowed = ["@system-service", "landlock_create_ruleset landlock_restrict_self seccomp"]
        assert said["SystemCallFilter"][:2] == allowed

    def test_its_memory_is_bounded(self) -> None:
        """Two builds and the bot fit, and a build that is killed for its memory does not end the bot."""
        assert unit()["MemoryMax"] == ["3G"]
        assert unit()["OOMPolicy"] == ["continue"]

    def test_the_token_is_a_credential(self) -> None:
        """It is in no line of the unit and in no environment: a file that only this service sees."""
        [start] = unit()["ExecStart"]
        assert unit()["LoadCredential"] == ["token:/etc/tutor/token"]
        assert "TUTOR_DISCORD_TOKEN_FILE=%d/token" in start
        words = shlex.split(start)
        assert is_command([words[-1]])
        assert words[words.index("--data") + 1] == "%S/tutor"

    @pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here to ask")
    def test_systemd_takes_it(self, tmp_path: Path) -> None:
        """systemd knows every key, and calls its exposure at most 1.5 of 10."""
        text = (DEPLOY / "tutor.service").read_text(encoding="utf-8")
        (tmp_path / "tutor.service").write_text(text, encoding="utf-8")
        file = str(tmp_path / "tutor.service")
        for command in (["verify", file], ["security", "--offline=true", "--threshold=15", "--no-pager", file]):
            done = subprocess.run(
                ["systemd-analyze", *command], capture_output=True, text=True, timeout=60, check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr
            assert done.stderr == ""


@pytest.mark.parametrize("file", FILES)
def test_settings_that_are_named_exist(file: str) -> None:
    """A setting that was renamed would be left behind here."""
    known = {PREFIX + setting.upper() for setting in Settings.model_fields}
    assert set(re.findall(r"\bTUTOR_[A-Z_]+\b", (DEPLOY / file).read_text(encoding="utf-8"))) <= known


def test_the_manual_names_every_file() -> None:
    """Operators find them."""
    page = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
    assert [file for file in FILES if f"deploy/{file}" not in page] == []
