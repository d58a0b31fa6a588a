"""Those who wait for a place: by priority, with ageing so that nothing starves."""

import time

from agentflow.serving.engine.request import PRIORITIES, Failed, GenerationRequest

AGEING = 20.0  # seconds of waiting that are worth one priority class


class WaitingQueue:
    def __init__(self) -> None:
        self.jobs: list[GenerationRequest] = []

    def ordered(self) -> list[GenerationRequest]:
        """Most urgent first."""
        now = time.monotonic()
        return sorted(self.jobs, key=lambda job: PRIORITIES[job.priority] - (now - job.arrived) / AGEING)

    def leave(self, now: float) -> list[tuple[GenerationRequest, Failed]]:
        """Takes out those whose client left or whose deadline passed."""
        gone = [(job, reason) for job in self.jobs if (reason := job.leaves(now))]
        left = {id(job) for job, _ in gone}
        self.jobs = [job for job in self.jobs if id(job) not in left]
        return gone
