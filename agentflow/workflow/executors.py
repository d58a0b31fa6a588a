"""What each kind of node does. A function takes the node, the context and the names its templates see."""

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agentflow.agent.loop import pursue
from agentflow.context import Context
from agentflow.corpus.evidence import Evidence, cite
from agentflow.corpus.filter import Filter
from agentflow.corpus.passage import Passage
from agentflow.errors import AgentflowError
from agentflow.events import ClaimChecked, ClaimMade, Searched
from agentflow.models.client.types import Message, Request, Sampling
from agentflow.prompts import Prompt
from agentflow.research.answers.answering import answer
from agentflow.research.findings import keep
from agentflow.research.fit_window import fit
from agentflow.research.gathering import gather
from agentflow.research.overview import chosen
from agentflow.research.reading import read
from agentflow.research.reply import Reply
from agentflow.research.verification import check, deciding
from agentflow.research.writing import ClaimDraft, quoted, write
from agentflow.research.writing import answer as short_answer
from agentflow.text.words import coverage, families
from agentflow.toolbox.approval import require_answer
from agentflow.workflow import node_types
from agentflow.workflow.expressions import evaluate, fill, render
from agentflow.workflow.stored import of_passage, of_quote
from agentflow.workflow.types import Schema, record, to_schema

Names = Mapping[str, Any]
VALUE = "value"


@dataclass(frozen=True, slots=True)
class Template(Prompt):
    """A prompt of a workflow: filled in the narrow sandbox, with all names at once."""

    def messages(self, **values: Any) -> tuple[Message, ...]:
        names = values["names"]
        system = render(self.system, names).strip()
        user = Message("user", render(self.user, names).strip())
        return (Message("system", system), user) if system else (user,)


def enclosed(returns: Any) -> Schema:
    """The schema a model answers under: always an object, which small models and grammars do best."""
    schema = to_schema(returns)
    return schema if schema.get("type") == "object" else record({VALUE: schema})


def disclosed(returns: Any, data: Any) -> Any:
    return data if to_schema(returns).get("type") == "object" else data[VALUE]


async def _llm(node: node_types.Llm, context: Context, names: Names, folder: Path) -> Any:
    if node.use:
        found = context.prompt(node.use)
        given = await context.ask(node.role, found, **fill(node.values, names))
        return given.data if found.schema else {"text": given.text.strip()}
    text = node.prompt or (folder / node.prompt_file).read_text("utf-8")
    schema = None if node.returns is None else enclosed(node.returns)
    prompt = Template(node.role, node.system, text, schema, node.max_tokens)
    values: dict[str, Any] = {"names": names}
    if node.fit:
        items = evaluate(node.fit, names)
        values = await fit(
            context, node.role, prompt, items, lambda kept: {"names": replaced(names, node.fit, list(kept))}
        )
    said = await context.ask(node.role, prompt, **values)
    if schema is None:
        return {"text": said.text.strip()}
    return disclosed(node.returns, said.data)


def replaced(names: Names, path: str, value: Any) -> dict[str, Any]:
    """The names with another value at a dotted path."""
    first, *rest = path.strip().strip("{} ").split(".")
    return {**names, first: replaced(names[first], ".".join(rest), value) if rest else value}


async def _search(node: node_types.Search, context: Context, names: Names, folder: Path) -> Any:
    query = render(node.query, names).strip()
    k = node.k if isinstance(node.k, int) else int(evaluate(node.k, names))
    where = filled(node.where, names)
    passages = await context.searcher.search(query, k=k, per_document=node.per_document, where=where)
    context.emit(Searched(query=query, passages=len(passages)))
    return {"query": query, "passages": [of_passage(passage) for passage in passages], "count": len(passages)}


