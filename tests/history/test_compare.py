"""Reports compared: the best for a client first, read without their evidence, escaped in every form."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import UsageError
from conformance.history import compare
from conformance.probes.catalogue import catalogue
from conformance.report.json_file import dumps
from conformance.report.summary import FEATURES, conclusions
from conformance.report.tables import as_html, as_markdown, as_terminal
from conformance.schema import violations
from tests.command import Command
from tests.report.formats import examples


def made(name: str, base: dict[str, Any] | None = None, **changed: Any) -> tuple[str, dict[str, Any]]:
    """A report of a model of that name, with some of its parts changed."""
    report = base or examples.working()
    endpoint = {**report["endpoint"], "model": name, **changed.pop("endpoint", {})}
    return f"{name}.json", {**report, "endpoint": endpoint, **changed}


def verdicts(**wanted: str) -> dict[str, Any]:
    known = examples.working()["clients"]
    return {id: {**c, "verdict": wanted.get(id.replace("-", "_"), "works")} for id, c in known.items()}


def order(*reports: tuple[str, dict[str, Any]], client: str = "roo-code") -> list[str]:
    return [e["model"] for e in compare.comparison(reports, client)["reports"]]


def spread(median: float) -> dict[str, Any]:
    values = {"median": median, "low": median, "high": median, "count": 3}
    return {"first_token": values, "tokens_per_second": values}


def test_the_verdict_for_the_client_comes_first() -> None:
    a = made("a", clients=verdicts(roo_code="degraded"))
    b = made("b", clients=verdicts(kilo_code="fails"))
    c = made("c", clients=verdicts(roo_code="unknown"))
    assert order(a, b, c) == ["b", "a", "c"]
    assert order(a, b, c, client="kilo-code") == ["a", "c", "b"]


def test_then_tool_calling_problems_time_and_price() -> None:
    tools = {**examples.working()["tool_calling"], "level": "partial"}
    sick = {id: {**c, "status": "problem"} for id, c in examples.working()["categories"].items()}
    priced = {"configuration": {"input_price": 1, "output_price": 2}}
    dear = {"configuration": {"input_price": 10, "output_price": 2}}
    reports = [
        made("tools", tool_calling=tools),
        made("sick", categories=sick),
        made("slow", timings=spread(2.0)),
        made("dear", timings=spread(0.5), endpoint=dear),
        made("cheap", timings=spread(0.5), endpoint=priced),
    ]
    assert order(*reports) == ["cheap", "dear", "slow", "sick", "tools"]


def test_it_has_limits_speed_and_price() -> None:
    priced = {"configuration": {"input_price": 1.5, "output_price": "much"}}
    (entry,) = compare.comparison([made("a", timings=spread(0.5), endpoint=priced)], "roo-code")["reports"]
    found = compare.comparison([made("a", timings=spread(0.5)), ("h", examples.hostile())], "roo-code")
    assert violations("conformance/compare", found) == []
    assert entry["first_token"] == 0.5
    assert entry["price"] == {"input": 1.5, "output": None, "turn": None, "run": 0.0173}
    assert "1.5 / ?" in as_terminal(compare.page(compare.comparison([made("a", endpoint=priced)], "roo-code")))


def observed(probe: str, *outcomes: str) -> list[dict[str, Any]]:
    (one, *_) = examples.working()["observations"]
    return [{**one, "probe": probe, "case": str(n), "outcome": o} for n, o in enumerate(outcomes)]


def test_features_are_judged_by_the_requirements_that_show_them() -> None:
    seen = [
        *observed("tools.parallel", "passed", "failed"),
        *observed("tools.required", "passed", "not-applicable"),
        *observed("images.seen", "not-applicable"),
    ]
    found = compare.comparison([made("a", observations=seen), made("b")], "roo-code")
    judged = {name: shown for name, shown in found["reports"][0]["features"].items() if shown is not None}
    assert judged == {"parallel calls": False, "forced calls": True}
    assert violations("conformance/compare", found) == []
    (features,) = (table for table in compare.page(found).tables if table.title == "Features")
    assert features.head == ("endpoint", "forced calls", "parallel calls")
    assert features.rows == [("1. a at acme", "yes", "no"), ("2. b at acme", "", "")]


def test_features_are_known_requirements() -> None:
    assert set(FEATURES.values()) <= catalogue().keys()


def test_the_price_of_a_turn_is_the_median_of_the_clients_turns() -> None:
    (turn, *_) = examples.working()["turns"]
    paid = [{**turn, "client": c, "price": p} for c, p in (("roo-code", 1.0), ("roo-code", 3.0), ("cline", 9.0))]
    report = made("a", turns=[*paid, {**turn, "client": "roo-code", "price": None}])
    prices = {
        client: compare.comparison([report], client)["reports"][0]["price"]["turn"]
        for client in ("roo-code", "cline", "kilo-code")
    }
    assert prices == {"roo-code": 2.0, "cline": 9.0, "kilo-code": None}


@pytest.mark.parametrize("form", [as_terminal, as_markdown, as_html])
def test_hostile_reports_are_escaped(form: Callable[[Any], str]) -> None:
    text = form(compare.page(compare.comparison([("x", examples.hostile()), made("b")], "cline")))
    assert not [c for c in text if not c.isprintable() and c != "\n"]
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text.replace("\\`", ""))  # outside of code spans in Markdown
    assert form is as_terminal or not re.search(r"(?<!\\)<script>", outside)


@pytest.mark.parametrize("example", examples.every_example())
def test_conclusions_are_those_of_the_report_in_any_order_of_its_keys(tmp_path: Path, example: str) -> None:
    report = examples.every_example()[example]
    showing = observed("tools.parallel", "passed", "failed")
    report = {**report, "observations": [showing[0], *report["observations"], showing[1]]}
    (tmp_path / "ours.json").write_text(dumps(report), encoding="utf-8")
    (tmp_path / "theirs.json").write_text(json.dumps(report, sort_keys=True, indent=0), encoding="utf-8")
    ours, theirs = (conclusions(tmp_path / f"{name}.json") for name in ("ours", "theirs"))
    assert ours == theirs
    assert {key: ours[key] for key in ("clients", "cost", "endpoint")} == {
        key: report[key] for key in ("clients", "cost", "endpoint")
    }
    assert (ours["exchanges"], ours["observations"]) == ([], showing)


@pytest.mark.parametrize("key", ["observations", "clients", "exchanges", "tool_calling"])
def test_conclusions_of_an_invalid_report_are_refused(tmp_path: Path, key: str) -> None:
    file = tmp_path / "bad.json"
    file.write_text(dumps({k: v for k, v in examples.working().items() if k != key}), encoding="utf-8")
    with pytest.raises(UsageError, match=f"not a valid report: {key}"):
        conclusions(file)


def test_the_command(command: Command, here: Path) -> None:
    for name, report in (made("good"), made("bad", examples.failing())):
        (here / name).write_text(dumps(report), encoding="utf-8")
    compared = json.loads(command("compare", "bad.json", "good.json", "--format", "json").out)
    assert [e["file"] for e in compared["reports"]] == ["good.json", "bad.json"]
    assert command("compare", "good.json", "bad.json", "--format", "html", "--output", "c.html").code == 0
    assert (here / "c.html").read_text("utf-8").startswith("<!doctype html>")


def test_bad_input_is_one_line_and_overwrites_nothing(command: Command, here: Path) -> None:
    (here / "good.json").write_text(dumps(examples.working()), encoding="utf-8")
    (here / "c.html").write_text("kept")
    (here / "bad.json").write_text("{")
    for wrong in (("bad.json",), ("nowhere.json",), (".",), ("good.json", "--client", "roo")):
        ran = command("compare", "good.json", *wrong, "--output", "c.html")
        assert (ran.code, ran.out, ran.err.count("\n")) == (4, "", 1), wrong
    assert (here / "c.html").read_text() == "kept"
