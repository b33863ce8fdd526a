"""What a measured cluster has lost, doubled or left: one row for each, counted in the store and in what was shown."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bot.libraries.paths import own_folder
from bot.libraries.storage import storage_of
from bot.quiz.schedule import Memory, rating_of, review
from index.generations.promotion import history
from index.generations.texts import live_texts
from prompts import words
from tests.bench.cluster_kills import AWAY_S, BUCKET
from tests.bench.cluster_run import BOTS, SHARDS, WORKERS, settings_of
from tests.bench.learners import Place
from tests.bench.results import Row
from tests.gateway.world import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.cluster_people import Mention
    from tests.bench.cluster_run import Run
    from tests.gateway.interactions import Interaction

_ANSWERED_WITHIN_S = 60.0
"""A process that lives has to answer within this time."""
_TOLD_WITHIN_S = 10.0
_MOST_SILENT_S = 5.0
COUNT_CLOSINGS = """
CREATE TABLE tutor_closings (round bigint);
CREATE FUNCTION tutor_count_closing() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN INSERT INTO tutor_closings VALUES (NEW.id); RETURN NEW; END';
CREATE TRIGGER tutor_closings AFTER UPDATE OF closed_at ON rounds
  FOR EACH ROW WHEN (NEW.closed_at IS NOT NULL) EXECUTE FUNCTION tutor_count_closing()
"""
_ANSWERS = """
SELECT session, position, person, item, score, hints, answered_at, state, learning_step, stability, difficulty, due
FROM answers ORDER BY person, item, answered_at
"""
_ROUNDS = """
SELECT id, message IS NULL, closed_at IS NOT NULL, (SELECT count(*) FROM tutor_closings WHERE round = id),
  EXISTS (SELECT FROM tutor_unshown WHERE round = id) FROM rounds
