"""What counts as saying that one does not know."""

import re

_SAYS_NO = re.compile(
    r"^\W*(unknown|none|n/?a|no answer|not (known|given|stated|mentioned|specified|available|found|enough)\b.*"
    r"|(i|we) (do not|don't|cannot|can't) (know|tell|say|answer)\b.*|it is not (stated|known|given)\b.*"
    r"|the (documents?|passages?|text|corpus) (does|do) not (tell|say|state|mention|contain)\b.*)\W*$",
    re.IGNORECASE,
)


def abstains(answer: str) -> bool:
    """Whether the whole answer says that there is none, or is empty."""
    return not answer.strip() or bool(_SAYS_NO.match(answer.strip()))
