"""The dark card every picture is drawn on, measured in pixels, and its colours and letters."""

from __future__ import annotations

from io import BytesIO
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch
from matplotlib.text import Text

DPI = 100
WIDTH, HEIGHT = 900, 640
MARGIN = 36
_DOT_PX = 0.5  # more than `path.simplify_threshold`, a ninth of a pixel, or the line is simplified away
FONT = "DejaVu Sans"  # comes with matplotlib: the same letters on every machine

# A card of its own colour is readable on Discord's light theme as on its dark one.
CARD = "#1e1f22"
TRACK = "#3a3c42"
TEXT = "#f2f3f5"
QUIET = "#b5bac1"
# From the palette of Okabe and Ito, told apart by all kinds of colour vision.
BLUE = "#56b4e9"
BLUE_DIM = "#34607a"
ORANGE = "#e69f00"
GREEN = "#2bb88a"  # their bluish green, lighter, for the dark card

Side = Literal["left", "center", "right"]


def card() -> tuple[Figure, Axes]:
    """Return a figure and, over all of it, axes whose unit is the pixel, the origin being the upper left corner."""
    # Figure and canvas without pyplot: no global state, so that any thread may draw.
    figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor=CARD)
    FigureCanvasAgg(figure)
    page = figure.add_axes((0, 0, 1, 1))
    page.set_xlim(0, WIDTH)
    page.set_ylim(HEIGHT, 0)
    page.set_axis_off()
    page.set_zorder(1)  # letters stand above the curves of other axes
    return figure, page


def write(
    axes: Axes,
    x: float,
    y: float,
    text: str,
    *,
    size_px: int = 19,
    colour: str = TEXT,
    bold: bool = False,
    side: Side = "left",
) -> Text:
    """Write text on its baseline; a dollar sign in it is a dollar sign."""
    return axes.text(
        x,
        y,
        text,
        fontfamily=FONT,
        fontsize=points(size_px),
        fontweight="bold" if bold else "normal",
        color=colour,
        ha=side,
        va="baseline",
        parse_math=False,
    )


def shorten(text: Text, width_px: float) -> None:
    """Cut what is written from its end until it is no wider, an ellipsis showing the cut."""
    whole = text.get_text()
    kept = len(whole)
    while kept > 1 and text.get_window_extent().width > width_px:
        kept -= 1
        text.set_text(whole[:kept].rstrip() + "…")


def bar(page: Axes, x: float, y: float, length_px: float, *, thick_px: float, colour: str) -> None:
    """Draw a horizontal bar with round ends from x, around y: at least a dot, and nothing when it has no length."""
    if length_px <= 0:
        return
    radius = thick_px / 2
    # matplotlib draws no ends on a line of no length, so a bar shorter than it is thick would be missing.
    inner = max(length_px - thick_px, _DOT_PX)
    ends = [x + radius, x + radius + inner]
    page.add_line(Line2D(ends, [y, y], lw=points(thick_px), color=colour, solid_capstyle="round"))


def square(page: Axes, x: float, y: float, side_px: float, *, colour: str, edge: str | None = None) -> None:
    """Draw a square with soft corners whose upper left corner is at x, y."""
    page.add_patch(
        FancyBboxPatch(
            (x, y),
            side_px,
            side_px,
            boxstyle="round,pad=0,rounding_size=4",
            facecolor=colour,
            edgecolor=edge or colour,
            linewidth=points(2) if edge else 0,
        )
    )


def points(pixels: float) -> float:
    return pixels * 72 / DPI


def png(figure: Figure) -> bytes:
    """Return the figure as PNG; the same figure gives the same bytes, for nothing but the picture is written."""
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, facecolor=figure.get_facecolor(), metadata={"Software": None})
    return buffer.getvalue()
