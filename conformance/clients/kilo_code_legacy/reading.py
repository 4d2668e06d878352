"""What Kilo Code 5.10.4, the extension before its rebuild, makes of an answer: what Roo Code does, with a few differences. Pure.

Source: https://github.com/Kilo-Org/kilocode-legacy
"""

from __future__ import annotations

from conformance.clients import axios
from conformance.clients.overflow import CEREBRAS
from conformance.clients.reading import Listing, Reading
from conformance.clients.roo_code.fork import ROO_CODE, Fork
from conformance.clients.roo_code.reading import read_as
from conformance.evidence.exchange import Exchange

KILO_CODE_LEGACY = Fork(
    name="Kilo Code",
    agent="Kilo Code",
    streamed_reasoning=("reasoning_content", "reasoning"),
    whole_reasoning="reasoning",
    coerces_ids=True,
    needs_choices=True,
    no_answer=("The model's response ended unexpectedly (no assistant messages). This may be a sign of rate limiting."),
    overflow=(CEREBRAS,),
    minimum={**ROO_CODE.minimum, "read_file": ("files",)},
)


def read(exchange: Exchange) -> Reading:
    """The answer to a chat request of the older Kilo Code, of any kind."""
    return read_as(KILO_CODE_LEGACY, exchange)


def listed(exchange: Exchange) -> Listing:
    """The ids that it suggests; every failure is an empty list."""
    return axios.listed(exchange)
