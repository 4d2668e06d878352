"""Wrong settings told apart from a bad provider, from the very first answers of a run. Pure.

A run begins with one plain chat request. When its answer says that nothing further can be judged - nothing listens, a
web page answers, the key is refused, the model is unknown - the diagnosis names the one requirement that does not hold
and what to change; everything else is then blocked by it instead of failing eighty times.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from conformance.evidence.exchange import MISSING, Exchange, error_message
from conformance.requirements.outcome import Blocked
from conformance.requirements.requirement import Blame
from conformance.schema import nearest

ABOUT_KEY = re.compile(
    r"api[ _-]?key|\b(?:access|auth|bearer|security)[ _-]?token|token (?:is |has )?(?:invalid|expired|missing)"
    r"|invalid token|credential|authori[sz]|authentic|\bbearer\b",
    re.IGNORECASE,
)
ROUTE_WORDS = ("url", "route", "endpoint", "path", "method", "no handler")


@dataclass(frozen=True)
class Diagnosis:
    """The preflight requirement (a probe id) that does not hold, and what was seen with what to change."""

    probe: str
    actual: str


ORDER = (
    "url.reachable",
    "url.not-redirected",
    "url.serves-api",
    "auth.key-accepted",
    "models.known",
    "auth.account-usable",
)


def diagnose(exchanges: Sequence[Exchange]) -> Diagnosis | None:
    """What keeps everything else from being judged, or None when the endpoint answers a chat request somehow."""
    if not exchanges:
        return None
    first = exchanges[0]
    if first.response is None:
        return Diagnosis("url.reachable", f"{first.request.url}: {first.detail or first.ended}")
    for look in (_redirected, _refused, _unknown_model, _not_an_api, _rate_limited):
        if found := look(first, exchanges[1:]):
            return found
    return None


def _redirected(first: Exchange, _: Sequence[Exchange]) -> Diagnosis | None:
    location = first.header("location")
    if first.status not in (301, 302, 303, 307, 308) or not location:
        return None
    target = urljoin(first.request.url, location)
    base = target.split("?")[0].removesuffix("/").removesuffix("/chat/completions")
    turned = " and turns a POST into a GET" if first.status in (301, 302, 303) else ""
    return Diagnosis(
        "url.not-redirected",
        f"the server redirects ({first.status}) to {target}{turned}; use {base} as the base URL",
    )


def _refused(first: Exchange, _: Sequence[Exchange]) -> Diagnosis | None:
    said = told(first.json)
    about_key = names_key(said)
    refused = first.status == 401 or (first.status == 403 and said) or (first.status == 400 and about_key)
    in_disguise = first.ok and about_key and not has_choices(first.json) and first.json is not MISSING
    if not refused and not in_disguise:
        return None
    if not any(name.lower() == "authorization" for name, _ in first.request.headers):
        return Diagnosis(
            "auth.key-accepted", f"the endpoint wants a key and none is configured ({first.summary})"
        )
    return Diagnosis("auth.key-accepted", f"the key was refused ({first.summary})")


def _unknown_model(first: Exchange, more: Sequence[Exchange]) -> Diagnosis | None:
    error = first.json.get("error") if isinstance(first.json, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    said, model = told(first.json), str(first.request.field("model"))
    names_it = "model" in said.lower() and (first.status == 404 or model in said)
    if first.status not in (400, 404, 422) or not (code == "model_not_found" or names_it):
        return None
    listed = next((ids for e in more if (ids := listed_ids(e))), [])
    near = nearest(model, listed)
    hint = (
        f"; listed: {', '.join(near or listed[:5])}" if listed else ", and the model list could not be read"
    )
    return Diagnosis("models.known", f"the model {model!r} is not known here{hint} ({first.summary})")


def _not_an_api(first: Exchange, more: Sequence[Exchange]) -> Diagnosis | None:
    if not _looks_wrong(first):
        return None
    base = next((e.request.url.split("?")[0].removesuffix("/models") for e in more if listed_ids(e)), None)
    hint = (
        f"; an API answers at {base}: use that as the base URL"
        if base
        else "; check the path of the base URL"
    )
    return Diagnosis(
        "url.serves-api", f"{first.request.url} is no chat API: {_what(first).rstrip('.')}{hint}"
    )


def _looks_wrong(first: Exchange) -> bool:
    """No chat API stands behind the URL: a web page, nothing, JSON about routes, or a plain 404, 405 or 403."""
    about_route = any(word in told(first.json).lower() for word in ROUTE_WORDS)
    if first.ok:
        return _is_page(first) or not first.body or (not has_choices(first.json) and about_route)
    return first.status in (404, 405) or (first.status == 403 and first.json is MISSING)


def _is_page(exchange: Exchange) -> bool:
    start = exchange.text.lstrip()[:15].lower()
    return exchange.content_type == "text/html" or start.startswith(("<!doctype", "<html"))


def _what(exchange: Exchange) -> str:
    if _is_page(exchange):
        return f"a web page answers (HTTP {exchange.status})"
    return "it answers 2xx with nothing in it" if exchange.ok and not exchange.body else exchange.summary


def _rate_limited(first: Exchange, more: Sequence[Exchange]) -> Diagnosis | None:
    last = more[-1] if more else first
    if last.status in (402, 429) or (last.status == 503 and last.header("retry-after")):
        return Diagnosis("auth.account-usable", f"the endpoint takes no requests now ({last.summary})")
    return None


def names_key(text: str) -> bool:
    """True when a text speaks of a key or of the right to ask, and not of the tokens of a language model."""
    return ABOUT_KEY.search(text) is not None


def told(value: Any) -> str:
    """The words of an error body, its code and status message included; "" for a healthy one."""
    if not isinstance(value, dict) or has_choices(value):
        return ""
    status = value.get("base_resp")
    inner = status.get("status_msg") if isinstance(status, dict) else None
    return error_message(value) or (inner if isinstance(inner, str) else "")


def has_choices(value: Any) -> bool:
    """True for an object with a `choices` member, whatever it holds."""
    return isinstance(value, dict) and "choices" in value


def listed_ids(exchange: Exchange) -> list[str]:
    """The model ids of a model list, in the standard form or a bare array; [] when it is none."""
    value = exchange.json if exchange.ok else None
    data = value.get("data") if isinstance(value, dict) else value
    entries = data if isinstance(data, list) else []
    return [e["id"] for e in entries if isinstance(e, dict) and isinstance(e.get("id"), str)]


def candidate_bases(base: str) -> list[str]:
    """Other base URLs that a user may have meant, most likely first: `/v1` added, halved, or the endpoint path cut."""
    parts = urlsplit(base)
    root, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    shorter = path.removesuffix("/completions").removesuffix("/chat")
    halved = path[: -len("/v1")] if path.endswith("/v1/v1") else path
    wanted = [shorter, halved, f"{path}/v1", "/v1", "/api/v1"]
    return list(dict.fromkeys(root + p for p in wanted if p != path))[:3]


def hold(probe: str, exchanges: Sequence[Exchange]) -> None:
    """Judges one preflight requirement: fails when the diagnosis is about it, is blocked by an earlier one.

    Raises AssertionError or Blocked.
    """
    found = diagnose(exchanges)
    if found is None or ORDER.index(found.probe) > ORDER.index(probe):
        return
    if found.probe != probe:
        raise Blocked(found.actual, Blame.SETTINGS)
    raise AssertionError(found.actual)


def called_off(exchanges: Sequence[Exchange]) -> tuple[str, Blame] | None:
    """Why nothing else needs to be asked, and who stands in the way; None when the run can go on."""
    found = diagnose(exchanges)
    return (found.actual, Blame.SETTINGS) if found else None
