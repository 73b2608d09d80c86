"""A url names a host; which hosts, depends on whether the project is a demo."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from genquota.messages.requests.callable_requests import CreateGeneration
from genquota.messages.requests.urls import WEB_URL
from genquota.messages.requests.user_requests import UpdateProfile
from tests.unit.request_samples import refused_fields, request_sample

if TYPE_CHECKING:
    from genquota.messages.requests.callable_requests import Request

FIELDS: list[tuple[type[Request], str]] = [
    (CreateGeneration, "inputs"),
    (UpdateProfile, "photoURL"),
]

EVERYWHERE = [
    "https://cdn.example.com/a.png",
    "https://cdn.example.com",
    "https://cdn.example.com?x=1#y",
    "https://cdn.example.com#y",
    "https://cdn.example.com:8443/a.png",
    "https://cdn.example.com:65535/",
    "https://cdn.example.com./a.png",
    "https://my_bucket.s3.example.com/a%20b%2Fc.png?sig=a%2Bb%3D&e=1@2:3",
    "https://firebasestorage.googleapis.com/v0/b/x.appspot.com/o/a%2Fb.png?alt=media",
    "https://bücher.example/ä/ü.png",
    "https://xn--bcher-kva.example/",
    "https://例え.テスト/画像.png",
    "https://مثال.إختبار/",
    "https://пример.испытание/",
    "https://i❤.ws/",
    "https://192.0.2.7/a.png",
    "https://[2001:db8::1]:8443/a.png",
    "https://localhost/a.png",
    "gs://bucket/folder/a.png",
    "gs://my-project.appspot.com/a b.png".replace(" ", "%20"),
    "gs://b/c",
    "gs://bucket",
]
IN_A_DEMO = [
    "http://localhost",
    "http://localhost:9199/v0/b/bucket/o/a.png",
    "http://LOCALHOST/a.png",
    "http://127.0.0.1",
    "http://127.0.0.1:9199/a.png",
    "http://127.1.2.3:1/a.png",
    "http://10.0.2.2:9199/v0/b/x/o/a.png?alt=media",
    "http://10.255.255.255/",
    "http://172.16.0.1:9199/",
    "http://172.31.255.255/",
    "http://192.168.178.20:65535/a.png",
    "http://169.254.1.2/",
    "http://[::1]/",
    "http://[::1]:9199/a.png",
    "http://[fe80::1]:9199/",
    "http://[fd12:3456::7]/",
]
NOWHERE = [
    "",
    "https://",
    "https:///x",
    "https://?x",
    "https://#x",
    "https://:443/",
    "https://exa mple.com/",
    "https://example.com/a b.png",
    "https://example.com/a\tb.png",
    "https://example.com/a\n",
    "https://example.com/a\u00a0b",
    "https://example.com/a\u3000b",
    "https://exa\u200bmple.com/",
    " https://example.com/",
    "https://example.com\\@evil.com/",
    "https://evil.com\\.example.com/",
    "https://example.com/a\\b",
    "https:\\\\example.com",
    "https://user@example.com/",
    "https://user:password@example.com/",
    "https://cdn.example.com@evil.com/",
    "https://example.com:0/",
    "https://example.com:65536/",
    "https://example.com:99999/",
    "https://example.com:/",
    "https://example.com:80:80/",
    "https://example.com:8o/",
    "https://exa%6dple.com/",
    "https://example..com/",
    "https://.example.com/",
    "https://./",
    "https://*.example.com/",
    "https://exa<mple.com/",
    "https://exa℀mple.com/",
    "https://192.0.2.300/",
    "https://192.0.2/",
    "https://1/",
    "https://0x7f.0.0.1/",
    "https://127.0.0.0x1/",
    "https://[::1/",
    "https://::1/",
    "https://[fe80::1%25en0]/",
    "https://[g::1]/",
    "https://[]/",
    "https://x" + 63 * "x" + ".com/",
    "gs://",
    "gs:///x",
    "gs://bucket:80/x",
    "gs://user@bucket/x",
    "gs://-bucket/x",
    "gs://buck et/x",
    "gs://bucket/a b.png",
    "gs://bücket/x",
    "http://example.com/",
    "http://localhost.evil.com/",
    "http://localhost@evil.com/",
    "http://localhost:80@evil.com/",
    "http://127.0.0.1.evil.com/",
    "http://127.0.0.1@evil.com/",
    "http://10.0.2.2.evil.com/",
    "http://evil.com/localhost",
    "http://evil.com#localhost",
    "http://localhost\\.evil.com/",
    "http://notlocalhost/",
    "http://localhost:65536/",
    "http://8.8.8.8/",
    "http://11.0.0.1/",
    "http://172.15.0.1/",
    "http://172.32.0.1/",
    "http://192.169.0.1/",
    "http://169.255.0.1/",
    "http://0.0.0.0/",
    "http://2130706433/",
    "http://127.1/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://[2001:db8::1]/",
    "http:///x",
    "http://",
    "ftp://example.com/",
    "HTTPS://example.com/",
    "https:example.com",
    "https:/example.com/",
    "//example.com/",
    "javascript:alert(1)",
    "javascript://example.com/%0aalert(1)",
]


def _asked(field: str, url: str) -> dict[str, object]:
    return {field: [url] if field == "inputs" else url}


@pytest.mark.parametrize(("model", "field"), FIELDS)
@pytest.mark.parametrize("url", EVERYWHERE)
def test_a_url_of_the_web_or_a_bucket_is_one(model: type[Request], field: str, url: str) -> None:
    for is_demo in (False, True):
        assert request_sample(model, _asked(field, url), is_demo=is_demo)[field] in (url, [url])


@pytest.mark.parametrize(("model", "field"), FIELDS)
@pytest.mark.parametrize("url", IN_A_DEMO)
def test_a_url_of_this_network_is_one_in_a_demo_only(
    model: type[Request], field: str, url: str
) -> None:
    assert request_sample(model, _asked(field, url), is_demo=True)[field] in (url, [url])
    assert refused_fields(model, _asked(field, url))[0].startswith(field)


@pytest.mark.parametrize(("model", "field"), FIELDS)
@pytest.mark.parametrize("url", NOWHERE)
def test_what_leads_nowhere_or_elsewhere_is_refused(
    model: type[Request], field: str, url: str
) -> None:
    for is_demo in (False, True):
        assert refused_fields(model, _asked(field, url), is_demo=is_demo)[0].startswith(field)


def test_the_pattern_of_the_document_lets_only_pass_what_is_taken() -> None:
    for url in (*IN_A_DEMO, *NOWHERE):
        assert not re.fullmatch(WEB_URL, url), url
    beyond = [url for url in EVERYWHERE if not re.fullmatch(WEB_URL, url)]
    names = [url for url in beyond if url.isascii()]
    assert names == [
        "https://cdn.example.com./a.png",
        "https://192.0.2.7/a.png",
        "https://[2001:db8::1]:8443/a.png",
    ]
    assert len(beyond) == 8
