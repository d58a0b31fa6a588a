"""What differs between brokers, one module each: `connect`, `subscribe`, `taken`, `prepare` and `publish`, on
FastStream's objects."""
