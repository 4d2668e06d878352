"""Every known defect is complete, what it names exists, and its fault cites it."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from conformance.reference import Provider, known_variations
from conformance.reference import catalogue as faults
from conformance.requirements import CATEGORIES
from tests.detection.judging import in_category, noticed
from tests.detection.records import Record, records
from tests.sweep import KEY, Concluded

each_record = pytest.mark.parametrize("record", records(), ids=lambda r: r.slug)


@each_record
def test_a_record_is_complete_and_has_one_result(record: Record) -> None:
    results = (record.faults, record.variation, record.sound, record.not_on_the_wire)
    assert sum(map(bool, results)) == 1
    assert record.category in {category.id for category in CATEGORIES}
    assert record.verdict in ("fail", "warn", "pass")
    assert len(record.title) > 10
    assert re.fullmatch(r"https://\S+", record.address)


@each_record
def test_what_a_record_names_exists(record: Record) -> None:
    assert set(record.faults) <= faults().keys()
    assert not record.variation or record.variation in known_variations()
    assert (record.verdict == "pass") == bool(record.variation or record.sound)


@each_record
def test_a_fault_cites_the_source_of_its_record(record: Record) -> None:
    if record.faults:
        assert record.address in {faults()[name].source for name in record.faults}


def test_no_two_records_have_the_same_name() -> None:
    assert len({record.slug for record in records()}) == len(records())
    assert len({record.title for record in records()}) == len(records())


def refused(*messages: object, **fields: object) -> bool:
    body = {"model": "reference-1", "messages": messages or [{"role": "user", "content": "Hi"}], **fields}
    provider = Provider("reference-1", KEY)
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    wire = provider.handle("POST", "/v1/chat/completions", headers, json.dumps(body).encode())
    return wire.reply.status == 400


def test_the_sound_provider_does_what_records_say_of_it() -> None:
    long_name = {"type": "function", "function": {"name": "x" * 65, "parameters": {"type": "object"}}}
    done = {
        "parallel-without-tools": refused(parallel_tool_calls=True),
        "null-content-alone": refused({"role": "assistant", "content": None}),
        "long-names-refused": refused(tools=[long_name]),
    }
    assert done == dict.fromkeys((record.slug for record in records() if record.sound), True)


def failing(id: str) -> Concluded:
    """A run in which one requirement fails."""
    return Concluded({id: ""}, {}, (), {}, {}, "", 0)


def test_a_note_is_enough_for_a_warning_and_not_for_a_failure() -> None:
    warning = Record("a/b#1", "s", "t", "unexpected-results", "warn", faults=("done-missing",))
    runs = {"done-missing": failing("stream.done")}
    assert in_category(warning, runs)
    assert not in_category(replace(warning, verdict="fail"), runs)


def test_a_defect_is_noticed_when_each_of_its_faults_is() -> None:
    record = Record("a/b#1", "s", "t", "unexpected-results", "warn", faults=("done-missing", "created-moves"))
    seen = {"done-missing": failing("stream.done")}
    assert noticed(record, seen | {"created-moves": failing("chat.created")})
    assert not noticed(record, seen | {"created-moves": failing("stream.done")})
