"""`agentflow check`: every mistake with its line, all at once, never a crash."""

import importlib.util
import resource
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentflow.errors import ConfigError
from agentflow.graphs import check_file
from agentflow.project import Project
from agentflow.workflow.node_types import KINDS

SPEC = importlib.util.spec_from_file_location("wrong_files", Path(__file__).with_name("wrong_files.py"))
assert SPEC and SPEC.loader
WRONG = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(WRONG)
MARK = "# <-- "


@pytest.fixture(scope="module")
def project() -> Project:
    return Project(Path(__file__).parents[2])


def found_in(project: Project, path: Path) -> list[tuple[int, str]]:
    """(line, message) of every problem, of one that stops the reading too."""
    try:
        return [(problem.line, problem.message) for problem in check_file(project, path)]
    except ConfigError as error:
        line = int(error.message.removeprefix(f"{path}:").split(":")[0])
        return [(line, error.message)]


def test_there_are_more_than_60_kinds_of_mistake() -> None:
    assert len(WRONG.FILES) >= 60


@pytest.mark.parametrize("name", WRONG.FILES)
def test_each_mistake_is_found_in_its_line(name: str, project: Project, tmp_path: Path) -> None:
    text = WRONG.FILES[name]
    (line, words) = next((n, row.split(MARK)[1].strip()) for n, row in enumerate(text.splitlines(), 1) if MARK in row)
    path = tmp_path / "w.yaml"
    path.write_text(text)
    found = found_in(project, path)
    assert any(at == line and words in message for at, message in found), found


@pytest.mark.parametrize("name", ["unknown_field", "tool_not_allowed", "cycle"])
def test_a_file_is_right_once_its_one_mistake_is_mended(name: str, project: Project, tmp_path: Path) -> None:
    mended = {"unknown_field": ("plan.question ", "plan.questions "), "tool_not_allowed": ("read_document}", "search_corpus, arguments: {query: q}}"),
              "cycle": ("again -> plan", "plan -> again")}  # fmt: skip
    path = tmp_path / "w.yaml"
    path.write_text(WRONG.FILES[name].replace(*mended[name]))
    assert found_in(project, path) == []


def test_all_problems_come_at_once_in_file_order(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.write_text(WRONG.nodes(
        "  a: {kind: set, values: {v: '{{ plam }}'}}\n  b: {kind: tool, tool: nope}\n  c: {kind: llm, role: boss, prompt: '{{ a.w }}'}\n"
    ))  # fmt: skip
    lines = [line for line, _ in found_in(project, path)]
    assert len(lines) >= 4 and lines == sorted(lines)


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ("  x: {kind: llm, prompt: p, retuns: string}\n  y: {kind: set, values: {v: '{{ x.text }}'}}\n", 16),
        ("  l:\n    kind: loop\n    nodes:\n      x: {kind: set, values: {v: 1}}\n    max_turns: 2\n  y: {kind: set, values: {v: '{{ x.v }}'}}\n", 17),
        ("  x: {kind: lllm}\n  y: {kind: set, values: {v: 1}}\nedges: [plan -> x -> y]\n", 16),
    ],
)  # fmt: skip
def test_what_rests_on_a_wrong_node_is_not_wrong_too(wrong: str, line: int, project: Project, tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.write_text(WRONG.nodes(wrong))
    assert [at for at, _ in found_in(project, path)] == [line]


def test_shipped_workflows_have_no_problem(project: Project) -> None:
    files = [path for path in project.names("graphs").values() if path.suffix == ".yaml"]
    assert len(files) >= 8
    assert {path.stem: found_in(project, path) for path in files} == {path.stem: [] for path in files}


WORDS = st.sampled_from(
    ["plan", "inputs.question", "plan.questions", "{{ plan }}", "{{", "{% for x in y %}", "end", "calculator", "a -> b",
     "string", "[string]", "x | y", "{{ inputs.k ** 9 }}", "{{ ''.__class__ }}", "{{ x.y.z | map(attribute='q') | first }}", "é\u202e"]
)  # fmt: skip
SCALARS = st.one_of(
    WORDS, st.text(max_size=12), st.integers(-5, 100), st.booleans(), st.none(), st.floats(allow_nan=False)
)
DATA = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.one_of(WORDS, st.text(max_size=8)), inner, max_size=3)), max_leaves=8
)  # fmt: skip
KEYS = sorted({name for kind in KINDS.values() for name in kind.model_fields} | {"if"})
NODE = st.dictionaries(st.sampled_from(KEYS), DATA, max_size=6).flatmap(
    lambda data: st.sampled_from(sorted(KINDS)).map(lambda kind: {**data, "kind": kind})
)
NAMES = st.sampled_from(["plan", "a", "b", "c", "loop"])
WORKFLOW = st.fixed_dictionaries(
    {"description": st.one_of(st.just("d"), DATA), "nodes": st.one_of(st.dictionaries(NAMES, st.one_of(NODE, DATA), max_size=4), DATA),
     "output": st.one_of(st.dictionaries(NAMES, DATA, min_size=1, max_size=2), DATA)},
    optional={"inputs": DATA, "tools": DATA, "roles": DATA, "edges": st.one_of(st.lists(WORDS, max_size=3), DATA), "budget": DATA, "enough": DATA},
)  # fmt: skip


