"""What happened: store, checkpoints, journal, leases; resume, fork, replay, diff."""
