"""Workers: processes that carry the runs of the queue, one run at a time each."""
