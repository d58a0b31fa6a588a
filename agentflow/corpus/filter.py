"""Which documents a search may answer from: one shape for the command line, runs, workflows and Python."""

import fnmatch
import json
import re
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError

from agentflow.errors import AgentflowError
from agentflow.storage.strict import Closed

FIELDS = {
    "path": "paths", "type": "types", "since": "since", "until": "until", "tag": "tags", "author": "authors", "in": "collections",
}  # fmt: skip
ASKED = re.compile(rf'(?i)(?<!\S)({"|".join(FIELDS)}):("[^"]+"|[^\s"]+)')
DAY = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")


def _day(value: str) -> str:
    if value and not DAY.fullmatch(value):
        raise ValueError(f"'{value}' is no date: write 2024, 2024-03 or 2024-03-01")
    return value


Day = Annotated[str, AfterValidator(_day)]


class Filter(Closed):
    """What is empty asks for nothing; the others must all hold, each by one of its values."""

    roots: list[str] = Field(default_factory=list, description="files or folders, by stored path")
    paths: list[str] = Field(default_factory=list, description="patterns of paths: notes/*.md, *2024*")
    types: list[str] = Field(default_factory=list, description="pdf, docx, md, xlsx ...: see `agentflow corpus list`")
    since: Day = Field(default="", description="documents of this day (month, year) and later, by their own date")
    until: Day = Field(default="", description="documents up to this day (month, year), it included")
    tags: list[str] = Field(default_factory=list, description="one of these, as front matter or the text gives them")
    authors: list[str] = Field(default_factory=list, description="a part of the author's name")
    collections: list[str] = Field(default_factory=list, description="names of collections.yaml")
    web: list[str] = Field(
        default_factory=list, description="archived web pages that may answer besides: stored paths, or `*` for all"
    )

    @classmethod
    def stored(cls, scope: dict[str, Any] | list[str]) -> "Filter":
        """As a run keeps it; runs of older versions kept a list of roots."""
        return cls(roots=scope) if isinstance(scope, list) else cls(**scope)

    def scope(self, roots: Sequence[str], *, web: bool) -> dict[str, Any]:
        """What a run keeps that searches `roots` besides. `web`: copies of pages may be searched as well, those that the
        run is yet to read among them."""
        update = {"roots": [*self.roots, *roots], "web": ["*"] if web else self.web}
        return self.model_copy(update=update).model_dump(exclude_defaults=True)

    def admits(self, path: str, *, current: bool) -> bool:
        """Whether an archived web page may answer. An older copy must be named."""
        return path in self.web or (current and any(fnmatch.fnmatchcase(path, pattern) for pattern in self.web))

    @classmethod
    def of_query(cls, query: str) -> tuple[str, "Filter | None"]:
        """`type:pdf since:2023 author:"Ann Berg" river mill`: the words, and what the others ask for. Raises
        AgentflowError for what is no date."""
        asked: dict[str, Any] = {}
        for name, value in ASKED.findall(query):
            field = FIELDS[name.lower()]
            asked[field] = (
                value.strip('"') if field in ("since", "until") else [*asked.get(field, []), value.strip('"')]
            )
        return " ".join(ASKED.sub(" ", query).split()), cls.wanted(asked)

    @classmethod
    def wanted(cls, given: dict[str, Any]) -> "Filter | None":
        """None where nothing is asked for. Raises AgentflowError for what is no date."""
        asked = {name: value for name, value in given.items() if value}
        try:
            return cls.model_validate(asked) if asked else None
        except ValidationError as error:
            fault = error.errors()[0]
            reason = str(fault["msg"]).removeprefix("Value error, ")
            raise AgentflowError(f"{fault['loc'][0]}: {reason}", "see `agentflow search --help`") from None

    def holds(self, path: str, kind: str, date: str, author: str, tags: str) -> bool:
        """Of a document's stored columns, all but `roots` and `collections`."""
        return (
            (not self.paths or any(_fits(path, pattern) for pattern in self.paths))
            and (not self.types or kind in {each.lower().lstrip(".") for each in self.types})
            and (not self.since or (bool(date) and date >= self.since[: len(date)]))
            and (not self.until or (bool(date) and date[: len(self.until)] <= self.until))
            and (not self.authors or any(each.casefold() in author.casefold() for each in self.authors))
            and (not self.tags or bool({_tag(tag) for tag in self.tags} & {_tag(tag) for tag in json.loads(tags)}))
        )


def _fits(path: str, pattern: str) -> bool:
    """The whole path, or its end from a folder on: `*.md` fits at any depth."""
    return fnmatch.fnmatchcase(path, pattern) or fnmatch.fnmatchcase(path, f"*/{pattern}")


def _tag(tag: str) -> str:
    return tag.lstrip("#").casefold()
