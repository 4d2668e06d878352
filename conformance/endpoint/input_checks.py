"""Checks what a user typed: a base URL, a model id, a key. Each message says how to fix the mistake.

URLs are split by hand: libraries normalize some URLs that servers treat as different. No message repeats a key.
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
        yield "has a space at one end or a control character; remove it"


def url_problems(url: str) -> Iterator[str]:
    """What is wrong with a base URL, most basic first; later problems may only follow from earlier ones."""
    odd = (_NOT_IN_URLS.findall(url) or [""])[0]
    if odd.isspace():
        yield "has a space or line break in it; remove it"
    if odd:
        yield f"has {odd!a} in it, which URLs do not allow; fill in the placeholder, or write it as %XX"
    scheme, separator, rest = url.partition("://")
    if not separator or not scheme.replace("+", "").isalnum():
        yield f"has no scheme; {_suggestion(url)}"
    if scheme.lower() not in ("http", "https"):
        yield f"begins with {scheme[:20]}://; use http:// or https://"
    authority = split_url(url)[0].partition("://")[2]
    if "@" in authority:
        yield "has a user name or password; remove everything before the @ and use --api-key-env"
    if "#" in rest:
        yield "has a fragment, which is never sent; remove the # and everything after it"
    host, port = _HOST.findall(authority)[0]
    if not host:
        yield "has no host; write it as https://host/v1"
    if port and not (port[1:].isdigit() and 0 < int(port[1:10]) < 65536):
        yield "has a port that is not a number from 1 to 65535; correct it"


def _suggestion(url: str) -> str:
    """What to write instead, without query and user name; repeats only what looks like a host."""
    rest = re.sub(r"^(https?:)?/*", "", url, flags=re.IGNORECASE).split("?")[0]
    host, path = re.match(r"([^/]*)(.*)", rest, re.DOTALL).groups()  # type: ignore[union-attr]
    host = host.split("@")[-1]
    if not re.search(r"[.:]|^localhost$", host):
        return "begin it with http:// or https://"
    local = re.search(r":\d+$|^localhost$|^[\d.]+$", host) and not url.lower().startswith("https:")
    return f"write {'http' if local else 'https'}://{host}{path}"


def key_problems(key: str) -> Iterator[str]:
    """Why a key cannot be sent in a header, or why no server would accept it."""
    if key.rstrip("\r\n") != key:
        yield "ends with a line break; remove it ($(cat FILE) does so)"
    if key.lower().startswith("bearer "):
        yield 'begins with "Bearer "; remove that word, the request adds it'
    if any(c.isspace() for c in key):
        yield "has a space or line break in it; remove it"
    if any(ord(c) < 32 or 127 <= ord(c) < 160 for c in key):
        yield "has a control character in it; copy the key again"
    if any(ord(c) > 255 for c in key):
        yield "has a character outside Latin-1 in it, which headers do not allow; copy the key again"
