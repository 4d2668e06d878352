"""What the clients themselves say about an answer that they cannot use. Data, from the particular to the general."""

from __future__ import annotations

from conformance.clients.symptom import Symptom, symptom
from conformance.explain.symptoms.validation import AI_SDK, VALIDATION

ROO = "Roo Code, and Kilo Code (legacy)"
NODE = "OpenAI Node SDK: Roo Code, Kilo Code (legacy), Cline"
KILO = "Kilo Code"
PYTHON = "a Python program on the OpenAI SDK"
AGENTS = "coding agents"

_DROPPED = "url.unknown-path toolstream.first-id tools.answers chat.answers stream.delta tools.declared-names"

_CALLS: tuple[Symptom, ...] = (
    symptom(
        r"expected 'id' to be a string",
        AI_SDK,
        "a call begins without an id that is a text, or a delta without an index begins a call of its own",
        "toolstream.first-id toolstream.index",
        source="https://github.com/anomalyco/opencode/issues/25786",
    ),
    symptom(
        r"expected 'function\.name'",
        AI_SDK,
        "a call begins without the function's name, or its id changes on the way",
        "toolstream.first-name toolstream.identity-stable",
    ),
    symptom(
        r"no tools are available|'no_tool'",
        AGENTS,
        "a call came although no tools were offered",
        "chat.no-invented-calls tools.declared-names",
    ),
    symptom(
        r"unavailable tool|unknown tool|has no tool|no such tool|\AKeyError: ",
        AGENTS,
        "a function was called that was not offered, or under a name with something added",
        "tools.declared-names chat.no-invented-calls toolstream.name-once",
    ),
    symptom(
        r"received null|must be a mapping, not NoneType",
        AGENTS,
        "the arguments of a call without parameters are null",
        "tools.no-arguments tools.arguments-json",
    ),
    symptom(
        r"(invalid input for tool|invalid tool).{0,200}JSON parsing failed",
        AI_SDK,
        "the fragments of the arguments do not make one JSON object",
        "tools.arguments-json toolstream.index toolstream.index-per-call",
    ),
    symptom(
        r"invalid input for tool|unexpected keyword argument|required positional argument|"
        r"without value for required parameter",
        AGENTS,
        "the arguments of a call lack something that the tool requires, or are lost on the way",
        "tools.arguments-schema tools.arguments-json tools.call-shape toolstream.identity-stable "
        "toolstream.arguments-text",
        source="https://github.com/RooCodeInc/Roo-Code/issues/7406",
    ),
    symptom(
        r"missing nativeArgs",
        ROO,
        "the arguments of a call are not one JSON object with what the tool needs; two calls may have run together",
        "tools.arguments-json toolstream.index toolstream.arguments-text tools.no-arguments "
        "tools.arguments-schema",
    ),
    symptom(
        r"missing tool_use\.id",
        ROO,
        "a call that was not streamed has no id",
        "tools.call-shape",
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
        r"object has no attribute 'id'",
        PYTHON,
        "tool_calls is not a list of objects",
        "toolstream.list tools.call-shape",
    ),
    symptom(
        r"can only concatenate str \(not \"dict\"",
        PYTHON,
        "the arguments of a streamed call are an object",
        "toolstream.arguments-text",
    ),
    symptom(
        r"list delta entry|call_(\w{1,40})call_\1|\b([a-z]{1,30}_[a-z_]{1,30})\2\b",
        PYTHON,
        "the index of a delta is no number, or id and name come again in later deltas",
        "toolstream.index-number toolstream.name-once toolstream.identity-stable",
    ),
    symptom(
        r"did(n't| not) use a tool|model response incomplete|MODEL_NO_TOOLS_USED|no tool (was )?used",
        ROO,
        "no native call came: it was printed as text, got lost in the server's parser, or the model made none",
        "chat.no-markup toolstream.native tools.auto",
        source="https://github.com/RooCodeInc/Roo-Code/issues/12165",
    ),
    symptom(
        r"</?tool_call>|\[TOOL_CALLS\]|<function=|<\|python_tag\|>|<｜tool▁call|<\|tool_call|to=functions\.",
        "the model, whose call the server has not parsed",
        "a call is printed as text: the server's parser for the model's family is off, or another one is on",
        "chat.no-markup toolstream.native tools.auto",
    ),
)

