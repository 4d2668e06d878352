"""Tool calls that a model printed as text, and the special tokens of chat templates.

A server turns such text into native calls when its parser for the model's family is on. When it is off, the text
reaches the user, and the family shows which parser is missing. Text is hostile: everything here is total and takes time
proportional to its length.
"""

from __future__ import annotations

import json
import re

from conformance.evidence.chat import Reply
from conformance.evidence.exchange import Request
from conformance.evidence.markup.families import FAMILIES, Family
from conformance.evidence.markup.parse import PrintedCall, printed_calls

__all__ = ["FAMILIES", "Family", "PrintedCall", "asked_for", "printed_calls", "tool_markup", "unasked_call"]

_MARKUP = re.compile(
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
    found = _MARKUP.search(text)
    return found.group() if found else ""


def asked_for(piece: str, request: Request) -> bool:
    """True when the request contains the piece, however its JSON escapes it (Go escapes `<`).

    A model that repeats the piece then does what the request asks for.
    """
    body = request.body.decode("utf-8", "replace")
    spelled = [json.dumps(piece, ensure_ascii=escaped)[1:-1] for escaped in (False, True)]
    if any(text in body for text in spelled):
        return True
    return r"\u003c" in body and spelled[0] in json.dumps(request.json, ensure_ascii=False, default=str)


def unasked_call(text: str, reply: Reply) -> PrintedCall | None:
    """The first call of an offered function that a text of the reply contains and its request does not."""
    calls = printed_calls(text, reply.tools)
    return next((call for call in calls if not asked_for(call.text, reply.exchange.request)), None)
