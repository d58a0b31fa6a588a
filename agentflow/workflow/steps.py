"""What one node yields, and what is wrong with how it is written: its templates, tools, roles and types."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from agentflow.errors import AgentflowError
from agentflow.project import USER_PACKAGE, Project
from agentflow.toolbox import Tool, load_tool
from agentflow.workflow import kinds
from agentflow.workflow.arguments import fits
from agentflow.workflow.document import Step, Workflow
from agentflow.workflow.inference import Names, Say, infer, infer_data, infer_template
from agentflow.workflow.problems import suggest
from agentflow.workflow.shapes import (
    CLAIM,
    COUNT,
    NUMBER,
    PASSAGE,
    QUOTE,
    TEXT,
    TRUTH,
    Schema,
    WrongType,
    in_words,
    inline,
    listing,
    record,
    to_schema,
)  # fmt: skip

SUPPORT: Schema = {"type": "string", "enum": ["supported", "partial", "contradicted", "unsupported"]}
CALLED = record({"tool": TEXT, "arguments": {}, "result": TEXT})


class Surroundings:
    """What a node's check needs to know: the project's tools and graphs, and what the workflow allows."""

    def __init__(self, project: Project, workflow: Workflow, above: tuple[Path, ...]) -> None:
        self.project = project
        self.workflow = workflow
        self.problems = workflow.problems
        self.above = (*above, workflow.path.resolve())
        self.roles = workflow.roles

    def say(self, where: tuple[str | int, ...]) -> Say:
        return lambda message, hint, line: self.problems.add(where, message, hint, inside=line)

    def check_tools(self) -> None:
        """Every tool under `tools:` exists; a tool of an MCP server (SERVER.TOOL) is known only once it is asked."""
        from agentflow.toolbox.settings import load_settings

        settings = load_settings(self.project)
        for name, grant in self.workflow.file.tools.items():
            where = ("tools", name)
            if "." in name:
                server = name.split(".", 1)[0]
                if server not in settings.servers:
                    self.problems.add(
                        where, f"no MCP server named '{server}'", suggest(server, list(settings.servers)), key=True
                    )
                continue
            tool = self.tool(name, where)
            if tool and tool.network and not settings.network.hosts:
                hint = "list the allowed hosts under `network:` in tools.yaml"
                self.problems.add(where, f"'{name}' needs the network, which is off", hint, key=True, warning=True)
            if tool and grant and grant.paths is not None and not tool.paths:
                self.problems.add((*where, "paths"), f"'{name}' takes no file path", "remove `paths`")

    def tool(self, name: str, where: tuple[str | int, ...], *, key: bool = True) -> Tool | None:
        known = self.project.names("tools")
        if name not in known:
            self.problems.add(where, f"no tool named '{name}'", suggest(name, list(known)), key=key)
            return None
        try:
            return load_tool(self.project, name)
        except AgentflowError as error:
            self.problems.add(where, error.message, error.hint, key=key)
            return None

    def allowed(self, name: str, where: tuple[str | int, ...]) -> Tool | None:
        """A tool that the workflow names under `tools:`; anything else is a problem."""
        allowed = self.workflow.file.tools
        if name not in allowed:
            exists = name in self.project.names("tools") or "." in name
            message = f"the tool '{name}' is not allowed here" if exists else f"no tool named '{name}'"
            hint = f"name it under `tools:` to allow it; allowed: {', '.join(allowed) or 'none'}"
            self.problems.add(where, message, hint if exists else suggest(name, list(self.project.names("tools"))))
            return None
        return load_tool(self.project, name) if name in self.project.names("tools") else None

    def role(self, role: str, where: tuple[str | int, ...]) -> None:
        self.roles.add(role)
        declared = self.workflow.file.roles
        if role != "default" and role not in declared:
            self.problems.add(
                where, f"the role '{role}' is missing under `roles:`", suggest(role, [*declared, "default"])
            )


def shape_of(step: Step, names: Names, around: Surroundings) -> Schema:
    """The type of a node's output. Reports what is wrong with the node on the way."""
    return SHAPES[type(step.node)](step, step.node, names, around)


