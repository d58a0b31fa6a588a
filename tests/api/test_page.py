"""The page in a real browser: ask, watch, lose the server, come back, open a source; and axe finds nothing that keeps people
from using it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sites.harness import write_project

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")

from playwright.sync_api import Browser, Page, expect

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.browser
WAIT = 200_000  # milliseconds: a busy machine is no fault


class Served:
    """`agentflow api` in a process of its own, on one port however often it is started."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.port = 0

    def start(self, slots: int) -> None:
        command = [sys.executable, "-m", "agentflow", "api", "--port", str(self.port), "--slots", str(slots), "--json"]
        files = ["--project", str(self.root), "--key-file", str(self.root.parent / "key")]
        self.process = subprocess.Popen([*command, *files], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        told = json.loads(self.process.stdout.readline())
        self.url, self.key = told["url"], told["key"]
        self.port = int(self.url.rpartition(":")[2])

    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("page") / "project"
    write_project(root, {"docs/mill.md": "# Mill\n\nThe mill of Ardenbrook was built in 1842 by two brothers.\n"})
    served = Served(root)
    yield served
    served.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def require_usable(page: Page) -> None:
    found = axe.Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert serious == [], json.dumps(serious, indent=1)[:3000]


def test_ask_watch_lose_the_server_come_back_and_open_a_source(served: Served, browser: Browser) -> None:
    served.start(slots=0)
    context = browser.new_context()
    context.set_default_timeout(WAIT)
    expect.set_options(timeout=WAIT)
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: troubles.append(line.text) if "Content Security" in line.text else None)

    page.goto(served.url)
    expect(page.locator("#key-form")).to_be_visible()
    require_usable(page)
    page.goto(f"{served.url}/#key={served.key}")
    page.reload()
    assert served.key not in page.url, "the key does not stay in the address"
    page.get_by_label("What do you want to find out?").fill("When was the mill of Ardenbrook built?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#state")).to_have_text("waits for a worker")
    require_usable(page)

    served.stop()
    expect(page.locator("#state")).to_have_text("the connection is lost; trying again")
    served.start(slots=1)
    expect(page.locator("#state")).to_have_text("answered")
    expect(page.locator("#report")).to_contain_text("1842")
    require_usable(page)

    page.get_by_role("link", name="source 1").first.click()
    assert page.evaluate("document.activeElement.id") == "source-1"
    expect(page.locator("#source-1")).to_contain_text("docs/mill.md:3")

    again = context.new_page()  # another day: the run is still there
    again.goto(f"{served.url}/#key={served.key}")
    again.get_by_role("link", name="When was the mill").click()
    expect(again.locator("#report")).to_contain_text("1842")
    for scheme, width in (("dark", 1200), ("light", 360)):
        again.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        again.set_viewport_size({"width": width, "height": 800})
        require_usable(again)
        assert again.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is off the screen"
    assert troubles == []
    context.close()
