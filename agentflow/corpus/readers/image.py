"""Pictures written as text: no words that anybody would quote."""

from agentflow.corpus.blocks import Extract
from agentflow.corpus.readers.unreadable import Skipped


def read(text: str) -> Extract:
    """Raises Skipped, always."""
    raise Skipped("an image")
