"""What one process asks of a run that another may own: pause, cancel."""

from agentflow.errors import AgentflowError
from agentflow.runs.leases import is_alive
from agentflow.runs.run import GOES_ON, Run
from agentflow.runs.store import RunStore

BECOMES = {"pause": "paused", "cancel": "cancelled"}


def ask(catalog: RunStore, name: str, what: str) -> Run:
    """Leaves the request for the owner; a run without a living owner is settled at once.

    Raises AgentflowError for a run that has ended.
    """
    with catalog.write():  # no worker claims it between the look and the word
        run = catalog.find(name)
        if run.finished:
            raise AgentflowError(f"run {run.id} has ended ({run.status})", "see `agentflow runs list`")
        if run.owner and is_alive(run.owner, run.beat):
            catalog.ask(run.id, what)
        elif what == "cancel" or run.status in GOES_ON:
            catalog.settle(run.id, BECOMES[what], message=f"{what} on request", question=run.question)
        return catalog.load(run.id)
