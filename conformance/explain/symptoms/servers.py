"""The messages of servers that refuse a request, as clients show them. Data, grouped by the refused part."""

from __future__ import annotations

from conformance.clients.symptom import Symptom, symptom

GATEWAYS = "gateways and servers"
VLLM = "vLLM, NVIDIA NIM"
LLAMA_CPP = "llama.cpp, LM Studio"
OLLAMA = "Ollama"
LITELLM = "LiteLLM"

_ISSUES = "https://github.com"

_TOOLS: tuple[Symptom, ...] = (
    symptom(
        r"tool choice requires --enable-auto-tool-choice|--tool-call-parser",
        VLLM,
        "the server was started without a tool-call parser: add --enable-auto-tool-choice --tool-call-parser NAME",
        "tools.accepted tools.auto",
        source=f"{_ISSUES}/hidenobunagai/nvidia-nim-provider/issues/2",
    ),
    symptom(
        r"requires --jinja|unsupported param: tools|cannot use tools with stream",
        LLAMA_CPP,
        "the server was started without --jinja, or is too old to stream tool calls",
        "tools.accepted tools.auto",
        source=f"{_ISSUES}/ggml-org/llama.cpp/issues/10920",
    ),
    symptom(
        r"does not support (tools|function)|support(s)? tool use|tools? (is|are) not supported",
        f"{OLLAMA}, OpenRouter",
        "the model's template, or the chosen route, does not support tools",
        "tools.accepted tools.auto",
        source="https://github.com/ollama/ollama/blob/main/docs/template.mdx",
    ),
    symptom(
        r"error trying to handle streaming tool call|failed to parse tool call|tool parser",
        VLLM,
        "the server's tool-call parser failed in the middle of the stream",
        "toolstream.native tools.arguments-json tools.auto",
        source=f"{_ISSUES}/vllm-project/vllm/issues/21544",
    ),
    symptom(
        r"parallel_tool_calls",
        GATEWAYS,
        "the parameter parallel_tool_calls is refused",
        "params.parallel-tool-calls tools.accepted tools.parallel-off",
        source=f"{_ISSUES}/RooCodeInc/Roo-Code/issues/10553",
    ),
    symptom(r"tool_choice", GATEWAYS, "a tool_choice is refused", "tools.required tools.named tools.accepted"),
    symptom(
        r"cannot unmarshal array into.{0,200}type of type string|'?type'?.{0,200}(must be|expected) a? ?string",
        OLLAMA,
        'a list of types in a tool\'s schema, like ["string", "null"], is refused',
        "tools.schema-nullable tools.nullable-ways",
        source=f"{_ISSUES}/ollama/ollama/issues/5990",
    ),
    symptom(
        r"missing key 'parameters'|(parameters|description).{0,40}required",
        LLAMA_CPP,
        "a tool without parameters or description is refused",
        "tools.schema-bare",
        source=f"{_ISSUES}/ggml-org/llama.cpp/issues/17667",
    ),
    symptom(
        r"(function|tool) name.{0,200}(long|exceed|64|match|pattern)|tools\[\d+\]\.function\.name",
        GATEWAYS,
        "a tool's name is refused for its length or its characters",
        "tools.names tools.accepted",
        source=f"{_ISSUES}/QwenLM/Qwen3-VL/issues/2069",
    ),
    symptom(
        r"(at most|maximum|too many) \d* ?tools|'tools': array too long",
        GATEWAYS,
        "the number of tools is refused",
        "tools.many tools.accepted",
    ),
    symptom(
        r"tool schema|unsupported keyword|additionalProperties|\$schema|unknown name \"|function_declarations",
        "Gemini, Databricks and other gateways",
        "a keyword of a tool's JSON schema is refused",
        "tools.schema-any-of tools.nullable-ways tools.accepted",
        source=f"{_ISSUES}/databricks/unity-gateway/issues/491",
    ),
    symptom(
        r"validation errors? for",
        "Gemini adapters, Pydantic",
        "a tool's schema is refused, usually for a nullable type",
        "tools.schema-nullable tools.nullable-ways errors.no-server-error",
        source=f"{_ISSUES}/epam/ai-dial-adapter-vertexai/issues/219",
    ),
    symptom(
        r"request contains an invalid argument",
        "Gemini",
        "a part of the history or the tools is refused without naming it: a result without `name`, or a schema",
        "tools.round-trip tools.schema-any-of tools.accepted",
        source=f"{_ISSUES}/NousResearch/hermes-agent/issues/19728",
    ),
    symptom(
        r"must define tools|requires? .{0,200}tools.{0,200} (param|defin)",
        "LiteLLM, Bedrock",
        "a history with tool calls is refused when the request offers no tools",
        "tools.history-without-tools",
    ),
    symptom(
        r"tool.?call.?id|must be .{0,200}length of 9|no tool output found",
        "Mistral templates, DeepSeek",
        "a tool call's id is refused when the client sends it back",
        "tools.round-trip tools.history-foreign-ids tools.history-then-user",
        source=f"{_ISSUES}/jundot/omlx/issues/1997",
    ),
    symptom(
        r"tool (message|result).{0,200}(content|empty)|tool messages must contain string",
        GATEWAYS,
        "a tool result is refused for its form: an empty string, or text parts",
        "tools.history-empty-result tools.history-text-parts",
        source=f"{_ISSUES}/RooCodeInc/Roo-Code/issues/10672",
    ),
)

