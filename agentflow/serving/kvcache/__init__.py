"""The KV cache: slots, the radix tree of resident prefixes, and those saved in memory and on disk."""
