"""Fits the classifier of dialogue acts to prompts/acts.yaml and writes bot/conversation/acts.npz (`make fit`)."""

from __future__ import annotations

from bot.conversation.acts import SHIPPED, ActClassifier
from index.models.encoder import SentenceTransformerEncoder


def main() -> None:
    """Fit with the default model; takes half a minute."""
    SHIPPED.unlink(missing_ok=True)
    ActClassifier(SentenceTransformerEncoder(), SHIPPED)
    print(f"{SHIPPED.name}: {SHIPPED.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
