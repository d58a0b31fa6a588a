"""An endpoint that somebody else runs: Ollama, LM Studio, a vLLM on another machine."""

import os
import ssl
from pathlib import Path

import httpx2

from agentflow.errors import AgentflowError, Unavailable
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.servers.server import Endpoint
from agentflow.storage.certificates import refusal, trusting


class Remote:
    def __init__(self, config: ModelConfig, url: str) -> None:
        self.config = config
        self.url = url
        self._verify: ssl.SSLContext | bool | None = None

    async def start(self) -> Endpoint:
        """Finds out that it answers, and the model's name there when models.yaml does not say."""
        url, key = self.url, self._key()
        async with httpx2.AsyncClient(trust_env=False, timeout=10, verify=self.verify) as http:
            try:
                answer = await http.get(f"{url}/models", headers={"Authorization": f"Bearer {key}"})
            except httpx2.HTTPError as error:
                if why := refusal(error):
                    raise Unavailable(
                        f"the server at {url} for '{self.config.name}' {why}", "see `tls` in models.yaml"
                    ) from error
                raise Unavailable(
                    f"no server answers at {url} for '{self.config.name}' ({type(error).__name__})",
                    "start it, or mend `url` in models.yaml",
                ) from error
        if answer.status_code in (401, 403):
            hint = f"set {self.config.api_key_env}" if self.config.api_key_env else "name its key with `api_key_env`"
            raise Unavailable(f"the server at {url} refuses our key", hint)
        names = _names(answer)
        if self.config.model and names and self.config.model not in names:
            shown = ", ".join(names[:8])
            raise Unavailable(f"the server at {url} has no model '{self.config.model}'; it has {shown}", "mend `model`")
        if not self.config.model and not names:
            raise Unavailable(f"the server at {url} lists no model", "load one there, or name it with `model`")
        return Endpoint(url, key, self.config.model or names[0], verify=self.verify)

    async def ready(self) -> bool:
        try:
            await self.start()
        except Unavailable:
            return False
        return True

    async def stop(self, *, wait: bool = False) -> None:
        """It is not ours to end."""

    @property
    def verify(self) -> ssl.SSLContext | bool:
        """Made once: reading the certificates costs a tenth of a second."""
        if self._verify is None:
            tls = self.config.tls
            files = [Path(path) if path else None for path in (tls.trust, tls.certificate, tls.private_key)]
            encrypted = self.url.startswith("https")
            self._verify = trusting(*files, where=f"models.yaml: {self.config.name}") if any(files) else encrypted
        return self._verify

    def _key(self) -> str:
        if not (variable := self.config.api_key_env):
            return "none"
        if not (key := os.environ.get(variable)):
            raise AgentflowError(
                f"'{self.config.name}' takes its key from ${variable}, which is not set", f"export {variable}=..."
            )
        return key


def _names(answer: httpx2.Response) -> list[str]:
    """Model ids of an OpenAI list; none when the server has no such list."""
    if answer.status_code != 200:
        return []
    try:
        return [str(item["id"]) for item in answer.json()["data"]]
    except (ValueError, KeyError, TypeError):
        return []
