"""Every variation is described, changes what is sent, and stands whatever a fault has made of the answer before it."""

from __future__ import annotations

import json
import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.reference import Provider, UnknownChange, Variation, catalogue, known_variations
from conformance.reference.stages import Action
from conformance.reference.variation import BASE_PATH
from tests.reference.test_reference_faults import KEY, MODEL, function, requests, user

PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
MORE = (  # requests that only variations have a word about
    {"messages": [user([PICTURE])]},
    {"messages": [user("Say hello")], "tools": [function("f", {"a": {"type": "array"}})]},
    {"messages": [user("Say hello")], "conformance_unknown_field": True},
    {"messages": [user("Say hello")], "n": 2, "logprobs": True},
    {"messages": [{"role": "system", "content": "a"}, user("Hi"), {"role": "system", "content": "b"}]},
)
each_variation = pytest.mark.parametrize("one", known_variations().values(), ids=lambda one: one.name)


def provider(*varied: str, faults: tuple[str, ...] = ()) -> Provider:
    return Provider(MODEL, KEY, faults=faults, variations=varied, clock=lambda: 1_700_000_000)


def all_requests() -> list[tuple[str, str, str | None, bytes]]:
    """Requests in which every change finds something to change."""
    path, key = f"{BASE_PATH}/chat/completions", f"Bearer {KEY}"
    more = [("POST", path, key, json.dumps({"model": MODEL, **fields}).encode()) for fields in MORE]
    return [*requests(), *more]


def answered(asked: Provider, every: int = 1) -> list[list[Action]]:
    """What it does on the connection for these requests, or for every so manieth of them."""
    sent = [(m, p.replace(BASE_PATH, asked.base_path, 1), k, b) for m, p, k, b in all_requests()[::every]]
    return [list(asked.handle(m, p, {"authorization": k} if k else {}, body)) for m, p, k, body in sent]


@cache
def sound() -> list[list[Action]]:
    return answered(provider())


@each_variation
def test_a_variation_says_what_is_varied_and_where_that_was_seen(one: Variation) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", one.name)
    assert one.summary.endswith(".")
    assert "\n" not in one.summary
    assert one.source.startswith("https://")


@each_variation
def test_a_variation_changes_what_is_sent(one: Variation) -> None:
    if one.base_path == BASE_PATH:
        assert answered(provider(one.name)) != sound()
    else:
        asked = ("POST", f"{BASE_PATH}/chat/completions", {"authorization": f"Bearer {KEY}"}, b"{}")
        assert provider(one.name).handle(*asked).reply.status == 404


@settings(derandomize=True, deadline=None, max_examples=60, database=None)
@given(st.sampled_from(list(catalogue())), st.sampled_from(list(known_variations())))
def test_a_variation_shows_whatever_fault_is_active(fault: str, varied: str) -> None:
    assert all(answered(provider(varied, faults=(fault,)), every=5)), "something happens on every connection"


def test_an_unknown_variation_names_the_nearest() -> None:
    with pytest.raises(UnknownChange, match=r"unknown variation 'crlf-line-end' \(did you mean crlf-line-ends"):
        provider("crlf-line-end")
