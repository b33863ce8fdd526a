"""The hybrid recipe of each framework as its own documentation gives it; runs where only the frameworks are installed.

All take the same passages and the same encoder, out of a folder. Each retriever is asked for as many passages as are
wanted in the end, as in the frameworks' examples and defaults. A cross-encoder that an example adds is left out, being
another model. Where a documentation offers several ways to fuse the two rankings without further training or settings,
all of them are here, and the best one counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Search = Callable[[str], list[int]]
    """From a question to the places of passages, best first."""


def txtai(model: str, passages: Sequence[str], wanted: int) -> dict[str, Search]:
    """BM25 and dense scores, equally weighted: "Hybrid search" and "hybrid" in txtai's documentation.

    https://neuml.github.io/txtai/embeddings/query (both indexes are queried and "equally weighted unless otherwise
    specified") and https://neuml.github.io/txtai/embeddings/configuration/general (`hybrid`).
    """
    from txtai import Embeddings

    embeddings = Embeddings(path=model, hybrid=True)
    embeddings.index(list(passages))
    return {"hybrid": lambda question: [int(place) for place, _ in embeddings.search(question, wanted)]}


def haystack(model: str, passages: Sequence[str], wanted: int) -> dict[str, Search]:
    """BM25 and embedding retrievers joined: "DocumentJoiner" and the tutorial "Creating a Hybrid Retrieval Pipeline".

    https://docs.haystack.deepset.ai/docs/documentjoiner (ways to join) and
    https://haystack.deepset.ai/tutorials/33_hybrid_retrieval (the pipeline; its ranker is another model).
    """
    from haystack import Document, Pipeline
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersDocumentEmbedder,
        SentenceTransformersTextEmbedder,
    )

    store = InMemoryDocumentStore()
    documents = [Document(content=text, meta={"place": place}) for place, text in enumerate(passages)]
    embedder = SentenceTransformersDocumentEmbedder(model=model, progress_bar=False)
    embedder.warm_up()
    store.write_documents(embedder.run(documents)["documents"])

    def pipeline(join_mode: str) -> Search:
        made = Pipeline()
        made.add_component("embedder", SentenceTransformersTextEmbedder(model=model, progress_bar=False))
        made.add_component("dense", InMemoryEmbeddingRetriever(store, top_k=wanted))
        made.add_component("bm25", InMemoryBM25Retriever(store, top_k=wanted))
        made.add_component("joiner", DocumentJoiner(join_mode=join_mode, top_k=wanted))
        made.connect("embedder", "dense")
        made.connect("bm25", "joiner")
        made.connect("dense", "joiner")

        def search(question: str) -> list[int]:
            found = made.run({"embedder": {"text": question}, "bm25": {"query": question}})
            return [document.meta["place"] for document in found["joiner"]["documents"]]

        return search

    return {mode: pipeline(mode) for mode in ("reciprocal_rank_fusion", "distribution_based_rank_fusion")}


def llama_index(model: str, passages: Sequence[str], wanted: int) -> dict[str, Search]:
    """BM25 and vector retrievers fused, without generated queries: "Reciprocal Rerank Fusion Retriever".

    https://developers.llamaindex.ai/python/framework/integrations/retrievers/reciprocal_rerank_fusion ("set this to 1
    to disable query generation") and, for the two ways that go by scores,
    docs/examples/retrievers/relative_score_dist_fusion.ipynb in https://github.com/run-llama/llama_index.
    """
    from llama_index.core import VectorStoreIndex
    from llama_index.core.llms import MockLLM
    from llama_index.core.retrievers import QueryFusionRetriever
    from llama_index.core.schema import TextNode
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    from llama_index.retrievers.bm25 import BM25Retriever

    nodes = [TextNode(text=text, id_=str(place)) for place, text in enumerate(passages)]
    index = VectorStoreIndex(nodes=nodes, embed_model=HuggingFaceEmbedding(model_name=model, device="cpu"))
    dense = index.as_retriever(similarity_top_k=wanted)
    bm25 = BM25Retriever.from_defaults(docstore=index.docstore, similarity_top_k=wanted)

    def fusion(mode: str) -> Search:
        # Made with a model of language that nobody asks: without queries to generate there is nothing for it to do.
        fused = QueryFusionRetriever(
            [dense, bm25], llm=MockLLM(), similarity_top_k=wanted, num_queries=1, mode=mode, use_async=False
        )
        return lambda question: [int(found.node.node_id) for found in fused.retrieve(question)]

    return {mode: fusion(mode) for mode in ("reciprocal_rerank", "relative_score", "dist_based_score")}


PACKAGES: Mapping[str, tuple[str, ...]] = {
    "txtai": ("txtai",),
    "haystack": ("haystack-ai", "sentence-transformers-haystack"),
    "llama_index": ("llama-index-core", "llama-index-retrievers-bm25", "llama-index-embeddings-huggingface"),
}
"""What has to be installed for each, beside sentence-transformers; the first names the framework's version."""

PEERS: Mapping[str, Callable[[str, Sequence[str], int], dict[str, Search]]] = {
    "txtai": txtai,
    "haystack": haystack,
    "llama_index": llama_index,
}
