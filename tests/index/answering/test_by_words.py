"""Questions and libraries in languages that the encoder does not read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from index.answering.answer import Answer, Asked, Outcome
from index.answering.selection import answer
from index.documents.language import language_of
from index.evaluation.calibration import calibrate
from index.generations.build import build
from index.generations.generation import Generation, load
from index.generations.promotion import promote
from index.text.aliases import Aliases
from tests.index.fakes import FakeEncoder, document

RUSSIAN = """Вулкан извергается, когда магма поднимается к поверхности. Лава течёт по склонам горы.

Пчёлы живут в ульях и собирают нектар с цветов. Матка откладывает яйца в соты.

Поезд отправляется с вокзала в полдень. Билеты продаются в кассе у входа."""
CHINESE = """火山在岩浆上升到地表时喷发。熔岩沿着山坡流下。

蜜蜂住在蜂箱里，从花朵中采集花蜜。蜂王在蜂巢里产卵。

火车中午从车站出发。车票在入口处的售票处出售。"""
ARABIC = """يثور البركان عندما ترتفع الصهارة إلى سطح الأرض. تتدفق الحمم على سفوح الجبل.

يعيش النحل في الخلايا ويجمع الرحيق من الأزهار. تضع الملكة البيض في الأقراص.

يغادر القطار المحطة عند الظهر. تباع التذاكر في الشباك قرب المدخل."""
ENGLISH = """A volcano erupts when magma rises to the surface. Lava flows down the sides of the mountain.

Bees live in hives and collect nectar from flowers. The queen lays eggs in the comb.

The train leaves the station at noon. Tickets are sold at the counter near the entrance."""

GERMAN = """Die Häuser am Hafen wurden von Kaufleuten gebaut. Ihre Dächer sind mit Schiefer gedeckt.

Der Leuchtturm wird von zwei Wärtern bedient."""
FRENCH = """Les vignerons récoltent les raisins en septembre. Le vin vieillit dans des tonneaux.

Les bergers montent leurs troupeaux vers les alpages au printemps."""


def english_encoder() -> FakeEncoder:
    encoder = FakeEncoder()
    encoder.languages = frozenset(["en"])
    return encoder


def opened(data: Path, *texts: str) -> Generation:
    documents = [
        replace(document(text, f"{number}.txt"), language=language_of(text)) for number, text in enumerate(texts)
    ]
    data.mkdir(exist_ok=True)
    report = build(documents, data=data, encoder=english_encoder(), aliases=Aliases({}), built_at="2026-01-01T00:00:00")
    promote(data, report.generation, at="2026-01-01T00:00:00+00:00")
    return load(data, report.generation)


def asked(generation: Generation, question: str) -> Answer:
    [found] = answer(generation, english_encoder(), [Asked(question)])
    return found


@pytest.mark.parametrize(
    ("text", "question", "quote"),
    [
        (RUSSIAN, "Куда пчёлы откладывают яйца в сотах?", "Матка откладывает яйца в соты."),
        (RUSSIAN, "Где продают билеты на поезд?", "Билеты продаются в кассе у входа."),
        (CHINESE, "车票在哪里出售？", "车票在入口处的售票处出售。"),
        (CHINESE, "蜜蜂住在哪里？", "蜜蜂住在蜂箱里，从花朵中采集花蜜。"),
        (ARABIC, "أين تباع التذاكر؟", "تباع التذاكر في الشباك قرب المدخل."),
    ],
)
def test_it_is_found_by_its_words_and_is_never_an_answer(tmp_path: Path, text: str, question: str, quote: str) -> None:
    """The right sentence is quoted first, word for word, as the closest one."""
    found = asked(opened(tmp_path, text), question)
    assert found.quotes[0].text == quote
    assert found.outcome is Outcome.CLOSEST
    assert found.passages[0].start <= found.quotes[0].start < found.passages[0].end


@pytest.mark.parametrize(
    "question", ["Кто выиграл чемпионат мира?", "Who won the world cup?", "长城有多长？", "؟؟؟", "🎉"]
)
def test_what_is_not_there_is_not_covered(tmp_path: Path, question: str) -> None:
    """Without the words there is nothing to show, in whatever language it is asked."""
    assert asked(opened(tmp_path, RUSSIAN), question).outcome is Outcome.NOT_COVERED


def test_in_a_mixed_library_each_language_is_asked_for_itself(tmp_path: Path) -> None:
    """English is answered; a document in another language is never an answer, in either language."""
    generation = opened(tmp_path, ENGLISH, ENGLISH.replace("noon", "midnight"), RUSSIAN, CHINESE)
    assert generation.languages == {"en", "ru", "zh"}
    assert asked(generation, "When does a volcano erupt?").outcome is Outcome.ANSWER
    found = asked(generation, "Где продают билеты на поезд?")
    assert (found.outcome, found.quotes[0].document) == (Outcome.CLOSEST, "2.txt")
    found = asked(generation, "车票在哪里出售？")
    assert (found.outcome, found.quotes[0].document) == (Outcome.CLOSEST, "3.txt")


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("Welches Haus baute ein Kaufmann?", "Die Häuser am Hafen wurden von Kaufleuten gebaut."),
        ("Woraus besteht ein Dach?", "Ihre Dächer sind mit Schiefer gedeckt."),
        ("Quand le raisin est-il récolté ?", "Les vignerons récoltent les raisins en septembre."),
        ("Un berger garde-t-il son troupeau ?", "Les bergers montent leurs troupeaux vers les alpages au printemps."),
    ],
)
def test_words_are_stemmed_by_the_language_of_their_document(tmp_path: Path, question: str, quote: str) -> None:
    """In a mixed library too, a question in other inflections finds the sentence."""
    assert asked(opened(tmp_path, ENGLISH, GERMAN, FRENCH), question).quotes[0].text == quote


def test_a_quote_in_another_language_than_its_document_is_no_answer(tmp_path: Path) -> None:
    """A document of several languages is an English one for the most: the language of the quote counts."""
    generation = opened(tmp_path, "\n\n".join([ENGLISH, ENGLISH.replace("noon", "midnight"), GERMAN]))
    assert generation.languages == {"en"}
    found = asked(generation, "Schiefer Dächer Kaufleute Häuser")
    assert found.quotes[0].text in GERMAN
    assert found.outcome is not Outcome.ANSWER
    assert asked(generation, "When does a volcano erupt?").outcome is Outcome.ANSWER


def test_a_library_of_english_documents_is_stored_as_before(tmp_path: Path) -> None:
    """Only other languages are written down; what older versions built is searched as it was indexed."""
    english, mixed = opened(tmp_path / "en", ENGLISH), opened(tmp_path / "mixed", ENGLISH, GERMAN)
    folders = [tmp_path / name / "generations" / each.id for name, each in (("en", english), ("mixed", mixed))]
    assert [(folder / "stems.json").exists() for folder in folders] == [False, True]
    assert (english.lexical_overlap.languages, mixed.lexical_overlap.languages) == (("en",), ("en", "de"))
    assert mixed.lexical_overlap.stems_of(["houses", "häuser"]) == ["hous", "häuser", "haus"]
    assert not english.lexical_overlap.knows("haus")


def test_a_library_that_is_not_read_is_not_calibrated(tmp_path: Path) -> None:
    """No threshold makes its quotes an answer, so no questions are made of it."""
    assert calibrate(opened(tmp_path / "ru", RUSSIAN), english_encoder()).answerable == 0
