"""The table of the tiny model knows one successor for each token: what it knows by heart must allow that."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

from conformance.probes.conversations import load, offered
from tests.peers.tiny_words import CROWD, KNOWN, LONG_WRITE, cut, vocabulary


def test_no_token_has_two_successors() -> None:
    steps = {step for text in KNOWN.values() for step in pairwise(text)}
    assert len({here for here, _ in steps}) == len(steps)


def test_a_text_that_says_the_same_again_and_again_is_cut_into_pieces_that_differ() -> None:
    pieces = cut("amber " * 20, 6)
    assert "".join(pieces) == "amber " * 20
    assert len(set(pieces)) == len(pieces) > 5


def test_the_page_of_code_has_characters_that_are_cut_in_two() -> None:
    halves = [piece for piece in LONG_WRITE if any("\udc80" <= char <= "\udcff" for char in piece)]
    assert halves
    assert offered.LONG_CODE.strip()[-10:] in LONG_WRITE[-1]


class Listening:
    """Takes down what a conversation would ask, and asks nothing."""

    def __init__(self) -> None:
        self.prompts: list[str] = []

    def chat(self, **fields: Any) -> None:
        self.prompts.append(fields["messages"][-1]["content"])

    async def together(self, *_: None) -> None:
        return None


def test_the_texts_that_are_requested_together_are_known() -> None:
    heard = Listening()
    asyncio.run(load.crowd(heard))  # type: ignore[arg-type]
    assert heard.prompts == [offered.repeat_request(text) for text in CROWD]


def test_every_piece_is_a_token() -> None:
    assert {piece for text in KNOWN.values() for piece in text} <= vocabulary().keys()
