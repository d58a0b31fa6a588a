"""Figures of the shipped GGUF, measured through llama.cpp: `python -m starter.evaluate`. See starter/README.md."""
