"""Jupyter notebooks: the Markdown and code cells; outputs are left out. `line` counts lines of the cells in turn."""

import json

from agentflow.corpus.blocks import Block, Extract
from agentflow.corpus.readers import code, md
from agentflow.corpus.readers.unreadable import Unreadable


def read(content: bytes) -> Extract:
    """Raises Unreadable for what is no notebook."""
    try:
        notebook = json.loads(content)
        cells = [(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unreadable(f"not a Jupyter notebook ({type(error).__name__}: {error})") from error
    extract = Extract("")
    for kind, source in cells:
        text = source.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\ufffd").rstrip("\n") + "\n\n"
        start = len(extract.text)
        part = (md if kind == "markdown" else code).read(text)
        extract.blocks += [Block(b.kind, b.start + start, b.end + start, b.level) for b in part.blocks]
        extract.text += text
    return extract
