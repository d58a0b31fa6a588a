"""Loader: function-calling questions of the Berkeley Function-Calling Leaderboard (`path` is a folder of JSONL files).

A case has `goal`, `functions` (JSON schemas, for the agent), `declared` (as the leaderboard declares them, for its rules),
`ground_truth` (accepted calls; [] = call nothing), `most` and `category`. Only the Python rules for single turns.
"""

from pathlib import Path
from typing import Any

from agentflow.evaluation.dataset import Case, Dataset, rows

TYPES = {"dict": "object", "float": "number", "tuple": "array", "any": "string"}


def load(path: Path, categories: list[str]) -> Dataset:
    """`path` may also be one file with all categories."""
    files = [path / f"{category}.jsonl" for category in categories] if path.is_dir() else [path]
    found = (row for file in files for row in rows(file) if row["category"] in categories)
    return Dataset([Case(row["id"], fields(row)) for row in found])


def fields(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "goal": "\n".join(message["content"] for message in row["messages"]),
        "functions": [function(item) for item in row["functions"]],
        "declared": row["functions"],
        "ground_truth": row["ground_truth"],
        "most": 8 if "parallel" in row["category"] else 1,
        "category": row["category"],
    }


def function(declared: dict[str, Any]) -> dict[str, Any]:
    """Servers allow no dots in names."""
    return {
        "name": declared["name"].replace(".", "_"),
        "description": declared["description"],
        "parameters": json_schema(declared["parameters"]),
    }


def json_schema(declared: dict[str, Any]) -> dict[str, Any]:
    """The leaderboard's types as JSON schema, closed."""
    kind = TYPES.get(declared.get("type", "any"), declared.get("type", "string"))
    schema: dict[str, Any] = {key: declared[key] for key in ("description", "enum") if key in declared}
    schema["type"] = kind
    if kind == "object" and "properties" in declared:
        schema["properties"] = {name: json_schema(item) for name, item in declared["properties"].items()}
        schema["required"] = declared.get("required", [])
        schema["additionalProperties"] = False
    if kind == "array":
        schema["items"] = json_schema(declared.get("items", {}))
    return schema
