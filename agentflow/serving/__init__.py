"""The embedded server: llama.cpp with continuous batching, a shared prefix tree, drafting and cheap grammars.

Runs in its own process (`python -m agentflow.serving`), so that a crash in C costs a restart of the server and nothing else.
"""

import os

# llama.cpp's threads wait for each other several hundred times a token. GNU OpenMP spins for about a millisecond before
# it sleeps: on a machine that does anything else, the spinning thread waits for one that has no core (measured on two
# cores with one busy neighbour: 360 ms a token, with 1,000 rounds 83). Where it counts more threads than cores, as soon as
# two threads of this process have computed, it takes 100 rounds and sleeps too early (47 instead of 40 ms on an idle
# machine) unless the policy is active; LLVM's OpenMP would then spin for ever, so it is told to stop after 1 ms.
# All are read when OpenMP is loaded, so they must be set before llama_cpp is imported.
for name, value in {"GOMP_SPINCOUNT": "1000", "OMP_WAIT_POLICY": "active", "KMP_BLOCKTIME": "1"}.items():
    os.environ.setdefault(name, value)
