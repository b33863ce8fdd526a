"""Text becomes vectors: sentence-transformers, OpenVINO, cross-encoders."""
