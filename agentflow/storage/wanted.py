"""What pydantic found wrong with a value, in our words."""

from typing import Any

LIST, MAPPING, TEXT, TRUTH = "a list", "a mapping of keys to values", "text", "true or false"
WANTED = {
    "list_type": LIST, "dict_type": MAPPING, "model_type": MAPPING, "string_type": TEXT, "bool_type": TRUTH, "bool_parsing": TRUTH,
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "a whole number"),
    **dict.fromkeys(("float_type", "float_parsing"), "a number"),
}  # fmt: skip


def worded(fault: Any) -> str:
    """`should be text`. `fault` is one of a ValidationError's errors."""
    if wanted := WANTED.get(fault["type"]):
        return f"should be {wanted}"
    message = fault["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{message[:1].lower()}{message[1:]}"
