"""A file becomes a Document: discovery, archives, decoding, sandboxed readers."""
