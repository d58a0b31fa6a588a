"""Families of the act prompt: the next tool and its arguments, or "answer".

A tool is shown as `name(parameter: type, optional?: type): description`, a step's arguments as JSON. Sources: bfcl
(multiple, parallel, parallel_multiple; simple_python and irrelevance are for evaluation), gsm8k's first operations,
and made-up one-operation problems for the calculator.
"""

import random
import re
from functools import cache
from typing import Any

from starter import corpus
from starter.example import Example, Family, written
from starter.split import training_rows
from starter.tasks import planning

CALCULATOR = (
    "Work out an arithmetic expression.",
    "Evaluates an arithmetic expression.",
    "Computes a formula exactly.",
)
TYPES = {"dict": "object", "float": "number", "tuple": "array", "any": "string"}
NOTHING = ("None of the tools can help.",)


def tool(name: str, parameters: dict[str, str], description: str) -> dict[str, str]:
    return {
        "name": name,
        "parameters": ", ".join(f"{n}: {t}" for n, t in parameters.items()),
        "description": description,
    }


def from_schema(function: dict[str, Any]) -> dict[str, str]:
    """A bfcl function; dots in its name become underscores, as servers allow no dots."""
    properties, required = function["parameters"]["properties"], function["parameters"].get("required", [])
    shown = {n + ("" if n in required else "?"): TYPES.get(p["type"], p["type"]) for n, p in properties.items()}
    return tool(function["name"].replace(".", "_"), shown, function["description"].split("\n")[0][:200])


def called(name: str, arguments: dict[str, Any]) -> str:
    return written({"tool": name, "arguments": arguments})


def accepted(call: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The first accepted value of each argument that may not be left out."""
    ((name, arguments),) = call.items()
    return name.replace(".", "_"), {k: v[0] for k, v in arguments.items() if v and v[0] != "" and "" not in v[1:]}


@cache
def bfcl() -> list[dict[str, Any]]:
    return [r for n in ("multiple", "parallel", "parallel_multiple") for r in training_rows(f"tools/bfcl/{n}.jsonl")]


@cache
def operations() -> list[tuple[str, str, str]]:
    """gsm8k problems with one worked operation: question, expression, result."""
    found = []
    for row in training_rows("math/gsm8k_train.jsonl"):
        marks = re.findall(r"<<([^=<>]+)=([^<>]+)>>", row["answer"])
        if len(marks) == 1:
            found.append((row["question"], marks[0][0].strip(), marks[0][1]))
    return found


def spaced(expression: str) -> str:
    return re.sub(r"\s*([-+*/])\s*", r" \1 ", expression).strip()


def act(rng: random.Random) -> Family:
    return [rng.choice((from_bfcl, from_bfcl, from_bfcl, calculation, calculation, searching))(rng)]


def shown(own: list[dict[str, str]], rng: random.Random, most: int = 3) -> list[dict[str, str]]:
    spare = [from_schema(f) for f in rng.choice(bfcl())["functions"]]
    names = {t["name"] for t in own}
    tools = own + [t for t in spare if t["name"] not in names][: rng.randint(0, most)]
    rng.shuffle(tools)
    return tools


def from_bfcl(rng: random.Random) -> Example:
    """One call of the row, or, when its functions are left out, the answer that no tool can help."""
    row = rng.choice(bfcl())
    goal = row["messages"][-1]["content"]
    own = [from_schema(f) for f in row["functions"]]
    if rng.random() < 0.3:
        names = {t["name"] for t in own}
        tools = [t for t in (from_schema(f) for f in rng.choice(bfcl())["functions"]) if t["name"] not in names]
        return Example(
            "act", {"tools": tools or shown([], rng), "goal": goal, "steps": []}, called("answer", {"text": NOTHING[0]})
        )
    name, arguments = accepted(row["ground_truth"][0])
    tools = shown(own, rng) if rng.random() < 0.5 else rng.sample(own, len(own))
    return Example("act", {"tools": tools, "goal": goal, "steps": []}, called(name, arguments))


def calculation(rng: random.Random) -> Example:
    """A word problem for the calculator; half the time the result is already there and is the answer."""
    question, expression, result = rng.choice(operations()) if rng.random() < 0.15 else problem(rng)
    expression = spaced(expression)
    tools = shown([tool("calculator", {"expression": "string"}, rng.choice(CALCULATOR))], rng)
    values: dict[str, Any] = {"tools": tools, "goal": question, "steps": []}
    if rng.random() < 0.3:
        values["steps"] = [{"tool": "calculator", "arguments": written({"expression": expression}), "result": result}]
        return Example("act", values, called("answer", {"text": result}))
    return Example("act", values, called("calculator", {"expression": expression}))


def problem(rng: random.Random) -> tuple[str, str, str]:
    who, things = (
        rng.choice(corpus.people()).split()[0],
        rng.choice([w for w in rng.sample(corpus.vocabulary(), 20) if w.endswith("s")] or ["apples"]),
    )
    a, b = rng.randint(2, 400), rng.randint(2, 60)
    big = max(a, b) + rng.randint(1, 50)
    sign, text = rng.choice((
        ("+", f"{who} has {a} {things} and gets {b} more. How many {things} does {who} have now?"),
        ("+", f"There are {a} {things} in one room and {b} in another. How many {things} are there in total?"),
        ("+", f"What is the sum of {a} and {b}?"),
        ("-", f"{who} had {big} {things} and gave away {b}. How many {things} are left?"),
        ("-", f"Of {big} {things}, {b} were sold. How many remain?"),
        ("-", f"How much more is {big} than {b}?"),
        ("*", f"Each box holds {a} {things}. How many {things} are in {b} boxes?"),
        ("*", f"{who} earns ${a} an hour. How much does {who} earn in {b} hours?"),
        ("*", f"A ticket costs {a} dollars. What do {b} tickets cost?"),
        ("*", f"What is {a} times {b}?"),
        ("/", f"{who} shares {a * b} {things} equally among {b} friends. How many does each get?"),
        ("/", f"{a * b} {things} are packed in boxes of {b}. How many boxes are needed?"),
        ("/", f"What is {a * b} divided by {b}?"),
    ))  # fmt: skip
    left = {"+": a, "-": big, "*": a, "/": a * b}[sign]
    result = {"+": a + b, "-": big - b, "*": a * b, "/": a}[sign]
    return text, f"{left} {sign} {b}", str(result)


def searching(rng: random.Random) -> Example:
    """A question for the search tool, then its answer from what was found."""
    asked = planning.single(rng)
    tools = shown(
        [tool("search", {"query": "string"}, rng.choice(("Searches the documents.", "Finds passages in the corpus.")))],
        rng,
    )
    if rng.random() < 0.5:
        return Example("act", {"tools": tools, "goal": asked, "steps": []}, called("search", {"query": asked}))
    natural = rng.choice(planning.questions.natural()["new_wiki"])
    steps = [
        {
            "tool": "search",
            "arguments": written({"query": natural.question}),
            "result": natural.sentences[natural.right[0]],
        }
    ]
    return Example(
        "act", {"tools": tools, "goal": natural.question, "steps": steps}, called("answer", {"text": natural.answer})
    )
