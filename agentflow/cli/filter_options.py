"""The options that say which documents may answer."""

from collections.abc import Callable
from functools import wraps
from inspect import Signature, signature
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentflow.errors import AgentflowError

if TYPE_CHECKING:
    from agentflow.corpus.filter import Filter
    from agentflow.corpus.store import Corpus

Texts = list[str] | None


def filter_from(
    path: Annotated[Texts, typer.Option("--path", help="Only documents whose path fits: 'notes/*.md'.")] = None,
    type: Annotated[Texts, typer.Option("--type", help="Only documents of this type: pdf, docx, md ...")] = None,
    since: Annotated[str, typer.Option("--since", help="Only documents of this day (month, year) and later.")] = "",
    until: Annotated[str, typer.Option("--until", help="Only documents up to this day (month, year).")] = "",
    tag: Annotated[Texts, typer.Option("--tag", help="Only documents with this tag.")] = None,
    author: Annotated[Texts, typer.Option("--author", help="Only documents by this author.")] = None,
    collection: Annotated[Texts, typer.Option("--in", help="Only this collection of collections.yaml.")] = None,
) -> "Filter | None":
    """None where nothing is asked for. Raises AgentflowError for what is no date."""
    from agentflow.corpus.filter import Filter

    given = {
        "paths": path, "types": type, "since": since, "until": until, "tags": tag, "authors": author, "collections": collection,
    }  # fmt: skip
    try:
        return Filter.wanted(given)
    except AgentflowError as error:
        raise AgentflowError(f"--{error.message}", error.hint) from None


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the options of `filter_from` in the place of its parameter `where`."""
    options = signature(filter_from).parameters
    parameters = [
        each
        for own in signature(command).parameters.values()
        for each in (options.values() if own.name == "where" else [own])
    ]

    @wraps(command)
    def filled(**given: Any) -> None:
        chosen = {name: given.pop(name) for name in options}
        command(**given, where=filter_from(**chosen))

    filled.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    filled.__annotations__ = {each.name: each.annotation for each in parameters}
    return filled


def require_fitting(corpus: "Corpus", where: "Filter | None") -> None:
    """Raises AgentflowError where a filter lets no document through, which no question can be answered from."""
    if where is not None and corpus.matching(where) == frozenset():
        given = where.model_dump(exclude_defaults=True)
        asked = "; ".join(
            f"{name}: {', '.join(value) if isinstance(value, list) else value}" for name, value in given.items()
        )
        raise AgentflowError(f"no document fits the filter ({asked})", "see `agentflow corpus list`")
