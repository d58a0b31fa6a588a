"""Paragraphs of plain text: what is wrapped is one text, what is listed is not, and an initial is no list marker."""

import pytest

from agentflow.corpus.parsing.chunks import chunks
from agentflow.corpus.readers import md, txt


def sentences(text: str, reader: object = txt) -> list[str]:
    extract = reader.read(text)  # type: ignore[attr-defined]
    return [" ".join(extract.text[span[0] : span[1]].split()) for chunk in chunks(extract) for span in chunk.sentences]


def test_a_narrow_column_is_one_text() -> None:
    text = "The council has sold\nthe old toll house by\nthe bridge. A baker\nfrom Elmham bought it\nfor 900 crowns last\nweek\n"
    assert sentences(text) == [
        "The council has sold the old toll house by the bridge.",
        "A baker from Elmham bought it for 900 crowns last week",
    ]


def test_a_mail_typed_on_a_phone_is_one_text() -> None:
    text = "Dear Ann,\n\nthe boat leaves\nat nine tomorrow from the\nouter pier and\ncosts 4 crowns\n\nBest\nTom\n"
    assert "the boat leaves at nine tomorrow from the outer pier and costs 4 crowns" in sentences(text)


@pytest.mark.parametrize(
    "text", ["Elm House\n4 Mill Lane\nHarrowgate\n", "apples\npears\nplums\n", "O wild West Wind\nThou breath of Autumn\nThou unseen one\n"]
)  # fmt: skip
def test_lines_that_stand_alone_are_not_glued(text: str) -> None:
    assert sentences(text) == text.split("\n")[:-1]


@pytest.mark.parametrize("reader", [txt, md])
@pytest.mark.parametrize(
    "text",
    ["J. Cole has kept the light since 1931.", "I. Newton wrote to the board.", "3. October was dry and cold.", "1987. It was a good year for barley."],
)  # fmt: skip
def test_an_initial_or_a_date_at_the_start_is_no_list_marker(text: str, reader: object) -> None:
    assert " ".join(sentences(f"Notes.\n\n{text}\n", reader)) == f"Notes. {text}"


@pytest.mark.parametrize(
    "text",
    [
        "1. Fill it.\n2. Shut it.\n",
        "A. Fill it.\n\nB. Shut it.\n",
        "iii. Fill it.\niv. Shut it.\n",
        "(a) Fill it.\n\n- Shut it.\n",
    ],
)
def test_a_marker_beside_its_neighbour_is_one(text: str) -> None:
    assert sentences(text) == ["Fill it.", "Shut it."]


@pytest.mark.parametrize(
    "text", ["A. Cole kept the light.\n\nB. Hart was the cook.\n", "E. coli is no guest.\n\nF. nigra is a fly.\n"]
)
def test_two_names_in_a_row_are_no_list(text: str) -> None:
    assert sentences(text) == text.rstrip().split("\n\n")


def test_a_narrow_column_of_german_is_one_text() -> None:
    text = "Die Fähre über den\nSee geht im Winter\nbis vier Uhr, in der\nNacht gar nicht. Die\nKarte kostet zwei\nKronen.\n"
    assert sentences(text)[-1] == "Die Karte kostet zwei Kronen."


@pytest.mark.parametrize(
    "text",
    [
        "这座石桥是村里的人在一九二\n三年用附近山上的青石修的。\n后来洪水冲走了两个桥墩，过\n了五年才修好。",
        "この橋は村の人々が近くの山から\n切り出した石で造ったものである\nが、洪水で橋脚が二本流され、五\n年後に直された。",
        "गांव का पुराना पुल पास के पहाड़ के पत्थर\nसे बना था और बाढ़ में उसके दो खंभे बह\nगए थे इसलिए उसे पांच साल बाद फिर से\nबनाया गया था।",
    ],
)
def test_narrow_lines_of_a_script_without_capitals_are_one_text(text: str) -> None:
    assert [(block.kind, text[block.start : block.end]) for block in txt.read(text).blocks] == [("prose", text)]


def test_an_address_in_such_a_script_is_lines() -> None:
    assert len(txt.read("青石镇人民政府\n青石镇中山路十二号二楼\n邮编三二一〇〇〇\n联系人王小明").blocks) == 4


@pytest.mark.parametrize("told", ["青石镇的水井深三十三尺。", "The well is old."])
def test_a_footnote_of_markdown_is_text_though_it_has_no_blank(told: str) -> None:
    assert told in sentences(f"One line.[^1]\n\n[^1]: {told}\n\n[a]: https://example.org/a\n", md)[-1]


def test_the_first_line_over_labelled_lines_is_the_title() -> None:
    extract = txt.read("INVOICE 101\nCustomer: Holm Dairy\nStatus: paid\n\nPlease pay within 30 days.\n")
    assert [block.kind for block in extract.blocks] == ["heading", "field", "field", "prose"]
    assert extract.fields == {"Customer": "Holm Dairy", "Status": "paid"}


@pytest.mark.parametrize(
    "text", ["The keeper wrote: a storm\nis near, and\nwe wait for it.\n", "Note: a line\nand no more\n"]
)
def test_a_colon_in_running_text_is_no_label(text: str) -> None:
    assert {block.kind for block in txt.read(text).blocks} == {"prose"}
