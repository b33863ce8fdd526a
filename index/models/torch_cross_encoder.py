"""Runs the cross-encoder on torch: a copy of the encoder's model with the additions in its weights."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from index.models.cross_encoder import TokenCrossEncoder, default_adapter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from index.models.cross_encoder import Adapter


class TokenLogits(torch.nn.Module):
    """The model with additions and the linear layer on top: [pairs, longest, 2] for a batch of tokens."""

    def __init__(self, model: Any, adapter: Adapter) -> None:
        """Copy a BERT model of transformers; the table of its vocabulary, half of it, is shared."""
        super().__init__()
        table = model.embeddings.word_embeddings.weight
        self.model = copy.deepcopy(model, {id(table): table})
        weights = dict(self.model.named_parameters())
        with torch.no_grad():
            for name, rows in adapter.added.items():
                weights[name] += torch.from_numpy(rows)
            for name, rows in adapter.replaced.items():
                weights[name].copy_(torch.from_numpy(rows))
            self.head = torch.nn.Linear(adapter.head.shape[1], adapter.head.shape[0])
            self.head.weight.copy_(torch.from_numpy(adapter.head))
            self.head.bias.copy_(torch.from_numpy(adapter.head_bias))
        self.eval()

    def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
        """Read a batch."""
        read = self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)
        return self.head(read.last_hidden_state)


class TorchCrossEncoder(TokenCrossEncoder):
    """A cross-encoder on torch, on the CPU."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        """Take the encoder's BERT model, and its tokenizer of the library `tokenizers`; both are copied."""
        super().__init__(copy.deepcopy(tokenizer))
        self.module = TokenLogits(model, default_adapter())

    def _infer(self, inputs: Mapping[str, NDArray[np.int64]]) -> NDArray[np.float32]:
        with torch.inference_mode():
            found: NDArray[np.float32] = self.module(
                **{name: torch.from_numpy(ids) for name, ids in inputs.items()}
            ).numpy()
        return found
