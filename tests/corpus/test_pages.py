"""HTML as a browser takes it: end tags left out, what is hidden, what is faded in, and what is only furniture."""

from agentflow.corpus.blocks import Extract
from agentflow.corpus.readers import html


def texts(page: str) -> list[str]:
    extract: Extract = html.read(page.encode())
    return [extract.text[block.start : block.end] for block in extract.blocks]


def test_a_hidden_element_ends_where_html_ends_it() -> None:
    assert texts("<ul><li>One<li hidden>Two<li>Three</ul>") == ["One", "Three"]
    assert texts("<table><tr hidden><td>a<td>b<tr><td>c<td>d</table>") == ["c | d"]
    assert texts("<p hidden>No<h2>Yes</h2>And yes") == ["Yes", "And yes"]


def test_an_end_tag_in_a_cell_closes_nothing_around_the_table() -> None:
    assert texts("<div hidden><table><tr><td></div>x</table>No</div><p>Yes") == ["Yes"]


def test_text_that_a_reader_can_bring_up_is_read() -> None:
    page = (
        "<h3><button>Where is it?</button></h3><button aria-controls=p1>How much does it cost?</button>"
        "<div id=p1 style='display:none'>Three crowns.</div><details><summary>More</summary>Dogs pay less.</details>"
        "<div data-aos=fade-up style='opacity: 0'>Bring a lamp.</div><p hidden=until-found>Found by search.</p>"
        "<svg><text>Depth in metres</text></svg><input value='Elm Street 4'><textarea>A remark.</textarea>"
    )
    assert texts(page) == [
        "Where is it?", "How much does it cost?", "Three crowns.", "More", "Dogs pay less.", "Bring a lamp.",
        "Found by search.", "Depth in metres", "Elm Street 4 A remark.",
    ]  # fmt: skip


def test_text_that_no_reader_sees_is_left_out() -> None:
    page = (
        "<p>Seen.</p><p style='display:none'>a</p><p style='visibility:hidden'>b</p><p style='font-size:0'>c</p>"
        "<p style='opacity:0'>d</p><template>e</template><dialog>f</dialog><script>g</script><button>Buy</button>"
    )
    assert texts(page) == ["Seen."]


def test_the_furniture_of_a_page_is_not_its_text() -> None:
    page = (
        "<header><a href=/>Town site</a><h1>The weir</h1></header><nav>Home</nav><div class='cookie-notice'>Cookies!</div>"
        "<div id=content><p>The weir is 40 metres long.</p><div class='share-buttons'>Share</div></div>"
        "<div class=sidebar>Read too</div><div class=navfooter>Prev | Next</div><div role=contentinfo>All rights</div><footer>Imprint</footer>"
    )
    assert texts(page) == ["The weir", "The weir is 40 metres long."]


def test_the_main_part_stands_for_the_page_where_it_holds_most_of_it() -> None:
    main = (
        "<main><h1>Weir</h1><p>The weir is 40 metres long and was built of oak.</p><footer>By A. Marsh.</footer></main>"
    )
    assert texts(f"<div>Top story</div>{main}") == [
        "Weir", "The weir is 40 metres long and was built of oak.", "By A. Marsh.",
    ]  # fmt: skip
    around = "<p>The visitors' book tells of many who came to see it in all weathers, and of the year it froze.</p>"
    assert len(texts(f"{around * 3}{main}")) > 4


def test_a_page_of_nothing_but_furniture_is_read_all_the_same() -> None:
    assert texts("<nav><a>Opening hours: nine to five.</a></nav>") == ["Opening hours: nine to five."]


def test_a_heading_named_like_furniture_is_text() -> None:
    page = "<section id=cookies><h2 id=navigation>Cookies</h2><p>A client sends cookies back.</p></section>"
    assert texts(page) == ["Cookies", "A client sends cookies back."]
