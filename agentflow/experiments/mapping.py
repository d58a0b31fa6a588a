"""A question to columns: as the person says, by words where they are clear, else by the model among the columns there are."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agentflow.context import Context
from agentflow.errors import AgentflowError
from agentflow.experiments.matching import LEAST, best, completed, mapped_by_words, matches, split_name
from agentflow.experiments.plan import TESTABLE, Mapped
from agentflow.experiments.wording import said
from agentflow.research.abilities import can

NONE = "none"
NEAR = 0.2  # cosine of a phrase and a column, below which they have nothing to do with each other
MOST_COLUMNS = 40  # that a model is shown
MOST_EXPLORED = 12
SHOWN_LEVELS = 8


def mapped_by_person(question: str, outcome: str, group: str, tables: Sequence[dict[str, Any]]) -> Mapped:
    """Raises AgentflowError for columns that are in no table together."""
    for table in tables:
        columns = {item["name"]: item for item in table["columns"]}
        if outcome in columns and group in columns and outcome != group:
            return completed(said(question), question, table["name"], columns[outcome], columns[group], "you")
    known = "; ".join(
        f"{table['name']}: {', '.join(item['name'] for item in table['columns'][:20])}" for table in tables
    )
    raise AgentflowError(f"no table has the columns '{outcome}' and '{group}'", f"there are {known}")


def explored(question: str, outcome: str, tables: Sequence[dict[str, Any]]) -> list[Mapped]:
    """Of `What affects recovery?`: one for each column that may; empty for a question that names its cause."""
    told = said(question)
    if not told.is_open:
        return []
    for table in tables:
        columns = [item for item in table["columns"] if item["kind"] in TESTABLE]
        name = outcome or best(matches(told.effect, columns), besides=())
        by_name = {item["name"]: item for item in columns}
        if name in by_name:
            others = [item for item in columns if item["name"] != name][:MOST_EXPLORED]
            return [completed(told, question, table["name"], by_name[name], item, "words") for item in others]
    return []


async def mapped(context: Context, question: str, tables: Sequence[dict[str, Any]]) -> Mapped | None:
    """None where no columns hold what the question is about, and where only a model that cannot be trusted could say."""
    found = mapped_by_words(question, tables)
    if found or not can(context, "planner", "call"):
        return found
    for table in tables:
        found = await mapped_by_model(context, question, table)
        if found and await are_held(context, question, found, table):
            return found
    return None


async def are_held(context: Context, question: str, found: Mapped, table: dict[str, Any]) -> bool:
    """Whether the model, asked of each column by itself, and the embedder say so too; what words name needs no such check."""
    told = said(question)
    columns = {item["name"]: item for item in table["columns"]}
    pairs = [(told.cause, columns[found.group]), (told.effect, columns[found.outcome])]
    unsure = [(text, item) for text, item in pairs if matches(text, [item])[item["name"]].score < LEAST]
    shown = [{"column": _shown(item), "words": text} for text, item in unsure]
    answers = await context.ask_all("planner", context.prompt("holds"), shown)
    for (text, item), answer in zip(unsure, answers, strict=True):
        name = " ".join(split_name(item["name"]))
        forms = [_shown(item), name, item.get("about", name)]
        if item["name"] == found.group and found.level:
            forms.append(f"{found.level} {name}")
        near = max(await context.searcher.similarity(text, forms), default=1.0)
        if answer.data["holds"] == "no" or near < NEAR:
            context.note(f"the model took {item['name']} for what the question says, but it does not seem to hold that")
            return False
    return True


async def mapped_by_model(context: Context, question: str, table: dict[str, Any]) -> Mapped | None:
    columns = [item for item in table["columns"] if item["kind"] in (*TESTABLE, "date")][:MOST_COLUMNS]
    prompt = replace(context.prompt("columns"), schema=schema(columns))
    shown = [_shown(item) for item in columns]
    answer = await context.ask("planner", prompt, table=table["name"], columns=shown, question=question)
    by_name = {item["name"]: item for item in columns}
    outcome, cause = by_name.get(answer.data["outcome"]), by_name.get(answer.data.get("cause", NONE))
    if outcome is None or cause is None or outcome is cause:
        return None
    value = answer.data.get("value")
    return completed(said(question), question, table["name"], outcome, cause, "model", value if value != NONE else None)


def schema(columns: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One branch a cause, which knows its own levels; one for none."""
    names = [item["name"] for item in columns]
    branches: list[dict[str, Any]] = [_object(outcome={"const": NONE})]
    for item in columns:
        fields: dict[str, Any] = {
            "outcome": {"enum": [name for name in names if name != item["name"]]},
            "cause": {"const": item["name"]},
        }
        if levels := item.get("levels"):
            fields["value"] = {"enum": [*list(levels)[:SHOWN_LEVELS], NONE]}
        branches.append(_object(**fields))
    return {"anyOf": branches}


def _object(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _shown(item: dict[str, Any]) -> str:
    levels = list(item.get("levels", ()))[:SHOWN_LEVELS]
    kind = ", ".join(json.dumps(level, ensure_ascii=False) for level in levels) if levels else item["kind"]
    told = f" ({item['about']})" if "about" in item else ""
    return f"{item['name']}: {kind}{told}"
