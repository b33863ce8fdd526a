"""Reads the layers of packages from the imports, and draws them for docs/architecture.md."""

from __future__ import annotations

import ast
from collections import defaultdict
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence, Set

ROOT = Path(__file__).parents[1]
_TREES = ("bot", "index", "prompts")
_COLOURS = {"bot": "#e8eaf6", "index": "#e0f2f1", "prompts": "#fff3e0"}
_WIDTH, _BOX, _HEIGHT, _GAP, _EDGE, _ACROSS = 640, 149, 30, 8, 8, 4


def package_of(module: str) -> str:
    """Return the node of a module in the diagram: `index.text.noise` -> `index/text`, `bot.app` -> `bot/app`."""
    return "prompts" if module.startswith("prompts") else "/".join(module.split(".")[:2])


def imports() -> Mapping[str, Set[str]]:
    """Return the packages that each package imports, imports inside functions and for types included."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in (file for tree in _TREES for file in (ROOT / tree).rglob("*.py")):
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if module in _TREES[:2] or module.endswith("__main__"):
            continue  # the two empty roots, and `python -m bot`
        own = package_of(module)
        found[own] |= {package_of(each) for each in _imported(file)} - {own}
    return found


def layers(graph: Mapping[str, Set[str]]) -> list[list[str]]:
    """Return the packages in layers, the top one first: each imports only from layers below its own.

    Raises graphlib.CycleError when two packages import each other.
    """
    level: dict[str, int] = {}
    for package in TopologicalSorter(graph).static_order():
        level[package] = 1 + max((level[each] for each in graph.get(package, ())), default=-1)
    rows: dict[int, list[str]] = defaultdict(list)
    for package in sorted(level):
        rows[level[package]].append(package)
    return [rows[number] for number in sorted(rows, reverse=True)]


def purpose(package: str) -> str:
    """Return the first line of the docstring of a package or module."""
    path = ROOT / package
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").partition("\n")[0]


def table(graph: Mapping[str, Set[str]]) -> str:
    """Return a Markdown table of the packages, top layer first: what each is and what it imports."""
    lines = ["| Package | What it is | Imports |", "|---|---|---|"]
    for package in (package for layer in layers(graph) for package in layer):
        imported = ", ".join(f"`{each}`" for each in sorted(graph.get(package, ())))
        lines.append(f"| `{package}` | {purpose(package)} | {imported} |")
    return "\n".join(lines) + "\n"


def drawing(rows: Sequence[Sequence[str]]) -> str:
    """Return an SVG of the layers, one band for each."""
    parts, y = [], _EDGE
    for number, row in enumerate(rows):
        lines = [row[first : first + _ACROSS] for first in range(0, len(row), _ACROSS)]
        height = len(lines) * (_HEIGHT + _GAP) + _GAP
        tint = "#f5f5f5" if number % 2 == 0 else "#ffffff"
        parts.append(f'<rect x="0" y="{y}" width="{_WIDTH}" height="{height}" fill="{tint}"/>')
        for place, line in enumerate(lines):
            parts += _boxes(line, y + _GAP + place * (_HEIGHT + _GAP))
        y += height
    box = f'viewBox="0 0 {_WIDTH} {y + _EDGE}" width="{_WIDTH}" height="{y + _EDGE}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img" font-family="sans-serif" font-size="14">'
    title = "<title>Packages in layers: each imports only from layers below its own</title>"
    return "\n".join([head, title, f'<rect width="{_WIDTH}" height="{y + _EDGE}" fill="#ffffff"/>', *parts, "</svg>\n"])


def _boxes(packages: Sequence[str], y: int) -> Iterator[str]:
    x = (_WIDTH - len(packages) * (_BOX + _GAP) + _GAP) / 2
    for package in packages:
        fill = _COLOURS[package.partition("/")[0]]
        yield f'<rect x="{x}" y="{y}" width="{_BOX}" height="{_HEIGHT}" rx="4" fill="{fill}" stroke="#5c6bc0"/>'
        yield f'<text x="{x + _BOX / 2}" y="{y + 20}" text-anchor="middle" fill="#212121">{escape(package)}</text>'
        x += _BOX + _GAP


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            alone = node.module in _TREES[:2]  # `from bot import exts` imports the package exts
            names = [f"{node.module}.{alias.name}" for alias in node.names] if alone else [node.module]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] in _TREES and name not in _TREES[:2])
