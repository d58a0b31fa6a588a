"""What a role's model can be trusted with."""

from agentflow.context import Context


def is_small(context: Context, role: str) -> bool:
    """Whether models.yaml says `reranking: pointwise`: it answers and points, but plans nothing and words no claims."""
    return context.models.catalog.resolve(context.models.model_of(role)).reranking == "pointwise"
