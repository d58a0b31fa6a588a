"""Answers that are no page: CAPTCHAs, walls, errors. They are told as what they are and never become evidence."""

import re

from agentflow.toolbox.network import Page

FEW = 150  # words of a page; a longer one may carry a CAPTCHA for its comments
STATUS = {
    401: "asks for a login (401)",
    402: "asks for payment (402)",
    403: "refuses programs (403)",
    404: "is not there (404)",
    410: "is gone (410)",
    429: "answered: too many requests (429)",
    451: "is withheld for legal reasons (451)",
}
CAPTCHA = re.compile(
    rb"g-recaptcha|recaptcha/api|hcaptcha\.com|h-captcha|cf-challenge|challenge-platform|cf-turnstile|captcha-delivery"
    rb"|_incapsula_|px-captcha|awswaf|/sorry/index|unusual traffic from your|verify (?:that )?you(?:'re| are) (?:a )?human"
    rb"|are you a robot|not a robot|checking your browser|<title>just a moment|captcha",
    re.IGNORECASE,
)
SCRIPTS = re.compile(
    rb"enable java\s?script|requires java\s?script|java\s?script is (?:disabled|required)", re.IGNORECASE
)
WALL = re.compile(
    rb"subscribe to (?:continue|read)|log ?in to (?:continue|read)|sign in to (?:continue|read)", re.IGNORECASE
)


def trouble(page: Page, words: int) -> str:
    """Why an answer counts for nothing, empty for a page. `words` are those of its main text."""
    asks = "asks for a CAPTCHA" if page.headers.get("cf-mitigated") == "challenge" or CAPTCHA.search(page.body) else ""
    if page.status != 200:
        if asks and page.status in (403, 429, 503):
            return f"{asks} ({page.status})"
        return STATUS.get(page.status, f"answered {page.status}")
    if words >= FEW:
        return ""
    if asks:
        return asks
    if words < FEW // 5 and SCRIPTS.search(page.body):
        return "shows its text to scripts alone"
    return "shows its text to subscribers alone" if WALL.search(page.body) else "" if words else "holds no text"
