"""Validation of urls: https, Cloud Storage, and in demo projects http on local and private addresses."""

import re
import unicodedata
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_network

_PARTS = re.compile(r"(https?|gs)://([^/?#]+)([/?#].*)?", re.DOTALL)
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:]+)(?::([0-9]{1,5}))?")
_FORBIDDEN = re.compile(r"[\s\\\x00-\x20\x7f-\x9f]")
"""Blanks break urls wherever they are shown, and browsers read a backslash as a slash."""
_BUCKET = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,63}")
_JOINERS = "\u200c\u200d"
"""Zero-width joiners are valid in IDNs, in Persian for example."""
_LOCAL_NETWORKS = tuple(
    ip_network(each)
    for each in (
        *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
        *("::1/128", "fc00::/7", "fe80::/10"),
    )
)
"""Loopback, private (RFC 1918, RFC 4193) and link-local. Python's `is_private` covers more than these."""
_MAX_PORT = 65_535

_PORT = "(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?"
_REST = r"[^\\\s\x00-\x20\x7f-\x9f]*"
WEB_URL = (
    r"^(https://([A-Za-z0-9_-]{1,63}\.)*[A-Za-z_][A-Za-z0-9_-]{0,62}"
    rf"{_PORT}([/?#]{_REST})?|gs://[A-Za-z0-9_][A-Za-z0-9_.-]*([/?#]{_REST})?)$"
)
"""The pattern for the OpenAPI document: a subset of what is accepted, with ASCII host names only."""


def check_url(url: str, *, is_demo: bool) -> str:
    """Return the url if it is valid and its host is allowed.

    Args:
        url: Without control characters.
        is_demo: Whether http is allowed for local and private addresses, which emulators use.

    Raises:
        ValueError: It is malformed, has no host, or the host is not allowed.
    """
    if _FORBIDDEN.search(url):
        raise ValueError("a url has no blanks and no backslashes")
    parts = _PARTS.fullmatch(url)
    if parts is None:
        raise ValueError("must start with https:// or gs:// and a host")
    scheme, authority = parts[1], parts[2]
    if scheme == "gs":
        if not _BUCKET.fullmatch(authority):
            raise ValueError("gs:// names a bucket")
        return url
    host = _host_of(authority)
    if scheme == "http" and not (is_demo and _is_local(host)):
        raise ValueError("must start with https:// or gs://")
    return url


def _host_of(authority: str) -> str | IPv4Address | IPv6Address:
    """Parse `host` or `host:port`. User info is refused.

    Raises:
        ValueError: The host or port is invalid.
    """
    found = _AUTHORITY.fullmatch(authority)
    if found is None or (found[2] and not 0 < int(found[2]) <= _MAX_PORT):
        raise ValueError("no host, or not one with a port up to 65535")
    host = found[1]
    try:
        if host.startswith("["):
            return IPv6Address(host[1:-1])
        labels = _normalized_host(host).removesuffix(".").split(".")
        if labels[-1][:1].isdecimal():  # browsers parse such a host as IPv4
            return IPv4Address(".".join(labels))
    except AddressValueError:
        raise ValueError("no IP address") from None
    if not all(_is_label(label) for label in labels):
        raise ValueError("no name of a host")
    return ".".join(labels).lower()


def _normalized_host(host: str) -> str:
    """Return the host as resolvers normalise it: full-width letters and dots become ASCII."""
    return unicodedata.normalize("NFKC", host).replace("\u3002", ".")


def _is_label(label: str) -> bool:
    if label.isascii():
        return bool(_LABEL.fullmatch(label))
    return all(
        bool(_LABEL.fullmatch(char))
        if char.isascii()
        else char in _JOINERS or unicodedata.category(char)[0] in "LMNPS"
        for char in label
    )


def _is_local(host: str | IPv4Address | IPv6Address) -> bool:
    if isinstance(host, str):
        return host == "localhost"
    return any(host in network for network in _LOCAL_NETWORKS)
