"""The port on loopback says how the bot is, in words and numbers, and nothing about anybody."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.doctor.health import look
from bot.errors import WorkError
from bot.libraries.jobs import JobRunner
from bot.observability.events import Acknowledged, Event
from bot.observability.http_server import HealthServer
from bot.observability.latency import Acknowledgements, LoopLag
from bot.observability.metrics import CONTENT_TYPE, Metrics
from bot.observability.status import Condition, Part
from bot.runtime.instance_lock import occupying
from bot.settings import Settings
from index.answering.answer import Outcome
from index.errors import GenerationError
from tests.bot.conftest import Stage, texts
from tests.bot.observability.conftest import Operator, Reader
from tests.bot.player import Player
from tests.bot.scripted import ScriptedTutor, answer

pytestmark = pytest.mark.asyncio

QUESTION = "What does clay remember?"


async def test_a_loop_that_turns_is_alive_and_says_how_late_it_was(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, seen_settings: Settings
) -> None:
    """/healthz is 200 whatever else is wrong; a stall of the loop shows in it and in the histogram."""
    monkeypatch.setattr("bot.observability.latency.TICK_S", 0.02)
    metrics = Metrics(lambda: 0)
    pulse = LoopLag(metrics)

    async def nothing_is_right() -> dict[Part, Condition]:
        return {Part.STORE: Condition("full", "No room.")}

    port = HealthServer(pulse, nothing_is_right, metrics, CONTENT_TYPE)
    await port.open(operator.port)
    beating = asyncio.create_task(pulse.measure())
    await asyncio.sleep(0.03)
    time.sleep(0.3)  # noqa: ASYNC251 - the stall
    await asyncio.sleep(0.05)
    beating.cancel()
    status, said = await operator.get("/healthz")
    numbers = await operator.numbers()
    full = {"state": "full", "is_fine": False, "sentence": "No room."}
    assert (await operator.readiness()) == (503, {"ready": False, "store": full})
    (asked,) = await asyncio.to_thread(lambda: [*look(seen_settings, briefly=True)])
    assert (asked.fine, asked.sentence) == (False, "No room.")
    await port.close()
    assert status == 200
    assert json.loads(said)["longest_stall_s"] > 0.2
    assert json.loads(said)["last_stall_s"] < 0.2
    assert numbers["tutor_event_loop_stall_seconds_count"] >= 2
    assert numbers["tutor_event_loop_stall_seconds_sum"] > 0.2


async def test_a_bot_that_serves_is_ready(seen_stage: Stage, operator: Operator) -> None:
    """/readyz is 200 with a word and a sentence for each part."""
    status, said = await operator.readiness()
    assert (status, said.pop("ready")) == (200, True)
    assert list(said) == ["gateway", "library", "store", "disk"]
    assert {part: each["state"] for part, each in said.items()} | {"disk": "ok"} == dict.fromkeys(said, "ok")
    assert all(each["sentence"].endswith(".") for each in said.values())


async def test_a_library_that_loads_or_fails_is_not_ready(
    set_stage: Callable[..., Any], seen_settings: Settings, operator: Operator
) -> None:
    """Before the library is open the bot is alive, not ready; a fault is said in its own sentence and tried again."""
    tutor = ScriptedTutor(asleep=True)
    await set_stage(lambda: tutor, seen_settings)
    status, said = await operator.readiness()
    assert (status, said["library"]["state"]) == (503, "loading")
    assert (await operator.get("/healthz"))[0] == 200
    tutor.fault, tutor.started = GenerationError("The index is damaged. Build it anew."), False
    status, said = await operator.readiness()
    assert status == 503
    assert said["library"] == {"state": "failed", "is_fine": False, "sentence": "The index is damaged. Build it anew."}
    assert tutor.started
    tutor.fault = None
    tutor.wake()
    assert (await operator.readiness())[0] == 200


async def test_a_lost_connection_is_not_ready(
    seen_stage: Stage, operator: Operator, caplog: pytest.LogCaptureFixture
) -> None:
    """A shard that has lost Discord shows until it is back; the log has its beginning and its end."""
    caplog.set_level(logging.INFO)
    seen_stage.bot.dispatch("shard_disconnect", 0)
    await seen_stage.env.settle()
    status, said = await operator.readiness()
    assert (status, said["gateway"]["state"]) == (503, "disconnected")
    assert (await operator.numbers())["tutor_shards_disconnected"] == 1
    seen_stage.bot.dispatch("shard_resumed", 0)
    await seen_stage.env.settle()
    assert (await operator.readiness())[0] == 200
    lines = [record.getMessage() for record in caplog.records if record.getMessage().startswith("gateway:")]
    assert [line.split()[1] for line in lines] == ["disconnected.", "ok"]
    numbers = await operator.numbers()
    assert numbers["tutor_shards_disconnected"] == 0
    assert numbers['tutor_gateway_events_total{event="disconnect"}'] == 1
    assert numbers['tutor_gateway_events_total{event="resume"}'] == 1


async def test_questions_are_counted_by_what_came_of_them(
    seen_stage: Stage, tutor: ScriptedTutor, operator: Operator
) -> None:
    """Each outcome has its number, and each question one duration."""
    replies = [answer(), answer(outcome=Outcome.CLOSEST), answer(outcome=Outcome.NOT_COVERED, quotes=())]
    for reply in replies:
        tutor.reply = lambda question, history, reply=reply: reply  # type: ignore[misc]
        await seen_stage.alice.send(seen_stage.channel, f"{seen_stage.mention} {QUESTION}")
    for fault in (GenerationError("It was rebuilt."), RuntimeError("broken")):
        tutor.fault = fault
        await seen_stage.alice.send(seen_stage.channel, f"{seen_stage.mention} {QUESTION}")
    numbers = await operator.numbers()
    found = {name: numbers[f'tutor_questions_total{{outcome="{name}"}}'] for name in
             ("answer", "closest", "not_covered", "refused", "failed")}  # fmt: skip
    assert found == dict.fromkeys(found, 1)
    assert numbers["tutor_asked_total"] == numbers["tutor_answer_seconds_count"] == 5
    assert numbers["tutor_queue_depth"] == 0
    assert numbers["process_resident_memory_bytes"] > 10 * 2**20


async def test_one_question_too_many_is_counted_as_refused(
    set_stage: Callable[..., Any], tutor: ScriptedTutor, seen_settings: Settings, operator: Operator
) -> None:
    """The quota is no answer and no failure."""
    stage = await set_stage(lambda: tutor, seen_settings.model_copy(update={"questions_per_minute": 1}))
    for _ in range(2):
        await stage.alice.send(stage.channel, f"{stage.mention} {QUESTION}")
    assert "a lot of questions" in texts(stage.replies[-1])
    numbers = await operator.numbers()
    assert numbers['tutor_questions_total{outcome="refused"}'] == 1
    assert numbers["tutor_asked_total"] == 2


async def test_quiz_answers_and_writes_are_counted(
    set_stage: Callable[..., Any], seen_settings: Settings, operator: Operator
) -> None:
    """An answer counts once it is on the disk, once; a press that writes nothing of it does not."""
    stage = await set_stage(Reader, seen_settings)
    for right in (False, True):
        player = await Player(stage, stage.alice).start(number=1)
        await player.answer(right=right)
        await stage.bot.services.quiz_sessions.submit(*player.place, stage.alice.id)
    numbers = await operator.numbers()
    found = [numbers[f'tutor_quiz_answers_total{{result="{result}"}}'] for result in ("right", "partly", "wrong")]
    assert found == [1, 0, 1]
    assert numbers["tutor_store_write_seconds_count"] >= 6
    assert numbers["tutor_store_write_seconds_sum"] > 0


async def test_builds_are_counted_while_they_run_and_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Running, how the last one ended, and how long they took."""
    metrics = Metrics(lambda: 0)
    workshop = JobRunner(Settings(_env_file=None, data=tmp_path), metrics)
    assert b"tutor_last_build_succeeded NaN" in metrics.text()
    monkeypatch.setattr("bot.libraries.command._PROGRAM", "import time; time.sleep(0.2); print('{}')")
    running = asyncio.create_task(workshop.run(tmp_path, []))
    await asyncio.sleep(0.05)
    assert b"tutor_builds_running 1.0" in metrics.text()
    await running
    assert b"tutor_builds_running 0.0" in metrics.text()
    assert b"tutor_last_build_succeeded 1.0" in metrics.text()
    monkeypatch.setattr("bot.libraries.command._PROGRAM", "raise SystemExit(9)")
    with pytest.raises(WorkError):
        await workshop.run(tmp_path, [])
    said = metrics.text()
    assert b"tutor_last_build_succeeded 0.0" in said
    assert b'tutor_builds_total{result="done"} 1.0' in said
    assert b'tutor_builds_total{result="failed"} 1.0' in said
    assert b"tutor_build_seconds_count 2.0" in said


