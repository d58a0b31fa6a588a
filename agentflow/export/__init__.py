"""A run in other forms: Markdown, HTML, JSON, BibTeX, a self-contained bundle, OpenTelemetry spans."""
