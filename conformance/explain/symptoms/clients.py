"""What several clients say about an answer that they cannot use. What a single one says is in its folder. Data."""

from __future__ import annotations

from conformance.clients.symptom import Symptom, symptom

NODE = "OpenAI Node SDK: Roo Code, Kilo Code (legacy), Cline"
AGENTS = "coding agents"

SEVERAL: tuple[Symptom, ...] = (
    symptom(
        r"no tools are available|'no_tool'",
        AGENTS,
        "the answer contains a call although no tools were offered",
        "chat.no-invented-calls tools.declared-names",
    ),
    symptom(
        r"unavailable tool|unknown tool|has no tool|no such tool|\AKeyError: ",
        AGENTS,
        "the called function was not offered, or something was added to its name",
        "tools.declared-names chat.no-invented-calls toolstream.name-once",
    ),
    symptom(
        r"received null|must be a mapping, not NoneType",
        AGENTS,
        "the arguments of a call without parameters are null",
        "tools.no-arguments tools.arguments-json",
    ),
    symptom(
        r"invalid input for tool|unexpected keyword argument|required positional argument|"
        r"without value for required parameter",
        AGENTS,
        "the arguments of a call lack something that the tool requires, or part of them was lost",
        "tools.arguments-schema tools.arguments-json tools.call-shape toolstream.identity-stable "
        "toolstream.arguments-text",
        source="https://github.com/RooCodeInc/Roo-Code/issues/7406",
    ),
    symptom(
        r"delta\.tool_calls is not iterable|toolCallDeltas\.entries",
        NODE,
        "tool_calls is not a list",
        "toolstream.list tools.call-shape",
    ),
    symptom(
        r"message\.tool_calls is not iterable|JSON object must be str.{0,200}not dict",
        AGENTS,
        "message.tool_calls is not a list of calls with arguments as text",
        "tools.call-shape",
    ),
    symptom(
        r"came under one id|duplicate tool.?(call|use)",
        AGENTS,
        "two calls of one answer have the same id, or none",
        "tools.ids-unique tools.call-shape",
    ),
    symptom(
        r"</?tool_call>|\[TOOL_CALLS\]|<function=|<\|python_tag\|>|<｜tool▁call|<\|tool_call|to=functions\.",
        "the model, whose call the server has not parsed",
        "a call is printed as text: the server's tool-call parser is off, or set to another model family",
        "chat.no-markup toolstream.native tools.auto",
    ),
    symptom(
        r"JSON parsing failed|unexpected (token|end of JSON|non-whitespace)|is not valid JSON|in JSON at position",
        "every client",
        "an event of the stream is not exactly one JSON object",
        "stream.event-data stream.named-events tools.arguments-json",
    ),
    symptom(
        r"concatenate str \(not \"list\"|\[object Object\]",
        AGENTS,
        "the text is a list of parts",
        "stream.content chat.message",
    ),
    symptom(
        r"UnicodeDecodeError|invalid (start|continuation) byte|\ufffd",
        "every client",
        "bytes are not UTF-8, or a character was split",
        "stream.unicode errors.decodable toolstream.long-arguments",
    ),
    symptom(
        r"failed to process error response|incorrect header check|error -3 while decompressing|decoding failed",
        "every client",
        "the body is not encoded as its Content-Encoding says",
        "errors.decodable errors.envelope",
    ),
    symptom(r"</?think(ing)?>", AGENTS, "the reasoning is mixed into the answer", "chat.no-think chat.answers"),
    symptom(
        r"'NoneType' object is not subscriptable|reading '0'|'str' object has no attribute 'choices'",
        AGENTS,
        "an answer with status 200 has no `choices`: it is an error, a page or a stream",
        "errors.not-in-200 url.unknown-path chat.json chat.shape",
    ),
    symptom(
        r"\b0 tokens\b|usage.{0,200}(missing|is null|undefined)",
        AGENTS,
        "the answer has no token counts",
        "usage.stream usage.completion usage.numbers",
        source="https://github.com/RooCodeInc/Roo-Code/issues/1138",
    ),
)
