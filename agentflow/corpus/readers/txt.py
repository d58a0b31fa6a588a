"""Plain text."""

from agentflow.corpus.blocks import Extract
from agentflow.corpus.readers.plain import Scanner


def read(text: str) -> Extract:
    scanner = Scanner(text)
    return Extract(text, scanner.scan(), fields=scanner.fields)
