"""What is wrong with the nodes that ask a model in the workflow's own words: llm and vote."""

from typing import Any

from agentflow.errors import AgentflowError
from agentflow.text.suggest import suggest
from agentflow.toolbox.signature import inline
from agentflow.workflow import node_types
from agentflow.workflow.parse import ParsedNode
from agentflow.workflow.types import COUNT, NUMBER, TEXT, Schema, WrongType, listing, record, to_schema
from agentflow.workflow.validation.infer import Names, infer_data, infer_template
from agentflow.workflow.validation.scope import Surroundings, wants


def of_llm(step: ParsedNode, node: node_types.Llm, names: Names, around: Surroundings) -> Schema:
    around.role(node.role, (*step.where, "role"))
    infer_template(node.system, names, around.say((*step.where, "system")))
    if sum(map(bool, (node.prompt, node.prompt_file, node.use))) != 1:
        around.problems.add(
            step.where, "give one of prompt, prompt_file and use", "prompt: | and the text below it", key=True
        )
    elif node.use:
        return _used(step, node, names, around)
    elif node.prompt:
        infer_template(node.prompt, names, around.say((*step.where, "prompt")))
    elif text := _prompt_file(step, node, around):
        where = (*step.where, "prompt_file")
        infer_template(
            text, names, lambda message, hint, line: around.say(where)(f"{node.prompt_file}:{line}: {message}", hint, 1)
        )
    if node.fit:
        wants(node.fit, names, around, (*step.where, "fit"), "array", "a list that the prompt shows")
    if node.returns is None:
        return record({"text": TEXT})
    return _returns(step, node.returns, around)


def _used(step: ParsedNode, node: node_types.Llm, names: Names, around: Surroundings) -> Schema:
    """A prompt by name: its own wording, values and answer."""
    from jinja2 import meta

    from agentflow.prompts import TEMPLATES, load_prompt

    infer_data(node.values, names, lambda part: around.say((*step.where, "values", *part)))
    try:
        prompt = load_prompt(around.project.prompt_file(node.use))
    except AgentflowError as error:
        around.problems.add((*step.where, "use"), error.message, error.hint)
        return {}
    wanted = meta.find_undeclared_variables(TEMPLATES.parse(prompt.user))
    for name in sorted(wanted - set(node.values)):
        around.problems.add(
            (*step.where, "use"), f"the prompt '{node.use}' needs the value '{name}'", f"add {name}: ... under values"
        )
    return inline(prompt.schema) if prompt.schema else record({"text": TEXT})


def _prompt_file(step: ParsedNode, node: node_types.Llm, around: Surroundings) -> str:
    where = (*step.where, "prompt_file")
    folder = around.workflow.path.parent.resolve()
    path = (folder / node.prompt_file).resolve()
    if not path.is_relative_to(folder):
        around.problems.add(where, f"{node.prompt_file} lies outside {folder}", "keep prompts beside the workflow")
    elif not path.is_file():
        around.problems.add(where, f"no file {node.prompt_file}", f"looked in {folder}")
    else:
        return path.read_text("utf-8", "replace")
    return ""


def _returns(step: ParsedNode, written: Any, around: Surroundings) -> Schema:
    try:
        return to_schema(written)
    except WrongType as error:
        around.problems.add((*step.where, "returns", *error.where), str(error), error.hint)
        return {}


def of_vote(step: ParsedNode, node: node_types.Vote, names: Names, around: Surroundings) -> Schema:
    around.role(node.role, (*step.where, "role"))
    infer_template(node.system, names, around.say((*step.where, "system")))
    infer_template(node.prompt, names, around.say((*step.where, "prompt")))
    answer = _returns(step, node.returns, around)
    fields = answer.get("properties", {})
    if node.on and node.on not in fields:
        around.problems.add((*step.where, "on"), f"the answer has no field '{node.on}'", suggest(node.on, list(fields)))
    return record({"winner": answer, "share": NUMBER, "votes": listing(record({"value": {}, "count": COUNT}))})
