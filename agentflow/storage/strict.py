"""What files and programs hand in, as pydantic models that refuse what they do not know."""

from pydantic import BaseModel, ConfigDict


class Closed(BaseModel):
    """An unknown key is an error."""

    model_config = ConfigDict(extra="forbid")


class Strict(Closed):
    """So is a value of another type: no text becomes a number."""

    model_config = ConfigDict(strict=True)
