"""The options that say which documents may answer."""

from typing import TYPE_CHECKING, Annotated

import typer

from agentflow.errors import AgentflowError

if TYPE_CHECKING:
    from agentflow.corpus.filter import Filter

PathsOption = Annotated[list[str] | None, typer.Option("--path", help="Only documents whose path fits: 'notes/*.md'.")]
TypesOption = Annotated[list[str] | None, typer.Option("--type", help="Only documents of this type: pdf, docx, md ...")]
SinceOption = Annotated[str, typer.Option("--since", help="Only documents of this day (month, year) and later.")]
UntilOption = Annotated[str, typer.Option("--until", help="Only documents up to this day (month, year).")]
TagsOption = Annotated[list[str] | None, typer.Option("--tag", help="Only documents with this tag.")]
CollectionsOption = Annotated[list[str] | None, typer.Option("--in", help="Only this collection of collections.yaml.")]
AuthorsOption = Annotated[list[str] | None, typer.Option("--author", help="Only documents by this author.")]


def filter_from(
    paths: list[str] | None, types: list[str] | None, since: str, until: str, tags: list[str] | None,
    authors: list[str] | None, collections: list[str] | None = None,
) -> "Filter | None":  # fmt: skip
    """None where nothing is asked for. Raises AgentflowError for what is no date."""
    from agentflow.corpus.filter import Filter

    given = {
        "paths": paths, "types": types, "since": since, "until": until, "tags": tags, "authors": authors, "collections": collections,
    }  # fmt: skip
    try:
        return Filter.wanted(given)
    except AgentflowError as error:
        raise AgentflowError(f"--{error.message}", error.hint) from None
