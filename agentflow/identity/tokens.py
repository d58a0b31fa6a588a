"""JSON Web Tokens to callers. What a token says of itself is believed only after its signature."""

from pathlib import Path

from agentflow.errors import AgentflowError, ConfigError, Unauthorized
from agentflow.identity.caller import Caller
from agentflow.identity.jwks import KeySet
from agentflow.identity.settings import FILE, Access, Issuer

LEEWAY = 10  # seconds that clocks may differ
LONGEST = 8192  # characters


class Tokens:
    """Those of the issuers in access.yaml. Raises AgentflowError without the extra `auth`, ConfigError for a file of keys that
    cannot be read."""

    def __init__(self, access: Access, root: Path) -> None:
        self.issuers = access.issuers
        self.keys = {name: KeySet(issuer.keys, root) for name, issuer in access.issuers.items()}
        if self.issuers:
            try:
                import jwt  # noqa: F401
            except ImportError as error:
                raise AgentflowError("tokens need PyJWT", "pip install 'agentflow[auth]'") from error
        for name, keys in self.keys.items():
            try:
                if keys.file:
                    keys.from_file(keys.file)
            except (OSError, ValueError) as error:
                raise ConfigError(
                    f"{root / FILE}: the keys of {name} cannot be read ({error})", "name a JWKS file"
                ) from error

    def caller(self, token: str) -> Caller:
        """May ask the issuer for its keys. Raises Unauthorized with the reason, Unavailable when they cannot be had."""
        import jwt

        if not self.issuers or len(token) > LONGEST:
            raise Unauthorized
        try:
            id = jwt.get_unverified_header(token).get("kid")
            name = jwt.decode(token, options={"verify_signature": False}).get("iss")
            if not isinstance(name, str) or name not in self.issuers:
                raise Unauthorized("the token is of an issuer that access.yaml does not name")
            if not isinstance(id, str) or not id:
                raise Unauthorized("the token does not say which key signed it (kid)")
            issuer = self.issuers[name]
            claims = jwt.decode(
                token, self.keys[name].key(id), algorithms=list(issuer.algorithms), audience=issuer.audience,
                issuer=name, leeway=LEEWAY, options={"require": ["exp", "iss", "aud", "sub"]},
            )  # fmt: skip
        except jwt.PyJWTError as error:
            raise Unauthorized(f"the token is not accepted: {error}"[:200]) from error
        return caller_of(name, issuer, claims["sub"])


def caller_of(name: str, issuer: Issuer, subject: str) -> Caller:
    """One that the project names is called so, as the holder of a key is; anybody else is named with their issuer, so that
    nobody can take another's name. Raises Unauthorized for whom the project lets do nothing."""
    if subject in issuer.callers:
        return Caller(subject, grants=issuer.callers[subject])
    if issuer.others is None or not subject or len(subject) > 200 or not subject.isprintable():
        raise Unauthorized("the token is good, but access.yaml does not name its `sub`")
    return Caller(f"{name.rstrip('/')}/{subject}", grants=issuer.others)
