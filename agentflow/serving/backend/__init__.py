"""llama.cpp behind Python objects."""
