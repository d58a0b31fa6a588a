"""Answers a question from data files: hypotheses, an analysis in the sandbox, a look for confounders, a report.

Code chooses the test, adjusts, corrects and judges; every number comes from the program that the sandbox ran. A model only says
which columns a question is about where its words do not, and what to call them. What the data do not bear ends as "not shown".
"""

from operator import add
from pathlib import Path
from typing import Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command
from pydantic import Field

from agentflow.context import Context
from agentflow.experiments.conclusion import claim, concluded, phrased, summarised
from agentflow.experiments.folder import RECORD, record, sha256_of
from agentflow.experiments.hypotheses import described, quotes_on, read_of, stated
from agentflow.experiments.mapping import explored, mapped, mapped_by_person
from agentflow.experiments.plan import Hypothesis, Mapped, designed
from agentflow.experiments.report import limits_of, rendered, rendered_script
from agentflow.experiments.script import script_of, written
from agentflow.experiments.verdict import judged, to_look_within
from agentflow.experiments.workplace import FOLDER
from agentflow.research.cut_short import CUT_SHORT
from agentflow.status import RunStatus
from agentflow.storage.strict import Closed

NOTHING = "Not shown: no columns of the data hold what is asked about. Name them, if they do: -i outcome=COLUMN -i group=COLUMN."
ROLES = ("planner", "reader", "writer")
TOOLS = ("profile_data", "analyse_data", "script_data", "write_file")


class Inputs(Closed):
    """What a person gives."""

    question: str = Field(min_length=1, max_length=2000)
    data: list[str] = Field(default=[], max_length=50, description="files or folders; without any those beneath --docs")
    outcome: str = Field("", description="the column that is asked about, where its name is known")
    group: str = Field("", description="the column that may change it")
    leave_out: list[str] = Field(default=[], description="columns not to adjust for, say what follows from the outcome")
    more: int = Field(2, ge=0, le=10, description="further hypotheses that the documents state, tested besides")
    rounds: int = Field(2, ge=0, le=5, description="analyses after the first, or times a program may be mended")
    script: str = Field("", description="a Python file to run on the data instead of a planned analysis")
    write: bool = Field(False, description="the model writes such a file")


class State(TypedDict, total=False):
    question: str
    data: list[str]
    outcome: str
    group: str
    leave_out: list[str]
    more: int
    rounds: int
    script: str
    write: bool
    profile: dict[str, Any]  # tables, refused files, sha256 by file
    quotes: dict[str, list[dict[str, Any]]]  # by hypothesis
    hypotheses: list[Hypothesis]
    results: dict[str, dict[str, Any]]  # by hypothesis
    analysed: dict[str, Any]  # as the last program left the folder
    open: bool  # the question asks which columns matter
    round: int
    notes: Annotated[list[str], add]
    output: dict[str, Any]
    status: str


Services = Runtime[Context]


async def look(state: State, runtime: Services) -> Command[str]:
    """The data are copied, hashed and profiled."""
    profile = await runtime.context.call_tool("profile_data", {"files": state["data"]})
    update = {"profile": profile, "round": 0, "notes": runtime.context.notes()}
    return Command(update=update, goto="program" if state["script"] or state["write"] else "hypothesise")


async def hypothesise(state: State, runtime: Services) -> Command[str]:
    """The question as a hypothesis on columns, with what documents say of it; then what else they state."""
    context, question = runtime.context, state["question"]
    passages = await read_of(context, question)
    tables = await described(context, state["profile"]["tables"])
    try:
        asked = await columns_of(context, state, tables)
    except CUT_SHORT as reason:
        asked = []
        context.note(f"the model was not asked for columns: {reason}", "warning")
    if not asked:
        return Command(update={"notes": context.notes()}, goto="report")
    further = await stated(context, passages, tables, asked, state["more"])
    by_name = {table["name"]: table for table in tables}
    found = [*asked, *(item.mapped for item in further)]
    hypotheses = [
        designed(number, item, by_name[item.table], state["leave_out"]) for number, item in enumerate(found, 1)
    ]
    near = await quotes_on(context, question, passages)
    quotes = {"H1": [shown(item) for item in near]}
    quotes |= {item["id"]: [shown(one.quote)] for item, one in zip(hypotheses[len(asked) :], further, strict=True)}
    update = {"hypotheses": hypotheses, "quotes": quotes, "open": len(asked) > 1, "notes": context.notes()}
    return Command(update=update, goto="analyse")


async def columns_of(context: Context, state: State, tables: list[dict[str, Any]]) -> list[Mapped]:
    """Of an open question (`What affects recovery?`) one for each column that may."""
    if state["outcome"] and state["group"]:
        return [mapped_by_person(state["question"], state["outcome"], state["group"], tables)]
    if several := explored(state["question"], state["outcome"], tables):
        return several
    one = await mapped(context, state["question"], tables)
    return [one] if one else []


def shown(evidence: Any) -> dict[str, Any]:
    return {"quote": evidence.text, "path": evidence.path, "line": evidence.line, "page": evidence.page}


