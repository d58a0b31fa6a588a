"""The backend of this machine: reading in a thread, work in child processes, runs in processes of their own."""
