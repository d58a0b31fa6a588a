"""What the content of a file says of its format, whatever its name: how it begins, or which parts an archive holds."""

import re

OFFICE = (".docx", ".pptx", ".xlsx", ".rtf", ".odt", ".ods", ".odp")
SIGNS = {
    ".rtf": re.compile(rb"\s*\{\\rtf"),
    ".pdf": re.compile(rb"\s*%PDF-\d"),
    ".html": re.compile(rb"(?is)\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.{,500}?-->\s*)*(?:<!doctype\s+html|<html[\s>])"),
    ".eml": re.compile(rb"(?i)(?=[!-9;-~]+:[ \t])(?:[^\n]+\n){1,80}?(?:mime-version|content-transfer-encoding):"),
    ".xml": re.compile(rb"\s*<\?xml\s(?!.{,2000}<svg)", re.DOTALL),
}
PARTS = {
    ".pptx": "ppt/presentation.xml",
    ".docx": "word/document.xml",
    ".xlsx": "xl/workbook.xml",
    ".epub": "META-INF/container.xml",
}
OPEN_DOCUMENT = re.compile(rb"mimetypeapplication/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)")
HEAD = 4096
PREAMBLE = 65_536  # bytes in which the title of a manual page is looked for: licences and macros may stand before it
REQUEST = re.compile(rb"[.'][ \t]*(?:[a-zA-Z]\w{0,3}(?![\w.-])|[\\{}]|\.?[ \t]*$)|\\[\"#{]")
# What AsciiDoc alone has: lines that style a block, macros of a line, and terms with their text right below.
ASCIIDOC = re.compile(
    rb"(?m)^(?:\[(?:verse|source|listing|horizontal|quote|NOTE|TIP|WARNING|CAUTION|IMPORTANT|cols=|options=|%header)[^\]\n]{0,200}\]"
    rb"|(?:include|ifdef|ifndef|image)::\S{0,200}\[[^\]\n]{0,200}\]|={1,5} \S[^\n]{0,200}\n(?:[^\n]{0,400}\n){0,40}?={2,5} \S|\|===)[ \t]*"
)
TERMS = re.compile(rb"(?m)^[^\s.:/][^\n]{0,80}::\n(?:[^\s.:/][^\n]{0,80}::\n){0,9}[ \t]+\S")


def content_suffix(suffix: str, content: bytes) -> str:
    """The suffix that the content asks for; empty where it does not say."""
    head = content[:HEAD].removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    if head.startswith(b"PK\x03\x04"):
        if suffix in OFFICE:
            return ""  # slides and documents hold workbooks
        if found := OPEN_DOCUMENT.search(head[30:150]):
            return {b"text": ".odt", b"spreadsheet": ".ods", b"presentation": ".odp"}[found[1]]
        return next((kind for kind, part in PARTS.items() if part.encode() in content), "")
    if suffix in (".xls", ".xlsx"):
        return sign(head) or (".tsv" if b"\t" in head and b"\x00" not in head else "")
    if kind := sign(head):
        return kind
    if is_manual_page(content):
        return ".man"
    return ".adoc" if suffix == ".txt" and is_asciidoc(head) else ""


def sign(head: bytes) -> str:
    return next((kind for kind, each in SIGNS.items() if each.match(head)), "")


def is_manual_page(content: bytes) -> bool:
    """Whether nothing but requests of roff stands before the one that names the page."""
    if not content[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b".", b"'", b'\\"')):
        return False
    within = b""  # the end of the macro whose lines these are
    for line in content[:PREAMBLE].removeprefix(b"\xef\xbb\xbf").replace(b"\\\n", b"").splitlines():
        words = line[1:].split() if line[:1] in (b".", b"'") else []
        if within:
            within = b"" if line.rstrip() in (within, b"." + within) else within
        elif words[:1] in ([b"TH"], [b"Dd"]):
            return len(words) > 1
        elif words[:1] in ([b"de"], [b"de1"], [b"am"], [b"ig"]):
            named = words[1:] if words[0] == b"ig" else words[2:]
            within = named[0] if named and not named[0].startswith(b"\\") else b".."
        elif words[:1] == [b"so"] and len(content) < 300:
            return True
        elif line.strip() and not REQUEST.match(line):
            return False
    return False


def is_asciidoc(head: bytes) -> bool:
    return bool(ASCIIDOC.search(head)) or len(TERMS.findall(head)) > 1