async def test_numbers_are_about_nobody(seen_stage: Stage, operator: Operator) -> None:
    """No label, and no help, holds an id, a name or a word of anybody."""
    await seen_stage.alice.send(seen_stage.channel, f"{seen_stage.mention} {QUESTION}")
    await seen_stage.alice.slash(seen_stage.channel, "ask", question=QUESTION)
    _, said = await operator.get("/metrics")
    people = (seen_stage.alice, seen_stage.channel, seen_stage.channel.guild, seen_stage.bot.user)
    for secret in [*(str(each.id) for each in people), "alice", "library", "clay"]:
        labels = " ".join(line.split("{")[1].split("}")[0] for line in said.splitlines() if "{" in line)
        assert secret not in labels, secret


async def test_every_registry_stands_alone() -> None:
    """Two bots in one process count apart, and the library's global registry is not used."""
    import prometheus_client

    first, second = Metrics(lambda: 1), Metrics(lambda: 2)
    assert b"tutor_queue_depth 1.0" in first.text()
    assert b"tutor_queue_depth 2.0" in second.text()
    assert b"tutor_" not in prometheus_client.generate_latest(prometheus_client.REGISTRY)


async def test_the_port_is_on_loopback_alone_and_closes_with_the_bot(seen_stage: Stage, operator: Operator) -> None:
    """Nobody on the network sees it, and a bot that has ended holds no port."""
    ((host, port),) = seen_stage.bot.get_cog("Health")._server._runner.addresses  # type: ignore[union-attr]
    assert (host, port) == ("127.0.0.1", operator.port)
    await seen_stage.bot.close()
    with pytest.raises(aiohttp.ClientConnectionError):
        await operator.get("/healthz")


