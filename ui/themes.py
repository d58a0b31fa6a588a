"""Four looks. Every state also has its own sign, so that nothing is said by colour alone."""

from textual.theme import Theme

SIGNS = {
    "running": "●", "waiting": "○", "paused": "‖", "answered": "✓", "done": "✓", "insufficient": "∅", "failed": "✗",
    "cancelled": "–", "active": "●", "searching": "●", "found": "✓", "nothing": "∅", "unchecked": "…", "supported": "✓",
    "partial": "◐", "contradicted": "✗", "unsupported": "○", "stopped": "○", "external": "◇",
}  # fmt: skip
STYLES = {
    "running": "bold $accent", "active": "bold $accent", "searching": "bold $accent", "paused": "bold $warning",
    "answered": "$text-success", "done": "$text-success", "found": "$text-success", "supported": "$text-success",
    "partial": "$text-warning", "insufficient": "$text-warning", "nothing": "$text-warning", "failed": "bold $text-error",
    "contradicted": "bold $text-error", "unsupported": "$text-error",
}  # fmt: skip
MUTED = "$text-muted"


def sign(state: str) -> tuple[str, str]:
    """A state's sign with its style, for Content.assemble."""
    return SIGNS.get(state, "·"), STYLES.get(state, MUTED)


THEMES = (
    Theme(
        name="ink",
        primary="#7aa2c8", secondary="#9d8ec7", accent="#62c9b5", foreground="#dcd9d0",
        success="#8fbf7f", warning="#e0b15e", error="#e0787a",
        background="#101419", surface="#151a21", panel="#1c232c", dark=True,
        variables={
            "border": "#2c3642", "border-blurred": "#2c3642", "text-muted": "#8b93a0", "mark": "#e0b15e",
            "mark-text": "#14181d", "footer-background": "#0c0f13", "footer-key-foreground": "#62c9b5",
            "footer-description-foreground": "#8b93a0", "block-cursor-background": "#26333d",
            "block-cursor-foreground": "#f3efe4", "block-cursor-text-style": "none",
            "block-cursor-blurred-background": "#1d252e", "input-cursor-background": "#62c9b5",
            "scrollbar": "#2c3642", "scrollbar-background": "#151a21", "scrollbar-corner-color": "#151a21",
        },
    ),
    Theme(
        name="paper",
        primary="#1f5f8b", secondary="#6a4f9c", accent="#0b7a6b", foreground="#23272e",
        success="#2f7d32", warning="#9a6200", error="#b3261e",
        background="#f7f4ec", surface="#fbf9f4", panel="#efeae0", dark=False,
        variables={
            "border": "#d5cdbd", "border-blurred": "#d5cdbd", "text-muted": "#6b6f76", "mark": "#ffd86b",
            "mark-text": "#1b1e23", "footer-background": "#ece6da", "footer-key-foreground": "#0b7a6b",
            "footer-description-foreground": "#5d6168", "block-cursor-background": "#dcebe6",
            "block-cursor-foreground": "#14181d", "block-cursor-text-style": "none",
            "block-cursor-blurred-background": "#ece8de", "input-cursor-background": "#0b7a6b",
            "input-cursor-foreground": "#ffffff", "scrollbar": "#cfc7b6", "scrollbar-background": "#f1ede4",
            "scrollbar-corner-color": "#f1ede4",
        },
    ),
    Theme(
        name="contrast",
        primary="#ffffff", secondary="#ffffff", accent="#ffff00", foreground="#ffffff",
        success="#00ff66", warning="#ffd000", error="#ff6b6b",
        background="#000000", surface="#000000", panel="#000000", dark=True, text_alpha=1.0,
        variables={
            "border": "#ffffff", "border-blurred": "#bbbbbb", "text-muted": "#e0e0e0", "mark": "#ffff00",
            "mark-text": "#000000", "footer-background": "#000000", "footer-key-foreground": "#ffff00",
            "footer-description-foreground": "#ffffff", "block-cursor-background": "#ffff00",
            "block-cursor-foreground": "#000000", "block-cursor-text-style": "bold",
            "block-cursor-blurred-background": "#444444", "text-success": "#00ff66", "text-warning": "#ffd000",
            "text-error": "#ff6b6b",
        },
    ),
    Theme(
        name="plain",
        primary="#d0d0d0", secondary="#b0b0b0", accent="#ffffff", foreground="#e4e4e4",
        success="#e4e4e4", warning="#ffffff", error="#ffffff",
        background="#121212", surface="#121212", panel="#1e1e1e", dark=True,
        variables={
            "border": "#4a4a4a", "border-blurred": "#4a4a4a", "text-muted": "#9a9a9a", "mark": "#f0f0f0",
            "mark-text": "#000000", "footer-background": "#121212", "footer-key-foreground": "#ffffff",
            "footer-description-foreground": "#b0b0b0", "block-cursor-background": "#3a3a3a",
            "block-cursor-foreground": "#ffffff", "block-cursor-text-style": "bold",
            "block-cursor-blurred-background": "#262626", "text-success": "#e4e4e4", "text-warning": "#ffffff",
            "text-error": "#ffffff",
        },
    ),
)  # fmt: skip
