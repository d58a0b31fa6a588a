"""What of a page a reader sees, and what of that is the page's furniture rather than its text."""

import re

from agentflow.corpus.readers.markup import Element

NEVER = set("script style noscript iframe object select datalist title audio video canvas".split())
HIDING = re.compile(
    r"display\s*:\s*none|font-size\s*:\s*0(?![.\d])|(?P<late>visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d]))",
    re.IGNORECASE,
)
# Elements that a script or a style fades in as the reader scrolls are there to be read.
FADING = re.compile(
    r"\b(?:wow|aos|animat\w*|fade\w*|reveal\w*|slide\w*|appear\w*|inview|in-view|lazy\w*|elementor-invisible)\b",
    re.IGNORECASE,
)
MOVING = re.compile(r"animation|transition|transform", re.IGNORECASE)
FURNITURE_TAGS = {"nav", "search"}
LANDMARKS = {"nav", "search", "footer", "aside", "header"}
ROLES = set(
    "navigation banner contentinfo complementary search dialog alertdialog menu menubar toolbar tablist".split()
)
NAMES = re.compile(
    r"(?:(?:site|page|global|main|top|left|right|primary|secondary)?[-_]?"
    r"(?:footer|sidebar|nav|navbar|navheader|navfooter|navigation|menu|topbar|breadcrumbs?|masthead)"
    r"|(?:cookie|consent|gdpr)s?(?:[-_]?(?:banner|notice|bar|popup|modal|consent|message|wrapper|overlay|law|info|box|dialog))*"
    r"|(?:social|share|sharing)(?:[-_]?(?:media|links|buttons|icons|bar|list))?"
    r"|newsletter(?:[-_]\w+)*|advert\w*|ads?(?:[-_]?(?:banner|box|slot|unit|container))?|sponsored"
    r"|most[-_]?(?:read|popular|viewed)|related(?:[-_]?(?:posts|articles|links|stories|content|news))?"
    r"|recommended|recommendations|trending|skip[-_]?(?:link|to[-_]?content|nav)\w*|pagination|pager)",
    re.IGNORECASE,
)
BOXES = set("div ul ol aside section form p span footer header".split())
NAMED_BOXES = {"div", "ul", "aside", "form"}  # a section or heading takes its id from what it says
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
SPEAKING = HEADINGS | {"dt", "summary", "td", "th", "caption", "legend"}


def unseen(element: Element, reached: set[str]) -> bool:
    """`reached` are the ids of panels that a visible control opens."""
    tag, given = element.tag, element.attributes
    if not given and tag not in NEVER:
        return tag in ("template", "dialog")
    if (
        tag in NEVER
        or (tag == "template" and "shadowrootmode" not in given)
        or (tag == "dialog" and "open" not in given)
    ):
        return True
    if given.get("id") in reached:
        return False
    if "hidden" in given and given["hidden"].lower() != "until-found":
        return True
    hiding = HIDING.search(given.get("style", ""))
    if hiding is None:
        return False
    fades = FADING.search(given.get("class", "")) or MOVING.search(given.get("style", ""))
    return not (
        hiding["late"] and (fades or any(name.startswith(("data-aos", "data-wow", "data-anim")) for name in given))
    )


def reached(root: Element) -> set[str]:
    """Ids of what buttons and tabs open: accordions and panels that are closed when the page is saved."""
    return {
        name
        for element in root.elements()
        if element.tag in ("button", "a", "summary") or element.attributes.get("role") in ("tab", "button")
        for name in element.attributes.get("aria-controls", "").split()
    }


def furniture(element: Element, *, inside: bool) -> bool:
    """Navigation, notices, adverts, the page's head and foot; `inside` the main text a foot or an aside belongs to it."""
    tag, given = element.tag, element.attributes
    if not given and tag not in LANDMARKS:
        return False
    role = given.get("role", "").lower()
    if tag in FURNITURE_TAGS or (role in ROLES and not (inside and role == "complementary")):
        return not _holds_text(element)
    if tag in ("footer", "aside", "header") and not inside:
        return not _holds_text(element)
    names = [*given.get("class", "").split(), *([given.get("id", "")] if tag in NAMED_BOXES else [])]
    return tag in BOXES and any(NAMES.fullmatch(name) for name in names) and not _holds_text(element)


def _holds_text(element: Element) -> bool:
    """A box around the main text is none of its furniture, whatever its name."""
    return any(each.tag in ("main", "article") or each.attributes.get("role") == "main" for each in element.elements())


def main_text(root: Element) -> list[Element]:
    """The elements that say they hold the main text; nothing where none does."""
    mains = [each for each in root.elements() if each.tag == "main" or each.attributes.get("role") == "main"]
    articles = [] if mains else [each for each in root.elements() if each.tag == "article"]
    return mains or (articles if len(articles) == 1 else [])
