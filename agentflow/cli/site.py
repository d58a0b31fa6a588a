"""`agentflow site`: this project as a site for others, their keys and the audit log; and the sites that it asks itself."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from agentflow.cli.api import list_keys, make_key, revoke
from agentflow.cli.audit_view import HeadOption, LastOption, show_audit
from agentflow.cli.filter_options import filtered
from agentflow.cli.help import Commands
from agentflow.cli.options import (
    HostOption,
    JsonLinesOption,
    JsonOption,
    ModelOption,
    PlainOption,
    ProjectOption,
    RemoteOption,
    parse_models,
    print_json,
)
from agentflow.cli.output import json_text, say

if TYPE_CHECKING:
    from agentflow.corpus.filter import Filter

app = typer.Typer(
    name="site",
    help="Search the corpora of other machines, and let others search this one.",
    invoke_without_command=True,
)
keys = typer.Typer(name="keys", help="Keys of those who may ask this site: add, list, revoke.", no_args_is_help=True)
app.add_typer(keys, cls=Commands)
keys.command("list")(list_keys)
keys.command()(revoke)


@app.callback()
def site(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="TCP port; 0 takes a free one.")] = 8450,
    host: HostOption = "127.0.0.1",
    remote: RemoteOption = False,
    plain: PlainOption = False,
    model: ModelOption = None,
    project: ProjectOption = None,
    json: JsonLinesOption = False,
) -> None:
    """Serve this project's corpus, as `serve:` in sites.yaml allows, until Ctrl-C."""
    if context.invoked_subcommand:
        return
    import asyncio

    from agentflow.project import Project
    from agentflow.site.server import SiteConfig, serve

    def tell(facts: dict[str, Any]) -> None:
        if json:
            say(json_text(facts))
        else:
            say(f"site '{facts['name']}' at {facts['url']}, releases {facts['release']}\nCtrl-C ends it.")

    config = SiteConfig(host, port, remote, plain)
    asyncio.run(serve(Project.open(project), config, tell, models=parse_models(model)))


@app.command("list")
def list_sites(project: ProjectOption = None, json: JsonOption = False) -> None:
    """Ask each site of sites.yaml whether it is there and what it releases; exit code 1 when one is not."""
    import asyncio

    from agentflow.federation.sites import opened_sites
    from agentflow.project import Project

    async def ask() -> list[dict[str, Any]]:
        async with opened_sites(Project.open(project)) as sites:
            replies = await sites.ask(list(sites.clients.values()), lambda client: client.card())
            return [
                {"site": one.site, "url": sites.clients[one.site].settings.url, "trouble": one.trouble,
                 "releases": one.answer.release if one.answer else ""}
                for one in replies
            ]  # fmt: skip

    found = asyncio.run(ask())
    if json:
        print_json(found)
    for one in () if json else found:
        say(f"{one['site']}  {one['url']}  {one['trouble'] or 'releases ' + one['releases']}")
    if not found and not json:
        say("no sites in sites.yaml")
    if any(one["trouble"] for one in found):
        raise typer.Exit(1)


@app.command()
def audit(
    head: HeadOption = "", last: LastOption = 20, project: ProjectOption = None, json: JsonOption = False
) -> None:
    """Show who asked this site and what left it, and verify the log; exit code 1 when rows were changed, removed or cut."""
    show_audit("site", head, last, project, json)


@keys.command()
@filtered
def add(
    name: Annotated[str, typer.Argument(help="Who will use it: the audit log names them by it.")],
    release: Annotated[
        Literal["quotes", "claims", "nothing"], typer.Option(help="The most it gets; the site's own policy holds too.")
    ] = "quotes",
    where: "Filter | None" = None,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Make a key for documents that the options name, or all. It is shown this once: only its hash is kept."""
    from agentflow.corpus.filter import Filter
    from agentflow.federation.settings import SiteGrant
    from agentflow.identity.caller import Grants

    grants = Grants(graphs=[], tools=[], site=SiteGrant(release=release, where=where or Filter()))
    make_key(project, name, grants, json=json)