"""


@dataclass(slots=True)
class Unanswered:
    """Mentions without an answer, by the reason."""

    unheard: list[Mention] = field(default_factory=list)
    """Sent on no connection: the shard had no process, and none resumed its session."""
    killed: list[Mention] = field(default_factory=list)
    """Sent to a process that was killed before it had answered; Discord sends them to no other process."""
    lost: list[Mention] = field(default_factory=list)
    """Sent to a process that lived, or had the time to answer."""


def rows(run: Run, rate: float, look: Path) -> Iterator[Row]:
    """Count everything; `look` is a folder for copies of the libraries."""
    yield from _what_happened(run, rate)
    yield from _mentions(run)
    yield from _answers(run)
    yield from _rounds(run)
    yield from _builds(run, look)
    yield from _failovers(run)
    yield from _outages(run)
    yield from _discord(run)


def unanswered(run: Run) -> Unanswered:
    """Sort the mentions without an answer.

    A process that was killed had the connection on which the mention was sent if that began before the kill.
    """
    answered, found = {id for id, shown in _replies(run).items() if _is_answer(shown)}, Unanswered()
    for each in run.mentions:
        if each.message["id"] in answered:
            continue
        begun_at = run.server.gateway.delivered.get(each.message["id"])
        killed_at = next(
            (kill.at for kill in run.kills if kill.name == f"bot {each.ordinal}" and kill.at > (begun_at or 0)), None
        )
        if begun_at is None:
            found.unheard.append(each)
        elif killed_at is not None and killed_at < each.at + _ANSWERED_WITHIN_S:
            found.killed.append(each)
        else:
            found.lost.append(each)
    return found


def rounds_are_over(run: Run) -> bool:
    """Say whether all rounds are closed and show it, those too whose host was not answered."""
    stored = run.execute(_ROUNDS)
    return all(closed and not is_unshown for _, _, closed, _, is_unshown in stored) and all(
        each.is_shown_closed for each in run.rounds
    )


def _replies(run: Run) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in run.server.world.messages.values():
        if reference := each.get("message_reference"):
            found.setdefault(reference["message_id"], []).append(texts(each))
    return found


def _is_answer(shown: list[str]) -> bool:
    """Say whether one of the replies is more than a promise to answer later."""
    return any(len(text) > 1 and words("ask.waking").splitlines()[0] not in text for text in shown)


def _none(what: str, found: list[Any], of: str = "") -> Row:
    shown = f"{len(found)}{of}{f' {[*map(str, found[:3])]}' if found else ''}"
    return Row(what, shown[:300], "0", not found)


def _what_happened(run: Run, rate: float) -> Iterator[Row]:
    by_name = Counter(each.name.split()[0] for each in run.kills)
    killed = f"{len(run.kills)} ({by_name['bot']} bots, {by_name['worker']} workers, {by_name['PostgreSQL']} database, "
    yield Row(
        f"{BOTS} bots, {SHARDS} shards, {WORKERS} workers, PostgreSQL, S3: kills", f"{killed}{by_name['the']} bucket)"
    )
    presses = len(run.server.desk.taken)
    shown = f"{run.loaded_s:.0f} s; {len(run.mentions) / run.loaded_s:.1f} ({rate:g} wanted), "
    yield Row("under load for; a second: questions, commands and presses", f"{shown}{presses / run.loaded_s:.1f}")
    away = np.percentile(run.away_s or [0.0], [50, 100])
    yield Row("shards without a process after a kill: median, most", f"{away[0]:.1f}, {away[1]:.1f} s")
    yield Row(
        "processes that ended by themselves",
        f"{len(run.ended)} {Counter(said for _, said in run.ended).most_common(2)}"[:200],
    )


def _mentions(run: Run) -> Iterator[Row]:
    found, replies = unanswered(run), _replies(run)
    twice = [id for id, shown in replies.items() if len(shown) > 1]
    parts = (len(run.mentions), len(found.unheard), len(found.killed))
    yield Row(
        "mentions; while the shard had no process; sent to a process killed before it answered",
        "; ".join(map(str, parts)),
    )
    yield _none(
        "mentions sent to a process that lived, and not answered",
        [f"{each.at - run.began:.1f} s" for each in found.lost],
    )
    yield _none("mentions answered twice", twice)


def _answers(run: Run) -> Iterator[Row]:
    stored = [(Place(row[0], row[1]), row[2:]) for row in run.execute(_ANSWERS)]
    places = {place for place, _ in stored}
    submitted = {place for player in run.players for place in player.submitted}
    acknowledged = {place for player in run.players for place in player.acknowledged}
    yield Row("answers acknowledged; stored", f"{len(acknowledged)}; {len(stored)}")
    lost = Row("acknowledged answers that are lost", str(len(acknowledged - places)), "0", acknowledged <= places)
    yield lost if acknowledged else Row("acknowledged answers that are lost", "none acknowledged", "0", False)
    yield _none("answers doubled, or stored and never given", [*places - submitted])
    stale, reviewed = _stale([row for _, row in stored])
    yield _none("schedules that do not follow from the answers", stale, f" of {reviewed}")


def _stale(stored: list[tuple[Any, ...]]) -> tuple[list[str], int]:
    """Replay each person's answers to each item: gives other memories, and how many answers were not the first."""
    memories: dict[tuple[int, str], Memory] = {}
    stale, again = [], 0
    for person, item, score, hints, answered_at, *kept in stored:
        before, at = memories.get((person, item)), _moment(answered_at)
        again += before is not None
        memory = review(before, rating_of(score, hints), at)
        state, step, stability, difficulty, due = kept
        was = Memory(state, step, stability, difficulty, _moment(due), at)
        if memory != was:
            stale.append(f"{item} of {person}")
        memories[person, item] = was
    return stale, again


