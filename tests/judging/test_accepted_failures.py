"""Files of accepted failures: their content stays, and a mistake in one is reported in one line."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import UsageError
from conformance.judging.policy import accepted_failures as known
from conformance.judging.policy.accepted_failures import AcceptedFailure
from conformance.report.json_file import dumps
from conformance.requirements.conversation import Depth
from tests.command import Command
from tests.report.formats import examples

ENTRY = '[[known]]\nprobe = "toolstream.index"\nreason = "r"\nowner = "o"\n'


def test_an_added_entry_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    entry = AcceptedFailure(
        "toolstream.index",
        'a "quoted" \\ text\n\x7f\x00 é 🙂',
        "me",
        "case",
        "m/1",
        date(2027, 1, 31),
        flaky=True,
        depth=Depth.THOROUGH,
        clients=frozenset({"cline", "ai-sdk"}),
    )
    assert known.add(file, [entry]) == [entry]
    assert known.load(file) == (entry,)


def test_comments_and_order_stay_and_nothing_is_added_twice(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text(f"# mine\n{ENTRY}# the end", encoding="utf-8")
    added = known.add(file, [AcceptedFailure("toolstream.index", "x", "y"), AcceptedFailure("chat.shape", "x", "y")])
    assert [k.probe for k in added] == ["chat.shape"]
    assert file.read_text("utf-8").startswith(f"# mine\n{ENTRY}# the end\n")
    assert [k.probe for k in known.load(file)] == ["toolstream.index", "chat.shape"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[known]", "not valid TOML"),
        ('[[known]]\nprobe = "toolstream.index"\nowner = "o"\n', "known[0].reason: is missing"),
        (ENTRY + 'untill = "2027-01-31"\n', "did you mean until?"),
        (ENTRY + "until = 2027-01-31\n", "must be a date in quotes"),
        (ENTRY + 'until = "2027-02-31"\n', "is not a date like 2027-01-31"),
        (ENTRY.replace("index", "indx"), "did you mean toolstream.index"),
        (ENTRY.replace('"r"', '" "'), "must say why"),
        ("known = 1", "must be a list"),
        (ENTRY + 'depth = "deep"\n', "known[0].depth: "),
        (ENTRY + 'clients = ["roo"]\n', "unknown client 'roo'"),
        (ENTRY + 'flaky = "yes"\n', "known[0].flaky: "),
    ],
)
def test_a_wrong_file_is_one_line_and_stays_unchanged(tmp_path: Path, text: str, expected: str) -> None:
    file = tmp_path / "known.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as wrong:
        known.add(file, [AcceptedFailure("chat.shape", "x", "y")])
    assert expected in str(wrong.value) and "\n" not in str(wrong.value)
    assert file.read_text("utf-8") == text
    assert [f.name for f in tmp_path.iterdir()] == ["known.toml"]


def test_a_renamed_requirement_is_still_known() -> None:
    assert known.parse(ENTRY.replace("index", "first-delta"), "f")[0].probe == "toolstream.first-id"


def test_the_command_accepts_what_affects_a_chosen_client_or_what_is_named(command: Command, here: Path) -> None:
    seen = examples.failing() | {
        "observations": [
            o | {"probe": "toolstream.index"} if o["probe"] == "toolstream.delta-index" else o
            for o in examples.failing()["observations"]
        ]
    }
    seen["observations"] = [
        o | {"probe": "usage.stream"} if o["probe"] == "usage.stream-totals" else o for o in seen["observations"]
    ]
    (here / "report.json").write_text(dumps(seen), encoding="utf-8")
    add = ("known", "add", "report.json", "--reason", "r", "--owner", "o")
    wrong = command(*add, "--probe", "chat.shape")
    assert (wrong.code, "did not fail in that report" in wrong.err, (here / "known.toml").exists()) == (4, True, False)
    assert command(*add, "--probe", "usage.stream", "--until", "2027-01-31").out.strip() == "known.toml: usage.stream"
    assert command(*add).out.strip() == "known.toml: toolstream.index"
    entries = tomllib.loads((here / "known.toml").read_text("utf-8"))["known"]
    assert entries[0] == {
        "probe": "usage.stream",
        "model": "acme-large",
        "reason": "r",
        "owner": "o",
        "until": "2027-01-31",
        "clients": ["kilo-code", "openai-python", "roo-code"],
    }


@pytest.mark.parametrize(
    ("depth", "times", "expected"),
    [
        ("standard", [None], {}),
        ("quick", [None], {"depth": "quick"}),
        ("thorough", [{"failed": 1, "judged": 3}], {"depth": "thorough", "flaky": True}),
        ("thorough", [{"failed": 1, "judged": 3}, {"failed": 3, "judged": 3}], {"depth": "thorough"}),
    ],
)
def test_the_command_records_the_depth_of_the_run_and_what_is_flaky(
    command: Command, here: Path, depth: str, times: list[dict[str, int] | None], expected: dict[str, Any]
) -> None:
    report = examples.failing()
    (one, *_) = (o for o in report["observations"] if o["outcome"] == "failed")
    often = [{"times": each} if each else {} for each in times]
    seen = [{**one, "probe": "toolstream.index", "case": str(n), **each} for n, each in enumerate(often)]
    (here / "r.json").write_text(dumps({**report, "depth": depth, "observations": seen}), encoding="utf-8")
    assert command("known", "add", "r.json", "--reason", "r", "--owner", "o").code == 0
    (entry,) = tomllib.loads((here / "known.toml").read_text("utf-8"))["known"]
    whose: dict[str, Any] = {"probe": "toolstream.index", "model": "acme-large", "reason": "r", "owner": "o"}
    whose |= {"clients": ["kilo-code", "openai-python", "roo-code"]}
    assert entry == whose | expected


@pytest.mark.parametrize(
    ("flags", "depth", "expected"),
    [
        (("--until", "2020-01-01"), "quick", "--until 2020-01-01: that day has passed"),
        (("--reason", " "), "quick", "known[0].reason: must say why"),
        (("--owner", ""), "quick", "known[0].owner: must name somebody"),
        (("--known", "nowhere/known.toml"), "quick", "cannot be written: No such file or directory\n"),
        ((), "recorded", "r.json: a report of recorded traffic"),
    ],
)
def test_a_useless_entry_is_not_written(
    command: Command, here: Path, flags: tuple[str, ...], depth: str, expected: str
) -> None:
    seen = [{**o, "probe": "toolstream.index"} for o in examples.failing()["observations"]]
    (here / "r.json").write_text(dumps({**examples.failing(), "depth": depth, "observations": seen}))
    ran = command("known", "add", "r.json", "--reason", "r", "--owner", "o", *flags)
    assert (ran.code, ran.out, ran.err.count("\n")) == (4, "", 1)
    assert expected in ran.err
    assert [file.name for file in here.iterdir()] == ["r.json"]
