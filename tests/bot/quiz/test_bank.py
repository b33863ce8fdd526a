"""A bank file with a fault is named with file, item and reason, and the rest still loads."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from bot.quiz.bank import FOLDER, TABLE, locate, playable, read_bank
from bot.quiz.items import BLANK, ItemKind

TEXT = "Clay remembers the hand that shaped it. Glass forgets the fire at once. Both break when they fall."
TABLE_TEXT = """
axes: {memory: What they remember}
sides: {clay: clay, glass: glass}
truth: ["True", "False"]
contrasts:
  - id: past
    axis: memory
    about: The past
    sides:
      clay: {claim: It keeps its past., quote: Clay remembers the hand that shaped it.}
      glass: {claim: It drops its past., quote: Glass forgets the fire at once.}
"""
GOOD = {
    "id": "good",
    "kind": "choice",
    "side": "clay",
    "difficulty": 1,
    "question": "What does clay remember?",
    "right": "The hand",
    "wrong": ["The fire", "The fall"],
    "quote": "Clay remembers the hand that shaped it.",
    "why": "The hand shaped it.",
}


def write(folder: Path, *items: object, name: str = "memory.yaml", axis: str = "memory") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / TABLE).write_text(TABLE_TEXT, encoding="utf-8")
    path = folder / name
    path.write_text(yaml.safe_dump({"axis": axis, "items": list(items)}), encoding="utf-8")
    return path


def without(key: str) -> dict[str, object]:
    return {name: value for name, value in GOOD.items() if name != key}


def test_every_kind_is_read(tmp_path: Path) -> None:
    """Question, options, key and points come out as the kind says."""
    shared = {"side": "clay", "difficulty": 2, "why": "So it is written.", "quote": GOOD["quote"]}
    write(
        tmp_path,
        GOOD,
        {**shared, "id": "contrast", "kind": "choice", "question": "And clay?", "contrast": "past", "wrong": ["Else"]},
        {**shared, "id": "truth", "kind": "truth", "statement": "Clay forgets.", "holds": False},
        {**shared, "id": "side", "kind": "side", "statement": "It remembers."},
        {**shared, "id": "gap", "kind": "gap", "gap": "hand", "wrong": ["fire"]},
        {
            **{key: value for key, value in shared.items() if key != "quote"},
            "id": "free",
            "kind": "free",
            "question": "What of clay?",
            "points": ["Clay remembers the hand that shaped it.", "Both break when they fall."],
        },
    )
    bank = read_bank(tmp_path)
    assert bank.faults == ()
    right = {item.id: item.options[item.key] if item.options else None for item in bank.items}
    assert right == {
        "good": "The hand",
        "contrast": "It keeps its past.",
        "truth": "False",
        "side": "clay",
        "gap": "hand",
        "free": None,
    }
    assert bank.by_id["contrast"].options == ("It keeps its past.", "It drops its past.", "Else")
    assert bank.by_id["gap"].question == f"Clay remembers the {BLANK} that shaped it."
    assert bank.by_id["free"].points[0] == bank.by_id["free"].quote
    assert [item.kind for item in bank.items] == [ItemKind.CHOICE, ItemKind.CHOICE, *list(ItemKind)[1:]]


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (without("why"), "why: Field required"),
        (without("right"), "needs `right` and `quote`"),
        ({**GOOD, "colour": "red"}, "colour: Extra inputs"),
        ({**GOOD, "difficulty": 9}, "difficulty"),
        ({**GOOD, "kind": "riddle"}, "riddle"),
        ({**GOOD, "side": "wood"}, "'wood' is not one of clay, glass, both"),
        ({**GOOD, "wrong": ["the  HAND", "The fire"]}, "two right answers"),
        ({**GOOD, "wrong": ["The fire", "the fire."]}, "two wrong options say the same"),
        ({**GOOD, "wrong": []}, "one to four wrong ones"),
        (
            {**{key: GOOD[key] for key in ("id", "side", "difficulty", "why", "question")}, "kind": "free"}
            | {"points": ["Clay remembers the hand that shaped it."] * 2},
            "two points are the same",
        ),
        ({**GOOD, "question": "x" * 500}, "at most 400"),
        ({**GOOD, "contrast": "nothing"}, "`contrast` names no row"),
        (
            {**without("right"), "kind": "gap", "gap": "wheel", "question": None},
            "question: Extra inputs",
        ),
        ("no item at all", "dictionary"),
    ],
)
def test_a_faulty_item_is_named_and_the_rest_loads(tmp_path: Path, item: object, reason: str) -> None:
    """File, item and reason; the good item beside it can be used."""
    faulty = {**item, "id": "faulty"} if isinstance(item, dict) else item
    write(tmp_path, faulty, GOOD)
    bank = read_bank(tmp_path)
    (fault,) = bank.faults
    assert fault.file == "memory.yaml"
    assert fault.item == ("faulty" if isinstance(item, dict) else "item 1")
    assert reason in fault.reason
    assert [each.id for each in bank.items] == ["good"]


@pytest.mark.parametrize("gap", ["wheel", "e"])
def test_a_gap_stands_in_its_sentence_exactly_once(tmp_path: Path, gap: str) -> None:
    """A gap that is not there, or there twice, is refused."""
    fields = {key: GOOD[key] for key in ("id", "side", "difficulty", "why", "quote")}
    write(tmp_path, {**fields, "kind": "gap", "gap": gap, "wrong": ["fire"]})
    (fault,) = read_bank(tmp_path).faults
    assert "exactly once" in fault.reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("items: [", "not YAML"), ("[]", "dictionary"), ("axis: memory", "items: Field required"),
        ("axis: 2026-13-45", "not YAML"), ("axis: !!timestamp x", "not YAML"), ("axis: !!int ''", "not YAML"),
        ("axis: !!bool x", "not YAML"), ("{a: " * 1000, "not YAML"), ("&a [*a]", "dictionary"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_named_and_the_others_load(tmp_path: Path, content: str, reason: str) -> None:
    """One broken file takes nothing with it."""
    write(tmp_path, GOOD)
    (tmp_path / "broken.yaml").write_text(content, encoding="utf-8")
    bank = read_bank(tmp_path)
    (fault,) = bank.faults
    assert (fault.file, fault.item) == ("broken.yaml", "")
    assert reason in fault.reason
    assert [item.id for item in bank.items] == ["good"]


def test_bytes_that_are_no_text_and_an_unknown_axis_are_named(tmp_path: Path) -> None:
    """Each file has one line of its own."""
    write(tmp_path, GOOD)
    write(tmp_path, GOOD, name="other.yaml", axis="colour")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    reasons = {fault.file: fault.reason for fault in read_bank(tmp_path).faults}
    assert "not YAML in UTF-8" in reasons["bytes.yaml"]
    assert "'colour' is not one of memory" in reasons["other.yaml"]


def test_an_id_stands_once(tmp_path: Path) -> None:
    """The second item of one id is refused; the first stays."""
    write(tmp_path, GOOD, {**GOOD, "question": "Another question?"})
    bank = read_bank(tmp_path)
    assert [item.question for item in bank.items] == [GOOD["question"]]
    assert "the id stands in memory.yaml already" in bank.faults[0].reason


def test_a_broken_table_leaves_no_item_without_saying_why(tmp_path: Path) -> None:
    """Without axes and sides nothing can be placed, and the first fault names the table."""
    write(tmp_path, GOOD)
    (tmp_path / TABLE).write_text(TABLE_TEXT.replace("axis: memory", "axis: colour"), encoding="utf-8")
    bank = read_bank(tmp_path)
    assert bank.items == ()
    assert bank.faults[0].file == TABLE
    assert "'colour'" in bank.faults[0].reason


def test_an_edited_item_has_another_version(tmp_path: Path) -> None:
    """What was asked can be told from what is asked now; the same words have the same version."""
    versions = []
    for question in ("What?", "What?", "What else?"):
        write(tmp_path, {**GOOD, "question": question})
        versions.append(read_bank(tmp_path).items[0].version)
    assert versions[0] == versions[1] != versions[2]


def test_items_of_an_edited_passage_are_retired(tmp_path: Path) -> None:
    """An item whose words no longer stand in the library, to the character, is not asked."""
    write(tmp_path, GOOD)
    bank = read_bank(tmp_path)
    assert playable(bank, {"a.txt": "Other words.", "b.txt": TEXT}).items == bank.items
    edited = playable(bank, {"b.txt": TEXT.replace("hand that", "hands that")})
    assert edited.items == ()
    assert edited.contrasts == ()
    assert {fault.item for fault in edited.faults} == {"good", "past"}
    assert locate("Both break", {"b.txt": TEXT}) == ("b.txt", TEXT.index("Both break"), TEXT.index("Both break") + 10)


def test_the_shipped_bank_has_no_faults(tmp_path: Path) -> None:
    """Every shipped file loads whole; a copy of it loads the same."""
    bank = read_bank()
    assert bank.faults == ()
    shutil.copytree(FOLDER, tmp_path / "copy")
    assert read_bank(tmp_path / "copy") == bank


def test_a_file_can_name_axes_of_its_own(tmp_path: Path) -> None:
    """Parts of one file with `---` between them, each with a title, stand behind the axes of the table."""
    (tmp_path / TABLE).write_text(TABLE_TEXT, encoding="utf-8")
    item = {**GOOD, "side": "both"}
    parts = [
        {"axis": "kiln-1", "title": "The kiln", "items": [{**item, "id": "one"}]},
        {"axis": "wheel-2", "title": "The wheel", "items": [{**item, "id": "two"}]},
    ]
    (tmp_path / "own.yaml").write_text(yaml.safe_dump_all(parts), encoding="utf-8")
    bank = read_bank(tmp_path)
    assert not bank.faults
    assert dict(bank.axes) == {"memory": "What they remember", "kiln-1": "The kiln", "wheel-2": "The wheel"}
    assert [(item.id, item.axis) for item in bank.items] == [("one", "kiln-1"), ("two", "wheel-2")]


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ({"axis": "kiln", "items": []}, "give it a `title`"),
        ({"axis": "memory", "title": "Another name", "items": []}, "is called 'What they remember' already"),
    ],
)
def test_an_axis_without_a_name_or_with_two_is_refused(tmp_path: Path, part: object, reason: str) -> None:
    """One axis has one title, wherever it is named."""
    (tmp_path / TABLE).write_text(TABLE_TEXT, encoding="utf-8")
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(part), encoding="utf-8")
    (fault,) = read_bank(tmp_path).faults
    assert reason in fault.reason


def test_files_about_other_things_do_not_answer_for_the_table(tmp_path: Path) -> None:
    """A file of drafts is checked by itself: the shipped contrasts need not stand in a foreign library."""
    part = {"axis": "kiln-1", "title": "The kiln", "items": [{**GOOD, "side": "both"}]}
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(part), encoding="utf-8")
    bank = playable(read_bank(files=[tmp_path / "own.yaml"]), {"a.txt": TEXT})
    assert not bank.faults
    assert not bank.contrasts