_STREAMS: tuple[Symptom, ...] = (
    symptom(
        r"without a finish reason",
        AI_SDK,
        "the stream ended without finish_reason, or held no events that can be read",
        "stream.finish-reason stream.is-sse stream.separated stream.whole",
    ),
    symptom(
        r"reading 'message'|error part: null",
        AI_SDK,
        "a healthy chunk has an `error` member, which is null",
        "stream.error-key",
    ),
    symptom(
        r"JSONDecodeError: Extra data",
        PYTHON,
        "more than one JSON value stands where one is expected: in arguments, or in one event of the stream",
        "tools.arguments-json toolstream.index stream.event-data",
    ),
    symptom(
        r"JSONDecodeError: Expecting value: line 1 column 1 ",
        PYTHON,
        "an event of the stream has no data, or data that is not JSON",
        "stream.event-data stream.named-events stream.lone-fields stream.no-ids",
    ),
    symptom(
        r"JSONDecodeError",
        PYTHON,
        "the arguments of a call are not JSON",
        "tools.arguments-json stream.event-data",
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
        "the text comes as a list of parts",
        "stream.content chat.message",
    ),
    symptom(
        r"error occurred during streaming",
        PYTHON,
        "an error inside the stream has no message where clients look for it",
        "errors.stream-shape stream.no-error",
    ),
    symptom(
        r"UnicodeDecodeError|invalid (start|continuation) byte|\ufffd",
        "every client",
        "bytes are not UTF-8, or a character was cut in two",
        "stream.unicode errors.decodable toolstream.long-arguments",
    ),
    symptom(
        r"failed to process error response|incorrect header check|error -3 while decompressing|decoding failed",
        "every client",
        "the body is not encoded as its Content-Encoding says",
        "errors.decodable errors.envelope",
    ),
    symptom(
        r"</?think(ing)?>",
        AGENTS,
        "the reasoning is not separated from the answer",
        "chat.no-think chat.answers",
    ),
)

_ANSWERS: tuple[Symptom, ...] = (
    symptom(
        r"did not provide any assistant messages|MODEL_NO_ASSISTANT_MESSAGES",
        "Roo Code",
        "neither text nor a call came out of the answer: no stream, an error with status 200, or calls that are dropped",
        f"stream.is-sse errors.not-in-200 client.roo-code-turn {_DROPPED}",
        source="https://github.com/RooCodeInc/Roo-Code/issues/4740",
    ),
    symptom(
        r"\(no assistant messages\)",
        "Kilo Code (legacy)",
        "neither text nor a call came out of the answer: no stream, or calls that are dropped",
        f"stream.is-sse tools.arguments-json client.kilo-code-legacy-turn {_DROPPED}",
    ),
    symptom(
        r"empty or unparsable response|returned empty response",
        "Cline",
        "neither text nor a call came out of the answer",
        f"stream.is-sse errors.not-in-200 client.cline-turn {_DROPPED}",
    ),
    symptom(
        r"repeatedly ended the response",
        KILO,
        "the stream holds no events that can be read",
        "stream.is-sse stream.separated errors.not-in-200",
    ),
    symptom(
        r"without a word and without a tool",
        KILO,
        "the answer reached the client, but nothing of it stands where Kilo Code looks",
        "stream.delta tools.answers client.kilo-code-turn chat.answers stream.is-sse stream.separated",
    ),
    symptom(
        r"answer is empty",
        "a program on the AI SDK",
        "the answer reached the client, but nothing of it stands where the AI SDK looks",
        "stream.delta tools.answers client.ai-sdk-turn chat.answers stream.is-sse",
    ),
    symptom(
        r"nothing is printed",
        PYTHON,
        "the stream held no events, or nothing of them stands in delta.content",
        "stream.is-sse stream.delta client.openai-python-turn tools.answers stream.separated",
    ),
    symptom(
        r"invalid JSON response",
        AI_SDK,
        "an answer with status 200 is no completion: an error or a page, or a member has another type",
        "errors.not-in-200 chat.shape tools.call-shape chat.json chat.message url.unknown-path",
    ),
    symptom(
        r"'NoneType' object is not subscriptable|reading '0'|'str' object has no attribute 'choices'",
        AGENTS,
        "an answer with status 200 has no `choices`: it is an error, a page or a stream",
        "errors.not-in-200 url.unknown-path chat.json chat.shape",
    ),
    symptom(
        r"hit its output limit|max(imum)? output tokens? (limit )?(was )?reached",
        KILO,
        "the answer was cut at the cap, or says that it was",
        "params.length-reason params.cap-obeyed limits.max-tokens",
        source="https://github.com/Kilo-Org/kilocode/issues/10558",
    ),
    symptom(
        r"no model was found|no models (found|available)",
        KILO,
        "the model list is empty for this key, or not in the API's form",
        "models.list auth.models-checked",
        source="https://github.com/Kilo-Org/kilocode/issues/12273",
    ),
    symptom(
        r"\b0 tokens\b|usage.{0,200}(missing|is null|undefined)",
        AGENTS,
        "no token counts came",
        "usage.stream usage.completion usage.numbers",
        source="https://github.com/RooCodeInc/Roo-Code/issues/1138",
    ),
)

CLIENTS: tuple[Symptom, ...] = (*VALIDATION, *_CALLS, *_STREAMS, *_ANSWERS)