def _llm(step: Step, node: kinds.Llm, names: Names, around: Surroundings) -> Schema:
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
        _wants(node.fit, names, around, (*step.where, "fit"), "array", "a list that the prompt shows")
    if node.returns is None:
        return record({"text": TEXT})
    return _returns(step, node.returns, around)


def _used(step: Step, node: kinds.Llm, names: Names, around: Surroundings) -> Schema:
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


def _prompt_file(step: Step, node: kinds.Llm, around: Surroundings) -> str:
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


def _returns(step: Step, written: Any, around: Surroundings) -> Schema:
    try:
        return to_schema(written)
    except WrongType as error:
        around.problems.add((*step.where, "returns", *error.where), str(error), error.hint)
        return {}


def _search(step: Step, node: kinds.Search, names: Names, around: Surroundings) -> Schema:
    infer_template(node.query, names, around.say((*step.where, "query")))
    if isinstance(node.k, str):
        _wants(node.k, names, around, (*step.where, "k"), "integer", "a whole number")
    return record({"query": TEXT, "passages": listing(PASSAGE), "count": COUNT})


def _read(step: Step, node: kinds.Read, names: Names, around: Surroundings) -> Schema:
    around.roles |= {"reader"} if node.by == "model" else set()
    infer_template(node.question, names, around.say((*step.where, "question")))
    _list_of(node.passages, "chunk", names, around, (*step.where, "passages"), "the passages of a search node")
    return record({"question": TEXT, "evidence": listing(QUOTE), "count": COUNT})


def _write(step: Step, node: kinds.Write, names: Names, around: Surroundings) -> Schema:
    around.roles |= {"writer", "checker"}
    infer_template(node.question, names, around.say((*step.where, "question")))
    _list_of(node.evidence, "relevance", names, around, (*step.where, "evidence"), "the evidence of a read node")
    return record({"claims": listing(CLAIM), "count": COUNT, "answer": TEXT})


def _check(step: Step, node: kinds.Check, names: Names, around: Surroundings) -> Schema:
    around.roles.add("checker")
    infer_template(node.claim, names, around.say((*step.where, "claim")))
    _list_of(node.evidence, "relevance", names, around, (*step.where, "evidence"), "the evidence of a read node")
    return record({"claim": TEXT, "support": SUPPORT})


def _list_of(
    source: str, mark: str, names: Names, around: Surroundings, where: tuple[str | int, ...], what: str
) -> None:
    found = infer(source, names, around.say(where))
    items = found.get("items") or {}
    wrong = items and mark not in items.get("properties", {})
    if (found and found.get("type") != "array") or wrong:
        around.problems.add(where, f"needs {what}, found {in_words(found)}", "write NODE.passages or NODE.evidence")


def _wants(source: str, names: Names, around: Surroundings, where: tuple[str | int, ...], kind: str, what: str) -> None:
    found = infer(source, names, around.say(where))
    if found.get("type", kind) != kind:
        around.problems.add(where, f"needs {what}, found {in_words(found)}", "use another value")


def _tool(step: Step, node: kinds.ToolNode, names: Names, around: Surroundings) -> Schema:
    tool = around.allowed(node.tool, (*step.where, "tool"))
    return _call(step, tool, node.arguments, names, around)


def _python(step: Step, node: kinds.Python, names: Names, around: Surroundings) -> Schema:
    where = (*step.where, "function")
    tool = around.tool(node.function, where, key=False)
    if tool and not str(tool.function.__module__).startswith(f"{USER_PACKAGE}."):
        message = f"'{node.function}' is not in the project's own tools folder"
        around.problems.add(where, message, "a tool that ships is called with kind: tool and named under `tools:`")
    return _call(step, tool, node.arguments, names, around)


def _call(step: Step, tool: Tool | None, arguments: dict[str, Any], names: Names, around: Surroundings) -> Schema:
    given = infer_data(arguments, names, lambda part: around.say((*step.where, "arguments", *part)))
    if tool is None:
        return {}
    fits(step, "arguments", arguments, given["properties"], tool.parameters, around.problems, f"the tool '{tool.name}'")
    return inline(tool.returns)


