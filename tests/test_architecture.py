"""The arrows between the rooms point one way, and every room says why it exists."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests import packages

ROOT = Path(__file__).parents[1]
PACKAGES = ("index", "bot", "prompts")


def files(root: Path) -> list[Path]:
    return sorted(file for package in PACKAGES for file in (root / package).rglob("*.py"))


FILES = files(ROOT)

# Library -> the only files and folders of the program that import it, at the top of a module or in a function.
ALLOWED = {
    "discord": (
        "bot/app.py",
        "bot/runtime/handover.py",
        "bot/runtime/http.py",
        "bot/runtime/reconnect.py",
        "bot/cli/",
        "bot/demo/",
        "bot/exts/",
        "bot/ui/",
    ),
    "faiss": ("index/indexes/vectors.py",),
    "sentence_transformers": ("index/models/encoder.py",),
    "transformers": ("index/models/encoder.py",),
    "torch": ("index/models/encoder.py", "index/models/torch_cross_encoder.py", "index/models/openvino_export.py"),
    "openvino": ("index/models/openvino_runtime.py", "index/models/openvino_export.py"),
    "bm25s": ("index/indexes/bm25.py",),
    "fasttext": ("index/documents/language.py",),
    "regex": ("index/text/words.py",),
    "scipy": ("bot/libraries/question_groups.py",),
    "sqlalchemy": ("bot/store/",),
    "alembic": ("bot/store/",),
    "obstore": ("bot/objects/",),
    "procrastinate": ("bot/libraries/queue.py", "bot/libraries/build_worker.py"),
    "simcord": ("bot/demo/",),
    "matplotlib": ("bot/plots/",),
    "prometheus_client": ("bot/observability/metrics.py",),
    "fsrs": ("bot/quiz/schedule.py",),
    "pypdfium2": ("index/documents/formats/",),
    "docx": ("index/documents/formats/",),
    "ctypes": ("index/documents/confinement.py", "index/documents/formats/pdf"),
}
# Packages from the bottom to the top: a module imports from its own package and from those before it, types too.
_LAYERS = """
prompts
index/errors index/documents index/text index/indexes index/models index/generations index/answering
index/quotations index/evaluation
bot/errors bot/settings bot/runtime bot/conversation bot/observability bot/quiz bot/plots bot/objects bot/store
bot/libraries bot/answering bot/learning bot/backup bot/people bot/services
bot/ui bot/doctor bot/exts bot/app bot/demo bot/cli
"""
LAYERS = _LAYERS.split()
# Modules that are outside all packages.
LOOSE = {"index": 2, "bot": 6}
# Modules that import none of the HEAVY libraries.
LIGHT = [
    "bot.app",
    "bot.cli",
    "bot.answering.engine",
    "bot.exts.ask",
    "bot.exts.library",
    "bot.exts.quiz",
    "bot.exts.progress",
]
HEAVY = (
    "torch",
    "openvino",
    "transformers",
    "faiss",
    "sentence_transformers",
    "bm25s",
    "simcord",
    "scipy",
    "matplotlib",
    "prometheus_client",
    "sqlalchemy.dialects.postgresql",
)


def name(file: Path, root: Path = ROOT) -> str:
    return file.relative_to(root).as_posix()


def dotted(file: Path) -> str:
    return name(file).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def imports(file: Path) -> tuple[str, ...]:
    """Name the modules that a file imports, in functions and for types too."""
    return tuple(_imports(file))


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(file)}: relative import"
            assert node.module
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def roots(file: Path) -> set[str]:
    return {module.split(".")[0] for module in imports(file)}


def importers(library: str, root: Path = ROOT) -> list[str]:
    """Name the files of the program that import a library."""
    return [name(file, root) for file in files(root) if library in roots(file)]


@pytest.mark.parametrize("library", sorted(ALLOWED))
def test_a_library_is_imported_only_where_it_belongs(library: str) -> None:
    """Each library can be exchanged by rewriting the files named in ALLOWED, each of which needs it."""
    users = importers(library)
    assert [user for user in users if not user.startswith(ALLOWED[library])] == []
    assert [place for place in ALLOWED[library] if not any(user.startswith(place) for user in users)] == []


@pytest.mark.parametrize("source", ["import faiss", "from faiss import Index", "def f():\n    import faiss.contrib"])
def test_an_import_elsewhere_is_found(tmp_path: Path, source: str) -> None:
    """A file that may import one library may not import another: `import faiss` in bot/ui."""
    (tmp_path / "bot" / "ui").mkdir(parents=True)
    (tmp_path / "bot" / "ui" / "answer.py").write_text(f"import discord\n{source}\n", encoding="utf-8")
    [user] = importers("faiss", tmp_path)
    assert user.startswith(ALLOWED["discord"])
    assert not user.startswith(ALLOWED["faiss"])


def test_packages_import_only_from_lower_layers() -> None:
    """No package imports one that comes later in LAYERS, and each package has its place there."""
    graph = packages.imports()
    height = {package: number for number, package in enumerate(LAYERS)}
    assert sorted({*graph, *(each for used in graph.values() for each in used)} - {*LAYERS, *PACKAGES}) == []
    faults = [
        f"{package} imports {used}"
        for package, all_used in graph.items()
        for used in all_used
        if used in height and height[used] > height[package]
    ]
    assert faults == []


def test_no_modules_import_each_other() -> None:
    """Modules can be read one after the other: no circle, imports inside functions and for types included."""
    modules = {dotted(file): file for file in FILES}
    graph = {module: {used for used in imports(file) if used in modules} - {module} for module, file in modules.items()}
    for used in graph.values():
        # `from package import module` names the package too.
        used -= {other for other in used if any(each.startswith(f"{other}.") for each in used)}
    assert [*TopologicalSorter(graph).static_order()]


def test_few_modules_are_outside_the_packages() -> None:
    """What belongs to a layer or a feature is in its package."""
    found = {package: len([*(ROOT / package).glob("*.py")]) for package in LOOSE}
    assert all(found[package] <= most for package, most in LOOSE.items()), found


def test_the_library_knows_nothing_of_the_bot() -> None:
    """index/ imports neither bot nor prompts, and prompts neither bot nor index."""
    faults = {
        name(file): sorted(found)
        for file in FILES
        for package, banned in (("index", {"bot", "prompts", "tests"}), ("prompts", {"bot", "index", "tests"}))
        if name(file).startswith(f"{package}/") and (found := roots(file) & banned)
    }
    assert faults == {}


def test_nothing_that_ships_knows_the_tests() -> None:
    """The program stands without its tests."""
    assert [name(file) for file in FILES if roots(file) & {"tests", "pytest", "hypothesis"}] == []


def test_features_do_not_know_one_another() -> None:
    """A feature of bot/exts can be left out: no other imports it, and nothing below does either."""
    for file in FILES:
        if not name(file).startswith("bot/"):
            continue
        own = ".".join(name(file).removesuffix(".py").split("/")[:3])
        others = [module for module in imports(file) if module.startswith("bot.exts.") and not module.startswith(own)]
        assert others == [], name(file)


def test_layouts_do_not_retrieve() -> None:
    """bot/ui shows what it is given: it searches, builds and stores nothing."""
    banned = (
        "index.answering.ranking",
        "index.generations.build",
        "index.generations.generation",
        "index.models.encoder",
        "bot.exts",
        "bot.store",
        "bot.libraries.opening",
    )
    faults = [
        f"{name(file)}: {module}"
        for file in FILES
        if name(file).startswith("bot/ui/")
        for module in imports(file)
        if module.startswith(banned)
    ]
    assert faults == []


def test_the_quiz_engine_is_pure() -> None:
    """bot/quiz knows no Discord, no store and no clock, and draws nothing by chance of its own."""
    engine = [file for file in FILES if name(file).startswith("bot/quiz/")]
    banned = {"discord", "sqlalchemy", "asyncio", "time", "secrets", "logging"}
    assert engine
    assert {name(file): sorted(roots(file) & banned) for file in engine if roots(file) & banned} == {}
    drawn = r"\b(datetime\.now|utcnow|today\(\)|random\.(random|choice|shuffle|randint|sample|SystemRandom)\b)"
    assert [name(file) for file in engine if re.search(drawn, file.read_text(encoding="utf-8"))] == []


def test_the_index_reads_no_clock_and_no_environment() -> None:
    """What index/ does follows from what it is given alone: time and settings come from outside."""
    banned = {"datetime", "time", "random", "logging"}
    assert [name(file) for file in FILES if name(file).startswith("index/") and roots(file) & banned] == []
    readers = [
        name(file)
        for file in FILES
        if name(file).startswith("index/") and "os.environ" in file.read_text(encoding="utf-8")
    ]
    # Three only set how libraries behave, before they are imported; one keeps the environment from a child.
    assert set(readers) <= {
        "index/__init__.py",
        "index/models/encoder.py",
        "index/models/openvino_runtime.py",
        "index/documents/sandbox.py",
    }


def test_nothing_heavy_comes_with_the_bot() -> None:
    """The gateway connects, and `--help` answers, before the model's libraries are even read."""
    probe = f"""
import importlib, sys
for module in {LIGHT!r}:
    importlib.import_module(module)
    assert not sys.modules.keys() & {{*{HEAVY!r}}}, module
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", probe], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("file", FILES, ids=name)
def test_every_module_says_why_it_exists(file: Path) -> None:
    """A module begins with one sentence; only an empty `__init__` needs none."""
    text = file.read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(text))
    if file.name == "__init__.py" and not text.strip():
        return
    assert docstring
    assert docstring.splitlines()[0].rstrip().endswith((".", ":"))


def test_every_test_says_its_rule() -> None:
    """The docstring of a test is the rule that it guards."""
    silent = [
        f"{name(file)}::{node.name}"
        for file in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        if ast.get_docstring(node) is None
    ]
    assert silent == []


def test_errors_are_drawn_in_their_tree() -> None:
    """The docstring of each errors.py names every error in it."""
    for file in (ROOT / "index" / "errors.py", ROOT / "bot" / "errors.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        drawn = ast.get_docstring(tree) or ""
        errors = [
            node.name
            for node in tree.body
            if isinstance(node, ast.ClassDef) and node.name.endswith(("Error", "Button", "Questions"))
        ]
        assert errors
        assert [error for error in errors if error not in drawn] == []
