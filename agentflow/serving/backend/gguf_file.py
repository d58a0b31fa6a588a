"""The end of writing a GGUF file."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gguf import GGUFWriter


def finish(writer: "GGUFWriter") -> None:
    """Header, metadata and tensors, as they were added; then the file is closed."""
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
