"""The words of the model that llama.cpp serves: what it can say, what it knows by heart, and how it reads prompts.

Only words, so that tests can look at them without the packages that write the model.
"""

from __future__ import annotations

import json
from typing import Any

from conformance.clients.agent_texts import FINISH as FINISHING
from conformance.clients.agent_texts import READS, compact
from conformance.probes.conversations import offered
from conformance.probes.conversations.load import MARKERS

SPACE = "\u2581"  # how this kind of tokenizer spells a blank
NEWLINE = "<0x0A>"
START, END, TURN, END_TURN = "<s>", "</s>", "<|im_start|>", "<|im_end|>"
TOOLS, CALL, END_CALL, RESULT = "<tools>", "<tool_call>", "</tool_call>", "<tool_result>"
TWICE, GREET, COUNT = "twice", "hello", "Count"
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, BYTE = 1, 2, 3, 4, 6

# No word may come up again in any sentence: the table knows only one successor for each.
ANSWER = (
    "Hello! I am a tiny model whose weights were set by hand, so every question gets this same reply; "
    "nothing here was ever learned, but each word comes out as one token and the text goes on long enough "
    "to watch it arrive, cut short, or stop early."
)
COMMENT = "The tool says that all is well."
NUMBERS = " ".join(map(str, range(1, 101)))

GET, READ, FINISH = "get_", "read_file", "attempt_completion"  # how names of tools begin


def cut(text: str, size: int) -> tuple[str, ...]:
    """A text as tokens, the first of so many bytes and each a byte longer than the one before, so that no two are alike.

    Characters are cut in two as well, as real models do with an emoji.
    """
    raw, pieces = text.encode(), []
    while raw:
        pieces.append(raw[:size].decode(errors="surrogateescape"))
        raw, size = raw[size:], size + 1
    return tuple(pieces)


def _read(arguments: dict[str, Any]) -> tuple[str, ...]:
    path_and_lines, comma, rest = compact(arguments).partition(',"mode"')
    return (path_and_lines, *cut(comma + rest, 16))


# What the suite asks to have written, known by heart piece by piece.
ECHO = cut(offered.NASTY_TEXT, 7)
SHORT_READ = (json.dumps(offered.READ_ARGUMENTS),)
LONG_WRITE = cut(json.dumps({"path": "src/main.py", "content": offered.LONG_CODE}, ensure_ascii=False), 40)
AGENT_READS = tuple(map(_read, READS))
AGENT_FINISH = cut(FINISHING[FINISHING.index("{") :], 16)
ARGUMENTS = (SHORT_READ, LONG_WRITE, *AGENT_READS, AGENT_FINISH)
CROWD = {text: cut(text, 8) for text in (" ".join([marker] * 24) for marker in MARKERS)}

# By the token of a prompt that asks for it. Where the text is not the same all over, that is its first piece.
ALONE = {text[0]: text for text in (ECHO, *ARGUMENTS)}
KNOWN = ALONE | CROWD

# What prompts with many tools mostly consist of. Read as one token each, such a prompt is half as long, and attention
# over it takes a quarter of the time; the model itself never writes them.
PROMPT_WORDS = (
    " the of to is it as and with this when only every out tool tools argument arguments line file workspace changes"
    " needed keep Use Give Show SEARCH REPLACE that what in for you are relative null not one command or user return"
    " something result first answer from question conversation before expression call where mode list change at lines"
)
PROMPT_MARKS = (
    '"type": "function"',
    '"function": {',
    '"name": "',
    '"description": "',
    '"parameters": {',
    '"properties": {',
    '"required": ["',
    '"additionalProperties": false',
    '"type": "object"',
    '{"type": "string"',
    '{"type": "boolean"}',
    '": "',
    '", "',
    '"}, "',
    "-------",
    "=======",
    "<<<<<<<",
    ">>>>>>>",
)

TEMPLATE = """
{%- macro turn(role, text) %}<|im_start|>{{ role }}\n{{ text }}<|im_end|>\n{% endmacro -%}
{%- if tools %}
  {{- "<|im_start|>system\nFunctions to call:\n<tools>" }}
  {%- for tool in tools %}{{ "\n" + (tool | tojson) }}{% endfor %}
  {{- "\n</tools><|im_end|>\n" }}
{%- endif %}
{%- for message in messages %}
  {%- if message.role == "tool" %}
    {{- turn("user", "<tool_result>\n" + message.content + "\n</tool_result>") }}
  {%- elif message.tool_calls %}
    {{- "<|im_start|>assistant\n" + (message.content or "") }}
    {%- for call in message.tool_calls %}
      {{- "" if loop.first else "\n" }}
      {{- '<tool_call>\n{"name": "' + call.function.name + '", "arguments": ' }}
      {{- call.function.arguments if call.function.arguments is string else call.function.arguments | tojson }}
      {{- "}\n</tool_call>" }}
    {%- endfor %}
    {{- "<|im_end|>\n" }}
  {%- else %}
    {{- turn(message.role, message.content or "") }}
  {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{ "<|im_start|>assistant\n" }}{% endif %}
"""


def words(sentence: str) -> list[str]:
    """A sentence as tokens: each word with the blank before it."""
    first, *rest = sentence.split()
    return [first, *(SPACE + word for word in rest)]


def vocabulary() -> dict[str, int]:
    """Every token's text with its kind, in the order of the token ids."""
    tokens = {"<unk>": UNKNOWN, START: CONTROL, END: CONTROL, TURN: CONTROL, END_TURN: CONTROL}
    tokens |= {f"<0x{byte:02X}>": BYTE for byte in range(256)}
    tokens |= dict.fromkeys((TOOLS, CALL, END_CALL, RESULT, TWICE, GREET, COUNT), USER_DEFINED)
    tokens |= dict.fromkeys([*(f" {word}" for word in PROMPT_WORDS.split()), *PROMPT_MARKS], USER_DEFINED)
    tokens |= dict.fromkeys((READ, FINISH, *KNOWN, *(piece for text in KNOWN.values() for piece in text)), USER_DEFINED)
    tokens |= {chr(code): NORMAL for code in range(33, 127)} | {SPACE: NORMAL}
    for text in (*words(ANSWER), *words(COMMENT), *words(NUMBERS), GET, "Paris", "true", "false", "null"):
        tokens.setdefault(text, NORMAL)
    return tokens