def _moment(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


def _rounds(run: Run) -> Iterator[Row]:
    stored = run.execute(_ROUNDS)
    seen = {each.id: each for each in run.rounds}
    nameless = [id for id, is_nameless, *_ in stored if is_nameless]
    yield Row("public rounds; their process killed before it named the message", f"{len(stored)}; {len(nameless)}")
    yield _none("rounds not closed", [id for id, _, is_closed, *_ in stored if not is_closed])
    yield _none("rounds closed twice", [id for id, _, _, closings, _ in stored if closings > 1])
    unshown = [id for id, _, _, _, is_unshown in stored if is_unshown]
    unshown += [id for id, each in seen.items() if id not in nameless and not each.is_shown_closed]
    yield _none("closed rounds whose message does not show it", sorted({*unshown}, key=str))


def _builds(run: Run, look: Path) -> Iterator[Row]:
    again = sum(each.uploads - 1 for each in run.builds)
    yield Row("builds asked for; uploaded again after a refusal or a kill", f"{len(run.builds)}; {again}")
    took = sorted(each.promoted_at - each.asked_at for each in run.builds if each.promoted_at)
    yield Row("from the upload to live: median, most", f"{np.median(took):.0f}, {took[-1]:.0f} s" if took else "none")
    unended = [f"{each.name} {each.told[-1:]}" for each in run.builds if not each.promoted_at]
    yield _none("builds that did not end", unended)
    settings, doubled, gone = settings_of(run, look), [], []
    for guild in {each.guild for each in run.builds}:
        own = own_folder(settings.data, int(guild))
        storage_of(settings).pull(own)
        named = Counter(document.id for document in live_texts(own).documents)
        made = Counter(event.generation for event in history(own))
        doubled += [generation for generation, times in made.items() if times > 1]
        doubled += [name for name, times in named.items() if times > 1]
        gone += [each.name for each in run.builds if each.guild == guild and each.promoted_at and not named[each.name]]
    yield _none("builds made live twice, documents twice in a library", doubled)
    yield _none("documents that went live and are not in the library", gone)
    silent = [each.name for each in run.builds if each.promoted_at and not each.answered_at]
    yield _none("libraries that do not answer from a new document", silent)


def _failovers(run: Run) -> Iterator[Row]:
    if not run.failovers:
        return
    presses = sorted(times for player in run.players for times in player.acknowledged.values())
    silences = []
    for each in run.failovers:
        after = [done for sent, done in presses if sent > each.at]
        silences.append(min(after, default=float("inf")) - each.at)
    promotion = [each.promotion_s for each in run.failovers]
    shown = f"{np.median(silences):.1f}, {max(silences):.1f} s"
    yield Row(
        f"{len(run.failovers)} failovers, from the kill to the next answer stored: median, most",
        shown,
        f"{_MOST_SILENT_S:.0f} s",
        max(silences) <= _MOST_SILENT_S,
    )
    yield Row("of these the promotion itself: median, most", f"{np.median(promotion):.2f}, {max(promotion):.2f} s")


def _outages(run: Run) -> Iterator[Row]:
    replies = _replies(run)
    for part, (began, ended) in run.outages.items():
        what = f"{part} away for {AWAY_S:.0f} s"
        asked = [each for each in run.mentions if began < each.at < ended]
        silent = [f"{each.at - began:.1f} s" for each in asked if not _is_answer(replies.get(each.message["id"], []))]
        yield _none(f"{what}: questions not answered", silent, f" of {len(asked)}")
        acts = [each for each in run.server.desk.taken.values() if began < each.sent_at < ended]
        untold = [_name(each) for each in acts if not _is_told(each)]
        yield _none(f"{what}: commands and presses without an answer or a sentence", untold, f" of {len(acts)}")
        yield _none(
            f"{what}: processes that ended", [said for at, said in run.ended if began < at < ended + _TOLD_WITHIN_S]
        )
    if run.waited is not None:
        after, what = run.waited.built_at - run.outages[BUCKET][1], "a build under way meanwhile: ready after"
        shown = f"{after:.1f} s" if run.waited.built_at else f"not {run.waited.told[-1:]}"
        yield Row(what, shown, "> 0 s", after > 0 and run.waited.uploads == 1)


def _is_told(act: Interaction) -> bool:
    shown = [*act.followups, *([act.answer] if act.answer is not None else [])]
    unexpected = words("errors.unexpected", id="").split("{")[0].splitlines()[0][:30]
    return bool(shown) and not any(unexpected in texts(each) for each in shown)


def _name(act: Interaction) -> str:
    data: Any = act.body["data"]
    return str(data.get("name") or data.get("custom_id"))


def _discord(run: Run) -> Iterator[Row]:
    gateway, rules = run.server.gateway, run.server.violations
    yield Row("IDENTIFYs; RESUMEs", f"{gateway.identified}; {gateway.resumed}")
    early, doubled = gateway.identify_violations, gateway.doubled_shards
    yield Row("IDENTIFYs too early for their bucket", str(early), "0", early == 0)
    yield Row("shards begun by a second process", str(doubled), "0", doubled == 0)
    registered = len(run.server.sent("PUT", "/commands"))
    yield Row("registrations of the commands", str(registered), "1", registered == 1)
    yield _none("other rules of Discord's broken", sorted({*rules}), f" ({len(rules)} in all)")
