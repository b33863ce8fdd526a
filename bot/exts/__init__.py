"""The features, one module or package each; every one is loaded at start."""
