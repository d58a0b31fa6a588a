"""Who gets in and to what: keys, certificates, policies, filters; and the log of all that."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from agentflow.api.app import create_app
from agentflow.api.metrics import ApiMetrics
from agentflow.api.service import Service
from agentflow.corpus.filter import Filter
from agentflow.engine import Engine
from agentflow.errors import AgentflowError, ConfigError
from agentflow.federation.checks import sha256_of
from agentflow.federation.client import SiteClient, SiteSilent
from agentflow.federation.settings import Release, SiteGrant, SiteSettings, load_settings
from agentflow.federation.wire import SearchAsked
from agentflow.identity.audit import Audit
from agentflow.identity.caller import Grants
from agentflow.identity.callers import Callers
from agentflow.identity.keys import Keys
from agentflow.identity.settings import Access
from agentflow.project import Project
from agentflow.runs.store import RunStore
from agentflow.site.server import SiteConfig, serve
from agentflow.worker.metrics import WorkerMetrics
from tests.sites.harness import Authority, Site, key_for, write_project

DOCUMENTS = {
    "open/mill.md": "---\ntags: [public]\n---\n# Mill\n\nThe mill of Ardenbrook was built in 1842.\n",
    "open/weir.md": "# Weir\n\nThe weir of Ardenbrook was built in 1850.\n",
    "closed/plan.md": "# Plan\n\nThe tunnel of Ardenbrook will be built in 2031.\n",
}
ASKED = {"query": "What was built in Ardenbrook?", "k": 8}


def ask(url: str, key: str, path: str = "/search", body: Any = ASKED) -> httpx.Response:
    return httpx.post(url + path, json=body, headers={"Authorization": f"Bearer {key}"} if key else {}, timeout=60)


def paths(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return sorted({one["document"]["path"] for one in answer.json()["passages"]})


def log_of(project: Project) -> Audit:
    return Audit(RunStore(project.database), project.state, "site")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return write_project(tmp_path_factory.mktemp("access") / "lab", DOCUMENTS)


@pytest.fixture(scope="module")
def site(project: Project) -> Iterator[Site]:
    with Site(project) as site:
        yield site


def test_wrong_revoked_and_foreign_keys_are_refused_and_written_down(site: Site, project: Project) -> None:
    key = key_for(project, "ann")
    assert paths(ask(site.url, key)) == sorted(DOCUMENTS)
    store = RunStore(project.database)
    Keys(store, "").revoke("ann")
    api_key = Keys(store, "").add("runner", Grants())
    for wrong in (key, f"{key}x", api_key, "", "af__", "nonsense"):
        assert ask(site.url, wrong).status_code == 401
    rows = [row for row, _ in log_of(project).rows()][-7:]
    assert (rows[0].caller, rows[0].outcome, rows[0].items) == ("ann", "answered", 3)
    id = key.split("_")[1]
    assert [row.caller for row in rows[1:4]] == [f"key {id}", f"key {id}", f"key {api_key.split('_')[1]}"]
    assert {row.outcome for row in rows[1:]} == {"unauthorized"} and {row.bytes for row in rows[1:]} == {0}


def test_the_log_holds_the_hash_of_what_was_asked_and_how_much_left(site: Site, project: Project) -> None:
    answer = ask(site.url, key_for(project, "hash"))
    row = [row for row, _ in log_of(project).rows()][-1]
    assert (row.caller, row.operation, row.items, row.bytes) == ("hash", "search", 3, len(answer.content))
    assert row.asked == sha256_of(str(ASKED["query"]))
    assert b"What was built" not in project.database.read_bytes()


def test_a_key_opens_the_documents_that_it_names(site: Site, project: Project) -> None:
    tagged = key_for(project, "tagged", SiteGrant(where=Filter(tags=["public"])))
    assert paths(ask(site.url, tagged)) == ["open/mill.md"]
    key = key_for(project, "open", SiteGrant(where=Filter(paths=["open/*"])))
    assert paths(ask(site.url, key)) == ["open/mill.md", "open/weir.md"]
    assert paths(ask(site.url, key, body={**ASKED, "where": [{"paths": ["closed/*"]}]})) == []
    answer = ask(site.url, key, body={"query": "tunnel"}).json()
    assert answer["holders"] == {"tunnel": 0} and answer["searched"] == 2, "nor that a word stands in others"
    whole = ask(site.url, key_for(project, "whole"), body={"query": "tunnel"}).json()
    plan = whole["passages"][0]
    quote = {
        "path": "closed/plan.md",
        "sha256": plan["document"]["sha256"],
        "start": plan["start"],
        "end": plan["start"] + 4,
    }
    assert ask(site.url, key, "/evidence", {"quotes": [quote]}).json()["quotes"] == [{"state": "gone", "sha256": ""}]


@pytest.mark.parametrize("name", ["roots", "collections", "web"])
def test_names_of_the_asker_mean_nothing_here(site: Site, project: Project, name: str) -> None:
    answer = ask(site.url, key_for(project, f"names-{name}"), body={**ASKED, "where": [{name: ["x"]}]})
    assert answer.status_code == 400


def test_what_a_key_releases_is_the_most_it_gets(site: Site, project: Project) -> None:
    policies: dict[Release, set[str]] = {"quotes": {"/search", "/evidence"}, "claims": set(), "nothing": set()}
    for release, allowed in policies.items():
        key = key_for(project, f"release-{release}", SiteGrant(release=release))
        card = httpx.get(f"{site.url}/site", headers={"Authorization": f"Bearer {key}"}).json()
        assert card == {"name": "site", "release": release}
        for path, body in (("/search", ASKED), ("/evidence", {"quotes": []})):
            assert ask(site.url, key, path, body).status_code == (200 if path in allowed else 403)
        if release == "nothing":
            assert ask(site.url, key, "/verdicts", {"question": "Is it?"}).status_code == 403


def test_a_site_that_releases_nothing_says_that_it_exists(tmp_path: Path) -> None:
    closed = write_project(
        tmp_path / "closed", DOCUMENTS, json.dumps({"serve": {"release": "nothing", "name": "vault"}})
    )
    with Site(closed) as site:
        key = key_for(closed)
        told = httpx.get(f"{site.url}/site", headers={"Authorization": f"Bearer {key}"})
        assert told.json() == {"name": "vault", "release": "nothing"}
        for path, body in (("/search", ASKED), ("/evidence", {"quotes": []}), ("/verdicts", {"claims": ["It is."]})):
            assert ask(site.url, key, path, body).status_code == 403
        assert httpx.get(f"{site.url}/openapi.json").status_code == 404
        assert httpx.get(f"{site.url}/site", headers={"Host": "evil.example"}).status_code == 403


def test_the_key_of_a_site_opens_no_api(tmp_path: Path) -> None:
    opened = write_project(tmp_path / "lab", DOCUMENTS)

    async def status() -> int:
        async with Engine(opened) as engine:
            callers = Callers(Keys(engine.store, "owner-of-twenty-letters"), Access(), opened.root)
            audit, metrics = Audit(engine.store, opened.state, "api"), ApiMetrics(WorkerMetrics(print), 0)
            app = create_app(Service(engine), callers, audit, metrics, hosts=None)
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                headers = {"Authorization": f"Bearer {key_for(opened)}"}
                return (await client.post("/search", json={"query": "mill"}, headers=headers)).status_code

    assert asyncio.run(status()) == 401


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Site]:
    """A site that knows its callers by their certificates."""
    certificate, private = authority.issue("lab.example")
    serving = {
        "certificate": str(certificate), "private_key": str(private), "clients": str(authority.certificate),
        "callers": {"clinic.example": {"where": {"tags": ["public"]}}, "former.example": {"release": "nothing"}},
    }  # fmt: skip
    root = tmp_path_factory.mktemp("secured") / "lab"
    with Site(write_project(root, DOCUMENTS, json.dumps({"serve": serving}))) as site:
        yield site


def as_caller(site: Site, authority: Authority, pair: tuple[Path, Path] | None) -> list[str]:
    """The paths that a search finds with this certificate. Raises what SiteClient does."""
    certificate, private = pair or (None, None)
    settings = SiteSettings(
        url=site.url, trust=authority.certificate, seconds=30, certificate=certificate, private_key=private
    )
    client = SiteClient("lab", settings, Path("/"))

    async def search() -> list[str]:
        try:
            return sorted(one.document.path for one in (await client.search(SearchAsked(query="Ardenbrook"))).passages)
        finally:
            await client.close()

    return asyncio.run(search())


def test_the_name_in_a_certificate_is_the_caller(secured: Site, authority: Authority) -> None:
    assert as_caller(secured, authority, authority.issue("partner.example")) == sorted(DOCUMENTS)
    assert as_caller(secured, authority, authority.issue("clinic.example")) == ["open/mill.md"]
    with pytest.raises(AgentflowError, match="does not release this"):
        as_caller(secured, authority, authority.issue("former.example"))
    rows = [row for row, _ in log_of(secured.project).rows()][-3:]
    assert [row.caller for row in rows] == ["partner.example", "clinic.example", "former.example"]
    assert [row.outcome for row in rows] == ["answered", "answered", "forbidden"]


def test_no_foreign_or_expired_certificate_gets_in_and_each_is_written_down(
    secured: Site, authority: Authority, tmp_path: Path
) -> None:
    foreign = Authority(tmp_path / "foreign", "Others").issue("partner.example")
    expired = authority.issue("late.example", days=-1)
    log = log_of(secured.project)
    for pair, reason in ((None, "peer did not return a certificate"), (foreign, "certificate: "), (expired, "expired")):
        before = len(list(log.rows()))
        with pytest.raises(SiteSilent, match="refuses the encrypted connection|broke off"):
            as_caller(secured, authority, pair)
        end = time.monotonic() + 60
        while len(rows := [row for row, _ in log.rows()]) == before:
            assert time.monotonic() < end
            time.sleep(0.02)
        assert rows[-1].operation == "connect" and reason in rows[-1].outcome, rows[-1]


def test_a_site_with_another_or_an_expired_certificate_is_not_trusted(tmp_path: Path, authority: Authority) -> None:
    others = Authority(tmp_path / "others", "Others")
    for number, (who, days) in enumerate(((others, 365), (authority, -1))):
        certificate, private = who.issue("lab.example", days=days)
        serving = {"serve": {"certificate": str(certificate), "private_key": str(private)}}
        project = write_project(tmp_path / f"lab{number}", DOCUMENTS, json.dumps(serving))
        with Site(project) as site, pytest.raises(SiteSilent, match="cannot be trusted: "):
            as_caller(site, authority, None)


def test_a_key_that_is_not_set_is_named(tmp_path: Path) -> None:
    client = SiteClient("lab", SiteSettings(url="http://127.0.0.1:9", key="NO_SUCH_KEY"), tmp_path)
    with pytest.raises(ConfigError, match="lab: the variable NO_SUCH_KEY holds no key"):
        asyncio.run(client.card())


def test_http_beyond_this_machine_is_refused_unless_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="http can be read on the way"):
        SiteSettings(url="http://lab.example:8450")
    assert SiteSettings(url="http://lab.example:8450", plain=True).plain
    for own in ("http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1"):
        SiteSettings(url=own)
    broken = ("https://[::1", "https://lab:99999", "https://:8450", "ftp://lab", "https://lab/path", "https://lab?x")
    for other in ("http://127.0.0.1.evil.example", "http://127.0.0.1@evil.example", "http://0.0.0.0:1", *broken):
        with pytest.raises(ValueError):
            SiteSettings(url=other)
    (tmp_path / "sites.yaml").write_text("sites: {lab: {url: 'http://lab.example'}}\n")
    with pytest.raises(ConfigError, match=r"sites.yaml:1:\d+: .*http can be read"):
        load_settings(Project(tmp_path))
    with pytest.raises(AgentflowError, match="anybody on the way"):
        asyncio.run(serve(Project(tmp_path / "empty"), SiteConfig(host="0.0.0.0", remote=True), print))


def test_changed_removed_and_cut_rows_of_the_log_are_named(tmp_path: Path) -> None:
    project = write_project(tmp_path / "lab")
    log = log_of(project)
    for number in range(5):
        log.write("ann", "search", f"question {number}", items=number, size=100)
    head = log.head()
    assert log.verify() == [] and log.verify(head) == []

    def after(change: str) -> list[str]:
        copy = tmp_path / "copy"
        copy.mkdir(exist_ok=True)
        for name in ("agentflow.db", "agentflow.db-wal", "agentflow.db-shm", "site-audit.head"):
            source, target = project.state / name, copy / name
            target.unlink(missing_ok=True)
            if source.exists():
                target.write_bytes(source.read_bytes())
        with sqlite3.connect(copy / "agentflow.db") as database:
            database.execute(change)
        database.close()
        return Audit(RunStore(copy / "agentflow.db"), copy, "site").verify(head)

    assert after("UPDATE site_audit SET items = 0 WHERE number = 3") == [
        "row 3 is not what was written: it, or the seal before it, was changed"
    ]
    assert after("DELETE FROM site_audit WHERE number = 2") == ["row 2 is missing: rows were removed"]
    assert after("DELETE FROM site_audit WHERE number = 1")[0].startswith("row 1 is missing")
    cut = after("DELETE FROM site_audit WHERE number > 3")
    assert cut == [
        f"the {name} (5) is no row of the log: rows were cut off or rebuilt" for name in ("head file", "head given")
    ]
    assert after("DELETE FROM site_audit") == cut
    log.file.unlink()
    assert log.verify()[0].startswith("the head file is missing")
