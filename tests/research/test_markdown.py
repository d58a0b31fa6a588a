"""The report: a stable contract, and text that cannot act as markup."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from agentflow.research.report.markdown import StyledCitations, inert, render
from agentflow.research.report.of_run import assemble
from agentflow.research.report.schema import Claim, Conflict, Findings, Open, Quote, Report, Unread
from agentflow.research.report.words import WORDS, ReportWords
from agentflow.text.plain import plain
from agentflow.usage import Usage

FINDINGS = Findings(
    question="When was it built?",
    answer="In 1931.",
    plan=["When was it built?"],
    claims=[Claim(text="It was built in 1931.", support="supported", evidence=[1])],
    evidence=[
        Quote(
            id=1, quote="The tower was built\nin 1931.", path="docs/tower.md", line=7, page=None, date="1999-01-02",
            source="Tower", question="When was it built?", relevance=0.9,
        )
    ],
    conflicts=[],
    not_found=[Open(question="Who paid?", tried=["Who paid?"])],
    support_rate=1.0,
    notes=["one note"],
)  # fmt: skip


def report(**changes: object) -> Report:
    facts = {"run": "r1", "status": "answered", "usage": Usage(prompt=10), "seconds": 1.5, "model": "starter"}
    return assemble(FINDINGS, **{**facts, **changes})


def test_the_report_names_claim_quote_place_and_date() -> None:
    text = render(report())
    for part in ("**In 1931.**", "1. It was built in 1931. [1]", "`docs/tower.md:7`", "1999-01-02", "> in 1931."):
        assert part in text


def test_the_report_says_what_was_not_found_and_who_wrote_it() -> None:
    text = render(report())
    assert "Who paid?" in text and "one note" in text and "written by starter" in text and "run r1" in text


def test_too_little_evidence_is_said_in_so_many_words() -> None:
    assert "not enough evidence" in render(report(status="insufficient"))


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("de", "Wann wurde der Turm gebaut?"),
        ("fr", "Quand la tour a-t-elle été construite ?"),
        ("es", "¿Cuándo se construyó la torre del puerto?"),
        ("zh", "这座塔是什么时候建的？"),
        ("ja", "この塔はいつ建てられましたか。"),
    ],
)
def test_a_report_speaks_the_language_of_its_question(language: str, question: str) -> None:
    of_all = FINDINGS.model_copy(
        update={
            "question": question,
            "claims": [Claim(text="1931.", support="partial", evidence=[1])],
            "evidence": [FINDINGS.evidence[0].model_copy(update={"page": 3}), *(FINDINGS.evidence[0].model_copy(update={"id": id}) for id in (2, 4))],
            "conflicts": [Conflict(claim=0, evidence=2)],
            "unread": [Unread(path="a.pdf", reason="?")],
        }
    )  # fmt: skip
    facts = {"run": "r1", "usage": Usage(), "seconds": 1.0, "model": "starter"}
    written = [render(assemble(of_all, status=status, **facts)) for status in ("answered", "insufficient")]
    words = ReportWords(question)
    assert words.language == language
    everything = "".join(
        [*written, render(assemble(of_all, status="answered", **facts), StyledCitations([""], ["Berg 1931"]))]
    )
    everything += words["See also"] + words["contradicted"]
    assert [english for english in WORDS if words[english] not in everything] == []
    assert [english for english in WORDS if words[english] != english and f"{english}\n" in everything] == []


INLINE = {"text", "text_special", "softbreak"}
BLOCKS = [
    "# x",
    "- x",
    "+ x",
    "> x",
    "1. x",
    "7) x",
    "```",
    "~~~",
    "---",
    "- - -",
    "===",
    ":-:",
    "a | b",
    "    x",
    "&lt;x&gt;",
    "<b>",
]
LINES = st.lists(st.sampled_from([*BLOCKS, "-", "=", "1.", "x", "", " ", "\t"]), max_size=6).map("\n".join)


@pytest.mark.parametrize("before", ["", "- ", "1. ", "> "])
@given(text=st.text(max_size=80) | LINES | st.text("-+=.:|>#`~&;1 \ta\n\\", max_size=30))
def test_no_text_can_act_as_markup_or_control(before: str, text: str) -> None:
    shown = inert(text)
    assert not any(ord(char) < 32 and char not in "\t\n" for char in shown) and "\x1b" not in shown
    reader = MarkdownIt().enable(["table", "strikethrough"])
    expected = {token.type for token in reader.parse(f"{before}x")}
    tokens = reader.parse("\n\n".join(before + part for part in re.split(r"\n\s*\n", shown)))
    assert {token.type for token in tokens} <= expected
    inline = [child for token in tokens for child in token.children or []]
    assert {child.type for child in inline} <= INLINE
    assert "".join("".join(child.content for child in inline).split()) == "".join(plain(text).split())


def test_a_quote_that_looks_like_markup_is_shown_as_it_stands() -> None:
    lines = [
        "2. Close the valve.",
        "- twice",
        "# of turns",
        "> 3 bar",
        "```",
        "| bar | turns |",
        "|---|---|",
        "Valve",
        "----",
    ]
    quote = FINDINGS.evidence[0].model_copy(update={"quote": "\n".join(lines)})
    page = MarkdownIt().enable("table").render(render(report(evidence=[quote])))
    shown = page[page.index("<blockquote>") : page.index("</blockquote>")]
    assert unescape(re.sub(r"<[^>]*>", "", shown)).strip().split("\n") == lines
