"""`agentflow serve [MODEL ...]`: the embedded server for any OpenAI client on this machine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentflow.cli.options import HostOption, JsonOption, PlainOption, ProjectOption, RemoteOption
from agentflow.cli.output import say

if TYPE_CHECKING:
    from agentflow.serving.config import ServedModel


def serve(
    models: Annotated[
        list[str] | None,
        typer.Argument(help="Models of models.yaml, or GGUF files; default: the default one and the embedder."),
    ] = None,
    port: Annotated[int, typer.Option(help="TCP port; 0 takes a free one.")] = 8080,
    host: HostOption = "127.0.0.1",
    remote: RemoteOption = False,
    plain: PlainOption = False,
    key: Annotated[str | None, typer.Option(envvar="AGENTFLOW_API_KEY", help="API key; default: a random one.")] = None,
    context: Annotated[int | None, typer.Option(help="Tokens of one request, instead of models.yaml's.")] = None,
    parallel: Annotated[int | None, typer.Option(help="Answers written at the same time.")] = None,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Serve models on an OpenAI-compatible API until Ctrl-C; over https with certificates in access.yaml."""
    import asyncio
    import logging
    import secrets
    from functools import partial

    from agentflow.cli.options import print_json
    from agentflow.identity.served import served_callers
    from agentflow.identity.settings import FILE, load_access
    from agentflow.identity.tls import config_of, require_encrypted
    from agentflow.project import Project
    from agentflow.serving.config import ServerConfig
    from agentflow.serving.server import serve as run
    from agentflow.telemetry.settings import load_telemetry

    opened = Project.open(project)
    tls = load_access(opened.root).serve
    if remote:
        require_encrypted(host, tls, FILE, plain=plain)
    chosen = [adjusted(model, context, parallel) for model in choose(models, project)]
    secret = key or secrets.token_urlsafe(24)
    traces = load_telemetry(opened.root).traces
    config = ServerConfig(host=host, port=port, api_key=secret, models=chosen, allow_remote=remote, traces=traces)

    def ready(line: dict[str, Any]) -> None:
        if json:
            print_json({**line, "api_key": secret})
            return
        names = ", ".join(f"{model['name']} ({model['window']} tokens)" for model in line["models"])
        say(f"serving {names}\n  OPENAI_BASE_URL={line['url']}/v1\n  OPENAI_API_KEY={secret}\nCtrl-C ends it.")

    def refused(reason: str) -> None:
        logging.getLogger("agentflow.serving").warning("a connection was refused: %s", reason)

    configured = partial(config_of, root=opened.root, tls=tls, file=FILE, refused=refused) if tls.certificate else None
    with served_callers(opened) as caller_of:
        asyncio.run(run(config, ready, caller_of=caller_of, configured=configured))


def choose(names: list[str] | None, project: Path | None) -> "list[ServedModel]":
    """The server's own entries for names and files. Raises AgentflowError for models that other servers serve."""
    from agentflow.errors import AgentflowError
    from agentflow.models.catalog.catalog import load_catalog
    from agentflow.models.servers.embedded import model as entry
    from agentflow.models.weights.locate import load_files
    from agentflow.project import Project
    from agentflow.serving.config import ServedModel

    catalog = load_catalog(Project.open(project).models_files())
    chosen: dict[str, ServedModel] = {}
    for name in names or ["default", "embedder"]:
        if name.endswith(".gguf"):
            path = Path(name).expanduser()
            chosen[path.stem] = ServedModel(name=path.stem, path=path)
            continue
        config = catalog.resolve(name)
        if config.backend != "llama":
            raise AgentflowError(
                f"'{config.name}' is served by {config.backend}", "only `backend: llama` models run here"
            )
        chosen[config.name] = ServedModel.model_validate(entry(config, load_files(config)))
    return list(chosen.values())


def adjusted(model: "ServedModel", context: int | None, parallel: int | None) -> "ServedModel":
    given = {"context": context, "parallel": parallel}
    return model.model_copy(update={name: value for name, value in given.items() if value and model.kind == "chat"})
