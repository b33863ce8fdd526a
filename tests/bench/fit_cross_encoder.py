"""Trains what is added to the default model to make it a cross-encoder, and writes index/models/cross_encoder.npz.

`python -m tests.bench.fit_cross_encoder` takes an hour on two cores that can multiply bfloat16, several on others.
The sets are those of `tests.bench.sets.PASSAGES`, one document in seven held out; none is one that a table measures.
"""

from __future__ import annotations

import math
import random
import sys
import time
from itertools import accumulate, chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn import functional

from index.models.cross_encoder import packed
from index.models.encoder import SentenceTransformerEncoder
from tests.bench.cross_encoder_items import Item, Source, by_length, epoch, source
from tests.bench.sets import PASSAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

_FILE = Path("index/models/cross_encoder.npz")
_RANK = 32
_EPOCHS = 5
_BATCH = 32
_RATE, _RATE_OF_WHOLE = 1e-3, 5e-4  # of the factors; of what is trained whole
_WARM = 60  # steps until the full rate, which then falls in a line
_QUESTION, _TEXT = 40, 150  # tokens, at most
_NEVER = -1e4


class LowRank(torch.nn.Module):
    """A linear layer that stays as it is, plus the product of two small matrices that are trained."""

    def __init__(self, layer: Any) -> None:
        """Take the layer; what is added begins as zero."""
        super().__init__()
        self.weight = layer.weight.detach().bfloat16()
        self.bias = layer.bias.detach().bfloat16()
        outputs, inputs = layer.weight.shape
        self.down = torch.nn.Parameter(torch.randn(_RANK, inputs) / math.sqrt(inputs))
        self.up = torch.nn.Parameter(torch.zeros(outputs, _RANK))

    def forward(self, rows: Any) -> Any:
        """Apply both, in bfloat16."""
        small = functional.linear(rows, self.down.bfloat16())
        return functional.linear(rows, self.weight, self.bias) + functional.linear(small, self.up.bfloat16())


class Trained(torch.nn.Module):
    """The encoder's BERT with low-rank additions, whose norms and segment rows are trained whole, and two logits."""

    def __init__(self, bert: Any) -> None:
        """Change the model in place."""
        super().__init__()
        self.bert = bert.requires_grad_(False)
        self.factors: dict[str, LowRank] = {}
        for name, module in [*bert.encoder.named_modules()]:
            if isinstance(module, torch.nn.Linear):
                parent, _, attribute = name.rpartition(".")
                self.factors[f"encoder.{name}.weight"] = added = LowRank(module)
                setattr(bert.encoder.get_submodule(parent), attribute, added)
        self.whole = {
            name: weight.requires_grad_(True)
            for name, weight in bert.named_parameters()
            if "LayerNorm" in name or "token_type" in name
        }
        self.head = torch.nn.Linear(bert.config.hidden_size, 2)
        torch.nn.init.normal_(self.head.weight, std=0.02)
        torch.nn.init.zeros_(self.head.bias)

    def forward(self, ids: Any, segments: Any, mask: Any) -> Any:
        """Give two logits a token; written out, as the library's attention takes four times as long in bfloat16."""
        rows = self.bert.embeddings(input_ids=ids, token_type_ids=segments).bfloat16()
        hidden = ((1 - mask[:, None, None, :]) * _NEVER).bfloat16()
        for layer in self.bert.encoder.layer:
            attention = layer.attention
            own = attention.self
            query, key, value = (self._heads(part(rows)) for part in (own.query, own.key, own.value))
            shares = (query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1]) + hidden).softmax(-1)
            joined = (shares @ value).transpose(1, 2).reshape(rows.shape)
            rows = _normed(attention.output.LayerNorm, attention.output.dense(joined) + rows)
            inside = functional.gelu(layer.intermediate.dense(rows))
            rows = _normed(layer.output.LayerNorm, layer.output.dense(inside) + rows)
        return self.head(rows.float())

    def _heads(self, rows: Any) -> Any:
        return rows.view(*rows.shape[:2], self.bert.config.num_attention_heads, -1).transpose(1, 2)

    def stored(self) -> dict[str, NDArray[Any]]:
        """Give the arrays of the file."""
        down = {name: each.down.detach().numpy() for name, each in self.factors.items()}
        up = {name: each.up.detach().numpy() for name, each in self.factors.items()}
        whole = {name: weight.detach().numpy() for name, weight in self.whole.items()}
        head = {"head": self.head.weight.detach().numpy(), "head_bias": self.head.bias.detach().numpy()}
        return {**packed(down, up), **whole, **head}


