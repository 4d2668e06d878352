"""What a user may have mistyped: a base URL, a model id, a key. Each mistake is told with how to mend it.

URLs are taken apart by hand: libraries rewrite some that servers tell apart. No key is ever repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_URL = re.compile(r"((?:[A-Za-z][A-Za-z0-9+.-]*://)?[^/?#]*)([^?#]*)(\??[^#]*)", re.DOTALL)
_NOT_IN_URLS = re.compile(r"[^!-~]|[\"<>\\^`{|}]")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^:\[\]]*)(.*)")


def split_url(url: str) -> tuple[str, str, str]:
    """A URL as (scheme and host, path, query with its question mark), each exactly as typed."""
    root, path, query = _URL.findall(url)[0]
    return root, path, query


def model_problems(model: str) -> Iterator[str]:
    """What is wrong with a model id."""
    if model != model.strip() or not model.isprintable():
        yield "has a blank at one end or a control character in it; remove it"


def url_problems(url: str) -> Iterator[str]:
    """What is wrong with a base URL, most basic first; later ones may only follow from earlier ones."""
    odd = (_NOT_IN_URLS.findall(url) or [""])[0]
    if odd.isspace():
        yield "has a blank or line break in it; remove it"
    if odd:
        yield f"holds {odd!a}, which no URL may hold; fill in the placeholder, or write it as %XX"
    scheme, separator, rest = url.partition("://")
    if not separator or not scheme.replace("+", "").isalnum():
        yield f"has no scheme; {_suggestion(url)}"
    if scheme.lower() not in ("http", "https"):
        yield f"begins with {scheme[:20]}://, but only http:// and https:// are spoken; use one of them"
    authority = split_url(url)[0].partition("://")[2]
    if "@" in authority:
        yield "carries a user name or password; remove all before the @ and use --api-key-env"
    if "#" in rest:
        yield "has a fragment, which never reaches a server; remove the # and what follows"
    host, port = _HOST.findall(authority)[0]
    if not host:
        yield "names no host; write it as https://host/v1"
    if port and not (port[1:].isdigit() and 0 < int(port[1:10]) < 65536):
        yield "has a port that is not a number from 1 to 65535; correct it"


def _suggestion(url: str) -> str:
    """What to write instead, without query and user name; only what looks like a host is echoed."""
    rest = re.sub(r"^(https?:)?/*", "", url, flags=re.IGNORECASE).split("?")[0]
    host, path = re.match(r"([^/]*)(.*)", rest, re.DOTALL).groups()  # type: ignore[union-attr]
    host = host.split("@")[-1]
    if not re.search(r"[.:]|^localhost$", host):
        return "begin it with http:// or https://"
    local = re.search(r":\d+$|^localhost$|^[\d.]+$", host) and not url.lower().startswith("https:")
    return f"write {'http' if local else 'https'}://{host}{path}"


def key_problems(key: str) -> Iterator[str]:
    """Why no header can carry a key, or no server would take it."""
    if key.rstrip("\r\n") != key:
        yield "ends with a line break; set it without (a file read with $(cat FILE) loses it)"
    if key.lower().startswith("bearer "):
        yield 'begins with "Bearer "; leave that word out, it is added when the key is sent'
    if any(c.isspace() for c in key):
        yield "has a blank or line break in it; remove it"
    if any(ord(c) < 32 or 127 <= ord(c) < 160 for c in key):
        yield "has a control character in it; copy it anew"
    if any(ord(c) > 255 for c in key):
        yield "has a character outside Latin-1 in it, which no header can carry; copy it anew"
