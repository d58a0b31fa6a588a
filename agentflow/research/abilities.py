"""What a role's model can be trusted with."""

from agentflow.context import Context
from agentflow.models.catalog.model_config import Ability


def can(context: Context, role: str, ability: Ability) -> bool:
    """By models.yaml where it says so, else as `agentflow models calibrate` measured; True where nothing was measured."""
    return ability in context.models.abilities(role)
