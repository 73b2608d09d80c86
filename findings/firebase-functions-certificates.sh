#!/usr/bin/env bash
# What a caller of a Python callable learns when Google's certificates cannot be fetched.
# firebase-functions 0.6.0, firebase-admin 7.7.0, functions-framework 3.10.2.
#
# The Admin SDK tells an outage from a token that is not to be believed. on_call does not: it answers 401
# UNAUTHENTICATED, on which apps sign their users out, and not 503 UNAVAILABLE, on which they try again.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check firebase-functions==0.6.0 firebase-admin==7.7.0 \
  functions-framework==3.10.2 >install.log 2>&1

cat >main.py <<'PY'
from firebase_admin import credentials, initialize_app
from firebase_functions.https_fn import on_call
from google.auth.credentials import AnonymousCredentials


class Nobody(credentials.Base):
    def get_credential(self):
        return AnonymousCredentials()


initialize_app(Nobody(), {"projectId": "some-project"})


@on_call()
def hello(request):
    return "hello"
PY
cat >call.py <<'PY'
import base64
import json
import time

from firebase_admin import auth
from functions_framework import create_app

PROJECT, NOW = "some-project", int(time.time())


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


header = {"alg": "RS256", "kid": "a-key-of-today", "typ": "JWT"}
claims = {
    "iss": f"https://securetoken.google.com/{PROJECT}",
    "aud": PROJECT,
    "sub": "alice",
    "iat": NOW - 60,
    "exp": NOW + 3600,
}
token = f"{part(header)}.{part(claims)}.{part('a signature that nobody can check now')}"
client = create_app("hello", "main.py").test_client()
try:
    auth.verify_id_token(token)
except Exception as error:
    print("auth.verify_id_token:", type(error).__name__)
answer = client.post("/", json={"data": None}, headers={"Authorization": f"Bearer {token}"})
print("on_call:", answer.status_code, answer.get_json()["error"]["status"])
PY
# No way out: the certificates' server cannot be reached.
https_proxy=http://127.0.0.1:9 HTTPS_PROXY=http://127.0.0.1:9 no_proxy='' NO_PROXY='' \
  venv/bin/python call.py 2>log | tee seen
diff - seen <<'SEEN'
auth.verify_id_token: CertificateFetchError
on_call: 401 UNAUTHENTICATED
SEEN
