"""The tools of one run. Each call passes the policy, its schema, its limits and, where asked for, a person."""

import asyncio
import inspect
import itertools
import time
import traceback
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from langgraph.errors import GraphBubbleUp

from agentflow.errors import AgentflowError
from agentflow.events import ToolCalled, ToolReturned
from agentflow.events import ToolRefused as Refusal
from agentflow.project import USER_PACKAGE, Project
from agentflow.toolbox.approval import require_approval
from agentflow.toolbox.errors import ToolFailed, ToolRefused
from agentflow.toolbox.plain import cut, plain
from agentflow.toolbox.policy import Grant, granting
from agentflow.toolbox.settings import load_settings
from agentflow.toolbox.tool import Tool, load_tool

if TYPE_CHECKING:
    from agentflow.context import Context


class Toolbox:
    """Implements agentflow.context.Tools: the named tools and no other; `policy` holds limits by tool (the fields of Grant)."""

    def __init__(
        self, project: Project, tools: Sequence[str], policy: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        self.project = project
        limits = policy or {}
        self.grants = {name: Grant.model_validate(dict(limits.get(name, {})), strict=False) for name in tools}
        self.settings = load_settings(project)
        self._loaded: dict[str, Tool] = {}
        self._calls = itertools.count(1)

    def tool(self, name: str) -> Tool:
        """Raises ToolRefused for a tool that the policy does not name."""
        if name not in self.grants:
            allowed = ", ".join(sorted(self.grants)) or "none"
            raise ToolRefused(
                f"the tool '{name}' is not allowed here; allowed: {allowed}", "name it under `tools:` to allow it"
            )
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        return self._loaded[name]

    def _load(self, name: str) -> Tool:
        if "." in name:
            from agentflow.toolbox.mcp_client import load_mcp_tool

            return load_mcp_tool(self.settings, name)
        return load_tool(self.project, name)

    def schemas(self, names: Sequence[str] = ()) -> list[dict[str, Any]]:
        return [self.tool(name).schema for name in names or sorted(self.grants)]

    def once(self, name: str) -> bool:
        return name in self.grants and self.tool(name).once

    async def call(self, context: "Context", name: str, arguments: dict[str, Any]) -> Any:
        """Plain JSON. Raises ToolRefused or ToolFailed; a paused approval leaves as LangGraph's interrupt."""
        call = f"{context.run}-tool-{next(self._calls)}"
        try:
            tool = self.tool(name)
            grant = self.grants[name]
            tool.validate(arguments)
            self._guard(context, tool, grant, arguments)
            if tool.approval or grant.approval:
                require_approval(name, arguments)
        except ToolRefused as refusal:
            context.emit(Refusal(call=call, tool=name, reason=refusal.message))
            raise
        context.emit(ToolCalled(call=call, tool=name, arguments=arguments))
        started = time.monotonic()
        try:
            value = await self._perform(context, tool, grant, arguments)
        except GraphBubbleUp:
            raise
        except AgentflowError as error:
            context.emit(ToolReturned(call=call, tool=name, seconds=time.monotonic() - started, error=error.message))
            raise (
                error if isinstance(error, ToolFailed | ToolRefused) else ToolFailed(error.message, error.hint)
            ) from error
        context.emit(ToolReturned(call=call, tool=name, seconds=time.monotonic() - started))
        return value

    def _guard(self, context: "Context", tool: Tool, grant: Grant, arguments: dict[str, Any]) -> None:
        """The limits that are known before the call. Counts live in the budget, which survives a resume."""
        if grant.calls is not None and context.budget.spent.get(f"calls of {tool.name}", 0) >= grant.calls:
            raise ToolRefused(f"{tool.name}: its {grant.calls} calls are used up", "raise `calls` under `tools:`")
        if tool.network and not self.settings.network.hosts:
            raise ToolRefused(
                f"{tool.name}: the network is off", "list the allowed hosts under `network:` in tools.yaml"
            )
        for name in tool.paths:
            path = str(arguments.get(name, ""))
            if grant.paths is not None and path and not any(fnmatchcase(path, pattern) for pattern in grant.paths):
                raise ToolRefused(
                    f"{tool.name}: {path!r} is none of {', '.join(grant.paths)}", "widen `paths` under `tools:`"
                )

    async def _perform(self, context: "Context", tool: Tool, grant: Grant, arguments: dict[str, Any]) -> Any:
        if grant.calls is not None:
            context.budget.spend(**{f"calls of {tool.name}": 1})
        extra = {"context": context} if tool.takes_context else {}
        with granting(self._within(grant)):
            try:
                async with asyncio.timeout(grant.seconds):
                    if inspect.iscoroutinefunction(tool.function):
                        result = await tool.function(**arguments, **extra)
                    else:
                        result = await asyncio.to_thread(tool.function, **arguments, **extra)
            except TimeoutError:
                raise ToolFailed(
                    f"{tool.name}: no answer within {grant.seconds:g} s", "raise `seconds` under `tools:`"
                ) from None
            except (GraphBubbleUp, AgentflowError, MemoryError):
                raise
            except Exception as error:
                if tool.once or not str(tool.function.__module__).startswith(f"{USER_PACKAGE}."):
                    raise  # whether a `once` tool took effect stays unknown; any other is a bug of ours
                at = traceback.extract_tb(error.__traceback__)[-1]
                raise ToolFailed(
                    f"{tool.name}: {type(error).__name__}: {error}", f"raised at {at.filename}:{at.lineno}"
                ) from None
        value, was_cut = cut(plain(result), grant.bytes)
        if was_cut:
            context.note(f"the result of {tool.name} was cut to {grant.bytes:,} bytes")
        context.budget.spend(bytes=len(str(value)))
        return value

    def _within(self, grant: Grant) -> Grant:
        """A workflow's hosts narrow the project's; without any it gets the project's."""
        project = self.settings.network.hosts
        hosts = tuple(host for host in grant.hosts if any(fnmatchcase(host, allowed) for allowed in project))
        return grant.model_copy(update={"hosts": hosts if grant.hosts else project})
