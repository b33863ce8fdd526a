"""People who answer quizzes in the small Discord of tests/gateway, and remember what the bot has told them."""

from __future__ import annotations

import asyncio
import random
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from bot.quiz.bank import read_bank
from prompts import words
from tests.gateway.person import Actor
from tests.gateway.world import CHANNELS, Json, parts, texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.gateway.interactions import Interaction
    from tests.gateway.server import Server

ANSWERED_WITHIN_S = 20.0
_PATIENCE_S = 0.005
_THINKS_S = (0.02, 0.25)
_ITEMS = 4
_SESSIONS_EACH = 6
_UPDATE, _MESSAGE, _MODAL, _CHOSEN = 7, 4, 9, 1
_ID = re.compile(r"quiz:v1:(?P<act>[a-z]+):(?P<session>\d+):(?P<position>\d+)(?::(?P<value>\d+))?")
_JUNK = "Bananas are yellow and the sea is salty."


class Place(NamedTuple):
    """A step of a session."""

    session: int
    position: int


class Control(NamedTuple):
    """What the custom id of a quiz's button or form says."""

    act: str
    place: Place
    value: int


@dataclass(slots=True)
class Told:
    """An answer that the bot has acknowledged with a verdict: whose, what may have been chosen, what was read."""

    person: int
    options: frozenset[int] | None
    """The places on the screen of what was chosen; None where nothing is chosen."""
    read: str


@dataclass(slots=True)
class Tally:
    """What all of them have seen together."""

    told: dict[Place, Told] = field(default_factory=dict)
    submitted: set[Place] = field(default_factory=set)
    """What they tried to submit, acknowledged or not."""
    presses: int = 0
    pressed_again: int = 0
    """First presses after a kill, on a message that was shown before it."""
    is_leaving: bool = False
    """The bot was told to end: it may say that it does not answer any more."""
    turned_away: int = 0
    dead: list[str] = field(default_factory=list)
    """Presses that got no answer, or a wrong one, from a bot that lived."""


async def comes_true(true: Callable[[], bool], within_s: float) -> bool:
    """Wait until this is true, and say whether it is after so many seconds."""
    end = time.monotonic() + within_s
    while not true():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(_PATIENCE_S)
    return True


def controls(message: Json) -> list[tuple[Json, Control]]:
    """List the buttons of a quiz that can be pressed."""
    buttons = [each for each in parts(message["components"]) if each.get("custom_id") and not each.get("disabled")]
    found = [(each, control_of(each["custom_id"])) for each in buttons]
    return [(each, control) for each, control in found if control is not None]


def control_of(custom_id: str) -> Control | None:
    found = _ID.fullmatch(custom_id)
    if found is None:
        return None
    return Control(found["act"], Place(int(found["session"]), int(found["position"])), int(found["value"] or 0))


