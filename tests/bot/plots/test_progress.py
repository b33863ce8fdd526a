"""The picture of /progress says what the facts say, can be read by everybody, and is drawn off the main thread."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib.font_manager
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from matplotlib.text import Text
from PIL import Image

from bot.plots import card
from bot.plots.progress import draw_progress, progress_figure
from bot.quiz.mastery import Answered, Progress, progress
from bot.quiz.schedule import Memory, rating_of, review
from bot.ui.progress import PICTURE, facts, progress_view
from tests.bot.conftest import parts
from tests.bot.ui.test_layouts import Wire, shown

NOW = datetime(2026, 3, 25, 9, tzinfo=UTC)
TITLES = {"logic": "How it develops", "form": "Form of industry", "value": "Where $value$ comes from"}
BANK = {axis: tuple(f"{axis}-{n}" for n in range(8)) for axis in TITLES}
DISCORD_DARK, DISCORD_LIGHT = "#313338", "#ffffff"


def learner(practised: int, wrong_every: int = 4) -> Progress:
    """Answer six due or new items a day on so many days up to today."""
    answers: list[Answered] = []
    memories: dict[str, Memory] = {}
    count = itertools.count(1)
    for ago in reversed(range(practised)):
        now = NOW - timedelta(days=ago)
        items = [(axis, item) for axis, items in BANK.items() for item in items]
        waiting = [(axis, item) for axis, item in items if item not in memories or memories[item].due <= now]
        for axis, item in waiting[:6]:
            score = float(next(count) % wrong_every > 0)
            answers.append(Answered(item, axis, score, now))
            memories[item] = review(memories.get(item), rating_of(score, 0), now)
    return progress(answers, memories, BANK, NOW)


EMPTY, TYPICAL, FULL = learner(0), learner(5), learner(60, 1000)
CROWDED = replace(TYPICAL, axes=tuple(replace(TYPICAL.axes[0], axis=f"{n}" * 70) for n in range(20)))
CASES = pytest.mark.parametrize(
    "facts_of", [EMPTY, TYPICAL, FULL, CROWDED], ids=["empty", "typical", "full", "crowded"]
)


def letters(figure: Figure) -> list[Text]:
    return [text for text in figure.findobj(Text) if text.get_text().strip() and text.axes.axison is False]


def written(figure: Figure) -> list[str]:
    return [text.get_text() for text in letters(figure)]


def contrast(one: Any, other: Any) -> float:
    """The contrast ratio of WCAG 2, 1..21."""
    lights = []
    for colour in (one, other):
        channels = np.array(to_rgb(colour))
        linear = np.where(channels <= 0.03928, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        lights.append(float(linear @ [0.2126, 0.7152, 0.0722]))
    return (max(lights) + 0.05) / (min(lights) + 0.05)


@CASES
def test_it_is_a_picture_of_its_size(facts_of: Progress) -> None:
    """Discord gets a valid PNG of 900 x 640 pixels without transparency, small enough to be sent at once."""
    data = draw_progress(facts_of, TITLES)
    image = Image.open(BytesIO(data))
    image.load()
    assert (image.format, image.size) == ("PNG", (900, 640))
    assert image.convert("RGBA").getextrema()[3] == (255, 255)
    assert len(data) < 300_000


def test_the_same_facts_give_the_same_bytes_on_any_thread() -> None:
    """Drawn on four threads at once, none the main one, every picture equals the one drawn alone."""
    alone = {facts_of: draw_progress(facts_of, TITLES) for facts_of in (EMPTY, TYPICAL, FULL)}

    def draw(facts_of: Progress) -> bool:
        assert threading.current_thread() is not threading.main_thread()
        return draw_progress(facts_of, TITLES) == alone[facts_of]

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(draw, [EMPTY, TYPICAL, FULL] * 4))
    assert len(set(alone.values())) == 3


@CASES
def test_letters_are_large_inside_and_apart(facts_of: Progress) -> None:
    """No word leaves the card or covers another, and none is smaller than what Discord's scaling leaves readable."""
    figure = progress_figure(facts_of, TITLES)
    figure.canvas.draw()
    boxes = [(text.get_text(), text.get_window_extent()) for text in letters(figure)]
    for text, box in boxes:
        assert box.x0 >= card.MARGIN - 2, text
        assert box.x1 <= card.WIDTH - card.MARGIN + 2, text
        assert box.y0 >= 20, text
        assert box.y1 <= card.HEIGHT - 20, text
    for (one, box), (other, beside) in itertools.combinations(boxes, 2):
        # A box has room for ascenders and descenders that most words lack: four pixels of it may be shared.
        sideways = box.x1 <= beside.x0 or beside.x1 <= box.x0
        apart = sideways or box.y1 <= beside.y0 + 4 or beside.y1 <= box.y0 + 4
        assert apart, f"{one!r} covers {other!r}"
    assert min(text.get_fontsize() for text in letters(figure)) >= card.points(14)


