"""ZIP files from strangers: their table of contents is checked before anything is unpacked."""

import re
import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from agentflow.corpus.readers.unreadable import Unreadable

LARGEST = 200_000_000  # bytes unpacked
RATIO = 200  # unpacked to packed, of one part; text packs about ten to one
MOST = 20_000  # parts
DAMAGE = (BadZipFile, zlib.error, ValueError, OSError, EOFError, NotImplementedError, RuntimeError)


STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")


def transitional(content: bytes) -> bytes:
    """An office file of ISO's strict form with the names that every other one has, which is all that parts the two."""
    archive = Archive(content, "an office file")
    if "_rels/.rels" not in archive.names or b"purl.oclc.org/ooxml" not in archive.read("_rels/.rels"):
        return content
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as target:
        for name in archive.names:
            part = archive.read(name)
            xml = name.endswith((".xml", ".rels"))
            target.writestr(name, STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/", part) if xml else part)
    return stream.getvalue()


class Archive:
    """`what` names the kind of file for a person ("a Word document"). Raises Unreadable for what is no ZIP file and for
    bombs, by the sizes that the archive gives: unpacking stops where they lie."""

    def __init__(self, content: bytes, what: str) -> None:
        self.what = what
        try:
            self.zip = ZipFile(BytesIO(content))
            parts = self.zip.infolist()
        except DAMAGE as error:
            raise Unreadable(f"not {what} ({error})") from error
        if len(parts) > MOST:
            raise Unreadable(f"{len(parts):,} parts are more than the limit of {MOST:,}")
        if sum(part.file_size for part in parts) > LARGEST:
            raise Unreadable(f"unpacks to more than {LARGEST / 1e6:.0f} MB")
        if any(part.file_size > RATIO * max(part.compress_size, 1) and part.file_size > 1_000_000 for part in parts):
            raise Unreadable("packed more tightly than text ever is: a zip bomb")
        self.names = [part.filename for part in parts if part.filename and not part.is_dir()]

    def must_hold(self, name: str) -> None:
        """Raises Unreadable for a ZIP file of another kind."""
        if name not in self.names:
            raise Unreadable(f"not {self.what}: it holds no {name}")

    def read(self, name: str) -> bytes:
        """Raises Unreadable for a part that is missing, damaged or encrypted."""
        try:
            return self.zip.read(name)
        except KeyError:
            raise Unreadable(f"damaged, {self.what} without {name}") from None
        except DAMAGE as error:
            encrypted = isinstance(error, RuntimeError) and "encrypted" in str(error)
            raise Unreadable("encrypted" if encrypted else f"damaged, {self.what}: {name} ({error})") from error
