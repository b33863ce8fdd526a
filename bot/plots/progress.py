"""Draws a person's progress: what is remembered by topic, the forgetting curve, and the days practised."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bot.plots import card
from bot.plots.card import bar, shorten, square, write
from bot.quiz.mastery import CALENDAR_DAYS, CURVE_DAYS, AxisProgress, Progress
from prompts import words

_TOP = 118
_BOTTOM = card.HEIGHT - card.MARGIN
_LEFT, _LEFT_END = card.MARGIN, 462
_RIGHT, _RIGHT_END = 520, card.WIDTH - card.MARGIN
_MAX_ROWS = 9
_ROW_PX = 92
_SEEN_PX = 132
_BAR_PX = 16
_LEAST_TRACK_PX = 4
_CURVE = (150, 330)
_LABEL_DAYS = (10, 14)
_CALENDAR_TOP = 412
_WEEKS = CALENDAR_DAYS // 7


def draw_progress(progress: Progress, axes: Mapping[str, str]) -> bytes:
    """Return a PNG of 900 x 640 pixels; `axes` gives the title of each axis by its key. Takes about 0.1 s."""
    return card.png(progress_figure(progress, axes))


def progress_figure(progress: Progress, axes: Mapping[str, str]) -> Figure:
    """Return the figure; the same progress, date included, gives the same picture."""
    figure, page = card.card()
    _heading(page, progress)
    _mastery(page, progress, axes)
    _curve(figure, page, progress)
    _calendar(page, progress)
    return figure


def _heading(page: Axes, progress: Progress) -> None:
    if progress.seen:
        title = words("progress.picture.title", remembered=round(progress.remembered[0]), items=progress.items)
    else:
        title = words("progress.picture.title_empty")
    write(page, _LEFT, 66, title, size_px=30, bold=True)
    if progress.due_now:
        write(
            page, _RIGHT_END, 66, words("progress.picture.due", count=progress.due_now), colour=card.QUIET, side="right"
        )
    elif progress.seen:
        write(page, _RIGHT_END, 66, words("progress.picture.due_none"), colour=card.QUIET, side="right")


def _mastery(page: Axes, progress: Progress, axes: Mapping[str, str]) -> None:
    write(page, _LEFT, _TOP, words("progress.picture.mastery"), colour=card.QUIET)
    shown = progress.axes if len(progress.axes) <= _MAX_ROWS else progress.axes[: _MAX_ROWS - 1]
    rows = len(shown) + (len(shown) < len(progress.axes))
    step = min(_ROW_PX, (_BOTTOM - _TOP - 8) / max(rows, 1))
    for row, axis in enumerate(shown):
        _mastery_row(page, _TOP + 12 + row * step, axis, axes.get(axis.axis, axis.axis))
    if rows > len(shown):
        others = words("progress.picture.others", count=len(progress.axes) - len(shown))
        write(page, _LEFT, _TOP + 12 + len(shown) * step + 28, others, colour=card.QUIET)


def _mastery_row(page: Axes, top: float, axis: AxisProgress, title: str) -> None:
    percent = words("progress.picture.percent", percent=round(100 * axis.mastery))
    seen = words("progress.picture.seen", seen=axis.seen, items=axis.items)
    name = write(page, _LEFT, top + 28, " ".join(title.split()))
    shorten(name, _LEFT_END - _LEFT - 80)
    write(page, _LEFT_END, top + 28, percent, bold=True, side="right")
    write(page, _LEFT_END, top + 50, seen, size_px=16, colour=card.QUIET, side="right")
    length = _LEFT_END - _LEFT - _SEEN_PX
    share = axis.seen / axis.items if axis.items else 0.0
    bar(page, _LEFT, top + 44, length, thick_px=_BAR_PX, colour=card.TRACK)
    for part, colour in ((share, card.BLUE_DIM), (axis.mastery, card.BLUE)):
        # A share below 1 leaves some of the track visible.
        shown = length if part >= 1 else min(part * length, length - _LEAST_TRACK_PX)
        bar(page, _LEFT, top + 44, shown, thick_px=_BAR_PX, colour=colour)


def _curve(figure: Figure, page: Axes, progress: Progress) -> None:
    write(page, _RIGHT, _TOP, words("progress.picture.curve"), colour=card.QUIET)
    top, bottom = _CURVE
    width = (_RIGHT_END - _RIGHT) / card.WIDTH
    plot = figure.add_axes((_RIGHT / card.WIDTH, 1 - bottom / card.HEIGHT, width, (bottom - top) / card.HEIGHT))
    plot.set_axis_off()
    plot.set_xlim(0, CURVE_DAYS)
    whole = max(progress.items, 1)
    plot.set_ylim(0, whole)
    plot.axhline(0, color=card.QUIET, lw=1, clip_on=False)
    for day in range(0, CURVE_DAYS + 1, 10):
        name = words("progress.picture.day", day=day) if day else words("progress.picture.today")
        side: card.Side = "left" if day == 0 else "right" if day == CURVE_DAYS else "center"
        x = _RIGHT + (_RIGHT_END - _RIGHT) * day / CURVE_DAYS
        write(page, x, bottom + 24, name, size_px=16, colour=card.QUIET, side=side)
    if not progress.seen:
        middle = (_RIGHT + _RIGHT_END) / 2
        write(page, middle, (top + bottom) / 2, words("progress.picture.curve_empty"), colour=card.QUIET, side="center")
        return
    plot.axhline(whole, color=card.TRACK, lw=1.5, ls=(0, (4, 4)), clip_on=False)
    write(
        page,
        _RIGHT_END,
        top - 8,
        words("progress.picture.whole", items=progress.items),
        size_px=16,
        colour=card.QUIET,
        side="right",
    )
    days = range(CURVE_DAYS + 1)
    plot.fill_between(days, progress.remembered, color=card.ORANGE, alpha=0.2, lw=0)
    plot.plot(days, progress.remembered, color=card.ORANGE, lw=3, solid_capstyle="round", clip_on=False)
    _curve_labels(page, progress, whole)


def _curve_labels(page: Axes, progress: Progress, whole: int) -> None:
    top, bottom = _CURVE
    height = [bottom - (bottom - top) * value / whole for value in progress.remembered]
    # Above the curve where there is room, else below it, for the width of the label in days.
    now = height[0] - 12 if height[0] > top + 34 else min(height[_LABEL_DAYS[0]] + 30, bottom - 8)
    later = height[-_LABEL_DAYS[1]] - 12 if height[-_LABEL_DAYS[1]] > top + 34 else min(height[-1] + 30, bottom - 8)
    write(page, _RIGHT + 6, now, words("progress.picture.now", count=round(progress.remembered[0])), bold=True)
    text = words("progress.picture.later", count=round(progress.remembered[-1]), days=CURVE_DAYS)
    write(page, _RIGHT_END, later, text, bold=True, side="right")


def _calendar(page: Axes, progress: Progress) -> None:
    if progress.streak_days:
        streak = words("progress.picture.streak", days=progress.streak_days)
    else:
        streak = words("progress.picture.streak_none")
    write(page, _RIGHT, _CALENDAR_TOP, streak, bold=True)
    if progress.longest_streak_days:
        longest = words("progress.picture.longest", days=progress.longest_streak_days)
        write(page, _RIGHT_END, _CALENDAR_TOP, longest, colour=card.QUIET, side="right")
    weekdays = words("progress.picture.weekdays").split()
    pitch = (_RIGHT_END - _RIGHT - 28) / _WEEKS
    first_monday = progress.today - timedelta(days=progress.today.weekday() + 7 * (_WEEKS - 1))
    top = _CALENDAR_TOP + 16
    height = 22
    for row, name in enumerate(weekdays):
        write(page, _RIGHT, top + row * height + 15, name, size_px=14, colour=card.QUIET)
    for place, count in enumerate(progress.daily):
        day = progress.today - timedelta(days=CALENDAR_DAYS - 1 - place)
        week, weekday = divmod((day - first_monday).days, 7)
        if week < 0:
            continue
        colour = card.GREEN if count else card.TRACK
        edge = card.TEXT if day == progress.today else None
        square(page, _RIGHT + 28 + week * pitch, top + weekday * height, 18, colour=colour, edge=edge)
    write(page, _RIGHT + 28, _BOTTOM, words("progress.picture.weeks", weeks=_WEEKS), size_px=16, colour=card.QUIET)