class Learner:
    """Somebody with one quiz in front of them, who presses as long as the bot lives and again when it is back."""

    def __init__(self, server: Server, tally: Tally, number: int, seed: int) -> None:
        self.message: Json | None = None
        """What they see; the bot changes it in place."""
        self.tally = tally
        self._server = server
        self._number = number
        self._rng = random.Random(seed * 1000 + number)
        self._people = self._sessions = 0
        self.actor = self._somebody()
        self._under_way: Interaction | None = None
        self._form: Interaction | None = None
        self._wanted: Control | None = None
        self._may_be_chosen: set[int] = set()
        """The places of what was chosen last, and of choices never acknowledged: the bot may have got them or not."""
        self._is_back = False

    @property
    def person(self) -> int:
        return int(self.actor.person.id)

    async def play(self) -> None:
        """Press, wait and press, until cancelled."""
        while True:
            await asyncio.sleep(self._rng.uniform(*_THINKS_S))
            await self._act()
            if not await comes_true(self._is_answered, ANSWERED_WITHIN_S):
                self._complain("not answered")
                self._under_way = None
            self.look()

    def look(self) -> None:
        """Take note of what the last press came to, if it came to something."""
        done, wanted = self._under_way, self._wanted
        if done is None or not self._is_answered():
            return
        self._under_way, first, self._is_back = None, self._is_back, False
        self.tally.pressed_again += first and wanted is not None
        if done.followups or (wanted is not None and done.kind == _MESSAGE):
            shown = done.followups[-1] if done.followups else done.original
            self._complain(f"refused: {texts(shown or {'components': []})[:90]}")
        elif done.modal is not None:
            self._form = done
        elif wanted is None:
            self.message = done.answer if done.answer is not None and controls(done.answer) else None
        else:
            self._judge(wanted)

    def wait_for_return(self) -> None:
        """The bot was killed: what is under way will never be answered."""
        self.look()
        if self._under_way is not None and self._wanted is not None and self._wanted.act == "pick":
            self._may_be_chosen.add(self._wanted.value)
        self._under_way, self._is_back = None, True

    def chosen(self) -> tuple[Place, frozenset[int]] | None:
        """Give the step in front of them and what may stand as chosen, if it still can be changed.

        That is what is shown so, or what they pressed after it and was never acknowledged.
        """
        shown = self._shown_as_chosen()
        return (shown.place, frozenset({shown.value, *self._may_be_chosen})) if shown is not None else None

    def _shown_as_chosen(self) -> Control | None:
        found = controls(self.message or {"components": []})
        return next((c for each, c in found if c.act == "pick" and each["style"] == _CHOSEN), None)

    async def _act(self) -> None:
        self.tally.presses += 1
        if self._form is not None:
            form, self._form = self._form, None
            assert form.modal is not None
            self._wanted = control_of(form.modal["custom_id"])
            self._submitting()
            self._under_way = await self.actor.submits(form, self._text())
            return
        open_to_press = controls(self.message) if self.message is not None else []
        open_to_press = [pair for pair in open_to_press if pair[1].act != "dispute"]
        if self.message is None or not open_to_press:
            await self._begin()
            return
        button, self._wanted = self._choose(open_to_press)
        self._submitting()
        self._under_way = await self.actor.presses(self.message, button["label"])

    async def _begin(self) -> None:
        self._sessions += 1
        if self._sessions > _SESSIONS_EACH:
            # The bank must not run out of questions for anybody.
            self._sessions, self.actor = 0, self._somebody()
        self.message = self._wanted = None
        self._may_be_chosen.clear()
        self._under_way = await self.actor.slash("quiz start", number=_ITEMS)

    def _choose(self, found: list[tuple[Json, Control]]) -> tuple[Json, Control]:
        by_act: dict[str, list[tuple[Json, Control]]] = {}
        for pair in found:
            by_act.setdefault(pair[1].act, []).append(pair)
        if "submit" in by_act and self._rng.random() < 0.7:
            return by_act["submit"][0]
        hints = by_act.pop("hint", [])
        if hints and self._rng.random() < 0.1:
            return hints[0]
        return self._rng.choice([pair for pairs in by_act.values() for pair in pairs])

    def _submitting(self) -> None:
        if self._wanted is not None and self._wanted.act in ("submit", "written", "judge"):
            self.tally.submitted.add(self._wanted.place)

    def _text(self) -> str:
        """Write what is right, half of the time: the author's sentences, as the bank has them."""
        shown = texts(self.message or {"components": []})
        points = next((item.points for item in _BANK.items if item.points and item.question in shown), ())
        return " ".join(points) if points and self._rng.random() < 0.5 else _JUNK

    def _is_answered(self) -> bool:
        done = self._under_way
        return done is None or done.answer is not None or done.modal is not None or bool(done.followups)

    def _judge(self, wanted: Control) -> None:
        """Hold what is shown now against what was pressed."""
        assert self.message is not None
        acts = {control.act: control for _, control in controls(self.message)}
        is_decided = "next" in acts and wanted.act != "next"
        if is_decided and wanted.place in self.tally.submitted:
            first = texts(self.message).splitlines()[0]
            options = frozenset(self._may_be_chosen) if self._may_be_chosen else None
            self.tally.told.setdefault(wanted.place, Told(self.person, options, first))
        fits = {
            "pick": is_decided or self._shown_as_chosen() == wanted,
            "hint": is_decided or words("quiz.step.hint.1", axis="")[:6] in texts(self.message),
            "submit": is_decided,
            "judge": is_decided,
            "written": is_decided or "judge" in acts,
            "next": "next" not in acts and all(control.place == wanted.place for control in acts.values()),
        }
        if not fits[wanted.act]:
            self._complain(f"shows {texts(self.message)[:90]!r}")
        if wanted.act == "pick":
            self._may_be_chosen = {wanted.value}
        elif wanted.act == "next":
            self._may_be_chosen.clear()

    def _complain(self, what: str) -> None:
        if self.tally.is_leaving:
            self.tally.turned_away += 1
            return
        self.tally.dead.append(f"{self._wanted and self._wanted.act}: {what}")

    def _somebody(self) -> Actor:
        self._people += 1
        name = f"learner{self._number}.{self._people}"
        return Actor(self._server, name, channel=self._number % CHANNELS)


_BANK = read_bank()
