"""The page at /: one file without a build step or another host, under a policy that names its own script and style alone."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

FILE = Path(__file__).with_name("page.html")


@cache
def _page() -> tuple[str, str]:
    """The text, and its Content-Security-Policy."""
    text = FILE.read_text("utf-8")
    allowed = {
        tag: " ".join(f"'sha256-{_hash(inner)}'" for inner in re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL))
        for tag in ("script", "style")
    }
    policy = (
        f"default-src 'none'; script-src {allowed['script']}; style-src {allowed['style']}; connect-src 'self'; img-src data:;"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    )
    return text, policy


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


async def page(_: Request) -> Response:
    text, policy = _page()
    headers = {
        "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache", "Cross-Origin-Opener-Policy": "same-origin",
    }  # fmt: skip
    return HTMLResponse(text, headers=headers)
