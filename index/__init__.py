"""Documents in, quotes out."""

import os

# Read by the numerical libraries when they are first imported. Threads that spin while they wait take the processor
# from the one they wait for: on a busy machine a question then takes ten times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
