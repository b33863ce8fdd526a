"""The files that run many processes are valid for what reads them, and fit the program and one another."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import kubernetes_validate
import pytest
import yaml

from bot.settings import Settings
from tests.deploy.manifests import (
    DEPLOY,
    EXAMPLES,
    KUBERNETES,
    Json,
    environment,
    is_command,
    is_setting,
    objects,
    pods,
)
from tests.test_deploy import ROOT, VERSION

COMPOSE = DEPLOY / "compose.cluster.yaml"
OURS = "metaverse-tutor"
KUBERNETES_VERSIONS = ("1.31", "1.37")
OPERATOR = "postgresql.cnpg.io/v1"
# Of the kinds that are no part of Kubernetes, the fields that are used here: the operator's own documents have them.
OPERATORS_FIELDS = {
    "Cluster": """
    instances bootstrap.initdb.database bootstrap.initdb.owner bootstrap.initdb.encoding storage.size
    postgresql.synchronous.method postgresql.synchronous.number postgresql.synchronous.dataDurability
    backup.retentionPolicy backup.barmanObjectStore.destinationPath
    backup.barmanObjectStore.s3Credentials.accessKeyId.name backup.barmanObjectStore.s3Credentials.accessKeyId.key
    backup.barmanObjectStore.s3Credentials.secretAccessKey.name
    backup.barmanObjectStore.s3Credentials.secretAccessKey.key
    """,
    "ScheduledBackup": "schedule backupOwnerReference cluster.name",
}
COMPOSE_KEYS = """
build image env_file networks tmpfs read_only cap_drop security_opt init pids_limit mem_limit restart stop_grace_period
depends_on environment command healthcheck deploy volumes shm_size
"""


def all_objects() -> list[Any]:
    """Give the objects of all examples as parameters; those of the base come once."""
    found = {}
    for folder in EXAMPLES:
        for each in objects(folder):
            found.setdefault(f"{each['kind']}/{each['metadata']['name']}", (folder, each))
    return [pytest.param(*each, id=name) for name, each in found.items()]


def paths(content: object, before: str = "") -> set[str]:
    """Give the path of each value in nested dictionaries."""
    if not isinstance(content, dict):
        return {before}
    return {path for key, value in content.items() for path in paths(value, f"{before}.{key}".strip("."))}


class TestKubernetes:
    @pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
    @pytest.mark.parametrize(("folder", "manifest"), all_objects())
    def test_every_field_is_known(self, folder: str, manifest: Json, version: str) -> None:
        """Kubernetes knows every field, the oldest version that is supported and the newest."""
        if manifest["apiVersion"] == OPERATOR:
            assert paths(manifest["spec"]) <= set(OPERATORS_FIELDS[manifest["kind"]].split())
        else:
            kubernetes_validate.validate(manifest, version, strict=True)

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda pod: pod.update(terminationGracePeriod=30),
            lambda pod: pod["containers"][0].update(arguments=["run"]),
            lambda pod: pod["containers"][0]["livenessProbe"].update(periodSeconds="10s"),
            lambda pod: pod["containers"][0]["securityContext"].update(readOnlyRootFileSystem=True),
        ],
    )
    def test_a_wrong_field_is_found(self, spoil: Callable[[Json], None]) -> None:
        """A field that is misspelt, in the wrong place or of the wrong type does not pass."""
        [bots] = copy.deepcopy(objects("base", "StatefulSet"))
        spoil(bots["spec"]["template"]["spec"])
        with pytest.raises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(bots, KUBERNETES_VERSIONS[-1], strict=True)

    @pytest.mark.parametrize("folder", EXAMPLES)
    def test_the_pods_have_no_rights(self, folder: str) -> None:
        """No root, no capability, no token of the cluster, bounded memory; ours write in their volumes only."""
        for name, pod in pods(folder).items():
            spec, [container] = pod["spec"], pod["spec"]["containers"]
            assert spec["automountServiceAccountToken"] is False, name
            assert spec["securityContext"]["runAsNonRoot"] is True, name
            assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
            rights = container["securityContext"]
            assert (rights["allowPrivilegeEscalation"], rights["capabilities"]) == (False, {"drop": ["ALL"]}), name
            assert {"memory"} <= container["resources"]["limits"].keys(), name
            assert re.fullmatch(rf"{OURS}:{VERSION}|[a-z/]+:[\d.]+", container["image"]), name
            if container["image"].startswith(OURS):
                assert rights["readOnlyRootFilesystem"] is True, name
                assert spec["securityContext"]["runAsUser"] == 10001, name
                assert {each["mountPath"] for each in container["volumeMounts"]} == {"/data", "/tmp"}, name

    @pytest.mark.parametrize("folder", EXAMPLES)
    def test_what_selects_finds(self, folder: str) -> None:
        """Each selector, claim and port names something that is there."""
        made = pods(folder)
        labels = [pod["metadata"]["labels"] for pod in made.values()]
        wanted = [each["spec"]["selector"].get("matchLabels", each["spec"]["selector"]) for each in objects(folder)
                  if each["kind"] in ("StatefulSet", "Deployment", "Service", "PodDisruptionBudget")]  # fmt: skip
        wanted += [each["spec"]["podSelector"]["matchLabels"] for each in objects(folder, "NetworkPolicy")]
        assert len(wanted) >= 6
        assert [each for each in wanted if not any(each.items() <= label.items() for label in labels)] == []
        services = {each["metadata"]["name"] for each in objects(folder, "Service")}
        assert {each["spec"]["serviceName"] for each in objects(folder, "StatefulSet")} <= services
        for pod in made.values():
            [container] = pod["spec"]["containers"]
            ports = {each["name"] for each in container.get("ports", [])}
            probes = [probe for key, probe in container.items() if key.endswith("Probe")]
            assert {(probe.get("httpGet") or probe["tcpSocket"])["port"] for probe in probes} <= ports
            volumes = {each["name"] for each in pod["spec"].get("volumes", [])} | {"data"}
            assert {each["name"] for each in container["volumeMounts"]} <= volumes

    @pytest.mark.parametrize("folder", EXAMPLES)
    def test_the_policy_is_for_all_of_ours(self, folder: str) -> None:
        """Every pod of the program is behind it, and the port that it lets in is the one of the health."""
        [policy] = [each for each in objects(folder, "NetworkPolicy") if each["metadata"]["name"] == "tutor"]
        ours = [pod for pod in pods(folder).values() if pod["spec"]["containers"][0]["image"].startswith(OURS)]
        chosen = policy["spec"]["podSelector"]["matchLabels"].items()
        assert len(ours) == 3
        assert all(chosen <= pod["metadata"]["labels"].items() for pod in ours)
        [[port]] = [rule["ports"] for rule in policy["spec"]["ingress"]]
        assert str(port["port"]) == environment(folder, pods(folder)["StatefulSet/tutor"])["TUTOR_HEALTH_PORT"]

    @pytest.mark.parametrize("folder", EXAMPLES)
    def test_every_bot_has_its_shards(self, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """As many pods as processes; each pod's name gives its number, and the settings fit together."""
        [bots] = [each for each in objects(folder, "StatefulSet") if each["metadata"]["name"] == "tutor"]
        pod = bots["spec"]["template"]
        given = environment(folder, pod)
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        assert [each for each in pod["spec"]["containers"][0]["env"] if each["name"] == "TUTOR_ORDINAL"] == [
            {"name": "TUTOR_ORDINAL", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}
        ]
        found = [Settings(_env_file=None, ordinal=f"tutor-{n}").ordinal for n in range(bots["spec"]["replicas"])]  # type: ignore[arg-type]
        assert found == [*range(int(given["TUTOR_PROCESSES"]))]

    def test_a_restart_is_for_the_loop_alone(self) -> None:
        """A database that is away must not restart the bots: that is in /readyz, and /healthz does not look at it."""
        [container] = pods("base")["StatefulSet/tutor"]["spec"]["containers"]
        probed = {key: value["httpGet"]["path"] for key, value in container.items() if key.endswith("Probe")}
        assert probed == {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}


