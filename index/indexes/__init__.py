"""What is searched: vectors (FAISS), BM25, late interaction, lexical overlap."""
