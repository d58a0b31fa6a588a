"""One client for every local server."""
