"""Secrets in recorded traffic: they are found without settings, and no report contains one."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.evidence.redaction import leaks, secrets_in
from tests.command import Command
from tests.traffic.recordings import FORMATS, HI, Seen, traffic

KEY = "sk-proj-Zx81canaryKq72Lm90Wv34Tb56Yd"
OTHER = {
    "x-api-key": "canary-x-9f31c07be2",
    "api-key": "0c0ffee0canary4a5b6c7d8e9f",
    "cookie": "__cf_bm=canarycookie81726354",
    "openai-organization": "canary-org-of-mine",
    "cf-aig-authorization": "Bearer canary-gateway-123456",
}
QUERY = "canaryquery7781aa"
IN_BODIES = {
    "org": "org-Canary12345678901234567",
    "bearer": "Bearer canaryBearerInBody0123456789",
    "google": "AIzaSyCanary0123456789abcdefghijklmno",
    "groq": "gsk_canary0123456789ABCDEFGHIJ",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.Zm9vYmFyYmF6cXV4Y2FuYXJ5",
}


def planted(one: Seen) -> Seen:
    """The exchange with a secret in every possible place, and with a body that fails, so that it is shown."""
    words = " ".join([KEY, QUERY, *IN_BODIES.values(), *OTHER.values()])
    body = b'{"error": "Incorrect key: ' + words.encode() + b'"}'
    return Seen(
        one.method,
        f"https://me:{KEY}@api.provider.example/v1/chat/completions?key={QUERY}&api-version=1",
        {"authorization": f"Bearer {KEY}", **OTHER},
        one.asked.replace(b"hello", words.encode()),
        401,
        {"content-type": "application/json", "set-cookie": "s=canarysetcookie99", "x-echo": f"Bearer {KEY}"},
        body,
    )


SECRETS = [
    KEY,
    QUERY,
    *(value.removeprefix("Bearer ") for value in IN_BODIES.values()),
    *(value.removeprefix("Bearer ") for name, value in OTHER.items() if name != "cookie"),
    "canarysetcookie99",
]


SHAPED = [KEY, QUERY, *(value.removeprefix("Bearer ") for value in IN_BODIES.values())]


@pytest.mark.parametrize("name", FORMATS)
def test_no_secret_of_a_recording_is_shown_or_written(name: str, command: Command, here: Path) -> None:
    (here / "recorded").write_bytes(FORMATS[name]([planted(one) for one in traffic(asked=({"messages": HI},))]))
    ran = command("judge", "recorded", "--output", "out", "--client", "roo-code")
    everything = [ran.out, ran.err, *(file.read_text("utf-8") for file in (here / "out").iterdir())]
    assert "errors.envelope" in ran.out  # the body with all of them was shown
    expected = SECRETS if name != "flat-log" else SHAPED  # without headers only the form of a key shows a secret
    assert {secret: found for secret in expected if (found := leaks([secret], "\n".join(everything).encode()))} == {}


def test_a_masked_value_is_not_a_secret() -> None:
    masked = (("authorization", "Bearer ********"), ("x-api-key", "xxxx"), ("api-key", ""))
    assert secrets_in(masked, "https://h/v1?key=*****", b"a text") == []


@pytest.mark.parametrize(
    "text",
    [
        b"sk-learn is a library",
        b"a key-value store",
        b"user_id_of_the_one_who_has_asked_for_this",
        b"fw_update_service_of_the_other_side_v2",
        b"Bearer authentication-with-a-token",
    ],
)
def test_words_that_look_like_keys_are_not_masked(text: bytes) -> None:
    assert secrets_in((), "https://h/v1", text) == []
