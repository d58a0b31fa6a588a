"""The KV cache: slots, the radix tree of resident prefixes, prefixes on disk."""