def _normed(norm: Any, rows: Any) -> Any:
    return functional.layer_norm(rows.float(), norm.normalized_shape, norm.weight, norm.bias, norm.eps).bfloat16()


def main() -> None:
    """Train on all sets and write the file."""
    torch.manual_seed(1)
    encoder = SentenceTransformerEncoder()
    sources = [source(name, encoder) for name in PASSAGES]
    model = encoder.sentence_transformer
    trained(sources, model[0].auto_model, model.tokenizer, _write)


def _write(module: Trained) -> None:
    arrays: dict[str, Any] = module.stored()
    np.savez_compressed(_FILE, **arrays)
    print(f"wrote {_FILE}: {_FILE.stat().st_size / 1e6:.2f} MB", flush=True)


def trained(
    sources: Sequence[Source], bert: Any, tokenizer: Any, keep: Callable[[Trained], None] = lambda _: None
) -> Trained:
    """Train for `_EPOCHS` epochs, each of other windows of the same questions, and keep what there is after each."""
    module, rng, began = Trained(bert), random.Random(1), time.monotonic()
    factors = [weight for each in module.factors.values() for weight in (each.down, each.up)]
    whole = [*module.whole.values(), *module.head.parameters()]
    optimiser = torch.optim.AdamW(
        [{"params": factors, "lr": _RATE}, {"params": whole, "lr": _RATE_OF_WHOLE}],
        weight_decay=0.01,
        betas=(0.9, 0.98),
    )
    epochs = [[*by_length(epoch(sources, seed), rng, _BATCH)] for seed in range(_EPOCHS)]
    batches, ends = [*chain.from_iterable(epochs)], {*accumulate(map(len, epochs))}
    rate = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1, (step + 1) / _WARM) * max(0.01, 1 - step / len(batches))
    )
    recent = 0.0
    for step, batch in enumerate(batches, 1):
        found = loss(module, tokenizer, batch)
        found.backward()
        torch.nn.utils.clip_grad_norm_([*factors, *whole], 1.0)
        optimiser.step()
        optimiser.zero_grad()
        rate.step()
        recent = 0.98 * recent + 0.02 * float(found.detach())
        if step % 100 == 0:
            spent = time.monotonic() - began
            print(f"step {step} of {len(batches)}, loss {recent / (1 - 0.98**step):.3f}, {spent:.0f} s", flush=True)
        if step in ends:
            keep(module)
    return module


def loss(module: Trained, tokenizer: Any, batch: Sequence[Item]) -> Any:
    """Give the mean negative log-likelihood that beginning and end are in a right place: the opening token for none."""
    tokens = [_tokens(tokenizer, item) for item in batch]
    tokens = [
        each for each, item in zip(tokens, batch, strict=True) if bool(each[-1]) == bool(item.spans)
    ]  # not cut off
    longest = max(len(ids) for ids, _, _, _ in tokens)
    ids, segments = torch.zeros(2, len(tokens), longest, dtype=torch.long)
    mask = torch.zeros(len(tokens), longest)
    allowed, right = torch.zeros(len(tokens), longest, dtype=torch.bool), torch.full((len(tokens), longest, 2), _NEVER)
    for row, (own, first, last, places) in enumerate(tokens):
        ids[row, : len(own)], mask[row, : len(own)] = torch.tensor(own), 1
        segments[row, first : len(own)] = 1
        allowed[row, 0], allowed[row, first:last] = True, True
        for begins, ends in places or [(0, 0)]:
            right[row, begins, 0] = right[row, ends, 1] = 0
    logits = module(ids, segments, mask).masked_fill(~allowed[..., None], _NEVER)
    return -(torch.logsumexp(logits + right, 1) - torch.logsumexp(logits, 1)).mean()


def _tokens(tokenizer: Any, item: Item) -> tuple[list[int], int, int, list[tuple[int, int]]]:
    """Give the ids of a pair, where the text begins and ends in them, and first and last tokens of each answer."""
    question = tokenizer(item.question, add_special_tokens=False, truncation=True, max_length=_QUESTION)["input_ids"]
    text = tokenizer(
        item.text, add_special_tokens=False, truncation=True, max_length=_TEXT, return_offsets_mapping=True
    )
    first = len(question) + 2
    places = []
    for start, end in item.spans:
        inside = [n for n, (begin, stop) in enumerate(text["offset_mapping"]) if begin < end and stop > start]
        if inside:
            places.append((first + inside[0], first + inside[-1]))
    opening, between = tokenizer.cls_token_id, tokenizer.sep_token_id
    ids = [opening, *question, between, *text["input_ids"], between]
    return ids, first, len(ids) - 1, places


if __name__ == "__main__":
    sys.exit(main())
