"""Prometheus metrics, counted from events; the only module that imports prometheus_client."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bot.observability.events import (
    Acknowledged,
    Answered,
    Asked,
    Event,
    GatewayEvent,
    Quizzed,
    Stalled,
    StoreFailed,
    WorkBegan,
    WorkEnded,
    Wrote,
)
from prompts import words

CONTENT_TYPE = CONTENT_TYPE_LATEST

# Upper bounds in seconds.
_ANSWER = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_ACKNOWLEDGEMENT = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3)  # Discord gives up after three
_STALL = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5)
_WRITE = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)
_WORK = (1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600)

# Every series exists from the start, with 0, so that no event differs from no metric.
_OUTCOMES = ("answer", "closest", "not_covered", "refused", "failed")


class Metrics:
    """Listens to events; `waiting` returns the number of queued questions."""

    def __init__(self, waiting: Callable[[], int]) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._asked = Counter("tutor_asked", words("health.metric.asked"), registry=registry)
        self._questions = Counter("tutor_questions", words("health.metric.questions"), ["outcome"], registry=registry)
        self._answer = _histogram("answer", words("health.metric.answer"), _ANSWER, registry)
        self._acknowledgement = _histogram(
            "acknowledgement", words("health.metric.acknowledgement"), _ACKNOWLEDGEMENT, registry
        )
        self._stall = _histogram("event_loop_stall", words("health.metric.stall"), _STALL, registry)
        self._write = _histogram("store_write", words("health.metric.write"), _WRITE, registry)
        self._store_failures = Counter(
            "tutor_store_failures", words("health.metric.store_failures"), ["trouble"], registry=registry
        )
        self._quiz = Counter("tutor_quiz_answers", words("health.metric.quiz"), ["result"], registry=registry)
        self._gateway = Counter("tutor_gateway_events", words("health.metric.gateway"), ["event"], registry=registry)
        self._away: set[int] = set()
        shards = Gauge("tutor_shards_disconnected", words("health.metric.shards"), registry=registry)
        shards.set_function(lambda: len(self._away))
        self._working = Gauge("tutor_builds_running", words("health.metric.working"), registry=registry)
        self._works = Counter("tutor_builds", words("health.metric.works"), ["result"], registry=registry)
        self._last_work = Gauge("tutor_last_build_succeeded", words("health.metric.last_work"), registry=registry)
        self._work = _histogram("build", words("health.metric.work"), _WORK, registry)
        Gauge("tutor_queue_depth", words("health.metric.queue"), registry=registry).set_function(waiting)
        self._lay_out()

    def __call__(self, event: Event) -> None:
        """Count an event."""
        match event:
            case Asked():
                self._asked.inc()
            case Answered(outcome, seconds):
                self._questions.labels(outcome).inc()
                self._answer.observe(seconds)
            case Acknowledged(seconds):
                self._acknowledgement.observe(seconds)
            case Stalled(seconds):
                self._stall.observe(seconds)
            case Wrote(seconds):
                self._write.observe(seconds)
            case StoreFailed(trouble):
                self._store_failures.labels(trouble).inc()
            case Quizzed(score):
                self._quiz.labels("right" if score >= 1 else "wrong" if score <= 0 else "partly").inc()
            case GatewayEvent(kind, shard):
                self._gateway.labels(kind).inc()
                (self._away.add if kind == "disconnect" else self._away.discard)(shard)
            case WorkBegan():
                self._working.inc()
            case WorkEnded(fine, seconds):
                self._working.dec()
                self._works.labels("done" if fine else "failed").inc()
                self._last_work.set(fine)
                self._work.observe(seconds)

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format; see CONTENT_TYPE."""
        return generate_latest(self._registry)

    def _lay_out(self) -> None:
        for counter, labels in (
            (self._questions, _OUTCOMES),
            (self._quiz, ("right", "partly", "wrong")),
            (self._gateway, ("connect", "resume", "disconnect")),
            (self._works, ("done", "failed")),
        ):
            for label in labels:
                counter.labels(label)
        self._last_work.set(float("nan"))  # there was none yet


def _histogram(name: str, meaning: str, bounds: tuple[float, ...], registry: CollectorRegistry) -> Histogram:
    return Histogram(f"tutor_{name}_seconds", meaning, buckets=bounds, registry=registry)