async def _read(node: node_types.Read, context: Context, names: Names, folder: Path) -> Any:
    question = render(node.question, names).strip()
    passages = context.corpus.passages([item["chunk"] for item in evaluate(node.passages, names)])
    if thing := render(node.naming, names).strip():
        passages = [named for passage in passages if (named := naming(thing, passage)).sentences]
    match node.by:
        case "words":
            found = by_words(context, question, passages, node.most)
        case "subject":
            best = await chosen(context, question, passages, node.most)
            found = [(cite(context.corpus, *candidate), relevance) for candidate, relevance in best]
        case _:
            found = (await read(context, question, passages))[: node.most]
    for item, relevance in found:
        keep(context, item, question, relevance)
    return {"question": question, "evidence": [of_quote(*pair) for pair in found], "count": len(found)}


def naming(thing: str, passage: Passage) -> Passage:
    """The passage with those of its sentences alone that name the thing, or whole where its source or path does."""
    wanted = families(thing)
    if wanted <= families(f"{passage.source} {passage.path}"):
        return passage
    return replace(passage, sentences=[one for one in passage.sentences if wanted <= families(one.text)])


def by_words(context: Context, question: str, passages: Sequence[Passage], most: int) -> list[tuple[Evidence, float]]:
    """The sentences that share most words with the question, at least a third of them."""
    scored = [
        (coverage(question, sentence.text), passage, sentence)
        for passage in passages
        for sentence in passage.sentences
        if sentence.citable
    ]
    best = sorted((item for item in scored if item[0] >= 1 / 3), key=lambda item: -item[0])[:most]
    return [(cite(context.corpus, passage, sentence), score) for score, passage, sentence in best]


async def _answer(node: node_types.Answer, context: Context, names: Names, folder: Path) -> Any:
    question = render(node.question, names).strip()
    if node.passages:
        chunks = [item["chunk"] for item in evaluate(node.passages, names)]
    else:
        where = filled(node.where, names)
        context = replace(context, searcher=context.searcher.within(where))  # for all that looks further
        found = await context.searcher.search(question, k=node.k, where=where)
        context.emit(Searched(query=question, passages=len(found)))
        chunks = await gather(context, question, [found], node.k, [], where)
    passages = context.corpus.passages(chunks)
    said = (await answer(context, [question], passages))[0] if passages else Reply(question)
    if said.evidence is None:
        return {"question": question, "answer": "", "evidence": [], "count": 0}
    keep(context, said.evidence, question, 1.0)
    return {"question": question, "answer": said.text, "evidence": [of_quote(said.evidence, 1.0)], "count": 1}


def filled(where: Filter | None, names: Names) -> Filter | None:
    return Filter.wanted(fill(where.model_dump(), names)) if where else None


async def _write(node: node_types.Write, context: Context, names: Names, folder: Path) -> Any:
    question = render(node.question, names).strip()
    given = {item["id"]: item["relevance"] for item in evaluate(node.evidence, names)}
    evidence = context.quotes.load(given)
    if not evidence:
        context.note(f"no evidence for: {question}")
        return {"claims": [], "count": 0, "answer": ""}
    kept: dict[str, tuple[ClaimDraft, str]] = {}
    for number, draft in enumerate(await write(context, question, evidence), 1):
        support = await check(context, draft.text, draft.evidence)
        context.emit(ClaimMade(claim=number, text=draft.text, evidence=[item.id for item in draft.evidence]))
        context.emit(ClaimChecked(claim=number, support=support))
        if support in ("contradicted", "unsupported"):
            context.note(f"a claim went beyond its quotes ({support}): the quote replaces it")
            draft, support = quoted(draft.evidence[0]), "supported"
        kept.setdefault(draft.text, (draft, support))
    short = await short_answer(context, question, [draft for draft, _ in kept.values()]) if node.answer else ""
    claims = [
        {
            "text": draft.text,
            "support": support,
            "evidence": [of_quote(item, given[item.id]) for item in draft.evidence],
        }
        for draft, support in kept.values()
    ]
    return {"claims": claims, "count": len(claims), "answer": short}


