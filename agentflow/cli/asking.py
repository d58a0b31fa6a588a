"""A run's question to the person at the terminal, and the answer in the form the run understands."""

import json
import shlex
from typing import Any

import typer
from rich.text import Text

from agentflow.cli.terminal import Terminal
from agentflow.toolbox.approval import form


def ask_person(question: list[Any]) -> list[dict[str, Any]]:
    """One answer for each thing the run waits for. `question` is an Outcome's."""
    return [_answer(item["value"]) for item in question]


def show_question(run: str, question: list[Any], console: Terminal) -> None:
    """What a waiting run asks, and the command that answers it."""
    for item in question:
        console.print(Text(f"it asks: {json.dumps(item['value'], ensure_ascii=False, indent=2)}"), soft_wrap=True)
    forms = [_form(item["value"]) for item in question]
    answer = forms[0] if len(forms) == 1 else f"[{', '.join(forms)}]"
    console.print(Text(f"answer with: agentflow resume {run} --answer {shlex.quote(answer)}", "cyan"), soft_wrap=True)


def _form(subject: dict[str, Any]) -> str:
    if "unknown" in subject:
        return "repeat"
    if "plan" in subject:
        return json.dumps({"plan": subject["plan"]}, ensure_ascii=False)
    return form(subject) if "binding" in subject else "..."


def _answer(subject: dict[str, Any]) -> dict[str, Any]:
    console = Terminal(stderr=True)
    if subject.get("kind") == "plan":
        return {"plan": _edited(subject["plan"], console)}
    shown = {key: value for key, value in subject.items() if key != "binding"}
    console.print(Text(json.dumps(shown, ensure_ascii=False, indent=2)))
    approved = typer.confirm("Allow this?", default=False, err=True)
    return {"approved": approved, "binding": subject.get("binding", "")}


def _edited(plan: list[str], console: Terminal) -> list[str]:
    """Enter keeps the plan; otherwise each line is a sub-question, an empty line ends."""
    for number, item in enumerate(plan, 1):
        console.print(Text(f"{number}. {item}"))
    console.print("Enter to go on with this plan, or type other sub-questions, one a line, an empty line to end.")
    lines: list[str] = []
    while line := input().strip():
        lines.append(line)
    return lines or plan
