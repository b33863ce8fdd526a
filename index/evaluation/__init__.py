"""Whether a generation is good enough to go live: exam, golden questions, calibration, metrics."""
