"""XML from strangers, parsed without entities, network or DTDs, within libxml2's own limits (256 levels, 10 MB a text)."""

from typing import Any

from agentflow.corpus.readers.unreadable import Unreadable


def root_of(content: bytes, what: str) -> Any:
    """The root element. Raises Unreadable for XML that is not well formed, of entities without end, or too deep."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.LxmlError, ValueError) as error:
        raise Unreadable(f"a damaged {what} ({error})") from error
    if root is None:
        raise Unreadable(f"a damaged {what} (it is empty)")
    return root


def name(element: Any) -> str:
    """The tag without its namespace; empty for an entity."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def attribute(element: Any, wanted: str) -> str:
    """By its name without namespace."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == wanted), "")
