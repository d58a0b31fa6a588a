"""Tokens of an identity provider: what is accepted, as whom, and what is not."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow.errors import ConfigError, Unauthorized, Unavailable
from agentflow.identity.settings import load_access
from agentflow.identity.tokens import Tokens
from tests.identity.issuer import AUDIENCE, NAME, Issuer


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer() as issuer:
        yield issuer


def tokens(folder: Path, keys: str, **more: Any) -> Tokens:
    trusted = {"audience": AUDIENCE, "keys": keys, "callers": {"ann": {"runs": 2}}, **more}
    (folder / "access.yaml").write_text(json.dumps({"issuers": {NAME: trusted}}))
    return Tokens(load_access(folder), folder)


def test_a_token_makes_the_caller_that_the_project_names(issuer: Issuer, tmp_path: Path) -> None:
    known = tokens(tmp_path, issuer.url)
    ann = known.caller(issuer.token("ann"))
    assert ann.name == "ann" and ann.grants.runs == 2 and not ann.owner
    with pytest.raises(Unauthorized, match="does not name its `sub`"):
        known.caller(issuer.token("eve"))
    open_to_all = tokens(tmp_path, issuer.url, others={"graphs": ["research"]})
    eve = open_to_all.caller(issuer.token("eve"))
    assert eve.name == f"{NAME}/eve" and eve.grants.graphs == ["research"], "nobody takes a name that others have"
    assert open_to_all.caller(issuer.token("owner")).owner is False


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"seconds": -600}, "expired"),
        ({"aud": "another-service"}, "audience|Audience"),
        ({"aud": None}, "aud"),
        ({"exp": None}, "exp"),
        ({"iss": "https://evil.example"}, "issuer"),
        ({"kid": "two"}, "a key that its issuer does not have"),
        ({"nbf": 9e9}, "not yet valid"),
    ],
)
def test_a_token_that_is_not_right_is_refused_with_the_reason(
    issuer: Issuer, tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Unauthorized, match=reason):
        tokens(tmp_path, issuer.url).caller(issuer.token("ann", **change))


def forged(issuer: Issuer, algorithm: str, key: Any) -> str:
    claims = jwt.decode(issuer.token("ann"), options={"verify_signature": False})
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": "one"})


def test_a_token_chooses_neither_its_algorithm_nor_its_key(issuer: Issuer, tmp_path: Path) -> None:
    import base64
    import hashlib
    import hmac

    known = tokens(tmp_path, issuer.url)
    unsigned = forged(issuer, "none", None)
    head, body = (part.encode() for part in issuer.token("ann").split(".")[:2])
    head = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": "one"}).encode()).rstrip(b"=")
    mac = base64.urlsafe_b64encode(hmac.new(issuer.pem, head + b"." + body, hashlib.sha256).digest()).rstrip(b"=")
    by_public_key = b".".join((head, body, mac)).decode()
    stranger = Issuer()
    for token in (unsigned, by_public_key, stranger.token("ann"), issuer.token("ann")[:-4] + "AAAA"):
        with pytest.raises(Unauthorized, match="not accepted"):
            known.caller(token)
    with pytest.raises(Unauthorized, match="alg value is not allowed"):
        tokens(tmp_path, issuer.url, algorithms=["ES256"]).caller(issuer.token("ann"))


def test_keys_are_rotated_without_a_restart_and_withdrawn_ones_are_refused(issuer: Issuer, tmp_path: Path) -> None:
    known = tokens(tmp_path, issuer.url)
    old = issuer.token("ann")
    assert known.caller(old).name == "ann"
    issuer.rotate("two")
    assert known.caller(issuer.token("ann")).name == "ann"
    with pytest.raises(Unauthorized, match="a key that its issuer does not have"):
        known.caller(old)


def test_unknown_keys_do_not_make_an_issuer_be_asked_again_and_again(issuer: Issuer, tmp_path: Path) -> None:
    known = tokens(tmp_path, issuer.url)
    for number in range(20):
        with pytest.raises(Unauthorized):
            known.caller(issuer.token("ann", kid=f"made-up-{number}"))
    assert issuer.asked == 1


def test_keys_in_a_file_are_read_again_when_it_changes(tmp_path: Path) -> None:
    issuer = Issuer()
    issuer.write(tmp_path / "keys.json")
    known = tokens(tmp_path, "keys.json")
    old = issuer.token("ann")
    assert known.caller(old).name == "ann"
    issuer.rotate("two")
    issuer.write(tmp_path / "keys.json")
    assert known.caller(issuer.token("ann")).name == "ann"
    with pytest.raises(Unauthorized):
        known.caller(old)
    (tmp_path / "keys.json").write_text("[]")
    with pytest.raises(Unavailable, match="cannot be had now"):
        known.caller(old)
    for text in ("[]", "no JSON"):
        (tmp_path / "keys.json").write_text(text)
        with pytest.raises(ConfigError, match="cannot be read"):
            tokens(tmp_path, "keys.json")


def test_an_issuer_that_is_away_is_no_fault_of_the_caller(issuer: Issuer, tmp_path: Path) -> None:
    known = tokens(tmp_path, "http://127.0.0.1:9/jwks.json")
    for _ in range(2):
        with pytest.raises(Unavailable, match="cannot be had"):
            known.caller(issuer.token("ann"))


def test_an_issuer_that_goes_away_is_believed_to_have_the_same_keys(tmp_path: Path) -> None:
    with Issuer() as issuer:
        known = tokens(tmp_path, issuer.url)
        assert known.caller(issuer.token("ann")).name == "ann"
    with pytest.raises(Unauthorized, match="a key that its issuer does not have"):
        known.caller(issuer.token("ann", kid="two"))
    assert known.caller(issuer.token("ann")).name == "ann"


@pytest.mark.parametrize(
    "wrong",
    [{"keys": "http://login.example/jwks"}, {"algorithms": ["HS256"]}, {"algorithms": []}, {"callers": {"owner": {}}}],
)
def test_settings_that_would_open_a_door_are_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"access.yaml:1:\d+"):
        tokens(tmp_path, **{"keys": "keys.json", **wrong})


@given(st.text(max_size=60), st.binary(max_size=40), st.binary(max_size=40))
def test_no_text_is_a_token_by_accident(text: str, head: bytes, body: bytes) -> None:
    import base64
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        issuer = Issuer.__new__(Issuer)
        issuer.keys = {}
        issuer.write(Path(folder) / "keys.json")
        known = tokens(Path(folder), "keys.json", others={})
        parts = [base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (head, body, b"x")]
        for token in (text, ".".join(parts)):
            with pytest.raises((Unauthorized, Unavailable)):
                known.caller(token)
