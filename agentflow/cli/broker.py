"""`agentflow broker`: takes requests from a message broker and publishes what happens to runs."""

from typing import Annotated, Any

import typer

from agentflow.cli.options import JsonLinesOption, JsonOption, ProjectOption, print_json
from agentflow.cli.output import json_text, say

app = typer.Typer(
    name="broker", help="Requests and events over NATS, Kafka, RabbitMQ or Redis.", invoke_without_command=True
)


@app.callback()
def broker(
    context: typer.Context,
    url: Annotated[
        str,
        typer.Option(
            help="nats://, redis://, amqp:// or kafka://HOST:PORT; default: $AGENTFLOW_BROKER, else broker.yaml."
        ),
    ] = "",
    until_empty: Annotated[
        bool, typer.Option("--until-empty", help="End when no request waits and nothing is left to publish.")
    ] = False,
    project: ProjectOption = None,
    json: JsonLinesOption = False,
) -> None:
    """Queue the requests that come through the broker, and publish the events of runs, until Ctrl-C or SIGTERM."""
    if context.invoked_subcommand:
        return
    import asyncio
    import signal

    from agentflow.broker.relay import Relay
    from agentflow.broker.settings import load_settings
    from agentflow.project import Project

    opened = Project.open(project)
    settings = load_settings(opened.root, url)

    def tell(facts: dict[str, Any]) -> None:
        if text := json_text(facts) if json else line_of(facts):
            say(text)

    async def work() -> None:
        relay = Relay(opened, settings, tell, until_empty=until_empty)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, relay.stop)
        await relay.run()

    asyncio.run(work())


@app.command()
def rejected(project: ProjectOption = None, json: JsonOption = False) -> None:
    """List the requests that became no run, with the reason."""
    import time

    from agentflow.broker.migrations import MIGRATIONS
    from agentflow.broker.rejected import rejected as find
    from agentflow.cli.queue import ago
    from agentflow.cli.runs import open_store

    store = open_store(project)
    store.database.migrate("broker", MIGRATIONS)
    found = find(store)
    if json:
        print_json([each.to_json() for each in found])
        return
    for each in found:
        times = f", {each.times} times" if each.times > 1 else ""
        say(f"{each.request or each.sha256[:8]}  {ago(time.time() - each.at)} ago{times}: {each.message}")
        say(f"  {each.body[:120].decode('utf-8', 'replace')}{' ...' if each.size > 120 else ''}")
    if not found:
        say("none")


def line_of(facts: dict[str, Any]) -> str:
    """One line for a person; empty for what only programs want."""
    match facts["said"]:
        case "ready":
            return f"{'reading requests from' if facts['read'] else 'publishing events to'} {facts['stream']}"
        case "taken":
            return f"{facts['run']}: {facts['graph']}, {facts['state']}"
        case "rejected":
            return f"rejected: {facts['message']}"
        case "published":  # for programs
            return ""
        case "waits":
            return f"requests wait in the broker: {facts['message']}"
        case "away":
            return f"waiting: {facts['message']}"
        case "standby":
            return "another process does this project's work; standing by"
    return f"{facts['message']}"
