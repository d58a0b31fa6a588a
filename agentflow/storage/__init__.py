"""Files of truth: the SQLite database and YAML."""
