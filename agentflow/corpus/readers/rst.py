"""reStructuredText, by its line structure: enough for headings, fields, lists, tables and code, never failing."""

from agentflow.corpus.blocks import Extract
from agentflow.corpus.readers.plain import Scanner


def read(text: str) -> Extract:
    scanner = Scanner(text, markup=True)
    return Extract(text, scanner.scan(), fields=scanner.fields)
