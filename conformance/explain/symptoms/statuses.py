"""Texts that only show a status, a web page, or a broken connection. Data."""

from __future__ import annotations

from conformance.clients.symptom import Symptom, symptom

ANY = "every client"
NODE = "OpenAI Node SDK: Roo Code, Kilo Code (legacy), Cline"

STATUSES: tuple[Symptom, ...] = (
    symptom(
        r"\b40[13]\b.{0,200}(<!doctype|<html)|blocked by a gateway|\b40[13] status code \(no body\)|\b401$|"
        r"\A(AI_APICallError: )?(unauthorized|forbidden)\b",
        ANY,
        "the key was refused without an error that clients can read: a web page, an empty body, or another form",
        "auth.refusal-json auth.key-accepted errors.envelope",
        source="https://github.com/Kilo-Org/kilocode/issues/2985",
    ),
    symptom(
        r"\b4\d\d terminated",
        ANY,
        "the body of a refusal is incomplete: its encoding or its length differs from its headers",
        "errors.decodable errors.envelope",
    ),
    symptom(
        r"\b40[13]\b|unauthorized|couldn't authenticate|forbidden",
        ANY,
        "the key was refused, or this client's request was",
        "auth.key-accepted auth.refusal-json auth.account-usable",
    ),
    symptom(
        r"<!doctype|<html",
        ANY,
        "a web page came instead of the API: the base URL lacks /v1, or a gateway answered",
        "url.serves-api errors.envelope url.unknown-path",
    ),
    symptom(
        r"status code \(no body\)|\bbad request\b|error code: 400$|AI_APICallError:\s*$",
        NODE,
        'the error does not have the form {"error": {"message": text}}, so its message is lost',
        "errors.envelope auth.refusal-json limits.large-body",
    ),
    symptom(
        r"unknown (request )?url|check the url",
        ANY,
        "the server does not have this path",
        "url.serves-api url.unknown-path-explained errors.envelope",
    ),
    symptom(
        r"\b404\b|\bnot found\b",
        ANY,
        "the server does not have this path, or the model is unknown and the error does not say so",
        "url.serves-api models.unknown-explained errors.envelope models.known",
    ),
    symptom(
        r"\b405\b|method not allowed|\b30[12378]\b|redirect|moved permanently",
        ANY,
        "the request is redirected, and the client repeats it with GET: type the address that it is redirected to",
        "url.not-redirected url.serves-api url.double-slash",
    ),
    symptom(
        r"\b429\b|too many requests|rate.?limit",
        ANY,
        "the client sends requests faster than the account allows",
        "auth.account-usable errors.rate-limit load.all-answered",
    ),
    symptom(
        r"econnrefused|connection refused|enotfound|getaddrinfo|host not found|name or service not known|eai_again",
        ANY,
        "nothing listens at the address, or its host name is unknown: check host, port and scheme",
        "url.reachable",
    ),
    symptom(
        r"certificate|self.signed|\bssl\b|\btls\b|unable to verify",
        ANY,
        "the TLS connection failed: the certificate is not trusted, or the port speaks plain HTTP",
        "url.reachable",
    ),
    symptom(
        r"terminated|reset by (server|peer)|socket hang up|other side closed|econnreset|peer closed|incomplete chunked",
        ANY,
        "the connection broke before the answer was complete",
        "stream.whole stream.closes errors.answered errors.bad-messages errors.decodable",
    ),
    symptom(
        r"timed? ?out|etimedout|timeout|\b504\b",
        ANY,
        "no data came for too long: the server is silent while it reads the prompt, or a proxy gives up",
        "stream.whole errors.answered load.all-answered url.reachable",
        source="https://github.com/RooCodeInc/Roo-Code/issues/3621",
    ),
    symptom(
        r"APIConnectionError",
        "a Python program on the OpenAI SDK",
        "the connection broke before or inside an answer, or the body cannot be decoded",
        "stream.whole errors.answered errors.bad-messages errors.decodable url.reachable",
    ),
    symptom(
        r"connection error|fetch failed|cannot connect|network error",
        ANY,
        "the connection failed or was dropped, so no answer came",
        "url.reachable errors.answered errors.bad-messages params.nulls stream.whole",
    ),
    symptom(
        r"\b5\d\d\b|server (had an )?error|internal error|bad gateway|service unavailable|AssertionError|TypeError|KeyError|traceback",
        ANY,
        "the server failed: clients retry several times before they report it",
        "errors.no-server-error chat.accepted errors.not-in-200",
    ),
    symptom(
        r"API Streaming Failed|provider ended the request|error part:|openai\.APIError|\bengine\b|provider returned error|validation error",
        ANY,
        "a server error interrupted the answer",
        "stream.no-error errors.stream-shape stream.whole",
    ),
    symptom(
        r"\b400\b|invalid request|couldn't process the request|\b422\b",
        ANY,
        "a part of the request is refused",
        "tools.accepted limits.max-tokens limits.overflow-recognised",
    ),
)
