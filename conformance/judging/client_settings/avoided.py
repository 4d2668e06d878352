"""The values to avoid for one client, and why: they were refused, or they fail where another value works."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.clients.advice import advice
from conformance.judging.client_settings.case import Case
from conformance.judging.client_settings.values import (
    LARGEST_OUTPUT,
    PICTURE,
    asks_unasked,
    base_url,
    cap_refused,
    names_developer,
)

Avoided = tuple[str, str, str]  # a setting, a value, and why


def avoided(case: Case) -> Iterator[Avoided]:
    """Everything to avoid; some of it may be in settings that this client does not have."""
    yield from _base_urls(case)
    if names_developer(case) and case.found.holds("params.developer-role") is False:
        yield ("model", case.endpoint.model, "the role developer is refused: have the server give it another id")
    yield from _forms(case)
    if case.endpoint.images and case.found.holds(PICTURE) is False:
        yield "images", "on", "Roo Code's turn with a picture fails"
    yield from _caps(case)


def _base_urls(case: Case) -> Iterator[Avoided]:
    endpoint, base = case.endpoint, base_url(case)[0]
    if base == endpoint.base_url:
        return
    built = case.client.chat(endpoint.base_url, endpoint.model)
    calls = f"{case.client.name} calls {built.url}" if built.url else f"its user reads {built.error!r}"
    nowhere = f"{calls}; no base URL leads it to {endpoint.chat_url}"
    yield "base_url", endpoint.base_url, next(iter(advice(endpoint.base_url)), calls) if base else nowhere


def _forms(case: Case) -> Iterator[Avoided]:
    """Forms of the turn that fail although another one works."""
    streams = case.endpoint.streaming
    if case.works is False and case.own("plain") and streams:
        yield "streaming", "on", "the turn fails with it"
    if case.works and case.own("plain") is False and streams:
        yield "streaming", "off", "the turn fails without it"
    for kind, name in (("r1", "r1_format"), ("cached", "prompt_caching")):
        if case.works and case.own(kind) is False:
            yield name, "on", "the turn fails with it"


def _caps(case: Case) -> Iterator[Avoided]:
    if cap_refused(case):
        boxed = "send_cap" in case.names
        name, value = ("send_cap", "on") if boxed else ("max_output_tokens", "any number")
        yield name, value, f"{case.cap} is refused"
    if asks_unasked(case) and case.too_large:
        said = case.found.cap_refusal or "fails"
        yield "max_output_tokens", "left out", f"max_tokens {LARGEST_OUTPUT} is then sent: {said}"
