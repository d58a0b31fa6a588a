"""Where the servers of a model are: their addresses, who of them gets a call, and certificates. Data only."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from agentflow.models.catalog.section import Section
from agentflow.models.catalog.units import Seconds


class BalanceConfig(Section):
    """Several addresses or replicas: who gets a call, and when another one is asked."""

    max_load: float = Field(default=1.25, ge=1, le=100)
    """No address is given more than this many times its share of the conversations."""
    silence: Seconds = 10.0
    """Without a word for so long, an address is asked for a sign of life, which may take as long again; 0: never."""
    hedge: Seconds = 0.0
    """Without a first token for so long, a second address is asked as well, and who begins first answers; 0: never."""


class TlsConfig(Section):
    """Of https to a server with certificates of your own. PEM files, from the folder of models.yaml."""

    trust: str | None = None
    """The authority that signs the server, which alone is trusted then; the system's when not given."""
    certificate: str | None = None
    """Who this machine is, for a server that asks for it."""
    private_key: str | None = None
    """The certificate's private key."""

    @model_validator(mode="after")
    def whole(self) -> "TlsConfig":
        if (self.certificate is None) != (self.private_key is None):
            raise ValueError("certificate and private_key go together")
        return self


def as_urls(value: Any) -> Any:
    """One URL is short for a list of one; a slash at the end says nothing."""
    urls = [value] if isinstance(value, str) else value
    if not isinstance(urls, list | tuple):
        return urls
    return tuple(url.rstrip("/") if isinstance(url, str) else url for url in urls)


Url = Annotated[str, Field(pattern="^https?://")]
Urls = Annotated[
    tuple[Url, ...],
    BeforeValidator(as_urls, json_schema_input_type=Url | list[Url]),
    Field(strict=False, max_length=64),
]
