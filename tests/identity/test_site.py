"""A site knows tokens as it knows keys: each gets what its grant releases, and the log names it."""

import json
from pathlib import Path
from typing import Any

import httpx

from agentflow.identity.audit import Audit
from agentflow.runs.store import RunStore
from tests.identity.issuer import AUDIENCE, NAME, Issuer
from tests.sites.harness import Site, write_project


def test_a_token_opens_the_documents_that_it_names(tmp_path: Path) -> None:
    documents = {"open/mill.md": "# Mill\n\nThe mill was built in 1842.\n", "closed/plan.md": "# Plan\n\nA mill.\n"}
    project = write_project(tmp_path / "lab", documents)
    issuer = Issuer()
    issuer.write(project.root / "keys.json")
    callers: dict[str, Any] = {
        "clinic": {"site": {"where": {"paths": ["open/*"]}}},
        "judge": {"site": {"release": "claims"}},
        "ann": {"graphs": ["research"]},
    }
    trusted = {"audience": AUDIENCE, "keys": "keys.json", "callers": callers}
    (project.root / "access.yaml").write_text(json.dumps({"issuers": {NAME: trusted}}))
    with Site(project) as site:

        def ask(token: str) -> httpx.Response:
            headers = {"Authorization": f"Bearer {token}"}
            return httpx.post(f"{site.url}/search", json={"query": "mill"}, headers=headers, timeout=60)

        found = ask(issuer.token("clinic")).json()["passages"]
        assert {one["document"]["path"] for one in found} == {"open/mill.md"}
        assert ask(issuer.token("judge")).status_code == 403
        for wrong in (issuer.token("ann"), issuer.token("clinic", seconds=-600), issuer.token("clinic", aud="other")):
            assert ask(wrong).status_code == 401
    rows = [row for row, _ in Audit(RunStore(project.database), project.state, "site").rows()]
    assert [(row.caller, row.outcome) for row in rows[:2]] == [("clinic", "answered"), ("judge", "forbidden")]
    assert {row.outcome for row in rows[2:]} == {"unauthorized"} and len(rows) == 5
