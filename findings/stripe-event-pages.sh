#!/usr/bin/env bash
# An event of a connected account brings a list of which there is more. Who pages on by the list asks the
# platform's own account, in the library's version of the API and not the event's.
# stripe 16.1.0, against a local server that speaks Stripe's protocol.
#
# event.account is not carried along, so Stripe-Account is missing. By the module's construct_event the first
# page is handed out and then there is no key, unless stripe.api_key is set as well.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check stripe==16.1.0 >install.log 2>&1

cat >pages.py <<'PY'
import json, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import stripe

asked = []


class Stripe(BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append((self.path, self.headers.get("Stripe-Account"), self.headers.get("Stripe-Version")))
        page = {"object": "list", "data": [{"id": "il_3", "object": "line_item"}], "has_more": False, "url": "/v1/invoices/in_1/lines"}
        body = json.dumps(page).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Stripe)
threading.Thread(target=server.serve_forever, daemon=True).start()
lines = {"object": "list", "has_more": True, "url": "/v1/invoices/in_1/lines",
         "data": [{"id": "il_1", "object": "line_item"}, {"id": "il_2", "object": "line_item"}]}
event = {"id": "evt_1", "object": "event", "account": "acct_9", "api_version": "2025-03-31.basil", "created": 1,
         "livemode": False, "pending_webhooks": 0, "request": None, "type": "invoice.paid",
         "data": {"object": {"id": "in_1", "object": "invoice", "lines": lines}}}
body, secret = json.dumps(event), "whsec_made_up"
signature = stripe.WebhookSignature.generate_signature_header(body, secret, int(time.time()))
client = stripe.StripeClient("sk_test_made_up", base_addresses={"api": f"http://127.0.0.1:{server.server_port}"})
for name, construct in [("StripeClient", client.construct_event), ("module", stripe.Webhook.construct_event)]:
    asked.clear()
    got, end = [], "all"
    try:
        for line in construct(body, signature, secret).data.object.lines.auto_paging_iter():
            got.append(line.id)
    except stripe.StripeError as failed:
        end = type(failed).__name__
    print(f"{name}: got {got}, {end}")
    for path, account, version in asked:
        print(f"  asked {path}, Stripe-Account {account}, Stripe-Version {version}")
PY
venv/bin/python pages.py | tee seen
diff - seen <<'SEEN'
StripeClient: got ['il_1', 'il_2', 'il_3'], all
  asked /v1/invoices/in_1/lines?starting_after=il_2, Stripe-Account None, Stripe-Version 2026-10-28.endive
module: got ['il_1', 'il_2'], AuthenticationError
SEEN
