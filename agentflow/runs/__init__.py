"""What happened: catalog, checkpoints, journal, leases; resume, fork, replay, diff."""
