"""Google's identity tokens for tests: a server of certificates, and tokens signed by its key."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import crypt, jwt

if TYPE_CHECKING:
    from collections.abc import Iterator

ROBOT = "robot@genquota-tests.iam.gserviceaccount.com"


class Key:
    """A key, and the certificate that belongs to it."""

    def __init__(self, key_id: str) -> None:
        self.id = key_id
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def certificate(self) -> str:
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "google for tests")])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .sign(self._key, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.PEM).decode()

    def sign(self, claims: dict[str, Any]) -> str:
        pem = self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        signer = crypt.RSASigner.from_string(pem, key_id=self.id)  # type: ignore[no-untyped-call]
        return str(jwt.encode(signer, claims).decode())  # type: ignore[no-untyped-call]


@dataclass
class GoogleIdentity:
    """What signs tokens, and says where its certificates are."""

    certs_url: str
    key: Key
    fetches: list[str] = field(default_factory=list)
    """Paths that were asked for."""

    def token(self, audience: str, **claims: Any) -> str:  # noqa: ANN401 - claims are JSON
        """Return an identity token of the robot; a claim given as None is left out."""
        now = int(time.time())
        usual = {
            "iss": "https://accounts.google.com",
            "aud": audience,
            "sub": "112233445566778899000",
            "email": ROBOT,
            "email_verified": True,
            "iat": now,
            "exp": now + 3600,
        }
        fields = {name: value for name, value in (usual | claims).items() if value is not None}
        return self.key.sign(fields)


@contextmanager
def google_identity() -> Iterator[GoogleIdentity]:
    """Serve certificates for the length of a `with` block."""
    key, fetches = Key("key-1"), list[str]()
    body = json.dumps({key.id: key.certificate}).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fetches.append(self.path)
            self.send_response(200 if self.path == "/certs" else 500)
            self.send_header("Content-Type", "application/json")
            self.send_header("Cache-Control", "public, max-age=3600")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield GoogleIdentity(f"http://127.0.0.1:{server.server_port}/certs", key, fetches)
        finally:
            server.shutdown()
            thread.join()
