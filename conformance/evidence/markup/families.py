"""The forms in which families of models write tool calls, by their chat templates. Data.

Sources: the parsers of vLLM (https://github.com/vllm-project/vllm/tree/main/vllm/tool_parsers) and SGLang
(https://github.com/sgl-project/sglang/tree/main/python/sglang/srt/function_call), one for each family.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = r"(?P<name>[A-Za-z_][\w.-]{0,63})"
_JSON = r"(?P<json>)"  # where the JSON value with name and arguments begins
_OBJECT = rf"{_JSON}\{{"
_LIST = rf"{_JSON}\[\s*\{{"
_BARS = "[|｜‖]+"


@dataclass(frozen=True)
class Family:
    """The form of one family; `looks` is an example for people.

    `begins` matches up to the function's name (group `name`), or up to the JSON value that contains it (empty group
    `json`). With a name, the call is whole when `ends` follows, or a JSON value at the group `arguments`. A `bare` form
    has no markup: only a declared name distinguishes it from other text.
    """

    id: str
    name: str
    looks: str
    begins: re.Pattern[str]
    ends: str = ""
    bare: bool = False


def _family(id: str, name: str, looks: str, begins: str, ends: str = "", *, bare: bool = False) -> Family:
    return Family(id, name, looks, re.compile(begins), ends, bare)


FAMILIES = (  # of overlapping forms, the one with more markup comes first
    _family(
        "hermes",
        "Hermes (also Qwen 2.5 and 3, Granite 4)",
        '<tool_call>{"name": ..., "arguments": ...}</tool_call>',
        rf"<tool_call>\s*{_OBJECT}",
    ),
    _family(
        "seed-oss",
        "Seed-OSS",
        "<seed:tool_call><function=...>...</function></seed:tool_call>",
        rf"<seed:tool_call>\s*<function={_NAME}>",
        "</function>",
    ),
    _family(
        "qwen3-coder",
        "Qwen3-Coder",
        "<tool_call><function=...><parameter=...>...</parameter></function></tool_call>",
        rf"(?:<tool_call>\s*)?<function={_NAME}>(?=\s*(?:<parameter=|</function>|\Z))",
        "</function>",
    ),
    _family(
        "llama-custom",
        "Llama 3.1 custom tools (also Functionary 3.1)",
        "<function=...>{...}</function>",
        rf"<function={_NAME}>(?=\s*\{{)",
        "</function>",
    ),
    _family(
        "glm45",
        "GLM 4.5",
        "<tool_call>name<arg_key>...</arg_key><arg_value>...</arg_value></tool_call>",
        rf"<tool_call>\s*{_NAME}(?=\s*(?:<arg_key>|</tool_call>))",
        "</tool_call>",
    ),
    _family("mistral", "Mistral", '[TOOL_CALLS] [{"name": ..., "arguments": ...}]', rf"\[TOOL_CALLS\]\s*{_LIST}"),
    _family(
        "mistral",
        "Mistral",
        "[TOOL_CALLS]name[ARGS]{...}",
        rf"\[TOOL_CALLS\]\s*{_NAME}\s*(?:\[CALL_ID\]\w+\s*)?(?:\[ARGS\]\s*)?(?P<arguments>)(?=\{{|\Z)",
    ),
    _family(
        "llama3-json",
        "Llama 3 JSON",
        '<|python_tag|>{"name": ..., "parameters": ...}',
        rf"<\|python_tag\|>\s*{_OBJECT}",
    ),
    _family(
        "deepseek-v3",
        "DeepSeek V3 and R1",
        "<｜tool▁call▁begin｜>function<｜tool▁sep｜>name ... <｜tool▁call▁end｜>",
        rf"<[|｜]tool▁call▁begin[|｜]>\s*function\s*<[|｜]tool▁sep[|｜]>\s*{_NAME}",
        "tool▁call▁end",
    ),
    _family(
        "deepseek-v31",
        "DeepSeek V3.1",
        "<｜tool▁call▁begin｜>name<｜tool▁sep｜>{...}<｜tool▁call▁end｜>",
        rf"<[|｜]tool▁call▁begin[|｜]>\s*{_NAME}\s*<[|｜]tool▁sep[|｜]>",
        "tool▁call▁end",
    ),
    _family(
        "deepseek-v32",
        "DeepSeek V3.2 and V4",
        '<｜DSML｜function_calls><｜DSML｜invoke name="...">...</｜DSML｜invoke>',
        rf'<{_BARS}DSML{_BARS}\s*invoke name="{_NAME}"',
        "invoke>",
    ),
    _family(
        "kimi-k2",
        "Kimi K2",
        "<|tool_call_begin|>functions.name:0<|tool_call_argument_begin|>{...}<|tool_call_end|>",
        rf"<\|tool_call_begin\|>\s*(?:functions\.)?{_NAME}(?::\d+)?\s*<\|tool_call_argument_begin\|>",
        "<|tool_call_end|>",
    ),
    _family(
        "harmony",
        "Harmony (gpt-oss)",
        "<|channel|>commentary to=functions.name <|constrain|>json<|message|>{...}<|call|>",
        rf"(?:<\|channel\|>\s*)?(?:commentary|analysis|assistant)\s+to=functions\.{_NAME}",
        "<|call|>",
    ),
    _family(
        "minimax-m2",
        "MiniMax M2",
        '<minimax:tool_call><invoke name="...">...</invoke></minimax:tool_call>',
        rf'<minimax:tool_call>\s*<invoke name="{_NAME}"',
        "</invoke>",
    ),
    _family(
        "invoke",
        "XML with <invoke>",
        '<function_calls><invoke name="...">...</invoke></function_calls>',
        rf'<invoke name="{_NAME}"',
        "</invoke>",
    ),
    _family(
        "gemma4", "Gemma 4", "<|tool_call>call:name{...}<tool_call|>", rf"<\|tool_call>\s*call:{_NAME}", "<tool_call|>"
    ),
    _family("granite", "Granite 3", '<|tool_call|>[{"name": ..., "arguments": ...}]', rf"<\|tool_call\|>\s*{_LIST}"),
    _family("phi4-mini", "Phi-4-mini", 'functools[{"name": ..., "arguments": ...}]', rf"functools\s*{_LIST}"),
    _family(
        "internlm",
        "InternLM",
        '<|action_start|><|plugin|>{"name": ..., "parameters": ...}<|action_end|>',
        rf"<\|action_start\|>\s*<\|plugin\|>\s*{_OBJECT}",
    ),
    _family(
        "jamba",
        "Jamba (also Hunyuan)",
        '<tool_calls>[{"name": ..., "arguments": ...}]</tool_calls>',
        rf"<tool_calls>\s*{_LIST}",
    ),
    _family(
        "lfm2",
        "LFM2",
        "<|tool_call_start|>[name(...)]<|tool_call_end|>",
        rf"<\|tool_call_start\|>\s*\[\s*{_NAME}\(",
        "<|tool_call_end|>",
    ),
    _family(
        "llama4-pythonic",
        "Llama 4, pythonic",
        "<|python_start|>[name(...)]<|python_end|>",
        rf"<\|python_start\|>\s*\[?\s*{_NAME}\(",
        ")",
    ),
    _family(
        "pythonic",
        "pythonic (Llama 3.2 and 4)",
        "[name(key=...), name(key=...)]",
        rf"\A\s*\[\s*{_NAME}\((?=\s*(?:\w+\s*=|\)))",
        ")",
        bare=True,
    ),
    _family(
        "llama3-json",
        "Llama 3 JSON",
        '{"name": ..., "parameters": ...} and nothing else',
        rf"\A\s*{_OBJECT}",
        bare=True,
    ),
    _family("xlam", "xLAM", '[{"name": ..., "arguments": ...}] and nothing else', rf"\A\s*{_LIST}", bare=True),
    _family(
        "fenced",
        "JSON in a fenced block",
        '```json {"name": ..., "arguments": ...} ```',
        rf"```\w*\s*{_JSON}(?=[\[{{])",
        bare=True,
    ),
)
