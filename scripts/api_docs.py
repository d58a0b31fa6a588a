"""Writes what docs/ holds of the code: api.md (signatures and docstrings of agentflow/__init__.py) and the editors' schemas.

Run it after a change: python scripts/api_docs.py. Tests hold pages and code together.
"""

import ast
import textwrap
from collections.abc import Iterator
from pathlib import Path

import agentflow
from scripts import schemas

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "api.md"
GROUPS = {
    "Running": ["Engine", "Project", "Outcome", "Limits", "Replay", "replay"],
    "Inside a graph or a tool": ["Context", "Prompt", "Answer", "Request", "Message", "Sampling"],
    "Documents": ["Corpus", "ingest", "HybridSearcher", "Filter", "Passage", "Sentence", "Place"],
    "Errors": [
        "AgentflowError", "ConfigError", "Unavailable", "Overloaded", "ContextOverflow", "BudgetSpent", "ToolFailed",
        "ToolRefused",
    ],
    "Evaluation": ["Case", "Dataset", "CorpusDocument", "Record"],
    "Other libraries": ["ChatAgentflow"],
    "Tests": ["ScriptedModels", "HashEmbedder"],
}  # fmt: skip
HEAD = """# The Python API

Import these names from `agentflow` itself, for example `from agentflow import Engine, Project`. They keep their meaning between
releases; modules below `agentflow` may move. Lengths are in tokens, times in seconds, unless a name says otherwise. Examples:
[examples/](../examples).

<!-- Written by scripts/api_docs.py from the docstrings: change these. -->
"""


def render() -> str:
    parts = [HEAD]
    for title, names in GROUPS.items():
        parts += [f"## {title}\n", *(entry(name) for name in names)]
    return "\n".join(parts)


def entry(name: str) -> str:
    """One name: what one writes to make or call it, what it says of itself, its fields and public methods."""
    node = definition(name)
    if not isinstance(node, ast.ClassDef):
        return block(signature(node), docstring(node), level=3, title=f"{name}()")
    base = f"({', '.join(ast.unparse(base) for base in node.bases)})" if node.bases else ""
    lines = [f"class {name}{base}", *(f"    {line}" for line in fields(node))]
    text = block("\n".join(lines), docstring(node), level=3, title=name)
    return text + "".join(
        "\n" + block(signature(method), docstring(method), level=4, title=f"{name}.{method.name}")
        for method in methods(node)
    )


def definition(name: str) -> ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef:
    file = ROOT / (agentflow._MODULE_OF[name].replace(".", "/") + ".py")
    kinds = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    tree = ast.parse(file.read_text("utf-8"))
    return next(node for node in tree.body if isinstance(node, kinds) and node.name == name)


def fields(node: ast.ClassDef) -> Iterator[str]:
    """The public fields, else the parameters of the constructor."""
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and item.name == "__init__":
            yield signature(item).removeprefix("def ").removesuffix(" -> None").replace("self, ", "")
        elif isinstance(item, ast.AnnAssign) and not ast.unparse(item.target).startswith("_"):
            default = item.value
            shown = f" = {ast.unparse(default)}" if default and not isinstance(default, ast.Call) else ""
            yield f"{ast.unparse(item.target)}: {ast.unparse(item.annotation)}{shown}"


def methods(node: ast.ClassDef) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Those that say what they do."""
    for item in node.body:
        if (
            isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
            and not item.name.startswith("_")
            and docstring(item)
        ):
            yield item


def signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    returns = returns.replace("'", "")  # a name for the type checker alone
    return f"{word} {node.name}({ast.unparse(node.args)}){returns}"


def docstring(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    return ast.get_docstring(node) or ""


def block(code: str, text: str, *, level: int, title: str) -> str:
    return f"{'#' * level} {title}\n\n```python\n{textwrap.dedent(code)}\n```\n\n{text}\n"


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
    schemas.write()
