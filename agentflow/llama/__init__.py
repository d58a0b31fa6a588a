"""The embedded server: llama.cpp with continuous batching, a shared prefix tree, drafting and cheap grammars.

Runs in its own process (`python -m agentflow.llama`), so that a crash in C costs a restart of the server and nothing else.
"""

import os

# llama.cpp's threads wait for each other several hundred times a token. GNU OpenMP spins for about a millisecond before
# it sleeps: on a machine that does anything else, the spinning thread waits for one that has no core (measured: three
# times slower with one busy neighbour). Read when libgomp is loaded, so it must be set before llama_cpp is imported.
os.environ.setdefault("GOMP_SPINCOUNT", "3000")
