"""Writes docs/benchmarks.md and the short table of docs/index.md from the kept results of each part (`make bench`)."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tests.bench import plots
from tests.bench.peers import table as peers
from tests.bench.results import FOLDER, kept

if TYPE_CHECKING:
    from tests.bench.results import Result, Row

PAGE = Path("docs/benchmarks.md")
FRONT = Path("docs/index.md")
_TEMPLATES = Path(__file__).parent / "pages"
BEGIN, END = "<!-- measured: written by `make bench` -->\n", "<!-- end of measured -->\n"
_MET = {True: "met", False: "**not met**", None: ""}


def main() -> None:
    """Draw the plots and write both pages."""
    for name, result in _results().items():
        plots.draw(name, result, FOLDER)
    if content := _peers():
        plots.draw_peers(content, FOLDER)
    PAGE.write_text(page(), encoding="utf-8")
    FRONT.write_text(with_short_table(FRONT.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"wrote {PAGE} and the table of {FRONT}", file=sys.stderr)


def page() -> str:
    """Lay out the whole page."""
    return _render("benchmarks.md.j2")


def with_short_table(front: str) -> str:
    """Replace the short table of the front page."""
    before, _, rest = front.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + _render("short.md.j2") + END + after


def _render(template: str) -> str:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # Markdown, and nobody else's
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    results = _results()

    def value(part: str, what: str) -> str:
        return results[part].row(what).measured if part in results else "not measured"

    def short(part: str, what: str) -> str:
        """Give what was measured, without what it was measured from."""
        return re.split(r" [\[(]", value(part, what))[0]

    def table(part: str) -> str:
        return _table(results[part]) if part in results else f"`python -m tests.bench {part} --keep`: not measured yet."

    environment.filters["first_word"] = lambda text: text.split()[0]
    return environment.get_template(template).render(
        short=short, table=table, has=results.__contains__, peers=_peers(), peer_lines=_peer_table
    )


def _results() -> dict[str, Result]:
    names = sorted(path.stem for path in FOLDER.glob("*.json") if path.stem != "peers")
    return {name: found for name in names if (found := kept(name)) is not None}


def _peers() -> dict[str, Any] | None:
    path = FOLDER / "peers.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _table(result: Result) -> str:
    lines = ["| | measured | wanted | |", "|---|---|---|---|", *map(_line, result.rows), ""]
    machine = result.machine
    lines.append(
        f"<sub>`{result.command}`, seed {result.seed}, {result.date}, commit {result.commit}; {machine['processor']}, "
        f"{machine['cores']} cores, {machine['system']}, Python {machine['python']}; "
        + ", ".join(f"{name} {number}" for name, number in result.versions.items())
        + "</sub>"
    )
    return "\n".join(lines)


def _line(row: Row) -> str:
    what = row.what if row.what == row.what.lstrip() else "&nbsp;&nbsp;" + row.what.lstrip()
    cells = (_plain(what), _plain(row.measured), _plain(row.wanted), _MET[row.met])
    return "| " + " | ".join(cells) + " |"


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _peer_table(content: dict[str, Any]) -> str:
    lines = [
        "| | hit@1 | hit@5 | MRR@10 | nDCG@10 | ours ahead at hit@1 | × bare encoding |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in content["systems"]:
        version = next(iter(row["versions"].values()))
        cells = [f"{row['system']} {version}, {row['recipe']}"]
        cells += [_interval(row.get(name)) for name in ("hit@1", "hit@5", "MRR@10", "nDCG@10", "ours ahead at hit@1")]
        lines.append("| " + " | ".join([*cells, f"{row['times bare encoding']:.1f}"]) + " |")
    lines += [f"| {name} | not measured: {_plain(reason)} | | | | | |" for name, reason in content["failed"].items()]
    lines += ["", *(f"- {each}" for each in peers.verdicts(content))]
    return "\n".join(lines)


def _interval(cell: dict[str, float] | None) -> str:
    return f"{cell['value']:.3f} [{cell['low']:.3f}, {cell['high']:.3f}]" if cell else ""


if __name__ == "__main__":
    main()
