"""SQL as every promised Python takes it: Python 3.12 and later refuse named or numbered placeholders with a sequence."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RUNS_SQL = {"execute", "executemany", "row", "rows", "value"}  # the methods that hand a statement to SQLite
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
NUMBERED = re.compile(r"\?\d")
NAMED = re.compile(r"(?<![:\w])[:@$][a-z_]\w*", re.IGNORECASE)
STATEMENT = re.compile(r"^\s*(SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH)\s|\b(WHERE|VALUES|LIMIT)\b")


def text_of(node: ast.expr) -> str:
    """What a literal says; what is filled into an f-string is left out."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))


def faults(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.expr):
            continue
        sql = text_of(node) if isinstance(node, ast.Constant | ast.JoinedStr) else ""
        if STATEMENT.search(sql) and NUMBERED.search(QUOTED.sub("", sql)):
            yield f"{node.lineno}: a numbered placeholder"
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in RUNS_SQL):
            continue
        by_name = node.args and NAMED.search(QUOTED.sub("", text_of(node.args[0])))
        if by_name and not (len(node.args) == 2 and isinstance(node.args[1], ast.Dict)):
            yield f"{node.lineno}: {by_name[0]} without a dictionary that names it"


def test_no_statement_gives_a_sequence_to_numbered_or_named_placeholders() -> None:
    files = [path.relative_to(ROOT) for path in ROOT.rglob("*.py") if path != Path(__file__)]
    ours = [path for path in files if not path.parts[0].startswith(".")]
    assert len(ours) > 300
    assert [f"{path}:{fault}" for path in ours for fault in faults((ROOT / path).read_text("utf-8"))] == []


@pytest.mark.parametrize(
    "statement",
    [
        'db.execute("SELECT 1 FROM x WHERE a = ?1 OR b = ?1", [a])',
        'db.conn.execute(f"SELECT {columns} FROM x" " WHERE a = ?2", [a])',
        'query = """\\nselect 1\\nfrom x\\nWHERE a = ?3"""',
        'later = f"UPDATE {table} SET a = ?1"',
        'corpus.rows("SELECT a FROM x WHERE a = :name", [a])',
        'db.executemany("INSERT INTO x VALUES (:a, :b)", rows)',
        'corpus.value("SELECT a FROM x WHERE a = $a")',
    ],
)
def test_the_check_finds(statement: str) -> None:
    assert list(faults(statement))


@pytest.mark.parametrize(
    "statement",
    [
        'db.execute("SELECT a FROM x WHERE a = :name OR b = :name", {"name": a})',
        """db.execute("SELECT json_extract(data, '$.kind') FROM x WHERE a LIKE '?1' AND b = ?", [a])""",
        'db.execute("SELECT 1 FROM x WHERE a = ?", (a,))',
    ],
)
def test_the_check_passes(statement: str) -> None:
    assert not list(faults(statement))