async def test_a_taken_port_keeps_nobody_from_an_answer(
    set_stage: Callable[..., Any], tutor: ScriptedTutor, seen_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says so and the bot goes on."""
    with socket.create_server(("127.0.0.1", seen_settings.health_port or 0)):
        stage = await set_stage(lambda: tutor, seen_settings)
        await stage.alice.send(stage.channel, f"{stage.mention} {QUESTION}")
        assert "> Clay remembers" in texts(stage.replies[-1])
    assert [record.levelname for record in caplog.records if "TUTOR_HEALTH_PORT" in record.getMessage()] == ["ERROR"]


async def test_nothing_is_opened_unasked(stage: Stage) -> None:
    """Without the setting there is no port and nothing that ticks."""
    health = stage.bot.get_cog("Health")
    assert (health._server, health._measuring) == (None, None)  # type: ignore[union-attr]


async def test_a_first_response_is_measured_from_the_arrival(operator: Operator) -> None:
    """What counts is the request that carries the first response, when Discord took it; others are not counted."""
    heard: list[Event] = []
    watching = Acknowledgements(heard.append)

    async def respond(request: web.Request) -> web.Response:
        await asyncio.sleep(0.05)
        return web.Response(status=400 if "refused" in request.path else 204)

    app = web.Application()
    app.add_routes([web.post("/{rest:.*}", respond)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", operator.port).start()
    base = f"http://127.0.0.1:{operator.port}/api/v10"
    async with aiohttp.ClientSession(trace_configs=[watching.trace()]) as session:
        for interaction in (1, 2):
            watching.arrived(interaction)
        for path in ("/interactions/1/token/callback", "/interactions/1/token/callback", "/channels/1/messages",
                     "/interactions/2/refused/callback", "/interactions/3/token/callback"):  # fmt: skip
            await session.post(base + path)
    await runner.cleanup()
    (one,) = heard
    assert isinstance(one, Acknowledged)
    assert 0.05 <= one.seconds < 2


async def test_the_doctor_asks_the_bot_that_runs(seen_stage: Stage, seen_settings: Settings) -> None:
    """It repeats what the port says; a port that says nothing is bad only where a bot should run."""

    async def asked(briefly: bool) -> list[bool | None]:
        return [each.fine for each in await asyncio.to_thread(lambda: [*look(seen_settings, briefly=briefly)])]

    with occupying(seen_settings.data):
        assert await asked(False) == await asked(True) == [True]
        await seen_stage.bot.unload_extension("bot.exts.health")
        assert await asked(False) == await asked(True) == [False]
    assert await asked(False) == []
    assert await asked(True) == [False]


async def test_the_doctor_is_not_misled_by_whoever_else_took_the_port(
    operator: Operator, seen_settings: Settings
) -> None:
    """What is no answer of ours is as good as none."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.0 200 OK\r\n\r\n[]")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", operator.port):
        (found,) = await asyncio.to_thread(lambda: [*look(seen_settings, briefly=True)])
    assert "nothing answers" in found.sentence
