"""Whether tool calls match the accepted answers, by the rules of the Berkeley Function-Calling Leaderboard's AST check.

Patil et al., "The Berkeley Function Calling Leaderboard", ICML 2025. Python rules: names are exact; required arguments
are present and no unknown one is; a value has the declared type (an integer passes for a float) and is one of the
accepted ones; text is compared without case, blanks and `,./-_*^`; "" among the accepted values marks an argument that
may be left out; parallel calls match in any order.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

TYPES: dict[str, type] = {
    "string": str, "integer": int, "float": float, "boolean": bool, "array": list, "tuple": list, "dict": dict, "any": str,
}  # fmt: skip
_DROPPED = re.compile(r"[ ,./\-_*^]")

Call = tuple[str, Mapping[str, Any]]


def matches(calls: Sequence[Call], functions: Sequence[Mapping[str, Any]], gold: Sequence[Mapping[str, Any]]) -> bool:
    """Every call matches its own accepted one, and none is missing. No accepted call: nothing may be called."""
    if len(calls) != len(gold):
        return False
    described = {function["name"]: function for function in functions}
    left = list(calls)
    for accepted in gold:
        name, arguments = next(iter(accepted.items()))
        hit = next(
            (c for c in left if c[0] == name and name in described and call_matches(c[1], described[name], arguments)),
            None,
        )
        if hit is None:
            return False
        left.remove(hit)
    return True


def call_matches(arguments: Mapping[str, Any], function: Mapping[str, Any], accepted: Mapping[str, list[Any]]) -> bool:
    declared = function["parameters"]["properties"]
    if any(name not in arguments for name in function["parameters"].get("required", ())):
        return False
    if any(name not in arguments and "" not in values for name, values in accepted.items()):
        return False
    return all(
        name in declared and name in accepted and value_matches(value, declared[name], accepted[name])
        for name, value in arguments.items()
    )


def value_matches(value: Any, declared: Mapping[str, Any], accepted: list[Any]) -> bool:
    """One argument against its declaration and its accepted values."""
    wanted: Any = TYPES[declared["type"]]
    if declared["type"] == "float" and type(value) is int:
        value = float(value)
    known = next((type(item) for item in accepted if item != ""), None)
    if type(value) is not wanted:
        return type(value) is known and _plain(value) in [_plain(item) for item in accepted]
    if known is not None and known is not wanted and not (wanted is float and known is int):
        return _plain(value) in [_plain(item) for item in accepted]  # a variable's name stands for the value
    if wanted is dict:
        return any(_dict_matches(value, item) for item in accepted if item != "")
    if wanted is list:
        return _list_matches(value, declared, accepted)
    return _plain(value) in [_plain(item) for item in accepted]


def _list_matches(value: list[Any], declared: Mapping[str, Any], accepted: list[Any]) -> bool:
    if all(isinstance(item, dict) for item in value) and value:
        lists = [item for item in accepted if isinstance(item, list) and len(item) == len(value)]
        return any(all(map(_dict_matches, value, item)) for item in lists)
    inner = declared.get("items", {}).get("type")
    if declared["type"] == "array" and inner == "float":
        value = [float(item) if type(item) is int else item for item in value]
    return _plain(value) in [_plain(item) for item in accepted]


def _dict_matches(value: Mapping[str, Any], accepted: Mapping[str, list[Any]]) -> bool:
    present = all(key in accepted and _plain(item) in [_plain(a) for a in accepted[key]] for key, item in value.items())
    return present and all(key in value or "" in items for key, items in accepted.items())


def _plain(value: Any) -> Any:
    """Text as it is compared, also inside lists and nested dicts."""
    if isinstance(value, str):
        return _DROPPED.sub("", value).lower().replace("'", '"')
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
