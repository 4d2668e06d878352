"""Redaction in the places for secrets (credential headers, URLs), and values that are not secrets."""

from __future__ import annotations

import pickle
from urllib.parse import quote

import pytest

from conformance.evidence.redaction import Redactor

KEY = "sk-proj-Ab3/dEf+gH1=jKlM"
REDACTOR = Redactor([KEY], ["X-Gateway-Key"])
STARS = "*" * len(KEY)


@pytest.mark.parametrize("secret", ["", "x", "EMPTY", "lm-studio", "LM-Studio", "not-needed", "--------", " none "])
def test_a_value_that_is_not_a_secret_stays_in_text_but_not_in_headers(secret: str) -> None:
    redactor, text = Redactor([secret]), f"a {secret} b lm-studio -------- x"
    assert redactor.text(text) == text
    assert redactor.body([text.encode()]) == [text.encode()]
    assert redactor.headers((("api-key", secret),)) == (("api-key", "*" * len(secret)),)


def test_a_key_is_found_without_its_scheme_and_spaces() -> None:
    assert Redactor([f"Bearer {KEY}\n"]).text(f"got {KEY}") == f"got {STARS}"
    assert Redactor([f"  {KEY}\r\n"]).text(f"got {KEY}") == f"got {STARS}"


@pytest.mark.parametrize(
    ("name", "value", "masked"),
    [
        ("Authorization", f"Bearer {KEY}", f"Bearer {STARS}"),
        ("authorization", "bearer  x", "bearer  *"),
        ("Authorization", "Bearer Bearer x", "Bearer ********"),
        ("Authorization", "abcdefgh ijk", "*" * 12),
        ("Authorization", "", ""),
        ("Proxy-Authorization", "Basic dTpw", "Basic ****"),
        ("api-key", "x", "*"),
        ("X-API-Key", "short", "*****"),
        ("x-goog-api-key", "short", "*****"),
        ("Cookie", "a=b; c=d", "********"),
        ("Set-Cookie", "a=b; Path=/", "***********"),
        ("OpenAI-Organization", "org-1", "*****"),
        ("openai-project", "proj_1", "******"),
        ("cf-aig-authorization", "Bearer x", "Bearer *"),
        ("x-gateway-key", "mine", "****"),
        ("x-amz-security-token", "t", "*"),
        ("X-Debug", f"saw {KEY}!", f"saw {STARS}!"),
        ("Location", "https://u:pw@h/v1?api_key=abc&a=1", "https://u:**@h/v1?api_key=***&a=1"),
        ("x-ratelimit-remaining-tokens", "149984", "149984"),
        ("Content-Type", "text/event-stream", "text/event-stream"),
        ("WWW-Authenticate", 'Bearer realm="x"', 'Bearer realm="x"'),
        ("x-request-id", "req_123", "req_123"),
        ("Idempotency-Key", "abc", "abc"),
    ],
)
def test_headers_for_secrets_are_masked(name: str, value: str, masked: str) -> None:
    assert REDACTOR.headers(((name, value),)) == ((name, masked),)


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("https://api.example.com/v1/chat/completions", None),
        ("https://h/v1?api-version=2024-10-21&monkey=1&encode=2#part", None),
        ("https://h:8080/a@b?c=d@e", None),
        ("http://[::1]:8000/v1", None),
        ("https://h/v1?key=abc&x=1", "https://h/v1?key=***&x=1"),
        ("https://h/v1?x=1&API%2DKEY=abc", "https://h/v1?x=1&API%2DKEY=***"),
        ("https://h/?sig=a%2F;signature=x&code=1&secret=", "https://h/?sig=****;signature=*&code=*&secret="),
        ("https://h/?a=1&X-Gateway-Key=me", "https://h/?a=1&X-Gateway-Key=**"),
        ("https://h/?access_token=a=b", "https://h/?access_token=***"),
        ("https://h/#token=abc", "https://h/#token=***"),
        ("https://user:p@ss:word@host:1/v1", "https://user:*********@host:1/v1"),
        ("https://only-token@host/v1", "https://**********@host/v1"),
        (f"https://h/{quote(KEY)}/v1", f"https://h/{'*' * len(quote(KEY))}/v1"),
    ],
)
def test_secrets_in_urls_are_masked(url: str, masked: str | None) -> None:
    assert REDACTOR.url(url) == (masked or url)


def test_a_redactor_hides_its_secrets_in_its_repr_and_keeps_them_in_a_pickle() -> None:
    redactor = Redactor(iter([KEY]))
    assert KEY not in repr(redactor)
    assert redactor.text(KEY) == redactor.text(KEY) == STARS
    assert pickle.loads(pickle.dumps(redactor)) == redactor
