"""Decoding a Content-Encoding: for bytes in any pieces, only up to the limit, and broken bytes stay as they came."""

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
def test_the_pieces_in_which_bytes_arrive_do_not_matter(encoding: str, cut: int) -> None:
    packed, decoder = PACK[encoding](TEXT), Decoder(encoding.upper(), MOST, asked=encoding)
    pieces = [decoder.decode(packed[at : at + cut]) for at in range(0, len(packed), cut)]
    assert (b"".join(pieces), decoder.failed) == (TEXT, "")


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_several_compressed_parts_are_one_body(encoding: str) -> None:
    parts = PACK[encoding](TEXT[:99]) + PACK[encoding](TEXT[99:])
    assert Decoder(encoding, MOST, asked=encoding).decode(parts) == TEXT


@pytest.mark.parametrize("encoding", PACK)
def test_a_decompression_bomb_stops_at_the_limit(encoding: str) -> None:
    decoder = Decoder(encoding, 1_000, asked=encoding)
    assert len(decoder.decode(PACK[encoding](bytes(5_000_000)))) < 100_000
    assert decoder.left < 0


@pytest.mark.parametrize("encoding", PACK)
def test_a_body_that_breaks_off_is_decoded_up_to_there(encoding: str) -> None:
    packed = PACK[encoding](bytes(range(256)) * 200)
    decoder = Decoder(encoding, MOST, asked=encoding)
    assert bytes(range(256)).startswith(decoder.decode(packed[:-4])[:256])
    assert not decoder.failed


@pytest.mark.parametrize("encoding", [*PACK, "compress"])
def test_bytes_in_another_encoding_stay_unchanged(encoding: str) -> None:
    decoder = Decoder(encoding, MOST, asked=encoding)
    assert decoder.decode(TEXT) == TEXT
    assert decoder.failed == encoding


@pytest.mark.parametrize(
    ("asked", "failed"), [("", "br"), ("gzip, deflate", "br"), ("gzip, deflate, br", ""), ("BR,zstd", "")]
)
def test_an_encoding_that_not_every_client_decodes_must_be_requested(asked: str, failed: str) -> None:
    decoder = Decoder("br", MOST, asked)
    decoder.decode(PACK["br"](TEXT))
    assert decoder.failed == failed