def _never_crashes(project: Project, path: Path, data: object) -> None:
    import json

    path.write_text(json.dumps(data), "utf-8")
    started = time.process_time()
    found_in(project, path)
    assert time.process_time() - started < 1.0


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(WORKFLOW)
def test_no_made_up_file_crashes_the_check(project: Project, tmp_path: Path, data: object) -> None:
    _never_crashes(project, tmp_path / "w.yaml", data)


@pytest.mark.slow
@settings(max_examples=5000, deadline=None, suppress_health_check=list(HealthCheck))
@given(WORKFLOW)
def test_5000_made_up_files_do_not_crash_the_check(project: Project, tmp_path: Path, data: object) -> None:
    _never_crashes(project, tmp_path / "w.yaml", data)


HOSTILE = {
    "python_tag": "a: !!python/object/apply:os.system [x]",
    "alias_bomb": "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]",
    "self_alias": "&a [*a]",
    "depth": "a: " + "[" * 2000 + "]" * 2000,
    "duplicate": "description: a\ndescription: b",
    "large": "description: " + "x" * 100_000_000,
    "nul": "description: a\x00b",
    "unknown_keys": "description: d\nimport: os\nnodes: {a: {kind: set, values: {x: 1}}}\noutput: {x: 1}",
    "no_is_text": "description: d\ninputs: {k: {type: integer, default: no}}\nnodes: {a: {kind: set, values: {x: 1}}}\noutput: {x: 1}",
    "octal_is_text": "description: d\ninputs: {k: {type: integer, default: 012}}\nnodes: {a: {kind: set, values: {x: 1}}}\noutput: {x: 1}",
    "os_system": "description: d\ntools: {os.system: }\nnodes: {a: {kind: tool, tool: os.system}}\noutput: {x: 1}",
    "class_walk": "description: d\nnodes: {a: {kind: set, values: {x: \"{{ ''.__class__ }}\"}}}\noutput: {x: 1}",
    "subclasses": "description: d\nnodes: {a: {kind: set, values: {x: \"{{ ''.__class__.__mro__[1].__subclasses__() }}\"}}}\noutput: {x: 1}",
    "format_string": "description: d\nnodes: {a: {kind: set, values: {x: \"{{ '{0.__init__.__globals__}'.format(1) }}\"}}}\noutput: {x: 1}",
    "expansion": "description: d\nnodes: {a: {kind: llm, prompt_file: ${HOME}/x}}\noutput: {x: 1}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_S2_hostile_yaml_is_refused_with_a_line_fast_and_small__ASI02_ASI05(
    name: str, project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "w.yaml"
    path.write_text(HOSTILE[name])
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    found = found_in(project, path)
    assert time.process_time() - started < 1.0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kB
    assert found and all(line >= 1 for line, _ in found)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_S2_other_encodings_are_read_or_refused__ASI02(encoding: str, project: Project, tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.write_bytes(
        "description: d\nnodes: {a: {kind: set, values: {x: 1}}}\noutput: {x: '{{ a.x }}'}\n".encode(encoding)
    )
    found = found_in(project, path)
    assert (found == []) == (encoding == "utf-8-sig")
