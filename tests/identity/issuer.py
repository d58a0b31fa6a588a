"""An identity provider on loopback: it signs tokens, and serves its public keys."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

NAME = "https://login.example"
AUDIENCE = "lab-research"


class Issuer:
    """`asked` counts how often its keys were fetched."""

    def __init__(self) -> None:
        self.keys: dict[str, rsa.RSAPrivateKey] = {}
        self.asked = 0
        self.rotate("one")

    def rotate(self, id: str) -> None:
        """From now on signed by a new key; the old ones are gone."""
        self.keys = {id: rsa.generate_private_key(public_exponent=65537, key_size=2048)}

    @property
    def public(self) -> list[dict[str, Any]]:
        return [
            {**jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": id, "use": "sig"}
            for id, key in self.keys.items()
        ]

    @property
    def pem(self) -> bytes:
        key = next(iter(self.keys.values()))
        return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def token(self, subject: str, *, kid: str = "", seconds: float = 600, **claims: Any) -> str:
        """Claims that are None are left out."""
        id, key = next(iter(self.keys.items()))
        said = {"iss": NAME, "aud": AUDIENCE, "sub": subject, "exp": time.time() + seconds, **claims}
        told = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(told, key, algorithm="RS256", headers={"kid": kid or id})

    def write(self, file: Path) -> None:
        file.write_text(json.dumps({"keys": self.public}))

    def __enter__(self) -> Self:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked += 1
                body = json.dumps({"keys": issuer.public}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/jwks.json"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
