"""knowledge.yaml of a project: what later runs do with claims of earlier ones."""

import os
from typing import Literal, get_args

from pydantic import Field

from agentflow.errors import AgentflowError
from agentflow.project import Project
from agentflow.storage.strict import Closed
from agentflow.storage.yamlfile import check, load_yaml

FILE = "knowledge.yaml"
SWITCH = "AGENTFLOW_KNOWLEDGE"
Use = Literal["off", "same", "related"]


class KnowledgeSettings(Closed):
    """`off`: nothing is remembered and nothing used. `same`: used where the question is the same; `related`: read by runs of
    other questions as well."""

    use: Use = Field(default="same", description="off, same or related")


def use_of(project: Project) -> Use:
    """What a run does that was told nothing. An evaluation measures each case afresh. Raises AgentflowError."""
    if project.kept_apart:
        return "off"
    if said := os.environ.get(SWITCH):
        for use in get_args(Use):
            if said == use:
                return use  # type: ignore[no-any-return]
        raise AgentflowError(f"${SWITCH} is {said!r}", f"write one of {', '.join(get_args(Use))}")
    path = project.root / FILE
    if not path.is_file():
        return KnowledgeSettings().use
    data, marks = load_yaml(path)
    return check(KnowledgeSettings, data, marks).use
