"""Archives as damage leaves them."""

from io import BytesIO
from zipfile import ZipFile

from agentflow.corpus.readers.archive import Archive


def test_a_part_without_a_name_is_left_out() -> None:
    stream = BytesIO()
    with ZipFile(stream, "w") as file:
        file.writestr("a", "one")
        file.writestr("b", "two")
    content = stream.getvalue()
    entry = content.index(b"PK\x01\x02")
    nameless = content[: entry + 28] + b"\0\0" + b"\1\0" + content[entry + 32 :]  # the name counts as an extra field
    assert Archive(nameless, "an archive").names == ["b"]
