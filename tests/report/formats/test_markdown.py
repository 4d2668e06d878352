"""The Markdown summary: short enough for a comment, and a provider's text in it stays text."""

from __future__ import annotations

import re

import pytest

from conformance.judging.observation import Observation
from conformance.report.formats import render
from conformance.report.formats.markdown import code, plain
from conformance.requirements import Outcome
from tests.report.formats import examples


def test_it_has_verdicts_tool_calling_headings_and_first_steps() -> None:
    text = render("markdown", examples.failing())
    assert (
        "| Roo Code 3.52.1 | ❌ fails | Its user sees `Cannot read properties of undefined (reading 'index')`. Streamed"
        in text
    )
    assert "**Native tool calling:** ⚠️ partial (the provider must fix it)." in text
    assert "| Tool-calling errors | ❌ problem |" in text
    assert "1. **Send an integer `index` on every entry" in text
    assert "   Streamed tool-call deltas have no `index`. Seen: `delta 0 has no" in text
    assert "Not met" not in text


@pytest.mark.parametrize("text", ["`", "``", "a`b``c", "` `", "`` ` ``", examples.HOSTILE, "", "\n", "\\", "x|y"])
def test_text_cannot_end_its_code_span(text: str) -> None:
    span = code(text)
    fence = re.match("`+", span)
    assert fence
    assert "\n" not in span
    inner = span[len(fence[0]) : -len(fence[0])]
    assert span.endswith(fence[0])
    assert fence[0] not in re.findall("`+", inner)
    assert inner.strip()


def test_sentences_cannot_mention_link_or_format() -> None:
    text = plain("@acme see http://evil and www.evil.example #12 <b>x</b> [a](b) *c* `code` a|b")
    assert text == (
        r"@&#8203;acme see http:&#8203;//evil and w&#8203;ww.evil.example #&#8203;12 "
        r"\<b\>x\</b\> \[a\](b) \*c\* `code` a\|b"
    )
    assert plain("half `open") == r"half \`open"


def test_hostile_text_makes_no_html_no_line_and_no_cell() -> None:
    text = render("markdown", examples.hostile())
    assert not [line for line in text.splitlines() if line.lstrip().startswith("::")]
    text = re.sub(r"(?ms)^(`{3,})\n.*?^\1$", "", text)
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text.replace("\\`", ""))
    unescaped = re.findall(r"(?<!\\)<[^>]*>?", outside)
    assert set(unescaped) == {"<details>", "<summary>", "</summary>", "</details>"}
    assert not re.search(r"@\w", outside)
    assert not [line for line in text.splitlines() if line.startswith("# ")]
    tables = [line for line in text.splitlines() if line.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in tables} == {4}


def test_settings_to_paste_are_folded_and_complete() -> None:
    text = render("markdown", examples.working())
    folded = text.split("<details><summary>Settings to paste</summary>")[1].split("</details>")[0]
    assert folded.count("```\nBase URL: https://api.acme.example/v1\nR1: off\n```") == 3
    assert "Settings to paste" not in render("markdown", examples.unreachable())


def test_text_cannot_end_its_code_block() -> None:
    report = examples.hostile("````\n</details>\n::error::pwned\n")
    text = render("markdown", report)
    assert text.count("`````\n````\n</details>\n\\x3a:error::pwned\n`````") == 3


def test_advice_on_what_was_typed_is_quoted_first() -> None:
    text = render("markdown", examples.unreachable())
    assert "> - It ends in a slash. Type it without.\n\n| Client |" in text


def test_it_is_short_enough_for_a_comment() -> None:
    probes = [examples.probe(f"chat.p{n}", "x" * 900, severity=examples.INDEX.severity) for n in range(300)]
    seen = [Observation(p, "c" * 300, Outcome.FAILED, "|" * 2_000) for p in probes]
    text = render("markdown", examples.report(examples.run(), examples.judgement(), seen, []))
    assert len(text) < 60_000
    assert "… and 275 more" in text