async def analyse(state: State, runtime: Services) -> dict[str, Any]:
    """The program is written and run in the sandbox."""
    arguments = {"hypotheses": state["hypotheses"], "data": state["profile"]["sha256"]}
    analysed = await runtime.context.call_tool("analyse_data", arguments)
    results = {result["id"]: result for result in analysed["results"]["hypotheses"]}
    return {"analysed": analysed, "results": results, "round": state["round"] + 1, "notes": runtime.context.notes()}


async def refine(state: State, runtime: Services) -> Command[str]:
    """An effect that changes at equal values of a column is looked at within its levels, while rounds and budget last."""
    context = runtime.context
    within = {
        item["id"]: to_look_within(state["results"][item["id"]]) for item in state["hypotheses"] if not item["strata"]
    }
    if not any(within.values()) or state["round"] > state["rounds"] or context.budget.exhausted():
        return Command(goto="report")
    hypotheses = [{**item, "strata": within.get(item["id"]) or item["strata"]} for item in state["hypotheses"]]
    for name, column in within.items():
        if column:
            context.note(f"{name} changes at equal {column}: looked at within its levels")
    return Command(update={"hypotheses": hypotheses, "notes": context.notes()}, goto="analyse")


async def program(state: State, runtime: Services) -> dict[str, Any]:
    """A person's script, or one that the model writes and mends by the error it ran into."""
    context = runtime.context
    if state["script"]:
        analysed = await context.call_tool("script_data", {"code": script_of(context, state["script"])})
    else:
        analysed = await written(context, state["question"], state["profile"]["tables"], state["rounds"])
    return {"analysed": analysed, "notes": context.notes()}


async def printed(state: State, runtime: Services) -> dict[str, Any]:
    """What a program printed, as it printed it."""
    context, profile, analysed = runtime.context, state["profile"], state["analysed"]
    notes = state.get("notes", [])
    answer = analysed["output"] or analysed["error"]
    text = rendered_script(state["question"], answer, profile, analysed["sha256"], notes)
    folder = await kept(context, state["question"], profile, analysed, text)
    output = {"report": text, "verdict": "printed", "answer": answer, "folder": folder, "hypotheses": [],
              "data": profile["sha256"], "limits": notes}  # fmt: skip
    return {"output": output, "status": RunStatus.INSUFFICIENT if analysed["error"] else RunStatus.ANSWERED}


async def report(state: State, runtime: Services) -> dict[str, Any]:
    """Verdicts by the numbers, then the folder's report and record."""
    context, profile, question = runtime.context, state["profile"], state["question"]
    tested = [await told(context, state, item) for item in state.get("hypotheses", [])]
    verdict, answer = "no columns", NOTHING
    if tested:
        first = tested[0]
        verdict, answer = ("open", summarised(tested)) if state["open"] else (first["verdict"], first["conclusion"])
    limits = [*limits_of(tested, profile), *state.get("notes", []), *context.notes()]
    text = rendered(question, answer, tested, profile, limits, state["analysed"]["sha256"] if tested else {})
    folder = await kept(context, question, profile, state["analysed"], text) if tested else ""
    output = {"report": text, "verdict": verdict, "answer": answer, "folder": folder, "hypotheses": tested,
              "data": profile["sha256"], "limits": limits}  # fmt: skip
    return {"output": output, "status": RunStatus.ANSWERED if tested else RunStatus.INSUFFICIENT}


async def told(context: Context, state: State, hypothesis: Hypothesis) -> dict[str, Any]:
    """A hypothesis with its result, verdict and conclusion, as the report has it."""
    result = state["results"][hypothesis["id"]]
    named, verdict = await phrased(context, state["question"], hypothesis), judged(hypothesis, result)
    return {
        "hypothesis": hypothesis, "text": claim(hypothesis, named, hypothesis["direction"]), "result": result,
        "verdict": verdict.status, "reason": verdict.reason, "conclusion": concluded(hypothesis, result, verdict, named),
        "quotes": state["quotes"].get(hypothesis["id"], []),
    }  # fmt: skip


async def kept(context: Context, question: str, profile: dict[str, Any], analysed: dict[str, Any], report: str) -> str:
    """Writes the report and the record into the experiment's folder; its path."""
    hashes = {**analysed["sha256"], "report.md": sha256_of(report)}
    texts = {"report.md": report, RECORD: record(question, profile["sha256"], analysed["packages"], hashes)}
    paths = [
        await context.call_tool("write_file", {"path": f"{FOLDER}/{name}", "text": text})
        for name, text in texts.items()
    ]
    return str(Path(paths[0]["path"]).parent)


def build() -> StateGraph[State, Context, State, State]:
    graph = StateGraph(State, context_schema=Context)
    graph.add_node(look, destinations=("hypothesise", "program"))
    graph.add_node(hypothesise, destinations=("analyse", "report"))
    graph.add_node(analyse)
    graph.add_node(refine, destinations=("analyse", "report"))
    graph.add_node(program)
    graph.add_node(printed)
    graph.add_node(report)
    graph.add_edge(START, "look")
    graph.add_edge("analyse", "refine")
    graph.add_edge("program", "printed")
    graph.add_edge("printed", END)
    graph.add_edge("report", END)
    return graph
