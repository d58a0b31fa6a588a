"""Which sources a project lets be asked: those whose host stands under `network:`, or whose address it sets itself."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from agentflow.errors import AgentflowError
from agentflow.papers.sources import NAMES, adapter
from agentflow.text.suggest import suggest
from agentflow.toolbox.settings import SourceName, ToolSettings


def chosen(given: Sequence[str], settings: ToolSettings) -> list[SourceName]:
    """The named ones, or all that are allowed. Raises AgentflowError for one that is unknown or not allowed."""
    named = [name.strip().lower().replace("-", "_") for each in given for name in each.split(",") if name.strip()]
    if unknown := next((name for name in named if name not in NAMES), None):
        raise AgentflowError(f"no source '{unknown}'", suggest(unknown, NAMES))
    wanted = [name for name in NAMES if name in named or not named]
    refused = [name for name in wanted if not is_allowed(name, settings)]
    if refused and (named or refused == wanted):
        hosts = ", ".join(host for name in refused for host in adapter(name).HOSTS)
        raise AgentflowError(
            f"tools.yaml allows no request to {', '.join(refused)}",
            f"list the hosts that you want, of `network: {{hosts: [{hosts}]}}`; see docs/papers.md",
        )
    return [name for name in wanted if name not in refused]


def is_allowed(name: SourceName, settings: ToolSettings) -> bool:
    source = settings.papers.sources.get(name)
    host = urlsplit(adapter(name).URL).hostname or ""
    return bool(source and source.url) or any(fnmatchcase(host, pattern) for pattern in settings.network.hosts)
