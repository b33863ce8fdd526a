"""Quotations of a text held against a library: what stands there exactly, altered, stitched together or not at all."""