def _agent(step: Step, node: kinds.Agent, names: Names, around: Surroundings) -> Schema:
    around.role(node.role, (*step.where, "role"))
    infer_template(node.goal, names, around.say((*step.where, "goal")))
    for index, tool in enumerate(node.tools):
        around.allowed(tool, (*step.where, "tools", index))
    return record({"answer": TEXT, "finished": TRUTH, "steps": listing(CALLED)})


def _graph(step: Step, node: kinds.Sub, names: Names, around: Surroundings) -> Schema:
    given = infer_data(node.inputs, names, lambda part: around.say((*step.where, "inputs", *part)))
    where = (*step.where, "graph")
    path = sub_path(around.workflow.path, node.graph)
    known = around.project.names("graphs")
    if path is None and node.graph not in known:
        around.problems.add(where, f"no graph named '{node.graph}'", suggest(node.graph, list(known)))
        return {}
    path = path or known[node.graph]
    if path.resolve() in around.above:
        around.problems.add(where, f"'{node.graph}' would run itself", "use a loop")
        return {}
    try:
        return _sub_shape(step, node, path, given, around)
    except AgentflowError as error:
        around.problems.add(where, error.message, error.hint)
        return {}


def _sub_shape(step: Step, node: kinds.Sub, path: Path, given: Schema, around: Surroundings) -> Schema:
    from agentflow.graph import load_graph

    if path.suffix != ".py":
        from agentflow.workflow.checking import checked

        below = checked(around.project, path, around.above)
        below.problems.raise_first()
    graph = load_graph(around.project, str(path) if path.suffix != ".py" else node.graph)
    around.roles |= set(graph.roles)
    for tool in graph.tools:
        around.allowed(tool, (*step.where, "graph"))
    wanted = graph.inputs.model_json_schema()
    fits(step, "inputs", node.inputs, given["properties"], wanted, around.problems, f"the graph '{node.graph}'")
    return {}


def sub_path(workflow: Path, name: str) -> Path | None:
    """A graph named by a path: relative to the workflow that names it."""
    return workflow.parent / name if name.endswith((".yaml", ".yml")) else None


def _branch(step: Step, node: kinds.Branch, names: Names, around: Surroundings) -> Schema:
    return record({"to": TEXT})


def _vote(step: Step, node: kinds.Vote, names: Names, around: Surroundings) -> Schema:
    around.role(node.role, (*step.where, "role"))
    infer_template(node.system, names, around.say((*step.where, "system")))
    infer_template(node.prompt, names, around.say((*step.where, "prompt")))
    answer = _returns(step, node.returns, around)
    fields = answer.get("properties", {})
    if node.on and node.on not in fields:
        around.problems.add((*step.where, "on"), f"the answer has no field '{node.on}'", suggest(node.on, list(fields)))
    return record({"winner": answer, "share": NUMBER, "votes": listing(record({"value": {}, "count": COUNT}))})


def _approve(step: Step, node: kinds.Approve, names: Names, around: Surroundings) -> Schema:
    infer_template(node.message, names, around.say((*step.where, "message")))
    value = infer_data(node.value, names, lambda part: around.say((*step.where, "value", *part)))
    return record({"approved": TRUTH, "value": value})


def _set(step: Step, node: kinds.Set, names: Names, around: Surroundings) -> Schema:
    return infer_data(node.values, names, lambda part: around.say((*step.where, "values", *part)))


SHAPES: dict[type[kinds.Node], Callable[[Step, Any, Names, Surroundings], Schema]] = {
    kinds.Llm: _llm, kinds.Search: _search, kinds.Read: _read, kinds.Write: _write, kinds.Check: _check, kinds.ToolNode: _tool,
    kinds.Python: _python, kinds.Agent: _agent, kinds.Sub: _graph, kinds.Branch: _branch, kinds.Vote: _vote,
    kinds.Approve: _approve, kinds.Set: _set,
}  # fmt: skip