@CASES
def test_letters_can_be_read(facts_of: Progress) -> None:
    """Every word has at least WCAG's 7 to 1 against the card, and still 4.5 to 1 on the curve's shade."""
    figure = progress_figure(facts_of, TITLES)
    shade = tuple(0.2 * a + 0.8 * b for a, b in zip(to_rgb(card.ORANGE), to_rgb(card.CARD), strict=True))
    for text in letters(figure):
        assert contrast(text.get_color(), figure.get_facecolor()) >= 7
        assert contrast(text.get_color(), shade) >= 4.5


def test_shapes_can_be_told_from_the_card_and_one_another() -> None:
    """What carries meaning has 3 to 1 against the card and against the empty track, whatever the theme around it."""
    for colour in (card.BLUE, card.ORANGE, card.GREEN):
        assert contrast(colour, card.CARD) >= 3
        assert contrast(colour, card.TRACK) >= 3
    assert contrast(card.BLUE, card.BLUE_DIM) >= 2.5
    assert contrast(card.CARD, DISCORD_LIGHT) >= 7
    assert card.CARD != DISCORD_DARK


def test_colours_differ_in_lightness_for_every_colour_vision() -> None:
    """Practised and not, remembered and not, are told apart by lightness alone: no hue is needed."""
    grey = [contrast(colour, "#000000") for colour in (card.TRACK, card.BLUE_DIM, card.BLUE)]
    assert grey == sorted(grey)
    assert contrast(card.GREEN, card.TRACK) >= 3


@pytest.mark.parametrize("share", [0.004, 0.04, 0.05, 0.06, 0.5, 0.96, 0.999, 0.0, 1.0])
def test_a_bar_shows_something_of_any_share_and_all_of_all_only(share: float) -> None:
    """The smallest share is seen, the largest below all leaves some of the track in sight, none and all are exact."""
    axis = replace(TYPICAL.axes[0], mastery=share, seen=TYPICAL.axes[0].items)
    picture = Image.open(BytesIO(draw_progress(replace(TYPICAL, axes=(axis,)), TITLES))).convert("RGB")
    row = np.asarray(picture)[118 + 12 + 44]
    filled, track = (
        int((np.abs(row - np.array(to_rgb(colour)) * 255).max(axis=1) < 12).sum())
        for colour in (card.BLUE, card.BLUE_DIM)
    )
    assert (filled > 0) is (share > 0)
    assert (track > 0) is (share < 1)


def test_it_says_what_the_facts_say() -> None:
    """Title, topics with their shares, both ends of the curve and the streak are written beside what they label."""
    said = written(progress_figure(TYPICAL, TITLES))
    assert f"About {round(TYPICAL.remembered[0])} of 24 remembered" in said
    for axis in TYPICAL.axes:
        assert TITLES[axis.axis] in said
        assert f"{round(100 * axis.mastery)} %" in said
        assert f"{axis.seen} of {axis.items} seen" in said
    assert f"{round(TYPICAL.remembered[0])} today" in said
    assert f"{round(TYPICAL.remembered[-1])} in 30 days" in said
    assert "5 days in a row" in said
    assert "all 24" in said


