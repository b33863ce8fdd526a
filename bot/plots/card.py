"""The dark card that pictures are drawn on, with its colours and font; units are pixels."""

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

# With a background of its own, a picture is readable on Discord's light and dark themes.
CARD = "#1e1f22"
TRACK = "#3a3c42"
TEXT = "#f2f3f5"
QUIET = "#b5bac1"
# From the palette of Okabe and Ito, distinguishable with all kinds of colour vision.
BLUE = "#56b4e9"
BLUE_DIM = "#34607a"
ORANGE = "#e69f00"
GREEN = "#2bb88a"  # their bluish green, lighter, for the dark card

Side = Literal["left", "center", "right"]


def card() -> tuple[Figure, Axes]:
    """Return a figure and axes over all of it, in pixels from the upper left corner."""
    # Without pyplot there is no global state, so that any thread may draw.
    figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor=CARD)
    FigureCanvasAgg(figure)
    page = figure.add_axes((0, 0, 1, 1))
    page.set_xlim(0, WIDTH)
    page.set_ylim(HEIGHT, 0)
    page.set_axis_off()
    page.set_zorder(1)  # text above the curves of other axes
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
    """Write text with its baseline at y; a dollar sign starts no formula."""
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
    """Cut a text at its end, with an ellipsis, until it is at most `width_px` wide."""
    whole = text.get_text()
    kept = len(whole)
    while kept > 1 and text.get_window_extent().width > width_px:
        kept -= 1
        text.set_text(whole[:kept].rstrip() + "…")


def bar(page: Axes, x: float, y: float, length_px: float, *, thick_px: float, colour: str) -> None:
    """Draw a horizontal bar with round ends from x, centred on y; a dot at least, nothing when the length is 0."""
    if length_px <= 0:
        return
    radius = thick_px / 2
    # matplotlib draws no round ends on a line without length.
    inner = max(length_px - thick_px, _DOT_PX)
    ends = [x + radius, x + radius + inner]
    page.add_line(Line2D(ends, [y, y], lw=points(thick_px), color=colour, solid_capstyle="round"))


def square(page: Axes, x: float, y: float, side_px: float, *, colour: str, edge: str | None = None) -> None:
    """Draw a square with rounded corners; x, y is its upper left corner."""
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
    """Convert pixels to points, matplotlib's unit of fonts and lines."""
    return pixels * 72 / DPI


def png(figure: Figure) -> bytes:
    """Return the figure as PNG without metadata: the same figure gives the same bytes."""
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, facecolor=figure.get_facecolor(), metadata={"Software": None})
    return buffer.getvalue()
