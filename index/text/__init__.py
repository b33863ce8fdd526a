"""A Document becomes noise spans, passages, sentences and tokens, all by offset."""