_MESSAGES: tuple[Symptom, ...] = (
    symptom(
        r"roles must alternate|optional system message|last message must|assistant roles except",
        "chat templates, through llama.cpp, LM Studio or vLLM",
        "the chat template forbids this order of messages: a user message after a tool result, or a system message",
        "tools.history-then-user params.developer-role tools.round-trip",
        source=f"{_ISSUES}/eclipse-theia/theia/issues/17104",
    ),
    symptom(
        r"(unexpected|unknown|invalid|unsupported).{0,20}\brole|\bdeveloper\b|jinja.?exception|template.?error",
        "chat templates, gateways",
        "the template fails on a role: `developer`, which clients use for ids that contain o1, o3 or o4, or `tool`",
        "params.developer-role stream.no-error errors.no-server-error",
    ),
    symptom(
        r"reasoning_content.{0,60}passed back|missing reasoning_content",
        "DeepSeek",
        "a reasoning model requires the reasoning of earlier turns, which Roo Code and Cline do not send",
        "tools.round-trip tools.history-reasoning tools.continues",
        source=f"{_ISSUES}/anomalyco/opencode/issues/24722",
    ),
    symptom(
        r"reasoning_content",
        "DeepSeek and others",
        "a history is refused because it contains reasoning_content",
        "tools.history-reasoning tools.round-trip",
    ),
    symptom(
        r"cache_control",
        GATEWAYS,
        "marks for prompt caching are refused",
        "client.roo-code-cached params.unknown-field",
    ),
    symptom(
        r"non-empty|must not be empty|text content blocks",
        "Bedrock and others",
        "empty content in a message with a tool call, or an empty tool result, is refused",
        "tools.history-empty-content tools.history-empty-result",
        source=f"{_ISSUES}/vercel/ai/issues/13744",
    ),
    symptom(
        r"image_url|vision|multimodal|image input|pixel_values|unknown variant",
        GATEWAYS,
        "the model or the server does not accept images",
        "images.answered-or-refused images.seen client.roo-code-picture params.text-parts",
        source=f"{_ISSUES}/Oaklight/llm-rosetta/issues/314",
    ),
    symptom(
        r"content.{0,200}(must be|expected) a? ?string|unknown content type|type mismatch for messages|got null instead|"
        r"content field required",
        GATEWAYS,
        "content is refused that is a list of text parts, or null in a message with a tool call",
        "params.text-parts tools.history-null-content tools.history-text-parts",
        source=f"{_ISSUES}/qualcomm/GenieX/issues/683",
    ),
    symptom(
        r"invalid type for 'messages'|object is not iterable",
        GATEWAYS,
        "malformed messages are refused in a form that clients cannot read",
        "errors.envelope errors.bad-messages errors.decodable",
    ),
)

