"""Jinja's syntax tree walked with the type (JSON schema) of each name; {} is unknown and fits everything."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from jinja2 import nodes

from agentflow.text.suggest import suggest
from agentflow.workflow.expressions import FILTERS, OWN_FILTERS, TESTS
from agentflow.workflow.types import COUNT, NUMBER, PYTHON_TYPES, TEXT, TRUTH, Schema, in_words, listing, record

Say = Callable[[str, str, int], None]  # message, hint, line within the text
LOOP = record({"index": COUNT, "index0": COUNT, "first": TRUTH, "last": TRUTH, "length": COUNT})
DEEPEST_FOR = 3
KEEPING = ("list", "sort", "unique", "reverse", "select", "reject", "selectattr", "rejectattr")
RESULTS: dict[str, Schema] = {
    "length": COUNT, "count": COUNT, "int": COUNT, "wordcount": COUNT, "float": NUMBER, "round": NUMBER, "sum": NUMBER,
    "csv": TEXT, "escape": TEXT, "e": TEXT, "join": TEXT, "json": TEXT, "lower": TEXT, "replace": TEXT,
    "string": TEXT, "title": TEXT, "trim": TEXT, "truncate": TEXT, "upper": TEXT,
}  # fmt: skip


@dataclass(slots=True)
class Names:
    """`made` are there for certain, `maybe` only on some paths; `later` says why another known name is not."""

    made: dict[str, Schema]
    maybe: dict[str, Schema] = field(default_factory=dict)
    later: Mapping[str, str] = field(default_factory=dict)

    def with_names(self, **more: Schema) -> "Names":
        return Names({**self.made, **more}, self.maybe, self.later)


class Walker:
    def __init__(self, names: Names, say: Say) -> None:
        self.scopes: list[dict[str, Schema]] = [names.made]
        self.names = names
        self.report = say
        self.guarded: set[str] = set()
        self.depth = 0

    def say(self, node: nodes.Node, message: str, hint: str = "") -> None:
        self.report(message, hint, node.lineno or 1)

    def block(self, body: Sequence[nodes.Node]) -> None:
        for node in body:
            self.statement(node)

    def statement(self, node: nodes.Node) -> None:
        match node:
            case nodes.Output():
                for item in node.nodes:
                    self.type_of(item)
            case nodes.If():
                self.type_of(node.test, tested=True)
                with self.guarding(node.test):
                    self.block(node.body)
                with self.guarding(node.test, otherwise=True):
                    self.block(node.elif_)
                    self.block(node.else_)
            case nodes.For():
                self.loop(node)
            case nodes.TemplateData():
                pass
            case _:
                word = type(node).__name__.lower()
                self.say(node, f"'{{% {word} %}}' is not allowed", "templates use {{ }}, {% if %} and {% for %}")

    def loop(self, node: nodes.For) -> None:
        items = self.type_of(node.iter)
        if items.get("type", "array") not in ("array", "string") or items.get("type") == "string":
            self.say(node, f"{{% for %}} needs a list, found {in_words(items)}", "name a list")
        self.depth += 1
        if self.depth > DEEPEST_FOR:
            self.say(node, f"loops nested deeper than {DEEPEST_FOR}", "use a map node")
        scope: dict[str, Schema] = {"loop": LOOP}
        if isinstance(node.target, nodes.Name):
            scope[node.target.name] = items.get("items") or {}
        else:
            scope |= {target.name: {} for target in node.target.find_all(nodes.Name)}
        self.scopes.append(scope)
        if node.test:
            self.type_of(node.test)
        self.block(node.body)
        self.scopes.pop()
        self.depth -= 1
        self.block(node.else_)

    @contextmanager
    def guarding(self, test: nodes.Node, *, otherwise: bool = False) -> Iterator[None]:
        """Names that `test` asks for are there behind it. Where one of two paths was taken, the other's are there
        in its `else`: `a if a else b`."""
        before = set(self.guarded)
        asked = {name.name for name in test.find_all(nodes.Name)} | (
            {test.name} if isinstance(test, nodes.Name) else set()
        )
        self.guarded = before | (set(self.names.maybe) if otherwise and asked & set(self.names.maybe) else asked)
        try:
            yield
        finally:
            self.guarded = before

    def type_of(self, node: nodes.Node, *, tested: bool = False) -> Schema:
        match node:
            case nodes.Const():
                return PYTHON_TYPES.get(type(node.value), {})
            case nodes.TemplateData():
                return TEXT
            case nodes.Name():
                return self.name(node, tested)
            case nodes.Getattr():
                return self.part(node, node.attr)
            case nodes.Getitem(arg=nodes.Const(value=key)):
                return self.part(node, key)
            case nodes.Getitem():
                inner = self.type_of(node.node)
                if not isinstance(node.arg, nodes.Slice):
                    self.type_of(node.arg)
                    return inner.get("items") or {}
                return inner
            case nodes.Filter():
                return self.filter(node)
            case nodes.Test():
                if node.name not in TESTS:
                    self.say(node, f"unknown test '{node.name}'", suggest(node.name, TESTS))
                self.type_of(node.node, tested=True)
                for arg in node.args:
                    self.type_of(arg)
                return TRUTH
            case nodes.Compare():
                return self.compare(node)
            case nodes.Not():
                self.type_of(node.node, tested=True)
                return TRUTH
            case nodes.And() | nodes.Or():
                left = self.type_of(node.left, tested=True)
                with self.guarding(node.left):
                    right = self.type_of(node.right, tested=tested)
                return left if left == right else {}
            case nodes.CondExpr():
                self.type_of(node.test, tested=True)
                with self.guarding(node.test):
                    first = self.type_of(node.expr1)
                with self.guarding(node.test, otherwise=True):
                    second = self.type_of(node.expr2) if node.expr2 else first
                return first if first == second else {}
            case nodes.Concat():
                for item in node.nodes:
                    self.type_of(item)
                return TEXT
            case nodes.List():
                items = [self.type_of(item) for item in node.items]
                return listing(items[0] if items else {})
            case nodes.Dict():
                return record({str(_key(pair)): self.type_of(pair.value) for pair in node.items})
            case nodes.BinExpr():
                left, right = self.type_of(node.left), self.type_of(node.right)
                for side in (left, right):
                    if side.get("type") in ("object", "null") or (
                        side.get("type") == "string" and node.operator != "+"
                    ):
                        self.say(
                            node,
                            f"'{node.operator}' does not work on {in_words(side)}",
                            "use numbers, or ~ to join text",
                        )
                return (
                    left
                    if left == right
                    else NUMBER
                    if {"integer", "number"} >= {left.get("type"), right.get("type")}
                    else {}
                )
            case nodes.Neg() | nodes.Pos():
                return self.type_of(node.node)
            case nodes.Call():
                self.say(node, "calls are not allowed", "use a filter, like NODE.items | length")
                return {}
        self.say(
            node, f"{type(node).__name__.lower()} is not allowed in an expression", "use names, comparisons and filters"
        )
        return {}

    def name(self, node: nodes.Name, tested: bool) -> Schema:
        for scope in reversed(self.scopes):
            if node.name in scope:
                return scope[node.name]
        if node.name in self.names.maybe:
            if not tested and node.name not in self.guarded:
                hint = f"write {{% if {node.name} %}}…{{% endif %}}, or | default('') after it"
                self.say(node, f"'{node.name}' has not run on every path that leads here", hint)
            return self.names.maybe[node.name]
        if why := self.names.later.get(node.name):
            self.say(node, f"'{node.name}' is used before it is made", why)
        else:
            known = {*self.names.made, *self.names.maybe}
            self.say(node, f"unknown name '{node.name}'", suggest(node.name, known))
        return {}

    def part(self, node: nodes.Getattr | nodes.Getitem, key: Any) -> Schema:
        inner = self.type_of(node.node)
        return self.field(node, inner, key)

    def field(self, node: nodes.Node, inner: Schema, key: Any) -> Schema:
        kind = inner.get("type")
        if isinstance(key, int):
            return inner.get("items") or {}
        if kind in ("array", "string", "integer", "number", "boolean"):
            hint = "use {% for %}, | first, or | map(attribute=...)" if kind == "array" else "use it without a field"
            self.say(node, f"{in_words(inner)} has no field '{key}'", hint)
            return {}
        fields = inner.get("properties")
        if fields is not None and key not in fields and not inner.get("additionalProperties", True):
            self.say(node, f"no field '{key}' here", suggest(str(key), list(fields)))
        return (fields or {}).get(key) or {}

    def filter(self, node: nodes.Filter) -> Schema:
        known = {*FILTERS, *OWN_FILTERS}
        if node.name not in known:
            self.say(node, f"unknown filter '{node.name}'", suggest(node.name, known))
        optional = node.name in ("default", "d")
        inner: Schema = {}
        if node.node is not None and optional:
            with self.guarding(node.node):
                inner = self.type_of(node.node, tested=True)
        elif node.node is not None:
            inner = self.type_of(node.node)
        for arg in (*node.args, *(pair.value for pair in node.kwargs)):
            self.type_of(arg)
        if node.name in RESULTS:
            return RESULTS[node.name]
        items = inner.get("items") or {}
        attribute = next((pair.value for pair in node.kwargs if pair.key == "attribute"), None)
        if node.name in ("selectattr", "rejectattr") and node.args:
            attribute = node.args[0]
        found = items
        if isinstance(attribute, nodes.Const) and isinstance(attribute.value, str) and "." not in attribute.value:
            found = self.field(node, items, attribute.value)
        match node.name:
            case "map":
                return listing(found if attribute is not None else {})
            case "first" | "last" | "min" | "max":
                return items
            case "flatten":
                return listing(items.get("items") or {})
        return inner if node.name in KEEPING or optional else {}

    def compare(self, node: nodes.Compare) -> Schema:
        left = self.type_of(node.expr)
        for operand in node.ops:
            right = self.type_of(operand.expr)
            if operand.op in ("in", "notin"):
                continue
            kinds = {_comparable(left), _comparable(right)} - {""}
            if len(kinds) > 1:
                self.say(node, f"compares {in_words(left)} with {in_words(right)}", "compare like with like")
            value = operand.expr.value if isinstance(operand.expr, nodes.Const) else None
            if isinstance(value, str) and "enum" in left and value not in left["enum"]:
                self.say(node, f"it is never '{value}'", suggest(value, [str(choice) for choice in left["enum"]]))
        return TRUTH


def _comparable(schema: Schema) -> str:
    kind = str(schema.get("type", ""))
    return "number" if kind in ("integer", "number") else kind


def _key(pair: nodes.Pair) -> Any:
    return pair.key.value if isinstance(pair.key, nodes.Const) else ""
