"""What Kilo Code 7.5.11 makes of a list of models: the button "Fetch models" of its dialog.

Source: https://github.com/Kilo-Org/kilocode, packages/kilo-vscode/src/shared/fetch-models.ts
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.clients.ai_sdk import json_text
from conformance.clients.ai_sdk.transport import body_text, elsewhere
from conformance.clients.reading import Listing
from conformance.clients.v8_json import NotJson
from conformance.evidence.exchange import Ended, Exchange, shorten

PATIENCE = 15.0  # seconds for the whole list
TIMEOUT = "The operation was aborted due to timeout"
NONE = "No model was found in the list."
_ORDER = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789"  # as JavaScript compares texts; letters come last


def listed(exchange: Exchange) -> Listing:
    """The ids in the order in which they are shown; a refusal is shown unchanged."""
    if exchange.ended is Ended.TIMED_OUT or exchange.seconds > PATIENCE:
        return Listing(complaint=TIMEOUT)
    if exchange.response is None:
        return Listing(complaint="fetch failed")
    if moved := elsewhere(exchange):
        return Listing(complaint=moved)
    if not exchange.ok:
        return Listing(complaint=f"HTTP {exchange.status}: {body_text(exchange)[:200]}".strip())
    if exchange.ended is not Ended.COMPLETE:
        return Listing(complaint="terminated")
    return _read(body_text(exchange))


def _read(text: str) -> Listing:
    try:
        value = json_text.parse(text)
    except NotJson as error:
        return Listing(complaint=shorten(error.message))
    entries = value.get("data") if isinstance(value, dict) else None
    entries = entries if isinstance(entries, list) else []
    if None in entries:
        return Listing(complaint="Cannot read properties of null (reading 'id')")
    ids = tuple(sorted(dict.fromkeys(_ids(entries)), key=_place))
    return Listing(ids, "" if ids else NONE)


def _ids(entries: list[Any]) -> Iterator[str]:
    for entry in entries:
        id = entry.get("id") if isinstance(entry, dict) else None
        if isinstance(id, str) and id.strip():
            yield json_text.joined(id.strip())


def _place(id: str) -> tuple[list[tuple[int, str]], str]:
    """The sort key of an id: punctuation, digits, letters; upper case after lower case."""
    folded = [(_ORDER.find(c) if c in _ORDER else len(_ORDER), c) for c in id.casefold()]
    return folded, id.swapcase()