async def _check(node: node_types.Check, context: Context, names: Names, folder: Path) -> Any:
    claim = render(node.claim, names).strip()
    given = {item["id"]: item["relevance"] for item in evaluate(node.evidence, names)}
    quotes = context.quotes.load(given)
    support = await check(context, claim, quotes)
    context.emit(ClaimChecked(claim=1, support=support))
    rests = [of_quote(item, given[item.id]) for item in deciding(claim, support, quotes)]
    return {"claim": claim, "support": support, "evidence": rests}


async def _tool(node: node_types.ToolNode, context: Context, names: Names, folder: Path) -> Any:
    return await context.call_tool(node.tool, fill(node.arguments, names))


async def _python(node: node_types.Python, context: Context, names: Names, folder: Path) -> Any:
    return await context.call_tool(node.function, fill(node.arguments, names))


async def _agent(node: node_types.Agent, context: Context, names: Names, folder: Path) -> Any:
    return await pursue(context, node.role, render(node.goal, names).strip(), node.tools, node.steps)


async def _graph(node: node_types.Sub, context: Context, names: Names, folder: Path) -> Any:
    path = str(folder / node.graph) if node.graph.endswith((".yaml", ".yml")) else node.graph
    graph = context.load_graph(context.project, path)
    inputs = graph.inputs.model_validate(fill(node.inputs, names)).model_dump(mode="json")
    state = await graph.builder.compile(name=graph.name).ainvoke(inputs, context=context)
    return state.get("output") or {}


async def _vote(node: node_types.Vote, context: Context, names: Names, folder: Path) -> Any:
    prompt = Template(node.role, node.system, node.prompt, enclosed(node.returns), node.max_tokens)
    messages = prompt.messages(names=names)
    requests = [
        Request(
            messages=messages, schema=prompt.schema, max_tokens=node.max_tokens, run=context.run,
            sampling=Sampling(temperature=node.temperature, seed=seed),
        )
        for seed in range(node.samples)
    ]  # fmt: skip
    answers = await context.request_all(node.role, requests)
    plain = [disclosed(node.returns, answer.data) for answer in answers]
    counted = [_canonical(answer[node.on] if node.on else answer) for answer in plain]
    votes = Counter(counted).most_common()
    winner = plain[counted.index(votes[0][0])]
    tally = [{"value": json.loads(value), "count": count} for value, count in votes]
    return {"winner": winner, "share": votes[0][1] / len(plain), "votes": tally}


def _canonical(value: Any) -> str:
    """Texts that differ in case and blanks alone are one vote."""
    if isinstance(value, str):
        value = " ".join(value.lower().split())
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


async def _approve(node: node_types.Approve, context: Context, names: Names, folder: Path) -> Any:
    value = fill(node.value, names)
    message = render(node.message, names).strip()
    decided = require_answer({"kind": "approve", "message": message, "value": value})
    approved = decided.get("approved") is True
    if node.required and not approved:
        raise AgentflowError(f"a person said no: {message or 'approval'}", "run it again with other inputs")
    return {"approved": approved, "value": decided.get("value", value)}


async def _set(node: node_types.Set, context: Context, names: Names, folder: Path) -> Any:
    return fill(node.values, names)


async def _branch(node: node_types.Branch, context: Context, names: Names, folder: Path) -> Any:
    target = next((case.to for case in node.cases if evaluate(case.condition, names)), node.otherwise)
    return {"to": target}


PERFORM: dict[type[node_types.Node], Callable[[Any, Context, Names, Path], Awaitable[Any]]] = {
    node_types.Llm: _llm, node_types.Search: _search, node_types.Read: _read, node_types.Answer: _answer, node_types.Write: _write, node_types.Check: _check, node_types.ToolNode: _tool,
    node_types.Python: _python, node_types.Agent: _agent, node_types.Sub: _graph, node_types.Vote: _vote, node_types.Approve: _approve,
    node_types.Set: _set, node_types.Branch: _branch,
}  # fmt: skip
PERFORM |= {module.Kind: module.perform for module in node_types.OWN}
