"""What the runs of a sweep say of the known defects: whether each is noticed, and under which heading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from conformance.probes.catalogue import catalogue as probes
from conformance.reference import catalogue as faults
from tests.detection.records import Record
from tests.sweep import Concluded


def noticed(record: Record, runs: Mapping[str, Concluded]) -> bool:
    """True when every fault that reproduces the defect fails some requirement that is named for it."""
    return all(runs[name].failed.keys() & faults()[name].caught_by for name in record.faults)


def in_category(record: Record, runs: Mapping[str, Concluded]) -> bool:
    """True when every fault fails a requirement under the record's heading: for a `fail` one that affects a client."""
    return all(
        any(probes()[id].category.id == record.category for id in _counting(record, runs[name]))
        for name in record.faults
    )


def _counting(record: Record, run: Concluded) -> Iterable[str]:
    return run.felt if record.verdict == "fail" else run.failed
