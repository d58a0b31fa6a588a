"""A LoRA adapter of models.yaml. Data only."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from agentflow.models.catalog.sources import Weights, WeightsConfig

ADAPTER_NAME = re.compile(r"[\w.-]+")


class AdapterConfig(WeightsConfig):
    """A LoRA adapter (a GGUF file) that changes how the model answers."""

    weights: Weights
    """As `weights` of a model."""
    scale: float = Field(default=1.0, ge=0, le=10)
    """How strongly it acts; 0 is not at all."""
    roles: tuple[str, ...] = Field(default=(), strict=False)
    """Of one among `adapters`: the roles in which the model answers with it. In all others the weights answer alone."""


def as_adapter(value: Any) -> Any:
    """One source is short for an adapter at its full strength."""
    return {"weights": value} if isinstance(value, str) else value


Adapter = Annotated[AdapterConfig, BeforeValidator(as_adapter, json_schema_input_type=str | AdapterConfig)]