_PARAMETERS: tuple[Symptom, ...] = (
    symptom(
        r"stream_options",
        GATEWAYS,
        "stream_options is refused, or required where a client does not send it",
        "params.stream-options stream.accepted",
        source=f"{_ISSUES}/anomalyco/opencode/issues/4698",
    ),
    symptom(
        r"max_completion_tokens",
        GATEWAYS,
        "max_completion_tokens is refused, or required instead of max_tokens",
        "params.max-completion-tokens params.max-tokens limits.max-tokens",
    ),
    symptom(
        r"max_tokens",
        GATEWAYS,
        "max_tokens is refused, its value is refused, or it is required",
        "params.max-tokens limits.max-tokens chat.accepted",
        source=f"{_ISSUES}/anomalyco/opencode/issues/1735",
    ),
    symptom(
        r"'NoneType' and|NoneType.{0,200}(int|float)|got null|null is not|list index out of range",
        GATEWAYS,
        "the server crashes on a request, usually on an optional field that is null",
        "params.nulls errors.no-server-error",
        source=f"{_ISSUES}/LostRuins/koboldcpp/issues/1503",
    ),
    symptom(r"temperature", GATEWAYS, "the temperature is refused", "params.temperature"),
    symptom(r"response_format|json_object", GATEWAYS, "response_format is refused", "params.json-mode"),
    symptom(
        r"extra inputs are not permitted|unrecognized|unknown (parameter|field|argument)|property .{0,200} is unsupported",
        GATEWAYS,
        "a field of the request is refused because the server does not know it",
        "params.unknown-field tools.accepted",
        source=f"{_ISSUES}/RooCodeInc/Roo-Code/issues/673",
    ),
    symptom(
        r"(default )?chat template",
        VLLM,
        "the model has no chat template, or it fails on these messages",
        "chat.accepted tools.accepted tools.history-then-user",
    ),
)

_LIMITS: tuple[Symptom, ...] = (
    symptom(
        r"context.{0,10}(length|window|size)|reduce the length|prompt is too long|tokens per min|too large for this model"
        r"|num_ctx|truncating input",
        "every server",
        "the conversation is longer than the model's context; clients shorten it only when they know the text and status 400",
        "limits.overflow-recognised limits.overflow-refused errors.no-server-error",
        source=f"{_ISSUES}/RooCodeInc/Roo-Code/issues/4475",
    ),
    symptom(
        r"\b413\b|entity too large|payload too large|body (is )?too large|client intended to send too large",
        "nginx and gateways",
        "the request is larger than the gateway accepts: client_max_body_size",
        "limits.large-body limits.overflow-recognised",
        source=f"{_ISSUES}/open-webui/open-webui/issues/3273",
    ),
    symptom(
        r"insufficient.{0,10}(quota|credit|balance|funds)|\b402\b|payment required|out of (funds|credits)|billing",
        "every server",
        "the account has no credit left",
        "auth.account-usable",
    ),
    symptom(
        r"loading model|no slot available|overloaded|at capacity",
        LLAMA_CPP,
        "the server is busy or still loading the model",
        "load.all-answered errors.no-server-error chat.accepted",
    ),
)

_WHO: tuple[Symptom, ...] = (
    symptom(
        r"invalid proxy server token|LiteLLM_VerificationToken",
        LITELLM,
        "the key is not one of the proxy's own keys",
        "auth.key-accepted auth.key-not-echoed",
        source=f"{_ISSUES}/BerriAI/litellm/issues/39757",
    ),
    symptom(
        r"model.{0,120}(does ?n[o']t exist|not found|not available|unknown|is not (supported|a valid))|model_not_found|"
        r"try pulling it|invalid model name|no endpoints found",
        "every server",
        "the server does not know the model id",
        "models.known models.unknown-status models.listed errors.not-in-200 stream.no-error",
    ),
    symptom(
        r"(incorrect|invalid|wrong|missing|expired).{0,20}(api.?key|key|token|credential)|authentication.?(error|failed)",
        "every server",
        "the key was refused",
        "auth.key-accepted auth.refusal-json auth.refusal-status",
    ),
)

SERVERS: tuple[Symptom, ...] = (*_TOOLS, *_MESSAGES, *_PARAMETERS, *_LIMITS, *_WHO)
