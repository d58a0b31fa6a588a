"""A text cut into its sentences, as the corpus cuts documents."""

import re
from typing import Annotated

from pydantic import Field

from agentflow.corpus.blocks import Block
from agentflow.corpus.parsing.sentences import sentences as spans

PARAGRAPH = re.compile(r"[^\n]+(?:\n(?!\s*\n)[^\n]+)*")


def sentences(
    text: Annotated[str, Field(max_length=50_000)],
    limit: Annotated[int, Field(ge=1, le=500)] = 100,
) -> list[str]:
    """Cut a text into its sentences."""
    found = []
    for paragraph in PARAGRAPH.finditer(text):
        for start, end in spans(text, Block("prose", *paragraph.span())):
            found.append(" ".join(text[start:end].split()))
    return [sentence for sentence in found if any(char.isalpha() for char in sentence)][:limit]
