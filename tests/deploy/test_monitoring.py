"""The dashboard and the alerts ask for metrics that `/metrics` gives."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bot.observability.metrics import Metrics
from tests.deploy.manifests import DEPLOY

ALERTS = DEPLOY / "monitoring" / "alerts.yaml"
DASHBOARD = DEPLOY / "monitoring" / "dashboard.json"
# By Prometheus itself, and what it adds to every series.
ITS_OWN, ITS_LABELS = {"up"}, {"job", "instance", "le"}


def alerts() -> list[dict[str, Any]]:
    [group] = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return list(group["rules"])


def targets() -> Iterator[str]:
    for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def expressions() -> list[str]:
    return [*(rule["expr"] for rule in alerts()), *targets()]


@pytest.fixture(scope="module")
def known() -> dict[str, set[str]]:
    """The names of the series that a bot gives, with their labels."""
    metrics = Metrics(lambda: 0)
    named = metrics._registry._names_to_collectors
    given = [
        sample.name for family in text_string_to_metric_families(metrics.text().decode()) for sample in family.samples
    ]
    return {name: {*getattr(named.get(name), "_labelnames", ())} for name in (*named, *given)}


def selectors(expression: str) -> list[Any]:
    """Give the series that an expression asks for; raises ValueError when Prometheus would not read it."""
    parsed = promql_parser.parse(expression.replace("$__rate_interval", "5m").replace("$", ""))
    found: list[Any] = []
    promql_parser.walk(
        parsed, lambda each: found.append(each) if isinstance(each, promql_parser.VectorSelector) else None
    )
    return found


@pytest.mark.parametrize("expression", expressions())
def test_every_series_exists(expression: str, known: dict[str, set[str]]) -> None:
    """Prometheus reads the expression, and each name and label in it is one of ours."""
    asked = selectors(expression)
    assert asked
    names = {each.name for each in asked}
    assert names - known.keys() - ITS_OWN == set()
    labels = {matcher.name for each in asked for matcher in each.matchers.matchers}
    labels |= {label for group in re.findall(r"by \(([^)]*)\)", expression) for label in re.split(r",\s*", group)}
    assert labels - ITS_LABELS - {label for name in names & known.keys() for label in known[name]} == set()


@pytest.mark.parametrize(
    "expression", ["tutor_queue", "sum by (outcome) (tutor_queue_depth)", "rate(tutor_aksed_total[5m])"]
)
def test_a_wrong_name_is_found(expression: str, known: dict[str, set[str]]) -> None:
    """A series or a label that nobody gives does not pass."""
    with pytest.raises(AssertionError):
        test_every_series_exists(expression, known)


def test_every_metric_of_ours_is_shown(known: dict[str, set[str]]) -> None:
    """The dashboard has each of them, so that what is added is not forgotten."""
    shown = {re.sub(r"_(bucket|total)$", "", each.name) for target in targets() for each in selectors(target)}
    ours = {re.sub(r"_(bucket|count|sum|created|total)$", "", name) for name in known if name.startswith("tutor_")}
    assert ours - shown == {"tutor_asked", "tutor_build_seconds", "tutor_last_build_succeeded"}


def test_an_alert_says_what_is_wrong() -> None:
    """Its name is unique, it has a severity, and its sentence uses labels that the expression keeps."""
    assert len({rule["alert"] for rule in alerts()}) == len(alerts())
    for rule in alerts():
        assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("critical", "warning")
        used = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        kept = re.findall(r"by \(([^)]*)\)", rule["expr"])
        assert used <= (set(re.split(r",\s*", kept[0])) - {"le"} if kept else {"job", "instance"})


def test_the_panels_do_not_overlap() -> None:
    """Each has its place and its number."""
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    places = {(each["gridPos"]["x"], each["gridPos"]["y"]) for each in panels}
    assert len(places) == len({each["id"] for each in panels}) == len(panels)
