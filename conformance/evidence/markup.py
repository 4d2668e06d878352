"""Tool calls that a model printed as text, in the forms of the common chat templates."""

from __future__ import annotations

import re

_FORMS = re.compile(
    r"""
    </?tool_calls?> | <\|/?tool_call(?:s_section)?(?:_begin|_end)?\|> | <tool_call\|> | <\|tool▁calls?▁begin\|>
  | <｜tool▁calls?▁(?:begin|end)｜> | </?[|｜]+DSML[|｜]+ | \[/?TOOL_CALLS\] | <\|python_tag\|>
  | <function=[\w.-]+> | <function_calls?> | <invoke\ name= | <\|channel\|> | <\|im_(?:start|end)\|>
  | <\|eot_id\|> | <\|end(?:_of_text|oftext)?\|> | <\|start_header_id\|> | <arg_key> | </arg_value>
    """,
    re.VERBOSE,
)


def tool_markup(text: str) -> str:
    """The first piece of raw markup in a text, or "" when there is none."""
    found = _FORMS.search(text)
    return found.group() if found else ""
