"""The profile of data files, as plain JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .columns import described, typed
from .reading import Unusable, read_tables


def profile(files: Sequence[Path]) -> dict[str, Any]:
    """`tables` by name, with rows, copies of rows and columns; `refused` with a reason for each file that holds none."""
    tables: list[dict[str, Any]] = []
    refused: list[dict[str, str]] = []
    for path in files:
        try:
            for name, frame in read_tables(path).items():
                columns = [described(item) for item in typed(frame).values()]
                copies = int(frame.duplicated().sum())
                tables.append(
                    {"name": name, "file": path.name, "rows": len(frame), "copies": copies, "columns": columns}
                )
        except Unusable as error:
            refused.append({"file": path.name, "reason": str(error)})
        except MemoryError:
            refused.append({"file": path.name, "reason": "needs more memory than an analysis may have"})
    return {"tables": tables, "refused": refused}
