"""Four looks. Every state also has its own sign, so that nothing is said by colour alone."""

from collections.abc import Iterator

from textual.theme import Theme

SIGNS = {
    "running": "●", "waiting": "○", "queued": "○", "dead": "✗", "paused": "‖", "answered": "✓", "done": "✓", "insufficient": "∅", "failed": "✗",
    "cancelled": "–", "active": "●", "searching": "●", "found": "✓", "nothing": "∅", "unchecked": "…", "supported": "✓",
    "partial": "◐", "contradicted": "✗", "unsupported": "○", "stopped": "○", "external": "◇",
}  # fmt: skip
STYLES = {
    "running": "bold $accent", "active": "bold $accent", "searching": "bold $accent", "paused": "bold $warning",
    "answered": "$text-success", "done": "$text-success", "found": "$text-success", "supported": "$text-success",
    "partial": "$text-warning", "insufficient": "$text-warning", "nothing": "$text-warning", "failed": "bold $text-error",
    "dead": "bold $text-error",
    "contradicted": "bold $text-error", "unsupported": "$text-error",
}  # fmt: skip
MUTED = "$text-muted"
FIELDS = "primary secondary accent foreground success warning error background surface panel".split()


def sign(state: str) -> tuple[str, str]:
    """A state's sign with its style, for Content.assemble."""
    return SIGNS.get(state, "·"), STYLES.get(state, MUTED)


# One row a colour of Textual's themes or a variable of the style sheets; "-" leaves it to Textual.
COLOURS = """
name                            ink      paper    contrast plain
primary                         #7aa2c8  #1f5f8b  #ffffff  #d0d0d0
secondary                       #9d8ec7  #6a4f9c  #ffffff  #b0b0b0
accent                          #62c9b5  #0b7a6b  #ffff00  #ffffff
foreground                      #dcd9d0  #23272e  #ffffff  #e4e4e4
success                         #8fbf7f  #2f7d32  #00ff66  #e4e4e4
warning                         #e0b15e  #9a6200  #ffd000  #ffffff
error                           #e0787a  #b3261e  #ff6b6b  #ffffff
background                      #101419  #f7f4ec  #000000  #121212
surface                         #151a21  #fbf9f4  #000000  #121212
panel                           #1c232c  #efeae0  #000000  #1e1e1e
block-cursor-background         #26333d  #dcebe6  #ffff00  #3a3a3a
block-cursor-blurred-background #1d252e  #ece8de  #444444  #262626
block-cursor-foreground         #f3efe4  #14181d  #000000  #ffffff
block-cursor-text-style         none     none     bold     bold
border                          #2c3642  #d5cdbd  #ffffff  #4a4a4a
border-blurred                  #2c3642  #d5cdbd  #bbbbbb  #4a4a4a
footer-background               #0c0f13  #ece6da  #000000  #121212
footer-description-foreground   #8b93a0  #5d6168  #ffffff  #b0b0b0
footer-key-foreground           #62c9b5  #0b7a6b  #ffff00  #ffffff
input-cursor-background         #62c9b5  #0b7a6b  -        -
input-cursor-foreground         -        #ffffff  -        -
mark                            #e0b15e  #ffd86b  #ffff00  #f0f0f0
mark-text                       #14181d  #1b1e23  #000000  #000000
scrollbar                       #2c3642  #cfc7b6  -        -
scrollbar-background            #151a21  #f1ede4  -        -
scrollbar-corner-color          #151a21  #f1ede4  -        -
text-error                      -        -        #ff6b6b  #ffffff
text-muted                      #8b93a0  #6b6f76  #e0e0e0  #9a9a9a
text-success                    -        -        #00ff66  #e4e4e4
text-warning                    -        -        #ffd000  #ffffff
"""


def _themes() -> Iterator[Theme]:
    head, *rows = [row.split() for row in COLOURS.strip().splitlines()]
    for column, name in enumerate(head[1:], 1):
        colours = {row[0]: row[column] for row in rows if row[column] != "-"}
        fields = {field: colours.pop(field) for field in FIELDS}
        alpha = 1.0 if name == "contrast" else 0.95
        yield Theme(name, **fields, dark=name != "paper", text_alpha=alpha, variables=colours)  # type: ignore[arg-type]


THEMES = tuple(_themes())
