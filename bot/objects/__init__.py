"""The object store: objects by name, versions, compare-and-swap; its errors as sentences."""
