"""Measures how a whole answer, and what it is made of, grows with the passages of a library."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.answering.answer import Asked
from index.answering.selection import answer
from index.generations import generation as generations
from index.generations.manifest import FOLDER, live
from index.models.encoder import SentenceTransformerEncoder
from index.text.noise import Aliases
from tests.bench import neighbours, speed, squad
from tests.bench.anatomy import anatomy
from tests.bench.quality import folder
from tests.bench.results import Row, Series

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.generations.generation import Generation
    from index.models.encoder import Encoder

_SIZES = (10_000, 50_000)
_BUILD_S = 540  # within which a library has to be made
_ASKED = 150
_WARM_UP = 20
_SMALLEST_MS = 0.05  # of a stage whose growth can be told from noise


def exponent(small: float, before: float, large: float, after: float) -> float:
    """Give the slope between two sizes on logarithmic axes."""
    return float(np.log(after / before) / np.log(large / small))


def rows(real: Generation, encoder: Encoder, questions: Sequence[str]) -> Iterator[Row | Series]:
    """Ask the same questions of libraries of 10,000 and of 50,000 passages, in turn."""
    asked = list(questions)
    np.random.default_rng(0).shuffle(asked)
    built = {size: _made(real, encoder, size) for size in _SIZES}
    opened = {size: generations.load(data, live(data) or "") for size, data in built.items()}
    small, large = opened
    for size, data in built.items():
        yield from _costs(size, data, opened[size])
    taken: dict[int, list[float]] = {size: [] for size in opened}
    for question in asked[: _WARM_UP + _ASKED]:
        for size, generation in opened.items():
            began = time.perf_counter()
            answer(generation, encoder, [Asked(question)])
            taken[size].append(1000 * (time.perf_counter() - began))
    before, after = (float(np.median(taken[size][_WARM_UP:])) for size in opened)
    slope = exponent(small, before, large, after)
    yield Row(
        f"ask at {large:,} / at {small:,} passages, medians",
        f"{after / before:.2f} ({after:.1f} / {before:.1f} ms), exponent {slope:.2f}",
    )
    yield from _stages(opened, encoder, asked)


def _made(real: Generation, encoder: Encoder, size: int) -> Path:
    """Make a library of so many passages in a process of its own, unless it was made before, and keep what it took."""
    data = folder() / ("large" if size == _SIZES[0] else f"large{size}")
    if live(data) is None:
        command = [sys.executable, "-m", "tests.bench.growth", str(size)]
        subprocess.run(command, check=True, timeout=_BUILD_S)
    return data


def _costs(size: int, data: Path, generation: Generation) -> Iterator[Row]:
    made = data / FOLDER / generation.id
    disk = sum(file.stat().st_size for file in made.rglob("*") if file.is_file()) / 1e9
    words = generation.late_interaction._rows
    yield Row(
        f"{size:,} passages: sentences, words, a word's row",
        f"{len(generation.sentences):,}, {len(words):,}, {words.shape[1]} bytes",
    )
    yield Row(f"{size:,} passages: disk of the generation", f"{disk:.2f} GB")
    if (data / "built.json").exists():
        took = json.loads((data / "built.json").read_text(encoding="utf-8"))
        yield Row(
            f"{size:,} passages: built without the model in, at most",
            f"{took['seconds']:.0f} s, {took['peak_mb'] / 1000:.1f} GB of memory",
        )
    command = [sys.executable, "-m", "tests.bench.growth", "open", str(data)]
    said = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    resident, anonymous = said["resident_mb"] / 1000, said["anonymous_mb"] / 1000
    yield Row(
        f"{size:,} passages: opened in, resident after {said['asked']} searches",
        f"{said['open_s']:.1f} s, {resident:.2f} GB ({anonymous:.2f} not of a file)",
    )


def _stages(opened: dict[int, Generation], encoder: Encoder, asked: Sequence[str]) -> Iterator[Row | Series]:
    """Say which stages of an answer grow, each with its exponent."""
    small, large = (anatomy(generation, {"": encoder}, asked)[""] for generation in opened.values())
    sizes = list(opened)
    for stage, after in sorted(large.items(), key=lambda each: each[1] - small[each[0]], reverse=True):
        before = small[stage]
        slope = f", exponent {exponent(sizes[0], before, sizes[1], after):.2f}" if before > _SMALLEST_MS else ""
        yield Row(f"  {stage}: from {sizes[0]:,} to {sizes[1]:,} passages", f"{before:.2f} to {after:.2f} ms{slope}")
    columns = {"stage": list(large)}
    columns |= {
        f"{size}_ms": [round(v, 3) for v in each.values()] for size, each in zip(sizes, (small, large), strict=True)
    }
    yield Series("stages of an answer", columns)


def _make(size: int) -> None:
    """Make the library, and note how long that took and how much memory it came to."""
    encoder = SentenceTransformerEncoder()
    real = squad.library(squad.read(), folder() / "squad", encoder, Aliases({}))
    data = folder() / ("large" if size == _SIZES[0] else f"large{size}")
    began = time.perf_counter()
    speed.perturbed(real, encoder, data, size)
    seconds = time.perf_counter() - began
    peak_mb = _peak_mb()
    (data / "built.json").write_text(json.dumps({"seconds": seconds, "peak_mb": peak_mb}), encoding="utf-8")


def _peak_mb() -> float:
    """Give the most memory that this process held; what `getrusage` says may be of the process that started it."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM:"))


def _open(data: Path) -> None:
    """Open a library, ask it, and say what of the process's memory is due to it; the model is there before."""
    encoder = SentenceTransformerEncoder()
    questions = [question.text for article in squad.read() for question in article.questions][::8][:_ASKED]
    encoder.encode_in_context(questions[:_WARM_UP], asked=True)
    before = neighbours.memory_mb()
    began = time.perf_counter()
    generation = generations.load(data, live(data) or "")
    open_s = time.perf_counter() - began
    for question in questions:
        answer(generation, encoder, [Asked(question)])
    after = neighbours.memory_mb()
    said = {
        "open_s": open_s,
        "asked": len(questions),
        "resident_mb": after["Rss"] - before["Rss"],
        "anonymous_mb": after["Anonymous"] - before["Anonymous"],
    }
    print(json.dumps(said))


if __name__ == "__main__":
    _open(Path(sys.argv[2])) if sys.argv[1] == "open" else _make(int(sys.argv[1]))
