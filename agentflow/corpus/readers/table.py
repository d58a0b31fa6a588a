"""CSV and TSV: each record is one row, quoted line breaks included; the first record names the columns."""

from io import StringIO

from agentflow.corpus.blocks import Block, Extract


def read(text: str) -> Extract:
    blocks: list[Block] = []
    begin = end = 0
    quoted = False
    for line in StringIO(text, newline="\n"):  # lines end at "\n" alone
        end += len(line)
        quoted ^= line.count('"') % 2 == 1
        if quoted and end < len(text):
            continue
        row = text[begin:end]
        if row.strip():
            blocks.append(Block("row", begin + len(row) - len(row.lstrip()), begin + len(row.rstrip())))
        begin = end
    return Extract(text, blocks)