class TestCompose:
    def test_every_key_is_known(self) -> None:
        """Services have keys of the Compose specification, and name networks and volumes that are there."""
        content = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
        assert {key for key in content if not key.startswith("x-")} == {"name", "services", "networks", "volumes"}
        for name, service in content["services"].items():
            assert service.keys() <= set(COMPOSE_KEYS.split()), name
            assert set(service["networks"]) <= content["networks"].keys(), name
            assert {each.split(":")[0] for each in service.get("volumes", [])} <= content["volumes"].keys(), name
            assert service.get("depends_on", {}).keys() <= content["services"].keys(), name
            for other, how in service.get("depends_on", {}).items():
                ends = content["services"][other].get("restart") == "no"
                assert how["condition"] == ("service_completed_successfully" if ends else "service_healthy"), name

    def test_database_and_bucket_are_inside(self) -> None:
        """They ask for no password or for one that is known, so only the containers beside them reach them."""
        content = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
        assert content["networks"]["inside"] == {"internal": True}
        for name in ("database", "bucket"):
            assert content["services"][name]["networks"] == ["inside"]
        assert not [name for name, service in content["services"].items() if "ports" in service]

    def test_the_bots_share_the_shards(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Two bots and two workers; the bots' settings fit together."""
        services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
        bots = [service for name, service in services.items() if name.startswith("bot-")]
        assert services["worker"]["deploy"] == {"replicas": 2}
        ordinals = []
        for bot in bots:
            for name, value in bot["environment"].items():
                monkeypatch.setenv(name, value)
            settings = Settings(_env_file=None)
            ordinals.append(settings.ordinal)
            assert settings.processes == len(bots)
        assert ordinals == [0, 1]

    def test_ours_are_as_locked_in_as_one_alone(self) -> None:
        """Each of our services has what deploy/compose.yaml gives the one."""
        services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
        alone = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]["tutor"]
        ours = [each for each in services.values() if each["image"].startswith(OURS)]
        assert len(ours) == 4
        for key in (
            "build",
            "image",
            "env_file",
            "read_only",
            "cap_drop",
            "security_opt",
            "tmpfs",
            "mem_limit",
            "init",
        ):
            assert [each[key] for each in ours] == [alone[key]] * len(ours)


