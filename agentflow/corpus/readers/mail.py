"""Mail as it is shown: subject, sender and date, then the words of the message. `line` counts lines of that text,
in a mailbox those of its message."""

import re
from collections.abc import Iterator
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime

from agentflow.corpus.blocks import Block, BlockKind, Extract
from agentflow.corpus.readers import html
from agentflow.corpus.readers.charset import codec
from agentflow.corpus.readers.decode import decode, unify
from agentflow.corpus.readers.plain import Scanner
from agentflow.corpus.readers.unreadable import Skipped, Unreadable

SHOWN = ("Subject", "From", "To", "Cc", "Date")
HEADER = re.compile(rb"(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*){1,}", re.MULTILINE)
QUOTED = re.compile(r"^(?:> ?)+", re.MULTILINE)
POST = re.compile(rb"(?m)^From [^\n]*\d{4}[^\n]*\n(?=[!-9;-~]+:)")
MOST = 20_000  # messages of one mailbox
DEEPEST = 20  # mails within mails


def read(content: bytes) -> Extract:
    """One message, or each message of a mailbox file in turn. Raises Unreadable for what is no mail."""
    content = content.replace(b"\r\n", b"\n").removeprefix(b"\xef\xbb\xbf").lstrip(b"\n\r\t ")
    content = content if b"\n" in content else content.replace(b"\r", b"\n")
    posts = [post for post in POST.split(content)[1:] if post.strip()] if content.startswith(b"From ") else [content]
    if len(posts) > MOST:
        raise Unreadable(f"{len(posts):,} messages are more than the limit of {MOST:,}")
    mail, several = Mail(), len(posts) > 1
    for number, post in enumerate(posts, 1):
        if HEADER.match(post) is None:
            raise Unreadable("not a mail: it does not begin with a header")
        if several:
            mail.messages.append((len(mail.text), f"message {number}"))
        mail.add(BytesParser(policy=policy.default).parsebytes(post))
    return mail.extract(single=not several)


class Mail:
    """Gathers the text of messages; `left_out` names the attachments."""

    def __init__(self) -> None:
        self.text = ""
        self.blocks: list[Block] = []
        self.left_out: list[str] = []
        self.messages: list[tuple[int, str]] = []
        self.title = self.date = self.author = ""

    def extract(self, *, single: bool) -> Extract:
        note = f"attachments were not read: {', '.join(self.left_out[:5])}" if self.left_out else ""
        title, date, author = (self.title, self.date, self.author) if single else ("", "", "")
        starts, labels = [start for start, _ in self.messages], [label for _, label in self.messages]
        return Extract(
            self.text, self.blocks, title=title, date=date, note=note, pages=starts, labels=labels, author=author
        )

    def add(self, message: EmailMessage, depth: int = 0) -> None:
        subject = self.header(message, "Subject")
        self.title = self.title or subject
        self.author = self.author or self.header(message, "From")
        self.date = self.date or _day(self.header(message, "Date"))
        self.append(f"{subject}\n" if subject else "", "heading", 1)
        for name in SHOWN[1:]:
            if value := self.header(message, name):
                self.append(f"{name}: {value}\n", "field")
        self.text += "\n"
        for part in self.parts(message, depth):
            self.show(part, depth)

    def header(self, message: EmailMessage, name: str) -> str:
        try:
            return " ".join(str(message.get(name, "")).split())
        except (ValueError, IndexError, AttributeError, TypeError, LookupError):
            return ""  # a header that the standard library cannot take apart

    def append(self, text: str, kind: BlockKind, level: int = 0) -> None:
        if text.strip():
            start = len(self.text)
            self.blocks.append(Block(kind, start, start + len(text.rstrip()), level))
        self.text += text

    def parts(self, message: EmailMessage, depth: int) -> Iterator[EmailMessage]:
        """The parts to show: of alternatives the plain one."""
        if depth > DEEPEST:
            return
        kind = message.get_content_type()
        if kind == "multipart/alternative":
            leaves = [leaf for part in _children(message) for leaf in self.parts(part, depth + 1)]
            plain = [leaf for leaf in leaves if leaf.get_content_type() != "text/html" and _words(leaf)]
            yield from plain or leaves
        elif message.is_multipart() and kind != "message/rfc822":
            for part in _children(message):
                yield from self.parts(part, depth + 1)
        else:
            yield message

    def show(self, part: EmailMessage, depth: int) -> None:
        if part.get_content_type() == "message/rfc822":
            for inner in _children(part):
                self.add(inner, depth + 1)
        elif part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment":
            self.body(part)
        elif part.get_content_disposition() == "attachment" or part.get_filename():
            self.left_out.append(str(part.get_filename() or part.get_content_type()))

    def body(self, part: EmailMessage) -> None:
        content = _bytes(part)
        if part.get_content_subtype() == "html":
            try:
                shown = html.read(content, encoding=part.get_content_charset() or "")
            except Unreadable:
                return
            text, blocks = shown.text, shown.blocks
        else:
            text = QUOTED.sub("", _plain(part, content)).rstrip() + "\n"
            blocks = Scanner(text).scan()
        start = len(self.text)
        self.blocks += [replace(each, start=each.start + start, end=each.end + start) for each in blocks]
        self.text += text + "\n"


def _children(message: EmailMessage) -> list[EmailMessage]:
    payload = message.get_payload()
    return [part for part in payload if isinstance(part, EmailMessage)] if isinstance(payload, list) else []


def _bytes(part: EmailMessage) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _words(part: EmailMessage) -> bool:
    return bool(_bytes(part).strip())


def _plain(part: EmailMessage, content: bytes) -> str:
    """In the encoding that the part names where that is true. `format=flowed` text is wrapped with a blank at the end."""
    named = codec(part.get_content_charset() or "")
    try:
        return unify(content.decode(named or "utf-8"))
    except UnicodeDecodeError:
        pass  # it lies; the bytes decide
    try:
        return decode(content)
    except Skipped:
        return ""


def _day(date: str) -> str:
    try:
        return parsedate_to_datetime(date).date().isoformat()
    except (ValueError, TypeError, IndexError):
        return ""
