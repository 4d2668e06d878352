"""Tool calls that a model printed as text, and the special tokens of chat templates.

A server turns such text into native calls when its parser for the model's family is on. Where it is not, the text reaches
the user, and the family tells which parser is missing. Text is hostile: everything here is total and takes time in
proportion to its length.
"""

from __future__ import annotations

import json
import re

from conformance.evidence.chat import Reply
from conformance.evidence.exchange import Request
from conformance.evidence.markup.families import FAMILIES, Family
from conformance.evidence.markup.parse import Printed, printed_calls

__all__ = ["FAMILIES", "Family", "Printed", "asked_for", "printed_calls", "tool_markup", "unasked_call"]

_SIGNS = re.compile(
    r"""
    </?tool_calls?> | <\|/?tool_call(?:s_section)?(?:_begin|_end)?\|> | <tool_call\|> | <\|tool▁calls?▁begin\|>
  | <｜tool▁calls?▁(?:begin|end)｜> | </?[|｜‖]+DSML[|｜‖]+ | \[/?TOOL_CALLS\] | <\|python_tag\|>
  | <function=[\w.-]+> | <function_calls?> | <invoke\ name= | <\|channel\|> | <\|im_(?:start|end)\|>
  | <\|eot_id\|> | <\|end(?:_of_text|oftext)?\|> | <\|start_header_id\|> | <arg_key> | </arg_value>
    """,
    re.VERBOSE,
)


def tool_markup(text: str) -> str:
    """The first piece of raw markup in a text, or "" when there is none."""
    found = _SIGNS.search(text)
    return found.group() if found else ""


def asked_for(piece: str, request: Request) -> bool:
    """True when the piece stands in the request: a model that repeats it does as it was told.

    However its JSON spells it: Go writes `<` as an escape.
    """
    body = request.body.decode("utf-8", "replace")
    spelled = [json.dumps(piece, ensure_ascii=escaped)[1:-1] for escaped in (False, True)]
    if any(text in body for text in spelled):
        return True
    return r"\u003c" in body and spelled[0] in json.dumps(request.json, ensure_ascii=False, default=str)


def unasked_call(text: str, reply: Reply) -> Printed | None:
    """The first call of an offered function that is printed in a text of the reply and not repeated from its request."""
    calls = printed_calls(text, reply.tools)
    return next((call for call in calls if not asked_for(call.text, reply.exchange.request)), None)
