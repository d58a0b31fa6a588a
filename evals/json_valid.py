"""Scorer: the record against its JSON schema (`valid`), and its fields against `expected` (`fields`: share equal).

Reads `record` (the schema) and `expected`; the output's `text` is parsed again here, whatever the client said.
"""

import json

from agentflow.evaluation.dataset import Case
from agentflow.evaluation.record import Record


def score(case: Case, record: Record) -> dict[str, float | None]:
    from jsonschema import Draft202012Validator

    try:
        value = json.loads(record.output.get("text", ""))
    except json.JSONDecodeError:
        return {"valid": 0.0, "fields": 0.0}
    valid = Draft202012Validator(case["record"]).is_valid(value)
    expected = case["expected"]
    same = sum(isinstance(value, dict) and value.get(name) == wanted for name, wanted in expected.items())
    return {"valid": float(valid), "fields": same / len(expected)}
