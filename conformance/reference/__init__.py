"""A small, correct, deterministic OpenAI-compatible provider, and named ways to spoil and to vary it.

A probe proves nothing until something has made it fail. This package is that something: a provider that keeps every
promise of the chat completions API, so that a probe which fails against it is the probe's own mistake; a catalogue
of faults, each of which breaks one promise on purpose; and one of variations, each of which keeps them in another form
that real providers have.

It imports nothing of the rest of the project: the judge and the judged must not share their misunderstandings.
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
