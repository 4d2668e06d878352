"""A small, correct, deterministic OpenAI-compatible provider, and named ways to spoil it.

A probe proves nothing until something has made it fail. This package is that something: a provider that keeps every
promise of the chat completions API, so that a probe which fails against it is the probe's own mistake, and a catalogue
of faults, each of which breaks one promise on purpose.

It imports nothing of the rest of the project: the judge and the judged must not share their misunderstandings.
"""

from conformance.reference.api import Provider
from conformance.reference.fault import Fault, UnknownFault, catalogue
from conformance.reference.server import Seen, Server, run_forever, serve

__all__ = ["Fault", "Provider", "Seen", "Server", "UnknownFault", "catalogue", "run_forever", "serve"]
