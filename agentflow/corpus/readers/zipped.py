"""ZIP files of documents: each file that can be read is a part of one document. Archives within are not opened."""

from pathlib import PurePosixPath

from agentflow.corpus.blocks import Extract
from agentflow.corpus.files.files import JUNK, unwanted
from agentflow.corpus.files.unsupported import unsupported
from agentflow.corpus.names import stored_name
from agentflow.corpus.readers import format_of
from agentflow.corpus.readers import read as read_format
from agentflow.corpus.readers.archive import Archive
from agentflow.corpus.readers.decode import decode
from agentflow.corpus.readers.parts import Parts
from agentflow.corpus.readers.unreadable import Skipped, Unreadable

NAMED = 5  # files whose reasons are told
MOST = 2000  # files that are read


def read(content: bytes) -> Extract:
    """Raises Unreadable for what is no ZIP file, for bombs and where nothing in it can be read."""
    archive = Archive(content, "a ZIP file")
    parts, troubles, taken = Parts(), [], 0
    for name in archive.names:
        if _left_out(PurePosixPath(name)):
            continue
        shown = stored_name(name)
        taken += 1
        if taken > MOST:
            troubles.append(f"those after the first {MOST:,} files")
            break
        try:
            part = _member(archive, name)
            parts.add(f"file {shown}", part, heading=shown)
            troubles += [f"{shown}: {part.note}"] if part.note else []
        except Skipped:
            continue
        except Unreadable as error:
            troubles.append(f"{shown}: {error}")
    extract = parts.finish()
    reasons = "; ".join(troubles[:NAMED]) + (f"; and {len(troubles) - NAMED} more" if len(troubles) > NAMED else "")
    if not extract.text:
        raise Unreadable(f"no words in it{f' ({reasons})' if reasons else ''}")
    extract.note = f"not read in it: {reasons}" if reasons else ""
    return extract


def _member(archive: Archive, name: str) -> Extract:
    path = PurePosixPath(name)
    if format_of(path).kind == "zip":
        raise Unreadable("an archive within")
    content = archive.read(name)
    form = format_of(path, content)
    if form.kind == "txt" and (reason := unsupported(path, content)):
        raise Unreadable(reason)
    return read_format(form, content if form.binary else decode(content))


def _left_out(path: PurePosixPath) -> bool:
    folders = set(path.parts[:-1])
    return bool(JUNK & folders) or any(part.startswith(".") for part in path.parts) or bool(unwanted(path.name))
