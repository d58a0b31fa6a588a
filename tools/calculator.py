"""Arithmetic on numbers: an own reader of the expression's syntax tree, with limits; nothing is ever executed."""

import ast
import math
import operator
import warnings
from collections.abc import Callable
from typing import Annotated

from agentflow.toolbox import ToolFailed

LONGEST = 500  # characters
DEEPEST = 50
BITS = 4096  # of any integer on the way

Number = int | float

BINARY: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
UNARY: dict[type[ast.unaryop], Callable[[Number], Number]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}
FUNCTIONS: dict[str, Callable[..., Number]] = {
    "abs": abs, "round": round, "min": min, "max": max, "sqrt": math.sqrt, "exp": math.exp, "log": math.log,
    "log2": math.log2, "log10": math.log10, "sin": math.sin, "cos": math.cos, "tan": math.tan, "floor": math.floor,
    "ceil": math.ceil, "hypot": math.hypot,
}  # fmt: skip
CONSTANTS = {"pi": math.pi, "e": math.e, "tau": math.tau}


def calculator(
    expression: Annotated[str, "for example (3 + 4) * sqrt(2) or 15% of 80 written as 0.15 * 80"],
) -> int | float:
    """Calculate the value of an arithmetic expression: + - * / // % ** ( ), sqrt, log, exp, min, max, round, pi, e."""
    if len(expression) > LONGEST:
        raise ToolFailed(f"the expression is longer than {LONGEST} characters", "split it")
    if not expression.isascii():
        raise ToolFailed("only ASCII digits and operators are understood", "write 3 * 4, not 3 × 4")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's advice on odd source is for programmers
            tree = ast.parse(expression.strip().replace("^", "**"), mode="eval")
        value = _value(tree.body, 0)
    except (SyntaxError, MemoryError, RecursionError):
        raise ToolFailed(f"{expression[:80]!r} is not an arithmetic expression", "write it like 2 * (3 + 4)") from None
    except (ArithmeticError, ValueError, TypeError) as error:
        raise ToolFailed(f"cannot calculate {expression[:80]}: {error}", "check the numbers") from None
    if isinstance(value, float) and not math.isfinite(value):
        raise ToolFailed(f"{expression[:80]} has no finite value", "check the numbers")
    return value


def _value(node: ast.expr, depth: int) -> Number:
    if depth > DEEPEST:
        raise ToolFailed(f"the expression is nested deeper than {DEEPEST} levels", "split it")
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return _bounded(number)
        case ast.UnaryOp(op=op, operand=operand) if type(op) in UNARY:
            return UNARY[type(op)](_value(operand, depth + 1))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left, depth + 1), _value(right, depth + 1))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in BINARY:
            return _bounded(BINARY[type(op)](_value(left, depth + 1), _value(right, depth + 1)))
        case ast.Name(id=name) if name in CONSTANTS:
            return CONSTANTS[name]
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
            return _bounded(FUNCTIONS[name](*(_value(arg, depth + 1) for arg in args)))
    raise ToolFailed(
        f"{ast.unparse(node)[:60]!r} is not arithmetic", f"use numbers, + - * / // % **, {', '.join(FUNCTIONS)}, pi, e"
    )


def _power(base: Number, exponent: Number) -> Number:
    """Refuses by the size of the result, before it is computed."""
    if isinstance(base, int) and isinstance(exponent, int) and abs(exponent) * max(base.bit_length(), 1) > BITS:
        raise ToolFailed(f"the power is larger than {BITS} bits", "use smaller numbers")
    result = base**exponent
    if isinstance(result, complex):
        raise ToolFailed("the result is not a real number", "check the numbers")
    return _bounded(result)


def _bounded(value: Number) -> Number:
    if isinstance(value, int) and value.bit_length() > BITS:
        raise ToolFailed(f"a number is larger than {BITS} bits", "use smaller numbers")
    return value
