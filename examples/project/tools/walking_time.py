"""Says how long a walk takes."""

from typing import Annotated

from pydantic import Field

from agentflow import ToolFailed

KMH = 4.5  # a steady walker on a path


def walking_time(
    kilometres: Annotated[float, Field(gt=0, description="length of the way")],
    pause_minutes: Annotated[int, Field(ge=0)] = 0,
) -> dict[str, int]:
    """How long a walk takes, in minutes."""
    if kilometres > 60:
        raise ToolFailed(f"{kilometres} km is no walk for one day", "split it into days")
    return {"minutes": round(kilometres / KMH * 60) + pause_minutes}