def test_the_curve_is_the_expected_number() -> None:
    """The line holds the 31 expected numbers, on a scale from nothing to all items."""
    figure = progress_figure(TYPICAL, TITLES)
    (plot,) = [axes for axes in figure.axes if axes.get_xlim() == (0, 30)]
    (line,) = [line for line in plot.lines if len(np.asarray(line.get_xdata())) == 31]
    assert tuple(np.asarray(line.get_ydata())) == TYPICAL.remembered
    assert plot.get_ylim() == (0, 24)


def test_the_calendar_holds_the_days_practised() -> None:
    """One square a day from Monday eleven weeks ago to today, as many of them lit as there were days of practice."""
    figure = progress_figure(TYPICAL, TITLES)
    squares = [patch for patch in figure.findobj(FancyBboxPatch) if patch.get_width() == patch.get_height()]
    assert len(squares) == 11 * 7 + NOW.weekday() + 1
    lit = [patch for patch in squares if patch.get_facecolor()[:3] == pytest.approx(to_rgb(card.GREEN))]
    assert len(lit) == 5
    assert len({(patch.get_x(), patch.get_y()) for patch in squares}) == len(squares)


def test_nothing_seen_yet_looks_meant() -> None:
    """A newcomer sees an invitation instead of a flat line and of a count of zero."""
    figure = progress_figure(EMPTY, TITLES)
    said = written(figure)
    assert "Nothing answered yet" in said
    assert any("first answer" in text for text in said)
    assert not any(text.endswith(" today") and text[0].isdigit() for text in said)
    assert [line for axes in figure.axes for line in axes.lines if len(np.asarray(line.get_xdata())) == 31] == []


def test_many_long_topics_are_shortened_and_counted() -> None:
    """More topics than there is room for are counted, and long titles end in an ellipsis."""
    said = written(progress_figure(CROWDED, {}))
    assert sum(text.endswith("…") for text in said) == 8
    assert "… and 12 more" in said


def test_no_global_state() -> None:
    """pyplot keeps every figure for ever and is not for threads: it is not even imported."""
    probe = "import sys, bot.plots.progress; print('matplotlib.pyplot' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    font = Path(matplotlib.font_manager.findfont(card.FONT)).resolve()
    assert font.is_relative_to(Path(matplotlib.get_data_path()).resolve())


@CASES
def test_the_view_says_the_same_in_text(facts_of: Progress) -> None:
    """Lead, picture with a description, and the facts as text fit into one message."""
    view = progress_view(facts_of, TITLES, None)
    said = shown(view)
    assert facts(facts_of, TITLES) in said
    (gallery,) = [each for each in parts(Wire(view)) if each["type"] == 12]
    (picture,) = gallery["items"]
    assert picture["media"]["url"] == f"attachment://{PICTURE}"
    assert 0 < len(picture["description"]) <= 256
    if facts_of is TYPICAL:
        for axis in facts_of.axes:
            assert f"{round(100 * axis.mastery)} % remembered · {axis.seen} of {axis.items} seen" in said
        assert "Streak: **5 days** · longest: 5 days" in said
        assert f"Due now: **{facts_of.due_now}**" in said
        assert f"**{round(facts_of.remembered[0])} of 24**" in said
    if facts_of is EMPTY:
        assert "not answered a question yet" in said
        assert "right" not in said


def test_titles_cannot_format_or_ping() -> None:
    """A topic's title comes from a file anybody may write: in text it is escaped, in the picture it is only letters."""
    hostile = {"logic": "**@everyone** <@1>", "form": "a\nb", "value": r"$\frac{1}{0$"}
    said = facts(TYPICAL, hostile)
    assert "@everyone" not in said.replace(r"\@everyone", "")
    assert "<@1>" not in said
    said_too = written(progress_figure(TYPICAL, hostile))
    assert {"**@everyone** <@1>", "a b", r"$\frac{1}{0$"} <= set(said_too)
    draw_progress(TYPICAL, hostile)
