"""The stores of runs in a Postgres database, which several hosts may share. Needs the extra `postgres`."""
