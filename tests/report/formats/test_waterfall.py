"""The requests over time: a row for each conversation, lanes for parallel requests, no picture without the times."""

from __future__ import annotations

import re
from typing import Any

import pytest

from conformance.evidence.exchange import Ended
from conformance.report.formats import render
from conformance.report.page.waterfall import rows, waterfall
from tests.report.formats import examples
from tests.report.formats.page import ATTRIBUTES, TAGS, Page


def shown(*asked: tuple[str, float, float], **fields: Any) -> list[dict[str, Any]]:
    """Exchanges of a report: conversation, when it was sent, how long it took."""
    exchanges = [
        examples.exchange(name, n, [b"a"], started=started, seconds=took, **fields)
        for n, (name, started, took) in enumerate(asked, 1)
    ]
    return list(examples.report(examples.run(), examples.judgement(), [], exchanges)["exchanges"])


def drawn(exchanges: list[dict[str, Any]]) -> Page:
    return Page(waterfall(rows(exchanges), {exchange["id"]: exchange["id"] for exchange in exchanges}))


def bars(page: Page, kind: str) -> list[tuple[float, float, float]]:
    """Where each bar of a kind begins, on which height, and how long it is."""
    paths = [a["d"] or "" for tag, a in page.found if tag == "path" and a["class"] == kind]
    found = re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)", "".join(paths))
    return [(float(x), float(y), float(length)) for x, y, length in found]


def test_a_bar_begins_when_its_request_was_sent_and_its_parts_fill_its_time() -> None:
    page = drawn(shown(("first", 0.0, 0.5), ("second", 0.5, 0.5)))
    assert bars(page, "wait") == [(0, 6, 210), (500, 22, 210)]  # the head comes after 0.21 s of 1 s
    assert bars(page, "take") == [(210, 6, 290), (710, 22, 290)]


def test_a_name_is_after_its_bars_before_them_or_above_them_by_the_room() -> None:
    page = drawn(shown(("whole", 0.0, 1.0), ("early", 0.1, 0.2), ("late", 0.8, 0.2)))
    texts = [a for tag, a in page.found if tag == "text" and a["y"] != "12"]
    assert [(a["x"], a["y"], a.get("class")) for a in texts] == [
        ("0.00%", "10", None),
        ("30.00%", "38", None),
        ("80.00%", "54", "end"),
    ]
    assert [y for _, y, _ in bars(page, "wait")] == [18, 34, 50]


def test_requests_of_one_conversation_share_a_row_and_have_lanes_only_when_parallel() -> None:
    one, two = rows(shown(("in_turn", 0.1, 1.0), ("in_turn", 1.1, 1.0), ("at_once", 0.2, 1.0), ("at_once", 0.3, 1.0)))
    assert (one.name, [bar.lane for bar in one.bars]) == ("in_turn", [0, 0])
    assert (two.name, [bar.lane for bar in two.bars]) == ("at_once", [0, 1])
    assert two.height(10.0) > one.height(10.0)


def test_rows_are_in_the_order_in_which_the_conversations_began() -> None:
    assert [row.name for row in rows(shown(("a", 0.0, 0.1), ("late", 3.0, 0.1), ("b", 1.0, 0.1)))] == ["a", "b", "late"]


def test_broken_off_responses_are_marked() -> None:
    page = drawn(shown(("a", 0.0, 1.0), ("b", 0.5, 1.0), ended=Ended.RESET))
    assert len(bars(page, "broke")) == 2
    assert bars(page, "take") == []


def test_without_the_times_of_the_requests_there_is_no_picture() -> None:
    unknown = shown(("a", 0.0, 1.0), ("b", 0.0, 1.0), ("c", 0.7, 1.0))
    assert waterfall(rows(unknown), {}) == ""
    assert rows([{k: v for k, v in x.items() if k != "started"} for x in unknown]) == []
    report = examples.report(examples.run(), examples.judgement(), [], [examples.exchange("s", n) for n in (1, 2)])
    assert "Requests over time" not in render("html", report)


def test_the_first_request_may_have_been_sent_at_the_very_beginning() -> None:
    assert len(rows(shown(("a", 0.0, 1.0), ("b", 0.7, 1.0)))) == 2


@pytest.mark.parametrize(("started", "seconds"), [(1e300, 1e300), (1e-300, 0.0), (0.2, 1e9), (9e5, 1e-9)])
def test_extreme_times_do_not_break_the_picture(started: float, seconds: float) -> None:
    odd = [{**x, "started": started, "seconds": seconds} for x in shown(("a", 0.1, 1.0), ("b", 0.2, 1.0))]
    page = drawn(odd)
    for kind in ("wait", "take"):
        assert all(0 <= x <= 1_000 and length <= 1_000 for x, _, length in bars(page, kind))
    assert page.within("text")


def test_three_hundred_requests_make_a_small_picture_with_every_name() -> None:
    many = shown(*((f"talk_{n // 3}", n / 10, 0.25) for n in range(300)))
    picture = waterfall(rows(many), {exchange["id"]: "x1" for exchange in many})
    assert len(picture) < 40_000
    assert {text for text in Page(picture).within("a") if text.startswith("talk_")} == {f"talk_{n}" for n in range(100)}


def test_names_are_text_and_link_to_the_evidence() -> None:
    evil = "<script>alert(1)</script>\"'><svg onload=x>"
    page = drawn([{**x, "conversation": evil} for x in shown(("a", 0.1, 1.0), ("a", 0.9, 1.0))])
    assert {tag for tag, _ in page.found} <= TAGS - {"script"}
    assert {name for _, attributes in page.found for name in attributes} <= ATTRIBUTES
    assert "<script>alert(1)</script>" in "".join(page.within("text"))
    assert [a["href"] for tag, a in page.found if tag == "a"] == ["#a#1"]
    assert page.within("title") == ["2 requests between 0.10 s and 1.90 s"]
