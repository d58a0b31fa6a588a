"""Whatever a schema allows comes out valid, from a model that knows nothing; whatever is no schema is refused in words."""

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentflow.errors import AgentflowError
from agentflow.serving.backend.llama_model import LlamaModel
from agentflow.serving.engine.engine import InferenceEngine
from agentflow.serving.engine.sampler import SamplingParams
from agentflow.serving.text.grammar import GrammarCompiler
from tests.serving.conftest import ask

Make = Callable[..., InferenceEngine]
STEP = {
    "type": "object",
    "properties": {
        "thought": {"type": "string", "maxLength": 12},
        "tool": {"enum": ["search", "read", "finish"]},
        "arguments": {
            "type": "object",
            "properties": {"query": {"type": "string", "maxLength": 8}, "limit": {"type": "integer", "maximum": 99}},
            "required": ["query", "limit"],
            "additionalProperties": False,
        },
    },
    "required": ["thought", "tool", "arguments"],
    "additionalProperties": False,
}


@pytest.fixture(scope="session")
def compiler(weights: LlamaModel) -> GrammarCompiler:
    return GrammarCompiler(weights.vocab)


leaves = st.sampled_from(
    [
        {"type": "string", "maxLength": 5},
        {"type": "integer", "minimum": 0, "maximum": 999},
        {"type": "boolean"},
        {"type": "null"},
        {"enum": ["red", "green", 3]},
        {"const": "fixed text"},
    ]
)


def objects(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    properties = st.dictionaries(st.sampled_from(["a", "b", "name", "évidence"]), children, min_size=1, max_size=3)
    return properties.map(
        lambda found: {"type": "object", "properties": found, "required": list(found), "additionalProperties": False}
    )


def arrays(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return children.map(lambda item: {"type": "array", "items": item, "minItems": 1, "maxItems": 2})


schemas = st.recursive(leaves, lambda children: st.one_of(objects(children), arrays(children)), max_leaves=4)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(schema=schemas, temperature=st.sampled_from([0.0, 1.0]), seed=st.integers(0, 99))
def test_every_complete_answer_fits_its_schema(
    make_engine: Make, compiler: GrammarCompiler, schema: Any, temperature: float, seed: int
) -> None:
    engine = ENGINE[0] if ENGINE else ENGINE.setdefault(0, make_engine(max_draft=16))
    answer = ask(
        engine,
        [300 + seed, 301],
        400,
        grammar=compiler.from_schema(schema),
        sampling=SamplingParams(temperature=temperature, seed=seed),
    )
    assert answer.finish().reason == "stop"
    jsonschema.validate(json.loads(answer.text), schema)


ENGINE: dict[int, InferenceEngine] = {}


@pytest.fixture(autouse=True)
def forget_engine() -> Any:
    yield
    ENGINE.clear()


def test_text_that_the_schema_forces_is_drafted_and_right(make_engine: Make, compiler: GrammarCompiler) -> None:
    engine = make_engine(max_draft=32)
    engine.cost.seconds = {1: 1.0, 64: 1.0}
    drafted = ask(engine, [300, 301, 302], 300, grammar=compiler.from_schema(STEP))
    statistics = drafted.finish().statistics
    jsonschema.validate(json.loads(drafted.text), STEP)
    assert statistics.by_source["schema"][1] > 10
    plain = ask(engine, [300, 301, 302], 300, grammar=compiler.from_schema(STEP), drafting=False)
    plain.finish()
    assert plain.text == drafted.text


def test_json_has_no_room_for_endless_whitespace(compiler: GrammarCompiler) -> None:
    grammar = compiler.from_schema(STEP)
    for token in compiler.vocab.tokenize('{"thought": '):
        grammar.accept(token)
    allowed = [compiler.vocab.pieces[token] for token in grammar.mask().nonzero()[0]]
    assert all(not piece[:1].isspace() for piece in allowed)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "strin"},
        {"type": "object", "properties": {"a": {"$ref": "#/nowhere"}}},
        {"not": {"type": "string"}},
        {"type": "string", "pattern": "("},
        "text",
        {"enum": []},
    ],
)
def test_an_unusable_schema_is_refused_with_a_reason(compiler: GrammarCompiler, schema: Any) -> None:
    with pytest.raises(AgentflowError, match="schema"):
        compiler.from_schema(schema)


@pytest.mark.parametrize("text", ["root ::= undefined", "", "((((", "root ::= [a-"])
def test_an_unusable_grammar_is_refused_and_does_not_crash(compiler: GrammarCompiler, text: str) -> None:
    with pytest.raises(AgentflowError, match="grammar"):
        compiler.from_gbnf(text)


def test_a_gbnf_grammar_is_followed(make_engine: Make, compiler: GrammarCompiler) -> None:
    grammar = compiler.from_gbnf('root ::= ("yes" | "no") "!"')
    answer = ask(make_engine(), [300], 20, grammar=grammar)
    answer.finish()
    assert answer.text in ("yes!", "no!")
