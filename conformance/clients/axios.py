"""The model list as Roo Code, the older Kilo Code and Cline request it: with axios, and with every failure ignored.

If anything goes wrong, their users see no suggestions and no reason.
"""

from __future__ import annotations

from conformance.clients.javascript import Thrown, each, maybe, member, truthy
from conformance.clients.reading import Listing
from conformance.clients.v8_json import parse
from conformance.evidence.exchange import Ended, Exchange


def listed(exchange: Exchange) -> Listing:
    """The ids in `data`, each once; axios reads JSON with any Content-Type."""
    if not exchange.ok or exchange.ended is not Ended.COMPLETE or exchange.undecodable:
        return Listing()
    try:
        models = maybe(parse(exchange.text.removeprefix("\ufeff")), "data")
        if not isinstance(models, list):  # nothing else has `map`
            return Listing()
        ids = [member(model, "id") for model in each(models, "data")]
    except Thrown:
        return Listing()
    return Listing(tuple(dict.fromkeys(id_ for id_ in ids if isinstance(id_, str) and truthy(id_))))
