"""A sheet of cells as rows, whatever program wrote it: the first row of names names the columns of those below."""

from agentflow.corpus.blocks import Extract
from agentflow.corpus.readers.flow import Flow
from agentflow.corpus.readers.table import names_columns

MOST = 400_000  # cells of one file: some 20 s
WIDEST = 1000  # cells of one row


class Sheet:
    """`left` are the cells that may still be taken, of all sheets of the file."""

    def __init__(self, left: int = MOST) -> None:
        self.flow = Flow()
        self.left = left
        self.named = False

    def add(self, line: int, cells: list[str]) -> bool:
        """False when no more is taken. A row without words ends a table: the next one names its own columns."""
        cells = [" ".join(cell.split()) for cell in cells[:WIDEST]]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            self.named = False
            return True
        self.left -= len(cells)
        if self.left < 0:
            return False
        several = sum(map(bool, cells)) > 1
        names = several and not self.named and names_columns(cells)
        self.named = self.named or several
        self.flow.row([(cell, line) for cell in cells], names=names)
        return True

    def extract(self) -> Extract:
        return self.flow.extract()
