"""The Firestore emulator's REST surface as one caller sees it: the attacker's side of the rules.

Google's Python client is no use here: against an emulator it always comes as the owner of the
project, whom no rule stops, and would pass every test falsely.
"""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.rules.wire import encoded_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from tests.rules.wire import Fields, Json


@dataclass(frozen=True, slots=True)
class Project:
    """One project of the emulator: a database with rules of its own."""

    http: httpx.Client
    host: str
    id: str

    @property
    def documents(self) -> str:
        return f"projects/{self.id}/databases/(default)/documents"

    def load_rules(self, text: str) -> list[Json]:
        """Put rules into force and return what the compiler has to say about them."""
        body = {"rules": {"files": [{"name": "firestore.rules", "content": text}]}}
        answer = self.http.put(self._emulator("securityRules"), json=body)
        assert answer.status_code == 200, answer.text
        issues: list[Json] = answer.json().get("issues", [])
        return issues

    def clear(self) -> None:
        """Remove all documents; the rules stay."""
        answer = self.http.delete(f"http://{self.host}/emulator/v1/{self.documents}")
        assert answer.status_code == 200, answer.text

    def rule_coverage(self) -> list[Json]:
        """Return every expression of the rules with the values it has had."""
        report: list[Json] = self.http.get(self._emulator("ruleCoverage")).json().get("report", [])
        return report

    def signed_in(self, uid: str, **claims: object) -> Caller:
        """Return one who is signed in, with an unsigned token (the emulator takes them)."""
        now = int(time.time())
        payload = {
            "iss": f"https://securetoken.google.com/{self.id}",
            "aud": self.id,
            "sub": uid,
            "user_id": uid,
            "iat": now,
            "exp": now + 3600,
            "firebase": {"sign_in_provider": "password"},
            **claims,
        }
        head, body = _segment({"alg": "none", "typ": "JWT"}), _segment(payload)
        return Caller(self, {"Authorization": f"Bearer {head}.{body}."})

    def signed_out(self) -> Caller:
        return Caller(self, {})

    def owner(self) -> Caller:
        """Return one whom no rule stops: for seeding, and to prove that a request is sound."""
        return Caller(self, {"Authorization": "Bearer owner"})

    def _emulator(self, verb: str) -> str:
        return f"http://{self.host}/emulator/v1/projects/{self.id}:{verb}"


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller with every way in that the REST surface offers."""

    project: Project
    headers: Mapping[str, str]

    def get(self, path: str) -> httpx.Response:
        """Read a document, or list a collection."""
        return self._send("GET", f"/{path}")

    def batch_get(self, *paths: str, **more: object) -> httpx.Response:
        return self._post(":batchGet", {"documents": [self.name(path) for path in paths], **more})

    def query(self, structured: Json, parent: str = "", **more: object) -> httpx.Response:
        return self._post(":runQuery", {"structuredQuery": structured, **more}, parent)

    def query_in_transaction(self, structured: Json) -> httpx.Response:
        transaction = self.begin()
        answer = self.query(structured, transaction=transaction)
        self._post(":rollback", {"transaction": transaction})  # locks would outlive it
        return answer

    def count(self, structured: Json) -> httpx.Response:
        counting = {"structuredQuery": structured, "aggregations": [{"alias": "n", "count": {}}]}
        return self._post(":runAggregationQuery", {"structuredAggregationQuery": counting})

    def create(self, path: str, fields: Fields) -> httpx.Response:
        collection, _, document_id = path.rpartition("/")
        body = {"fields": encoded_fields(fields)}
        return self._send("POST", f"/{collection}?documentId={document_id}", body)

    def update(self, path: str, fields: Fields, *masked: str) -> httpx.Response:
        """Change the masked field paths; without any, replace the whole document."""
        mask = "&".join(f"updateMask.fieldPaths={field_path}" for field_path in masked)
        return self._send("PATCH", f"/{path}?{mask}", {"fields": encoded_fields(fields)})

    def delete(self, path: str) -> httpx.Response:
        return self._send("DELETE", f"/{path}")

    def commit(self, *writes: Json, **more: object) -> httpx.Response:
        return self._post(":commit", {"writes": list(writes), **more})

    def batch_write(self, *writes: Json) -> httpx.Response:
        return self._post(":batchWrite", {"writes": list(writes)})

    def begin(self) -> str:
        """Open a transaction and return its name."""
        return str(self._post(":beginTransaction", {}).json()["transaction"])

    def collection_ids(self, parent: str = "") -> httpx.Response:
        return self._post(":listCollectionIds", {}, parent)

    def writing(self, path: str, fields: Fields, *masked: str) -> Json:
        """Return a write for `commit`; without a mask it replaces the document."""
        write: Json = {"update": {"name": self.name(path), "fields": encoded_fields(fields)}}
        return write | {"updateMask": {"fieldPaths": list(masked)}} if masked else write

    def name(self, path: str) -> str:
        return f"{self.project.documents}/{path}"

    def _post(self, verb: str, body: Json, parent: str = "") -> httpx.Response:
        return self._send("POST", f"/{parent}{verb}" if parent else verb, body)

    def _send(self, method: str, path: str, body: Json | None = None) -> httpx.Response:
        url = f"http://{self.project.host}/v1/{self.project.documents}{path}"
        return self.project.http.request(method, url, headers=dict(self.headers), json=body)


def _segment(part: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
