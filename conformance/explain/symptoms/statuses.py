"""What is left when a text tells no more than a status, a page, or that the connection broke. Data."""

from __future__ import annotations

from conformance.explain.symptoms.symptom import Symptom, symptom

ANY = "every client"
NODE = "OpenAI Node SDK: Roo Code, Kilo Code (legacy), Cline"

STATUSES: tuple[Symptom, ...] = (
    symptom(
        r"\b40[13]\b.{0,200}(<!doctype|<html)|blocked by a gateway|\b40[13] status code \(no body\)|\b401$|"
        r"\A(AI_APICallError: )?(unauthorized|forbidden)\b",
        ANY,
        "the key was refused without an error that clients can read: a page, an empty body, or another shape",
        "auth.refusal-json auth.key-accepted errors.envelope",
        source="https://github.com/Kilo-Org/kilocode/issues/2985",
    ),
    symptom(
        r"\b4\d\d terminated",
        ANY,
        "the body of a refusal broke off: it is not encoded, or not as long, as its headers say",
        "errors.decodable errors.envelope",
    ),
    symptom(
        r"\b40[13]\b|unauthorized|couldn't authenticate|forbidden",
        ANY,
        "the key was refused, or the request of this client was",
        "auth.key-accepted auth.refusal-json auth.account-usable",
    ),
    symptom(
        r"<!doctype|<html",
        ANY,
        "a web page came in place of the API: the base URL lacks /v1, or a gateway answered",
        "url.serves-api errors.envelope url.unknown-path",
    ),
    symptom(
        r"status code \(no body\)|\bbad request\b|error code: 400$|AI_APICallError:\s*$",
        NODE,
        'the error is not in the shape {"error": {"message": text}}, so its words are lost',
        "errors.envelope auth.refusal-json limits.large-body",
    ),
    symptom(
        r"unknown (request )?url|check the url",
        ANY,
        "the path is not served there",
        "url.serves-api url.unknown-path-explained errors.envelope",
    ),
    symptom(
        r"\b404\b|\bnot found\b",
        ANY,
        "the path is not served there, or the model is unknown and the error does not say so",
        "url.serves-api models.unknown-explained errors.envelope models.known",
    ),
    symptom(
        r"\b405\b|method not allowed|\b30[12378]\b|redirect|moved permanently",
        ANY,
        "the request is redirected, and the client then asks with GET: type the address it is redirected to",
        "url.not-redirected url.serves-api url.double-slash",
    ),
    symptom(
        r"\b429\b|too many requests|rate.?limit",
        ANY,
        "requests come faster than the account allows",
        "auth.account-usable errors.rate-limit load.all-answered",
    ),
    symptom(
        r"econnrefused|connection refused|enotfound|getaddrinfo|host not found|name or service not known|eai_again",
        ANY,
        "nothing listens at the address, or its name is not known: check host, port and scheme",
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
        "the connection broke off before the answer was complete",
        "stream.whole stream.closes errors.answered errors.bad-messages errors.decodable",
    ),
    symptom(
        r"timed? ?out|etimedout|timeout|\b504\b",
        ANY,
        "nothing came for too long: a server that is silent while it reads the prompt, or a proxy that gives up",
        "stream.whole errors.answered load.all-answered url.reachable",
        source="https://github.com/RooCodeInc/Roo-Code/issues/3621",
    ),
    symptom(
        r"APIConnectionError",
        "a Python program on the OpenAI SDK",
        "the connection broke off: before an answer, in the middle of one, or on a body that cannot be unpacked",
        "stream.whole errors.answered errors.bad-messages errors.decodable url.reachable",
    ),
    symptom(
        r"connection error|fetch failed|cannot connect|network error",
        ANY,
        "no answer came over this connection: it could not be made, or was dropped",
        "url.reachable errors.answered errors.bad-messages params.nulls stream.whole",
    ),
    symptom(
        r"\b5\d\d\b|server (had an )?error|internal error|bad gateway|service unavailable|AssertionError|TypeError|KeyError|traceback",
        ANY,
        "the server failed: clients ask again several times before they say so",
        "errors.no-server-error chat.accepted errors.not-in-200",
    ),
    symptom(
        r"API Streaming Failed|provider ended the request|error part:|openai\.APIError|\bengine\b|provider returned error|validation error",
        ANY,
        "the answer was broken off by an error of the server",
        "stream.no-error errors.stream-shape stream.whole",
    ),
    symptom(
        r"\b400\b|invalid request|couldn't process the request|\b422\b",
        ANY,
        "a part of the request is refused",
        "tools.accepted limits.max-tokens limits.overflow-recognised",
    ),
)
