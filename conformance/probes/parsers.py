"""Which server setting turns printed tool calls into native ones, by the family of their form. Data.

Parser names are those of the sources below. A family without a parser in a server is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.evidence.markup import Family


@dataclass(frozen=True)
class Server:
    """A server, the setting to start it with (`{}` is replaced by the parser), and where that is documented.

    `parsers` maps the id of a family to a parser; a server without any needs the same setting for all families.
    """

    name: str
    setting: str
    source: str
    parsers: Mapping[str, str]


VLLM = Server(
    "vLLM",
    "--enable-auto-tool-choice --tool-call-parser {}",
    "https://docs.vllm.ai/en/latest/features/tool_calling/",
    {
        "hermes": "hermes",
        "qwen3-coder": "qwen3_coder",
        "seed-oss": "seed_oss",
        "glm45": "glm45",
        "mistral": "mistral",
        "llama3-json": "llama3_json",
        "deepseek-v3": "deepseek_v3",
        "deepseek-v31": "deepseek_v31",
        "deepseek-v32": "deepseek_v32 (V4: deepseek_v4)",
        "kimi-k2": "kimi_k2",
        "harmony": "openai",
        "minimax-m2": "minimax_m2",
        "gemma4": "gemma4",
        "granite": "granite",
        "phi4-mini": "phi4_mini_json",
        "internlm": "internlm",
        "jamba": "jamba (Hunyuan: hunyuan_a13b)",
        "lfm2": "lfm2",
        "llama4-pythonic": "llama4_pythonic",
        "pythonic": "pythonic",
        "xlam": "xlam",
    },
)
SGLANG = Server(
    "SGLang",
    "--tool-call-parser {}",
    "https://docs.sglang.io/advanced_features/tool_parser.html",
    {
        "hermes": "qwen25",
        "qwen3-coder": "qwen3_coder",
        "glm45": "glm45",
        "mistral": "mistral",
        "llama3-json": "llama3",
        "deepseek-v3": "deepseekv3",
        "deepseek-v31": "deepseekv31",
        "deepseek-v32": "deepseekv32 (V4: deepseekv4)",
        "kimi-k2": "kimi_k2",
        "harmony": "gpt-oss",
        "minimax-m2": "minimax-m2",
        "gemma4": "gemma4",
        "internlm": "interns1",
        "lfm2": "lfm2",
        "llama4-pythonic": "pythonic",
        "pythonic": "pythonic",
    },
)
LLAMA_CPP = Server(
    "llama.cpp",
    "--jinja, and --chat-template-file if the model's own template has no tools",
    "https://github.com/ggml-org/llama.cpp/blob/master/docs/function-calling.md",
    {},
)
OLLAMA = Server(
    "Ollama",
    "a model with the tag `tools`, or {{ .Tools }} in the TEMPLATE of its Modelfile",
    "https://github.com/ollama/ollama/blob/main/docs/template.mdx",
    {},
)
SERVERS = (VLLM, SGLANG, LLAMA_CPP, OLLAMA)


def is_parsed(family: Family) -> bool:
    """True when some server has a parser for the form, so that the server's settings decide whether it is printed."""
    return any(family.id in server.parsers for server in SERVERS)


def settings(family: Family | None = None) -> str:
    """The settings that make calls native, for each server, on one line; without a family those for any model."""
    return "; ".join(
        f"{server.name}: {_setting(server, family)}"
        for server in SERVERS
        if not server.parsers or family is None or family.id in server.parsers
    )


def _setting(server: Server, family: Family | None) -> str:
    parser = server.parsers.get(family.id, "") if family else "NAME"
    return server.setting.replace("{}", parser) if server.parsers else server.setting


def lacking(family: Family) -> str:
    """Why calls of this form arrive as text, and which server setting parses them."""
    if not is_parsed(family):
        return "no server has a parser for this form: the model, or its chat template, was not made for tools"
    return f"the server does not parse this form, so turn its parser on ({settings(family)})"
