"""The report: complete, valid against its own schema, deterministic, and small whatever a server sends."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import UsageError
from conformance.evidence.exchange import Chunk, Exchange, Request, Response
from conformance.evidence.truncate import fitted, level, size, truncated
from conformance.judging.observation import Observation
from conformance.report.build import Cost
from conformance.report.json_file import dumps, load
from conformance.requirements import Blame, Outcome, Severity
from conformance.schema import violations
from tests.quick import only
from tests.report.formats import examples

MEGABYTE = 1_000_000


@pytest.mark.parametrize("name", examples.every_example())
def test_every_example_is_valid_and_survives_writing_and_reading(name: str, tmp_path: Path) -> None:
    report = examples.every_example()[name]
    assert violations("conformance/report", report) == []
    path = tmp_path / "report.json"
    path.write_text(dumps(report), encoding="utf-8")
    assert load(path) == report


def test_the_same_run_gives_the_same_bytes_in_any_order_of_its_parts() -> None:
    said = examples.judgement()
    one, two = examples.exchange("tool_stream"), examples.exchange("long_prompt")
    seen = [Observation(examples.INDEX, "b", Outcome.PASSED), Observation(examples.ROLE, "a", Outcome.PASSED)]
    first = examples.report(examples.run(), said, seen, [one, two])
    second = examples.report(examples.run(), said, seen[::-1], [two, one])
    assert dumps(first) == dumps(second)
    assert [o["probe"] for o in first["observations"]] == ["stream.role-first", "toolstream.delta-index"]


def test_observations_have_a_blame() -> None:
    blames = [(o["outcome"], o["blame"]) for o in examples.failing()["observations"]]
    assert ("failed", "provider") in blames
    assert ("blocked", "settings") in blames
    assert ("passed", None) in blames


def test_what_breaks_most_chosen_clients_comes_first_and_wrong_settings_come_alone() -> None:
    both = {"roo-code": Severity.BREAKS, "kilo-code": Severity.BREAKS}
    probes = [
        examples.probe("chat.a", "A.", severity={"roo-code": Severity.DEGRADES}),
        examples.probe("chat.b", "B.", severity={"roo-code": Severity.BREAKS}),
        examples.probe("chat.c", "C.", severity=both),
        examples.probe("chat.e", "E.", severity={"ai-sdk": Severity.BREAKS}),
        examples.probe("chat.f", "F."),
    ]
    seen = [Observation(p, case, Outcome.FAILED, "no") for p in probes for case in ("x", "y")]
    first = examples.report(examples.run(["roo-code", "kilo-code"]), examples.judgement(), seen, [])["first"]
    assert [step["probe"] for step in first] == ["chat.c", "chat.b", "chat.a"]
    assert first[0]["clients"] == {"roo-code": "breaks", "kilo-code": "breaks"}
    assert first[0]["cases"] == ["x", "y"]
    wrong = examples.probe("chat.d", "D.", severity={"roo-code": Severity.DEGRADES}, blame=Blame.SETTINGS)
    seen.append(Observation(wrong, "x", Outcome.FAILED, "no"))
    first = examples.report(examples.run(["roo-code", "kilo-code"]), examples.judgement(), seen, [])["first"]
    assert [step["probe"] for step in first] == ["chat.d"], "until it is right nothing else could be judged"


def test_short_evidence_is_kept_in_full() -> None:
    seen = examples.exchange(chunks=(b"data: \xe2\x82", b"\xac\n\n", b"", "日本".encode()))
    kept = examples.report(examples.run(), examples.judgement(), [], [seen])["exchanges"][0]
    assert kept["chunks"][0][1] == {"base64": "ZGF0YTog4oI="}
    assert [text for _, text in kept["chunks"][2:]] == ["", "日本"]
    assert json.loads(kept["request"]["body"])["model"] == "acme-large"
    assert (kept["cut"], kept["cut_at"], kept["request"]["cut"]) == (0, None, 0)


FLOODS = {
    "plain": [b"x" * 65_536] * 64,
    "control": [b"\x00\x1b\x7f" * 21_845] * 64,
    "binary": [random.Random(7).randbytes(65_536)] * 64,
    "one chunk": [b"\x01" * 4 * MEGABYTE],
    "wide": ["😀".encode() * 16_384] * 64,
    "single bytes": [b"\x02"] * 20_000,
    "empty chunks": [b""] * 20_000,
    "half characters": [b"\xf0\x9f"] * 20_000,
}


@pytest.mark.parametrize("kind", only(FLOODS, lambda kind: len(FLOODS[kind]) <= 64))
def test_floods_stay_below_four_megabytes_and_count_what_is_left_out(kind: str) -> None:
    chunks = FLOODS[kind]
    asked = Request("POST", "http://x/", (), (chunks[0] * 20)[: 2 * MEGABYTE])
    one = examples.exchange("tool_stream", 1, chunks, request=asked)
    flood = [replace(one, id=f"tool_stream#{n}") for n in range(30)]
    report = examples.report(examples.run(), examples.judgement(), [], [*flood, examples.exchange("plain_stream", 1)])
    assert 3 * MEGABYTE < len(dumps(report).encode()) < 4 * MEGABYTE
    assert violations("conformance/report", {**report, "exchanges": report["exchanges"][-3:]}) == []
    cut, whole = report["exchanges"][0], report["exchanges"][-1]
    assert (whole["cut"], whole["request"]["cut"], len(whole["chunks"])) == (0, 0, 1)
    assert cut["cut"] + sum(_bytes(entry) for entry in cut["chunks"]) == sum(map(len, chunks))
    assert len(cut["chunks"]) < len(chunks) or cut["cut"] > 0


def _bytes(entry: list[Any]) -> int:
    text = entry[1]
    return len(text["base64"].rstrip("=")) * 3 // 4 if isinstance(text, dict) else len(text.encode())


@pytest.mark.full
def test_hostile_messages_and_headers_stay_within_the_budget_too() -> None:
    headers = tuple((f"x-{n}", "\x01" * 5_000) for n in range(100))
    flood = [examples.exchange(n=n, response=Response(200, headers, "\x01" * MEGABYTE)) for n in range(60)]
    seen = [Observation(examples.INDEX, str(n), Outcome.FAILED, "\x01" * MEGABYTE, "\x02" * 9_000) for n in range(900)]
    said = examples.judgement(summary="\x01" * MEGABYTE)
    report = examples.report(examples.run(), said, seen, flood)
    assert len(dumps(report).encode()) < 4 * MEGABYTE
    assert report["exchanges"][0]["response"]["headers_cut"] > 0
    assert all(len(o["actual"]) <= 2_000 for o in report["observations"])


def test_a_cut_keeps_head_and_tail() -> None:
    numbered = [f"data: {n}\n\n".encode() for n in range(10_000)]
    kept = truncated([examples.exchange(chunks=numbered)], 20_000)[0]
    assert kept["chunks"][0][1] == "data: 0\n\n"
    assert kept["chunks"][-1][1] == "data: 9999\n\n"
    before, after = kept["chunks"][kept["cut_at"] - 1 : kept["cut_at"] + 1]
    assert before[0] < after[0] - 1
    blank = Request("POST", "/", (), b"a" + b" " * 9_000 + b"z")
    body = truncated([examples.exchange(request=blank)], 3_000)[0]["request"]["body"]
    assert (body[:2], body[-2:]) == ("a ", " z")
    assert "bytes cut" in body


def test_a_budget_of_nothing_still_gives_a_report() -> None:
    kept = truncated([examples.exchange(chunks=(b"x" * 100,))], 0)[0]
    assert (kept["chunks"], kept["cut"], kept["request"]["body"]) == ([], 100, "")


def test_short_texts_are_kept_before_long_ones_are_cut() -> None:
    assert level([10, 1_000, 2_000], 510) == 250
    assert level([10, 20], 1_000) == 20
    assert level([], 5) == 0
    assert level([5, 5], 0) == 0


def test_a_fitted_text_never_exceeds_its_room() -> None:
    for room in (2, 10, 50, 2_000):
        assert size(fitted("x" * 5_000, room)) <= room
    assert fitted("short", 10) == "short"


def test_numbers_and_texts_that_json_cannot_hold_are_made_safe() -> None:
    facts = examples.run(seconds=float("inf"), cost=Cost(1, 1, 1, float("nan"), False))
    text = dumps(examples.report(facts, examples.judgement(summary="\ud800"), [], []))
    assert json.loads(text)["cost"]["price"] is None
    assert "\\\\ud800" in text
    text.encode("utf-8")


@pytest.mark.full
def test_chunks_are_cut_in_linear_time() -> None:
    chunks = tuple(Chunk(n / 1000, b"\x1b") for n in range(300_000))
    assert size(truncated([examples.exchange(chunks=())], 10_000)) < 10_000
    seen = [Exchange(f"a#{n}", "a", Request("GET", "/"), None, chunks) for n in range(4)]
    assert size(truncated(seen, MEGABYTE)) <= MEGABYTE


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "does not say"),
        (b'{"schema": "conformance/rapport/1"}', "does not say"),
        (b'{"schema": "conformance/report/2"}', "in the format 'conformance/report/2'"),
        (b'{"schema": "conformance/report/1"}', "not a valid report"),
        (b'{"schema": "conformance/report/1", "seconds": NaN}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_a_file_without_a_report_is_refused_in_one_line(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=words) as caught:
        load(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        load(tmp_path / "none.json")
