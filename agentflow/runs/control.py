"""What one process asks of a run that another may own: pause, cancel."""

from agentflow.errors import AgentflowError
from agentflow.runs.leases import is_alive
from agentflow.runs.run import Run
from agentflow.runs.store import RunStore
from agentflow.status import RunStatus

BECOMES = {"pause": RunStatus.PAUSED, "cancel": RunStatus.CANCELLED}


def request_stop(store: RunStore, name: str, what: str) -> Run:
    """Leaves the request for the owner; a run without a living owner is settled at once.

    Raises AgentflowError for a run that has ended.
    """
    run = store.find(name)
    if run.finished:
        raise AgentflowError(f"run {run.id} has ended ({run.status})", "see `agentflow runs list`")
    if run.owner and is_alive(run.owner, run.beat):
        store.ask(run.id, what)
    elif what == "cancel" or run.status is RunStatus.RUNNING:
        store.settle(run.id, BECOMES[what], message=f"{what} on request", question=run.question)
    return store.load(run.id)
