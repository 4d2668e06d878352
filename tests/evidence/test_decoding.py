"""Undoing a Content-Encoding: however its bytes arrive, never further than the limit, and broken bytes stay to be seen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.evidence.decoding import Decoder
from tests.packing import PACK

TEXT = b"A sentence that is said again and again. " * 50
MOST = 1_000_000


@pytest.mark.parametrize("encoding", PACK)
@given(cut=st.integers(1, 400))
def test_it_does_not_matter_how_the_bytes_arrive(encoding: str, cut: int) -> None:
    packed, decoder = PACK[encoding](TEXT), Decoder(encoding.upper(), MOST, asked=encoding)
    pieces = [decoder.decode(packed[at : at + cut]) for at in range(0, len(packed), cut)]
    assert (b"".join(pieces), decoder.failed) == (TEXT, "")


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_several_packed_parts_are_one_body(encoding: str) -> None:
    parts = PACK[encoding](TEXT[:99]) + PACK[encoding](TEXT[99:])
    assert Decoder(encoding, MOST, asked=encoding).decode(parts) == TEXT


@pytest.mark.parametrize("encoding", PACK)
def test_a_bomb_does_not_unfold(encoding: str) -> None:
    decoder = Decoder(encoding, 1_000, asked=encoding)
    assert len(decoder.decode(PACK[encoding](bytes(5_000_000)))) < 100_000
    assert decoder.left < 0


@pytest.mark.parametrize("encoding", PACK)
def test_what_breaks_off_gives_what_is_there(encoding: str) -> None:
    packed = PACK[encoding](bytes(range(256)) * 200)
    decoder = Decoder(encoding, MOST, asked=encoding)
    assert bytes(range(256)).startswith(decoder.decode(packed[:-4])[:256])
    assert not decoder.failed


@pytest.mark.parametrize("encoding", [*PACK, "compress"])
def test_bytes_that_are_not_what_they_claim_stay_as_they_are(encoding: str) -> None:
    decoder = Decoder(encoding, MOST, asked=encoding)
    assert decoder.decode(TEXT) == TEXT
    assert decoder.failed == encoding


@pytest.mark.parametrize(
    ("asked", "failed"), [("", "br"), ("gzip, deflate", "br"), ("gzip, deflate, br", ""), ("BR,zstd", "")]
)
def test_what_not_every_client_undoes_has_to_be_asked_for(asked: str, failed: str) -> None:
    decoder = Decoder("br", MOST, asked)
    decoder.decode(PACK["br"](TEXT))
    assert decoder.failed == failed
