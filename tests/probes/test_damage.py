"""Damage by a server and mistakes of a model are distinguished in a dictated text."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.probes.conversations.offered import LONG_CODE
from conformance.probes.damage import damage

LINES = LONG_CODE.splitlines(keepends=True)


@pytest.mark.parametrize("text", [LONG_CODE, LONG_CODE.strip(), LONG_CODE + "\n"])
def test_a_complete_text_is_not_damaged(text: str) -> None:
    assert damage(text, LONG_CODE) == ""


@given(st.integers(1, len(LINES) - 7), st.integers(1, 5))
def test_a_model_may_leave_out_lines_and_write_them_twice(start: int, count: int) -> None:
    run = LINES[start : start + count]
    assert damage("".join(LINES[:start] + LINES[start + count :]), LONG_CODE) == ""
    assert damage("".join(LINES[:start] + run + LINES[start:]), LONG_CODE) == ""


@pytest.mark.parametrize(
    "text",
    [
        "def main():\n    return 0\n",
        LONG_CODE.replace("table", "rows"),
        LONG_CODE.replace("\t", "    "),
        LONG_CODE.replace("main", "start", 1),
        LONG_CODE[:1000] + "\n# and so on\n",
    ],
)
def test_a_model_may_write_another_text(text: str) -> None:
    assert damage(text, LONG_CODE) == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (html.escape(LONG_CODE), "HTML entities instead of punctuation"),
        (html.escape(LONG_CODE, quote=False), "HTML entities instead of punctuation"),
        (LONG_CODE.replace("<", "&lt;"), "HTML entities instead of punctuation"),
        (html.unescape(LONG_CODE), "HTML entities decoded"),
        (LONG_CODE.replace("\n", "\r\n"), "CR LF"),
        (LONG_CODE.replace("\\", ""), "from character "),
        (LONG_CODE.replace("'", "’"), "from character "),
        (LONG_CODE[:900] + LONG_CODE[1000:], "from character 900"),
        (LONG_CODE[:1000] + LONG_CODE[900:], "from character 1000"),
        (LONG_CODE.encode("ascii", "ignore").decode(), "only its ASCII"),
    ],
)
def test_a_change_that_no_model_makes_is_damage(text: str, words: str) -> None:
    assert words in damage(text, LONG_CODE)
