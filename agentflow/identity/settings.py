"""access.yaml of a project: whose tokens are accepted and as whom, and the certificates of its API and model server."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator

from agentflow.federation.settings import Tls, is_loopback
from agentflow.identity.caller import OWNER, Grants
from agentflow.storage.strict import Closed
from agentflow.storage.yamlfile import check, load_yaml

FILE = "access.yaml"
# None that shares a secret: whoever could check a token could make one.
Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]  # fmt: skip


def not_the_owner(name: str) -> str:
    if name == OWNER.name:
        raise ValueError(f"'{name}' is whoever runs the server; choose another name")
    return name


Subject = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(not_the_owner)]


class Issuer(Closed):
    """Somebody who signs tokens (JWT). The token's `sub` says who calls."""

    audience: str = Field(
        min_length=1, description="what a token must be made for (`aud`): a name of this project alone"
    )
    keys: str = Field(description="the issuer's public keys (JWKS): a file of the project, or an https address")
    algorithms: list[Algorithm] = Field(default=["RS256"], min_length=1, description="what a token may be signed with")
    callers: dict[Subject, Grants] = Field(
        default_factory=dict, description="who may call, by `sub`, and what they may do"
    )
    others: Grants | None = Field(
        default=None, description="what everybody else may whom it signs; nothing unless given"
    )

    @field_validator("keys")
    @classmethod
    def encrypted(cls, keys: str) -> str:
        parts = urlsplit(keys)
        if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
            raise ValueError("keys that come by http can be exchanged on the way: write https")
        return keys


class ServerAccess(Tls):
    """Of `agentflow api` or `agentflow serve`."""

    callers: dict[Subject, Grants] = Field(
        default_factory=dict, description="who needs no key, by the name in their certificate, and what they may do"
    )


class Access(Closed):
    api: ServerAccess = Field(default_factory=ServerAccess, description="certificates of the API")
    serve: ServerAccess = Field(default_factory=ServerAccess, description="certificates of the model server")
    issuers: dict[str, Issuer] = Field(default_factory=dict, description="who signs tokens, by their `iss`")


def load_access(root: Path) -> Access:
    """Without the file no token is accepted. Raises ConfigError for a wrong one."""
    path = root / FILE
    if not path.is_file():
        return Access()
    data, marks = load_yaml(path)
    return check(Access, data, marks)
