"""Exports a model to OpenVINO and checks that the exported model gives the same vectors as torch.

Runs in a process of its own, `python -m index.models.openvino_export MODEL FOLDER`, so that the caller never imports
torch. Exit codes: 0 exported; 1 not possible, with a sentence on stdout; 2 the disk failed, and a later try may work.
"""

from __future__ import annotations

import copy
import shutil
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import ModelError
from index.models.cross_encoder import Pair
from index.models.encoder import SentenceTransformerEncoder, prompts_of
from index.models.openvino_runtime import (
    CROSS_ENCODER,
    GRAPH,
    TOKENIZER,
    About,
    OpenVINOEncoder,
    openvino,
    sha256_of,
    write_about,
)
from index.models.pooling import input_embeddings, unit
from index.models.torch_cross_encoder import TorchCrossEncoder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from index.models.encoder import Encoder

_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_SAME = 0.9999  # cosine of two rows of one text
_SAME_LOG_ODDS = 0.02
_PROBES = (
    "What is it?",
    "",
    "Ünï — 😀\n\nTWO words, 1,234.5 of them; and-so-on  ",
    "The tide turns twice a day, and whoever lives by it learns to read the moon before the clock.",
    "How long is a text that does not fit? " * 60,
)


def convert(encoder: SentenceTransformerEncoder, folder: Path) -> None:
    """Make the graph in a new folder; raises ModelError, leaving nothing, when it cannot be made or is not the same."""
    folder.mkdir(parents=True)
    try:
        _write(encoder, folder)
        _prove(encoder, OpenVINOEncoder(folder, name=encoder.name, fingerprint=encoder.fingerprint))
    except Exception as error:  # the libraries raise whatever their parts raise; the cause is kept
        shutil.rmtree(folder, ignore_errors=True)
        reason = str(error).partition("\n")[0]
        raise ModelError(
            f"The model {encoder.name!r} cannot run on OpenVINO ({type(error).__name__}: {reason}). "
            "Set TUTOR_BACKEND=torch."
        ) from error


def _write(encoder: SentenceTransformerEncoder, folder: Path) -> None:
    model = encoder.sentence_transformer
    features = model.preprocess(["one text", "and another, a longer one"])
    inputs = tuple(name for name in _INPUTS if name in features)
    graph = _traced(_rows(model), {name: features[name] for name in inputs})
    openvino().save_model(graph, folder / GRAPH, compress_to_fp16=False)
    if isinstance(encoder.cross_encoder, TorchCrossEncoder):
        cross_encoder = _traced(encoder.cross_encoder.module, {name: features[name] for name in _INPUTS})
        openvino().save_model(cross_encoder, folder / CROSS_ENCODER, compress_to_fp16=False)
    _tokenizer(model).save(str(folder / TOKENIZER))
    query, document = prompts_of(model)
    about = About(
        dimension=int(graph.outputs[0].partial_shape[1].get_length()),
        inputs=inputs,
        query_prompt=query,
        document_prompt=document,
        words=_table(model, graph),
        hashes={file.name: sha256_of(file) for file in sorted(folder.iterdir())},
    )
    write_about(folder, about)


def _rows(model: Any) -> Any:
    """Make a module of the whole model, from the pieces of texts to their rows."""
    import torch

    class Rows(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any = None) -> Any:
            given = {"input_ids": input_ids, "attention_mask": attention_mask}
            if token_type_ids is not None:
                given["token_type_ids"] = token_type_ids
            found = self.model(given)
            return found["sentence_embedding"].float(), found["token_embeddings"].float()

    return Rows().eval()


def _traced(module: Any, example: dict[str, Any]) -> Any:
    """Record what a module does with its inputs."""
    import torch

    openvino()
    # What `openvino.convert_model` does, without its telling its makers of it.
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    with torch.no_grad(), warnings.catch_warnings(action="ignore"):  # that tracing will go; its heir is not ready
        decoder = TorchScriptPythonDecoder(module, example_input=example)
    frontend = FrontEndManager().load_by_framework("pytorch")
    return frontend.convert(frontend.load(decoder))


def _tokenizer(model: Any) -> Any:
    """Copy the model's tokenizer as it works when it is asked for a batch: cut to length, and padded."""
    own = model.tokenizer
    found = copy.deepcopy(own.backend_tokenizer)
    if model.max_seq_length is not None:
        found.enable_truncation(int(model.max_seq_length), direction=own.truncation_side)
    found.enable_padding(
        direction=own.padding_side, pad_id=own.pad_token_id, pad_type_id=own.pad_token_type_id, pad_token=own.pad_token
    )
    return found


def _table(model: Any, graph: Any) -> str | None:
    """Name the constant of the graph that is the model's table of input embeddings; None where it has none."""
    table = input_embeddings(model)
    if table is None:
        return None
    for each in graph.get_ops():
        is_like = each.get_type_name() == "Constant" and list(each.shape) == list(table.shape)
        if is_like and np.array_equal(each.data, table):
            return str(each.get_friendly_name())
    raise ValueError("the table of input embeddings is not in the graph")


def _prove(torch: Encoder, graph: Encoder) -> None:
    """Raise ValueError unless both give the same rows, of texts alone and together, and of words in them and alone."""
    words = [word for text in _PROBES for word in text.split()]
    pairs = [(torch.encode_words(words), graph.encode_words(words))]
    for texts in (_PROBES, *([text] for text in _PROBES)):
        pairs += [
            (torch.encode_documents(texts), graph.encode_documents(texts)),
            (torch.encode_queries(texts), graph.encode_queries(texts)),
        ]
        for asked in (False, True):
            read = [each.encode_in_context(texts, asked=asked) for each in (torch, graph)]
            pairs += [(first.words, second.words) for first, second in zip(*read, strict=True)]
            pairs += [(first.row[None], second.row[None]) for first, second in zip(*read, strict=True)]
    if torch.cross_encoder is not None and graph.cross_encoder is not None:
        probes = [Pair(_PROBES[0], text, ((0, len(text)),)) for text in _PROBES]
        both = zip(torch.cross_encoder.log_odds(probes), graph.cross_encoder.log_odds(probes), strict=True)
        if any(np.abs(first - second).max() > _SAME_LOG_ODDS for first, second in both):
            raise ValueError("it does not read the same")
    for first, second in pairs:
        if first.shape != second.shape or _farthest(first, second) > np.sqrt(2 - 2 * _SAME):
            raise ValueError("it does not give the same rows")


def _farthest(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    return float(np.linalg.norm(unit(first) - unit(second), axis=1).max(initial=0.0))


def main() -> int:
    """Convert the model in a folder, or the packaged one."""
    model, folder = sys.argv[1:]
    try:
        convert(SentenceTransformerEncoder(model), Path(folder))
    except (ModelError, OSError) as error:
        print(error)
        return 2 if isinstance(error.__cause__ or error, OSError) else 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
