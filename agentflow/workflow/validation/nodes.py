"""What one node yields, and what is wrong with how it is written: its templates, tools, roles and types."""

from collections.abc import Callable
from typing import Any

from agentflow.corpus.filter import Filter
from agentflow.workflow import node_types
from agentflow.workflow.parse import ParsedNode
from agentflow.workflow.types import CLAIM, COUNT, PASSAGE, QUOTE, TEXT, TRUTH, Schema, listing, record
from agentflow.workflow.validation import call_nodes, llm_nodes
from agentflow.workflow.validation.infer import Names, infer_data, infer_template
from agentflow.workflow.validation.scope import Surroundings, list_of, wants

SUPPORT: Schema = {"type": "string", "enum": ["supported", "partial", "contradicted", "unsupported"]}


def shape_of(step: ParsedNode, names: Names, around: Surroundings) -> Schema:
    """The type of a node's output. Reports what is wrong with the node on the way."""
    return SHAPES[type(step.node)](step, step.node, names, around)


def _search(step: ParsedNode, node: node_types.Search, names: Names, around: Surroundings) -> Schema:
    infer_template(node.query, names, around.say((*step.where, "query")))
    _where(step, node.where, names, around)
    if isinstance(node.k, str):
        wants(node.k, names, around, (*step.where, "k"), "integer", "a whole number")
    return record({"query": TEXT, "passages": listing(PASSAGE), "count": COUNT})


def _where(step: ParsedNode, where: Filter | None, names: Names, around: Surroundings) -> None:
    if where:
        given = where.model_dump(exclude_defaults=True)
        infer_data(given, names, lambda part: around.say((*step.where, "where", *part)))


def _read(step: ParsedNode, node: node_types.Read, names: Names, around: Surroundings) -> Schema:
    around.roles |= {"reader"} if node.by == "model" else set()
    infer_template(node.naming, names, around.say((*step.where, "naming")))
    infer_template(node.question, names, around.say((*step.where, "question")))
    list_of(node.passages, "chunk", names, around, (*step.where, "passages"), "the passages of a search node")
    return record({"question": TEXT, "evidence": listing(QUOTE), "count": COUNT})


def _answer(step: ParsedNode, node: node_types.Answer, names: Names, around: Surroundings) -> Schema:
    around.roles.add("reader")
    infer_template(node.question, names, around.say((*step.where, "question")))
    if node.passages:
        list_of(node.passages, "chunk", names, around, (*step.where, "passages"), "the passages of a search node")
    _where(step, node.where, names, around)
    return record({"question": TEXT, "answer": TEXT, "evidence": listing(QUOTE), "count": COUNT})


def _write(step: ParsedNode, node: node_types.Write, names: Names, around: Surroundings) -> Schema:
    around.roles |= {"writer", "checker"}
    infer_template(node.question, names, around.say((*step.where, "question")))
    list_of(node.evidence, "relevance", names, around, (*step.where, "evidence"), "the evidence of a read node")
    return record({"claims": listing(CLAIM), "count": COUNT, "answer": TEXT})


def _check(step: ParsedNode, node: node_types.Check, names: Names, around: Surroundings) -> Schema:
    around.roles.add("checker")
    infer_template(node.claim, names, around.say((*step.where, "claim")))
    list_of(node.evidence, "relevance", names, around, (*step.where, "evidence"), "the evidence of a read node")
    return record({"claim": TEXT, "support": SUPPORT, "evidence": listing(QUOTE)})


def _branch(step: ParsedNode, node: node_types.Branch, names: Names, around: Surroundings) -> Schema:
    return record({"to": TEXT})


def _approve(step: ParsedNode, node: node_types.Approve, names: Names, around: Surroundings) -> Schema:
    infer_template(node.message, names, around.say((*step.where, "message")))
    value = infer_data(node.value, names, lambda part: around.say((*step.where, "value", *part)))
    return record({"approved": TRUTH, "value": value})


def _set(step: ParsedNode, node: node_types.Set, names: Names, around: Surroundings) -> Schema:
    return infer_data(node.values, names, lambda part: around.say((*step.where, "values", *part)))


SHAPES: dict[type[node_types.Node], Callable[[ParsedNode, Any, Names, Surroundings], Schema]] = {
    node_types.Llm: llm_nodes.of_llm, node_types.Vote: llm_nodes.of_vote,
    node_types.ToolNode: call_nodes.of_tool, node_types.Python: call_nodes.of_python, node_types.Agent: call_nodes.of_agent, node_types.Sub: call_nodes.of_graph,
    node_types.Search: _search, node_types.Read: _read, node_types.Answer: _answer, node_types.Write: _write, node_types.Check: _check, node_types.Branch: _branch,
    node_types.Approve: _approve, node_types.Set: _set,
}  # fmt: skip
SHAPES |= {module.Kind: module.shape for module in node_types.OWN}
