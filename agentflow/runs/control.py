"""What one process asks of a run that another may own: pause, cancel."""

from agentflow.errors import AgentflowError
from agentflow.runs.leases import is_alive
from agentflow.runs.run import Run
from agentflow.runs.store import RunStore
from agentflow.status import GOES_ON, RunStatus

BECOMES = {"pause": RunStatus.PAUSED, "cancel": RunStatus.CANCELLED}


def request_stop(store: RunStore, name: str, what: str) -> Run:
    """Leaves the request for the owner; a run without a living owner is settled at once.

    Raises AgentflowError for a run that has ended.
    """
    with store.write():  # no worker claims it between the look and the word
        run = store.find(name)
        if run.finished:
            raise AgentflowError(f"run {run.id} has ended ({run.status})", "see `agentflow runs list`")
        if is_alive(run):
            store.ask(run.id, what)
        elif what == "cancel" or run.status in GOES_ON:
            store.settle(run.id, BECOMES[what], message=f"{what} on request", question=run.question)
        return store.load(run.id)
