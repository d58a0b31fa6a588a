"""sites.yaml of a project: the sites that it asks (`sites`), and what it is as a site itself (`serve`)."""

import ipaddress
import re
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from agentflow.corpus.filter import Filter
from agentflow.project import Project
from agentflow.storage.strict import Closed
from agentflow.storage.yamlfile import check, load_yaml

FILE = "sites.yaml"
NAME = r"^[A-Za-z][A-Za-z0-9_-]{0,39}$"
Release = Literal["quotes", "claims", "nothing"]
Send = Literal["question", "searches", "claims"]
SECONDS = {"quotes": 3.0, "claims": 60.0}


class SiteGrant(Closed):
    """What a site hands to a caller: `quotes` are passages, `claims` verdicts alone. Of documents those that `where` lets
    through."""

    release: Release = Field(default="quotes", description="quotes, claims or nothing")
    where: Filter = Field(default_factory=Filter, description="only these documents")


class SiteSettings(Closed):
    """A site to ask. Paths of files are relative to the project."""

    url: str = Field(pattern=r"^https?://[^/?#@ ]+/?$", description="its address: https://lab.example:8450")
    key: str = Field(default="", description="the environment variable that holds the key it gave to this project")
    certificate: Path | None = Field(default=None, description="PEM: who this project is, for a site that asks for it")
    private_key: Path | None = Field(default=None, description="PEM: the certificate's private key")
    trust: Path | None = Field(default=None, description="PEM: the authority that signs the site; else the system's")
    plain: bool = Field(default=False, description="allow http beyond this machine: anybody on the way can read it")
    gives: Literal["quotes", "claims"] = Field(default="quotes", description="passages, or verdicts alone")
    send: Send = Field(
        default="question",
        description="what it may hear: question, what a person put; searches, also what a run searches for; claims, also claims to judge",
    )
    seconds: float | None = Field(default=None, gt=0, le=600, description="it is not waited for longer")

    @model_validator(mode="after")
    def encrypted(self) -> "SiteSettings":
        parts = urlsplit(self.url)
        if parts.port == 0 or not parts.hostname:
            raise ValueError("this is no address: write https://host:port")
        if parts.scheme == "http" and not self.plain and not is_loopback(parts.hostname):
            raise ValueError("http can be read on the way: write https, or `plain: true` where the network is your own")
        if (self.certificate is None) != (self.private_key is None):
            raise ValueError("certificate and private_key go together")
        return self

    @property
    def patience(self) -> float:
        return self.seconds or SECONDS[self.gives]


class Tls(Closed):
    """How a server of this project proves who it is, and whose certificates it asks for. Paths are relative to the project."""

    certificate: Path | None = Field(default=None, description="PEM: who the server is; with it, https")
    private_key: Path | None = Field(default=None, description="PEM: the certificate's private key")
    clients: Path | None = Field(
        default=None, description="PEM: the authority that signs its callers; others are refused"
    )

    @model_validator(mode="after")
    def whole(self) -> "Tls":
        if (self.certificate is None) != (self.private_key is None):
            raise ValueError("certificate and private_key go together")
        if self.clients and not self.certificate:
            raise ValueError("clients needs a certificate of the server's own")
        return self


class Serve(SiteGrant, Tls):
    """This project as a site. Who calls is known by a key, or by the name in their certificate."""

    name: str = Field(default="site", pattern=NAME, description="what it calls itself")
    dates: bool = Field(default=False, description="verdicts tell between which dates the documents lie")
    callers: dict[str, SiteGrant] = Field(
        default_factory=dict, description="what single ones get, by the name in their certificate; others get the above"
    )


class SitesFile(Closed):
    sites: dict[str, SiteSettings] = Field(
        default_factory=dict, description="sites to ask, by the name that citations give them"
    )
    serve: Serve = Field(default_factory=Serve, description="this project as a site: agentflow site")

    @model_validator(mode="after")
    def named(self) -> "SitesFile":
        if wrong := next((name for name in self.sites if not re.fullmatch(NAME, name)), None):
            raise ValueError(f"'{wrong}' cannot be the name of a site: letters, digits, - and _")
        return self


def load_settings(project: Project) -> SitesFile:
    """Without the file no site is asked. Raises ConfigError for a wrong one."""
    path = project.root / FILE
    if not path.is_file():
        return SitesFile()
    data, marks = load_yaml(path)
    return check(SitesFile, data, marks)


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
