"""Passages and quotes in a run's state are ids; their text lives in the corpus and the quote store."""

from typing import Any

from agentflow.context import Context
from agentflow.corpus.evidence import Evidence
from agentflow.corpus.passage import Passage

CHUNK, QUOTE = "$chunk", "$quote"


def of_passage(passage: Passage) -> dict[str, Any]:
    """A passage as workflows see it."""
    return {
        "chunk": passage.chunk, "document": passage.path, "line": passage.place.line, "title": passage.title,
        "heading": passage.heading, "source": passage.source, "text": passage.text,
    }  # fmt: skip


def of_quote(item: Evidence, relevance: float) -> dict[str, Any]:
    """A quote as workflows see it; `text` is the exact span."""
    return {
        "id": item.id, "text": item.quote, "document": item.path, "line": item.line, "place": item.place,
        "source": item.source, "date": item.date, "relevance": relevance,
    }  # fmt: skip


def store(value: Any) -> Any:
    """Ids in place of passages and quotes, at any depth."""
    match value:
        case {"chunk": int() as chunk, "source": _, "text": _}:
            return {CHUNK: chunk}
        case {"id": str() as quote, "place": _, "relevance": relevance}:
            return {QUOTE: quote, "relevance": relevance}
        case dict():
            return {key: store(item) for key, item in value.items()}
        case list():
            return [store(item) for item in value]
    return value


def restore(context: Context, value: Any) -> Any:
    """The inverse of `store`. A passage whose document has changed since is left out of its list, with a note."""
    match value:
        case {"$chunk": int() as chunk}:
            found = context.corpus.passages([chunk])
            return of_passage(found[0]) if found else None
        case {"$quote": str() as quote, "relevance": float() | int() as relevance}:
            return of_quote(context.quotes.load([quote])[0], relevance)
        case dict():
            return {key: restore(context, item) for key, item in value.items()}
        case list():
            items = [restore(context, item) for item in value]
            gone = sum(item is None and isinstance(old, dict) for item, old in zip(items, value, strict=True))
            if gone:
                context.note(f"{gone} passages are gone: their documents changed since", "warning")
            return [item for item, old in zip(items, value, strict=True) if item is not None or old is None]
    return value
