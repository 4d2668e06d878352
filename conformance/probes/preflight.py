"""Tells wrong settings from a bad provider, by the first answers of a run. Pure.

A run begins with one plain chat request. If nothing else can be judged after it - nothing listens, a web page answers,
the key is refused, the model is unknown - the preflight fails: it names the one requirement that failed and what to
change. Everything else is then blocked by that failure instead of failing eighty times.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from conformance.evidence.exchange import MISSING, Exchange, error_message, same_words
from conformance.requirements import Blame, Blocked
from conformance.schema import nearest

ABOUT_KEY = re.compile(
    r"api[ _-]?key|\b(?:access|auth|bearer|security)[ _-]?token|token (?:is |has )?(?:invalid|expired|missing)"
    r"|invalid token|credential|authori[sz]|authentic|\bbearer\b",
    re.IGNORECASE,
)
NOT_SERVED = (404, 405, 501)  # answers of a server without a list of models, which is optional
NO_MODELS_URL = "the base URL is a full endpoint URL, so the address of its model list is unknown"
LEAST_ALIKE = 4  # requests of different kinds
ROUTE_WORDS = ("url", "route", "endpoint", "path", "method", "no handler")


@dataclass(frozen=True)
class PreflightFailure:
    """The preflight requirement (a probe id) that failed; `actual` says what was seen and what to change."""

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


def preflight_failure(exchanges: Sequence[Exchange]) -> PreflightFailure | None:
    """Why nothing else can be judged, or None when the endpoint gives some answer to a chat request."""
    if not exchanges:
        return None
    first = exchanges[0]
    if first.response is None:
        return PreflightFailure(
            "url.reachable", f"no HTTP answer from {first.request.url}: {first.detail or first.ended}"
        )
    for check in (_redirected, _key_refused, _unknown_model, _not_an_api, _rate_limited):
        if found := check(first, exchanges[1:]):
            return found
    return None


def _redirected(first: Exchange, _: Sequence[Exchange]) -> PreflightFailure | None:
    location = first.header("location")
    if first.status not in (301, 302, 303, 307, 308) or not location:
        return None
    target = urljoin(first.request.url, location)
    base = target.split("?")[0].removesuffix("/").removesuffix("/chat/completions")
    return PreflightFailure(
        "url.not-redirected", f"type {base} as the base URL: the server redirects there with HTTP {first.status}"
    )


def _key_refused(first: Exchange, _: Sequence[Exchange]) -> PreflightFailure | None:
    said = error_text(first.json)
    about_key = names_key(said)
    refused = first.status == 401 or (first.status == 403 and said) or (first.status == 400 and about_key)
    in_disguise = first.ok and about_key and not has_choices(first.json) and first.json is not MISSING
    if not refused and not in_disguise:
        return None
    if not any(name.lower() == "authorization" for name, _ in first.request.headers):
        return PreflightFailure(
            "auth.key-accepted", f"the endpoint requires an API key and none is configured ({first.summary})"
        )
    return PreflightFailure("auth.key-accepted", f"the API key was refused ({first.summary})")


def _unknown_model(first: Exchange, more: Sequence[Exchange]) -> PreflightFailure | None:
    error = first.json.get("error") if isinstance(first.json, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    said, model = error_text(first.json), str(first.request.field("model"))
    names_it = "model" in said.lower() and (first.status == 404 or model in said)
    if first.status not in (400, 404, 422) or not (code == "model_not_found" or names_it):
        return None
    listed = next((ids for e in more if (ids := listed_ids(e))), [])
    near = nearest(model, listed)
    names = ", ".join(near or listed[:5])
    hint = f"; its model list has {names}" if listed else "; its model list could not be read"
    return PreflightFailure("models.known", f"the endpoint does not know the model {model!r}{hint} ({first.summary})")


def _not_an_api(first: Exchange, more: Sequence[Exchange]) -> PreflightFailure | None:
    if not _looks_wrong(first):
        return None
    base = next((e.request.url.split("?")[0].removesuffix("/models") for e in more if listed_ids(e)), None)
    advice = f"type {base}, where an API answers" if base else "check the path of the base URL"
    return PreflightFailure("url.serves-api", f"{advice}: {first.request.url} gives {_described(first)}")


def _looks_wrong(first: Exchange) -> bool:
    """True when no chat API answers: a web page, an empty body, JSON about routes, or a plain 404, 405 or 403."""
    about_route = any(word in error_text(first.json).lower() for word in ROUTE_WORDS)
    if first.ok:
        return _is_page(first) or not first.body or (not has_choices(first.json) and about_route)
    return first.status in (404, 405) or (first.status == 403 and first.json is MISSING)


def _is_page(exchange: Exchange) -> bool:
    start = exchange.text.lstrip()[:15].lower()
    return exchange.content_type == "text/html" or start.startswith(("<!doctype", "<html"))


def _described(exchange: Exchange) -> str:
    if _is_page(exchange):
        return f"HTTP {exchange.status}: a web page"
    return exchange.summary if exchange.text else f"HTTP {exchange.status}: an empty body"


def _rate_limited(first: Exchange, more: Sequence[Exchange]) -> PreflightFailure | None:
    last = more[-1] if more else first
    loading = last.status == 503 and (last.header("retry-after") or "load" in last.text.lower())
    if last.status in (402, 429) or loading:
        return PreflightFailure("auth.account-usable", f"the endpoint accepts no requests now ({last.summary})")
    return None


def names_key(text: str) -> bool:
    """True when a text is about an API key or authorization, and not about the tokens of a language model."""
    return ABOUT_KEY.search(text) is not None


def error_text(value: Any) -> str:
    """The message of an error body, also one in `base_resp`; "" for a body with choices."""
    if not isinstance(value, dict) or has_choices(value):
        return ""
    status = value.get("base_resp")
    inner = status.get("status_msg") if isinstance(status, dict) else None
    return error_message(value) or (inner if isinstance(inner, str) else "")


def has_choices(value: Any) -> bool:
    """True for an object with a `choices` member of any value."""
    return isinstance(value, dict) and "choices" in value


def listed_ids(exchange: Exchange) -> list[str]:
    """The model ids of a model list in the standard form or as a bare array; [] for anything else."""
    value = exchange.json if exchange.ok else None
    data = value.get("data") if isinstance(value, dict) else value
    entries = data if isinstance(data, list) else []
    return [e["id"] for e in entries if isinstance(e, dict) and isinstance(e.get("id"), str)]


def candidate_bases(base: str) -> list[str]:
    """Up to three base URLs that the user may have meant, likeliest first: `/v1` added or halved, endpoint path cut."""
    parts = urlsplit(base)
    root, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    shorter = path.removesuffix("/completions").removesuffix("/chat")
    halved = path[: -len("/v1")] if path.endswith("/v1/v1") else path
    wanted = [shorter, halved, f"{path}/v1", "/v1", "/api/v1"]
    return list(dict.fromkeys(root + p for p in wanted if p != path))[:3]


def check_preflight(probe: str, exchanges: Sequence[Exchange]) -> None:
    """Judges one preflight requirement: raises AssertionError when it failed, Blocked when an earlier one failed."""
    found = preflight_failure(exchanges)
    if found is None or ORDER.index(found.probe) > ORDER.index(probe):
        return
    if found.probe != probe:
        raise Blocked(found.actual, Blame.SETTINGS)
    raise AssertionError(found.actual)


def called_off(exchanges: Sequence[Exchange]) -> tuple[str, Blame] | None:
    """Why the run stops after the preflight or the early conversations, and who has to act; None when it continues."""
    found = preflight_failure([e for e in exchanges if e.conversation == exchanges[0].conversation])
    said = refused_alike(exchanges)
    why = found.actual if found else f"every request is refused with the same words ({said})" if said else ""
    return (why, Blame.SETTINGS) if why else None


def refused_alike(exchanges: Sequence[Exchange]) -> str:
    """The refusal, when several chat requests were sent and all were refused with the same words; else ""."""
    refusals = {(e.status, same_words(e.text)) for e in exchanges}
    alike = len(exchanges) >= LEAST_ALIKE and len(refusals) == 1 and (exchanges[0].status or 0) >= 400
    return exchanges[0].summary if alike else ""
