"""The HTTP API over the runs of one project: queue them, follow them, read what they say."""
