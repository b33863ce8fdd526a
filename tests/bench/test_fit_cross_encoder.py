"""What the cross-encoder is trained on, and that training keeps what it learns."""

from __future__ import annotations

import copy
import random
from typing import TYPE_CHECKING

import pytest

from tests.bench.cross_encoder_items import Item, Source, by_length, epoch, held_out, held_out_questions
from tests.bench.sets import Question, QuestionSet, Span, library
from tests.index.fakes import FakeEncoder

if TYPE_CHECKING:
    from pathlib import Path

    from index.generations.generation import Generation

TOWNS = ("Ahl", "Borr", "Cray", "Dunn", "Eld", "Fenn", "Gorm", "Holt")
TEXTS = {
    f"{town}.txt": f"The mill of {town} stands by the river. It was built in {1700 + n} by a widow. Bread was dear.\n\n"
    f"The people of {town} are few. They keep geese."
    for n, town in enumerate(TOWNS)
}


def asked(town: str, answer: str) -> Question:
    start = TEXTS[f"{town}.txt"].find(answer)
    gold = (Span(f"{town}.txt", start, start + len(answer)),) if answer else ()
    return Question(
        f"In what year was the mill of {town} built?" if answer else f"Who burned the geese of {town}?", gold
    )


MADE = QuestionSet(
    "made",
    TEXTS,
    tuple(asked(town, str(1700 + n)) for n, town in enumerate(TOWNS)) + tuple(asked(town, "") for town in TOWNS),
)


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    return library(MADE, tmp_path_factory.mktemp("made"), FakeEncoder())


def test_windows_say_where_the_answer_stands(generation: Generation) -> None:
    """Each question has a window with its answer, and others without; none is about a document held out."""
    items = epoch([Source(MADE, generation, FakeEncoder())], seed=1)
    answered = {item.question: item for item in items if item.spans}
    town = {question.text: name for question, name in zip(MADE.questions, TOWNS * 2, strict=True)}
    assert held_out(MADE) == {"Ahl.txt", "Holt.txt"}
    assert {town[question] for question in answered} == set(TOWNS) - {"Ahl", "Holt"}
    for question, item in answered.items():
        year = str(1700 + TOWNS.index(town[question]))
        assert [item.text[start:end] for start, end in item.spans] == [year]
    wrong = [item for item in items if not item.spans]
    assert len(wrong) >= len(answered)
    assert any("geese" in item.question for item in wrong)
    for item in wrong:
        name = next((each for each in TOWNS if each in item.question), "")
        assert not name or "mill" not in item.question or f"{1700 + TOWNS.index(name)}" not in item.text


def test_what_is_held_out_is_what_is_not_trained_on(generation: Generation) -> None:
    """Every question is trained on or held out, and none is both."""
    encoder = FakeEncoder()
    hidden = [question.text for question in held_out_questions(MADE, generation, encoder)]
    seen = {item.question for seed in range(3) for item in Source(MADE, generation, encoder).items(random.Random(seed))}
    assert 2 <= len(hidden) < len(MADE.questions)
    assert not seen & set(hidden)
    assert all(question.text in seen for question in MADE.questions if question.gold and question.text not in hidden)


def test_batches_hold_each_item_once() -> None:
    """Items of similar length stand together."""
    items = [Item("q", "x" * (n % 50), ()) for n in range(300)]
    batches = [*by_length(items, random.Random(0), 16)]
    assert sorted(len(item.text) for batch in batches for item in batch) == sorted(len(item.text) for item in items)
    assert all(max(len(i.text) for i in batch) - min(len(i.text) for i in batch) <= 4 for batch in batches)


@pytest.mark.model
def test_training_is_kept_in_the_file(tiny_model: Path) -> None:
    """The loss falls, and the model with what is stored says what the trained one says."""
    import torch

    from index.models.cross_encoder import unpacked
    from index.models.encoder import SentenceTransformerEncoder
    from index.models.torch_cross_encoder import TokenLogits
    from tests.bench.fit_cross_encoder import Trained, loss

    model = SentenceTransformerEncoder(str(tiny_model)).sentence_transformer
    plain = copy.deepcopy(model[0].auto_model)
    torch.manual_seed(0)
    module = Trained(model[0].auto_model)
    batch = [Item("who?", "ann built it", ((0, 3),)), Item("when?", "ann built it", ())]
    optimiser = torch.optim.Adam([weight for weight in module.parameters() if weight.requires_grad], 0.01)
    losses = []
    for _ in range(30):
        found = loss(module, model.tokenizer, batch)
        found.backward()
        optimiser.step()
        optimiser.zero_grad()
        losses.append(float(found.detach()))
    assert losses[-1] < losses[0] / 2
    pair = model.tokenizer(["who?"], ["ann built it"], return_tensors="pt")
    with torch.inference_mode():
        stored = TokenLogits(plain, unpacked(module.stored()))(**pair)
        own = module(pair["input_ids"], pair["token_type_ids"], pair["attention_mask"].float())
    assert (stored - own).abs().max() < 0.1 * own.abs().max()
