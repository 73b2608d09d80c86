#!/usr/bin/env bash
# Sending by messaging.send_each and send_each_async, against a local server that speaks FCM's protocol.
# firebase-admin 7.7.0, httpx 0.28.1.
#
# 1. "Retry-After: 3" is waited for by send_each, and not by send_each_async: it asks again at once, then after
#    1, 2 and 4 seconds.
# 2. In a second asyncio.run() of the process, every other call sends its message, which FCM takes, and raises
#    "Event loop is closed": the client is kept from the loop that has ended.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check firebase-admin==7.7.0 httpx==0.28.1 >install.log 2>&1

cat >send.py <<'PY'
import asyncio, json, threading, time, warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import firebase_admin
from firebase_admin import credentials, messaging
from google.auth.credentials import AnonymousCredentials

warnings.simplefilter("ignore")
came = []  # when a message came, and its token


class Fcm(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["message"]
        came.append((time.monotonic(), message["token"]))
        body = b'{"name": "projects/p/messages/1"}'
        self.send_response(503 if message["token"] == "busy" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if message["token"] == "busy":
            self.send_header("Retry-After", "3")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Nobody(credentials.Base):
    def get_credential(self):
        return AnonymousCredentials()


class Server(ThreadingHTTPServer):
    def handle_error(self, *_):
        """Be quiet about connections that the library drops."""


server = Server(("127.0.0.1", 0), Fcm)
threading.Thread(target=server.serve_forever, daemon=True).start()
app = firebase_admin.initialize_app(Nobody(), {"projectId": "p"})
# The library has no other way to name another host.
messaging._get_messaging_service(app)._fcm_url = f"http://127.0.0.1:{server.server_port}/v1/projects/p/messages:send"


def message(token):
    made = messaging.Message()
    made.token = token
    return [made]


def said(result):
    return "taken" if result.responses[0].success else type(result.responses[0].exception).__name__


def pauses():
    times = [at for at, _ in came]
    came.clear()
    return [round(later - earlier) for earlier, later in zip(times, times[1:])]


print("503 with Retry-After: 3, send_each:", said(messaging.send_each(message("busy"))), "pauses", pauses())


async def in_one_loop():
    print("503 with Retry-After: 3, send_each_async:", said(await messaging.send_each_async(message("busy"))), "pauses", pauses())


asyncio.run(in_one_loop())
for number in range(2, 6):
    came.clear()
    try:
        how = said(asyncio.run(messaging.send_each_async(message(f"message {number}"))))
    except Exception as failed:
        how = f"{type(failed).__name__}: {failed}"
    time.sleep(0.5)  # what was sent arrives
    print(f"event loop {number}: the server got {[token for _, token in came]}, the caller: {how}")
PY
venv/bin/python send.py | tee seen
diff - seen <<'SEEN'
503 with Retry-After: 3, send_each: UnavailableError pauses [3, 3, 3, 3]
503 with Retry-After: 3, send_each_async: UnavailableError pauses [0, 1, 2, 4]
event loop 2: the server got ['message 2'], the caller: UnknownError: Unknown error while making remote service calls: Event loop is closed
event loop 3: the server got ['message 3'], the caller: taken
event loop 4: the server got ['message 4'], the caller: UnknownError: Unknown error while making remote service calls: Event loop is closed
event loop 5: the server got ['message 5'], the caller: taken
SEEN
