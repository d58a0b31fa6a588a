"""What a person says to a run that waits: kept in the journal, so that a replay hears it again."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

from agentflow.errors import AgentflowError
from agentflow.runs.blobs import compact
from agentflow.runs.calls import calls, key_of, seal, squeeze
from agentflow.runs.store import RunStore


def decide(store: RunStore, key: str, answer: Any) -> None:
    """A person's word on an unknown effect. Raises AgentflowError for anything but the three answers."""
    match answer:
        case "repeat":
            with store.write():
                store.database.execute(
                    "UPDATE runs SET calls = calls - 1 WHERE id = (SELECT run FROM calls WHERE key = ?)", [key]
                )
                store.database.execute("DELETE FROM calls WHERE key = ?", [key])
        case "done" | {"value": _}:
            result = {"value": answer["value"] if isinstance(answer, dict) else None}
            with store.write():
                store.database.execute(
                    "UPDATE calls SET state = 'done', result = ?, seconds = 0 WHERE key = ?",
                    [squeeze(compact(result)), key],
                )
                seal(store, key)
        case _:
            raise AgentflowError(f"'{answer}' does not answer an unknown tool call", 'repeat, done or {"value": ...}')


def check_answer(run: str, question: Sequence[Any], answer: Any) -> None:
    """Before it is kept for a run that nobody carries. Raises AgentflowError for what would be refused later."""
    if answer is None:
        raise AgentflowError(f"run {run} waits for an answer", f"it asks: {compact(question[0]['value'])[:300]}")
    if (
        question[0].get("call")
        and answer not in ("repeat", "done")
        and not (isinstance(answer, dict) and set(answer) == {"value"})
    ):
        raise AgentflowError(f"'{answer}' does not answer an unknown tool call", 'repeat, done or {"value": ...}')
    if isinstance(answer, list) and len(question) > 1 and len(answer) != len(question):
        raise AgentflowError(f"{len(question)} answers are needed, not {len(answer)}", "give a JSON list")


def keep_answer(store: RunStore, run: str, answer: Any) -> None:
    """A person's reply to an interrupt, kept for replays."""
    with store.write():
        nth = sum(1 for _ in answers(store, run)) + 1
        key = key_of(run, "", "answer", nth)
        store.database.execute(
            "INSERT INTO calls (key, run, step, nth, kind, name, once, request, state, result, started)"
            " VALUES (?, ?, '', ?, 'answer', 'person', 0, ?, 'done', ?, ?)",
            [key, run, nth, squeeze("{}"), squeeze(compact({"answer": answer})), time.time()],
        )
        store.database.execute("UPDATE runs SET calls = calls + 1 WHERE id = ?", [run])
        seal(store, key)


def answers(store: RunStore, run: str) -> Iterator[Any]:
    """What persons answered, in order."""
    return (call.result["answer"] for call in calls(store, run, kind="answer") if call.result is not None)
