"""What differs between brokers, one module each: `connect`, `subscribe`, `prepare` and `publish`, on FastStream's objects."""
