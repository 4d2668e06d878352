"""A small, correct, deterministic OpenAI-compatible provider, with named faults and variations.

A probe proves nothing until something makes it fail. The provider follows the chat completions API in full, so a probe
that fails against it is wrong. Each fault breaks one rule of the API on purpose. Each variation follows the API in
another form that real providers use.

The package imports nothing from the rest of the project, so the probes and the provider cannot share a misunderstanding.
"""

from conformance.reference.api import Provider
from conformance.reference.change import UnknownChange
from conformance.reference.fault import Fault, catalogue
from conformance.reference.server import Seen, Server, run_forever, serve
from conformance.reference.variation import Variation, known_variations

__all__ = [
    "Fault",
    "Provider",
    "Seen",
    "Server",
    "UnknownChange",
    "Variation",
    "catalogue",
    "known_variations",
    "run_forever",
    "serve",
]
