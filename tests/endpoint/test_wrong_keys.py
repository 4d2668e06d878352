"""Keys that are wrong on purpose: never the right one, similar to it where wanted, and masked like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.endpoint.config import Endpoint
from conformance.endpoint.redactor import redactor_for
from conformance.endpoint.wrong_keys import longer, near_keys, other_case, other_ending, wrong_key_like

KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=80)


@given(KEYS)
def test_no_wrong_key_is_the_right_one(key: str) -> None:
    assert key not in (*near_keys(key), wrong_key_like(key))


@given(KEYS)
def test_a_careless_check_accepts_a_similar_key(key: str) -> None:
    assert len(other_ending(key)) == len(key) == len(other_case(key))
    assert other_ending(key)[:-1] == key[:-1]
    assert other_case(key).lower() == key.lower() or other_case(key) == other_ending(key)
    assert longer(key).startswith(key)


@pytest.mark.parametrize(
    "key", ["sk-test-0123456789abcdefghij", "0123456789012345678901234567", "gsk_AbCdEfGhIjKlMnOpQrSt"]
)
def test_a_similar_key_is_masked(key: str) -> None:
    hide = redactor_for(Endpoint("http://host/v1", "model-1", key=key))
    for near in near_keys(key):
        assert near not in hide.text(f"Incorrect API key provided: {near}.")
        assert near[:-1].encode() not in b"".join(hide.body([f'{{"error": "no {near}'.encode(), b'"}']))
