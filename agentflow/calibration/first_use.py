"""A model that research uses for the first time is measured by itself, once."""

import os
from collections.abc import Mapping

from agentflow.errors import AgentflowError
from agentflow.events import Note, Sink
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.pool_types import ModelPool
from agentflow.models.weights import calibrations
from agentflow.models.weights.inventory import are_here

SWITCH = "AGENTFLOW_CALIBRATION"
PATIENCE = 180.0  # seconds; what needs longer is a large model on a slow machine
ASKED = ("planner", "reader", "agent")  # a graph with one of these roles asks what its models can be trusted with
TRUSTED = (*ASKED, "writer")


async def ensure(models: ModelPool, roles: Mapping[str, str], sink: Sink) -> None:
    """`roles`: those of a run, each with the name of its model. What cannot be measured is told, and trusted."""
    if os.environ.get(SWITCH) == "off" or not any(role in roles for role in ASKED):
        return
    for name in dict.fromkeys(model for role, model in roles.items() if role in TRUSTED):
        config = models.catalog.resolve(name)
        if not is_open(config):
            continue
        from agentflow.calibration.calibrate import calibrate  # what it needs, no other run needs

        sink(Note(text=f"'{name}' is used for the first time: what it can be trusted with is measured, once"))
        try:
            found = await calibrate(models, name, sink, patience=PATIENCE)
        except AgentflowError as error:
            sink(Note(text=f"'{name}' was not measured: {error.message}", level="warning"))
            continue
        if found.cut_short:
            how = f"measure it with `agentflow models calibrate {name}`"
            text = f"'{name}' is trusted unmeasured, since it took too long ({found.cut_short}); {how}"
            sink(Note(text=text, level="warning"))


def is_open(config: ModelConfig) -> bool:
    """Whether nobody has said or measured what the model can, and its weights are here to be measured."""
    if config.abilities is not None or config.backend == "endpoint" or config.kind != "chat":
        return False
    return calibrations.find(config) is None and are_here(config)
