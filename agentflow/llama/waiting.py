"""Those who wait for a place: by priority, with ageing so that nothing starves."""

import time

from agentflow.llama.job import PRIORITIES, Job

AGEING = 20.0  # seconds of waiting that are worth one priority class


class WaitingRoom:
    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def ordered(self) -> list[Job]:
        """Most urgent first."""
        now = time.monotonic()
        return sorted(self.jobs, key=lambda job: PRIORITIES[job.priority] - (now - job.arrived) / AGEING)

    def leave(self, now: float) -> list[Job]:
        """Takes out those whose client left or whose deadline passed."""
        gone = [job for job in self.jobs if job.cancelled or (job.deadline is not None and now > job.deadline)]
        self.jobs = [job for job in self.jobs if job not in gone]
        return gone
