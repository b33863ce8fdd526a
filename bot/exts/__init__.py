"""One file or package a feature; whatever stands here is loaded at start."""
