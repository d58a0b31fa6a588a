"""The terminal UI: reads events, draws them, and calls the same engine as the command line."""