def commands() -> set[str]:
    """Give what our containers are told to run."""
    found = {" ".join(pod["spec"]["containers"][0]["args"]) for folder in EXAMPLES for pod in pods(folder).values()
             if pod["spec"]["containers"][0]["image"].startswith(OURS)}  # fmt: skip
    services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"].values()
    return found | {
        " ".join(each["command"]) for each in services if each["image"].startswith(OURS) and "command" in each
    }


def settings() -> set[str]:
    files = [COMPOSE, *KUBERNETES.rglob("*.yaml"), *KUBERNETES.rglob("*.env*")]
    return {name for file in files for name in re.findall(r"\bTUTOR_[A-Z_]+\b", file.read_text(encoding="utf-8"))}


def test_commands_and_settings_exist() -> None:
    """What was renamed would be left behind here."""
    unknown = {each for each in commands() if not is_command(each.split())}
    unknown |= {each for each in settings() if not is_setting(each)}
    assert unknown == set()


def test_the_manual_names_every_file() -> None:
    """Operators find them."""
    page = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
    named = ["compose.cluster.yaml", *(f"kubernetes/{each}" for each in EXAMPLES), "monitoring/alerts.yaml"]
    assert [each for each in [*named, "monitoring/dashboard.json"] if f"deploy/{each}" not in page] == []
