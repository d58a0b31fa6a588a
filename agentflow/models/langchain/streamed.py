"""A streamed answer that begins again at another server: what the caller has of it cannot be taken back."""

from dataclasses import replace

from agentflow.models.client.errors import ModelError
from agentflow.models.client.types import ModelEvent, Reasoning, Restart, Text


class Streamed:
    """Passes an answer's events on; after a Restart only what goes beyond the text that was passed on before."""

    def __init__(self) -> None:
        self._told: dict[type, str] = {Text: "", Reasoning: ""}
        self._again: dict[type, int] = {}

    def new(self, event: ModelEvent) -> ModelEvent | None:
        """The event, the part of it that is new, or None. Raises ModelError when it is another text than before."""
        if isinstance(event, Restart):
            self._again = dict.fromkeys(self._told, 0)
            return None
        if not isinstance(event, Text | Reasoning):
            return event
        kind = type(event)
        told = self._told[kind]
        at = self._again.get(kind, len(told))
        known = told[at : at + len(event.text)]
        if not event.text.startswith(known):
            raise ModelError(
                "connection",
                "a server failed in the middle of an answer, and the next one words it otherwise",
                "ask again, or without streaming: then the whole answer comes from one server",
            )
        added = event.text[len(known) :]
        self._told[kind] = told + added
        self._again[kind] = at + len(event.text)
        return replace(event, text=added) if added else None
