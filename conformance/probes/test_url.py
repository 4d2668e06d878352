"""Does the base URL, and only that URL, lead to an API?"""

from __future__ import annotations

from conformance.evidence.exchange import Exchange, shorten
from conformance.probes.on_purpose import UNSERVED_PATHS
from conformance.probes.preflight import check_preflight, listed_ids, refused_alike
from conformance.probes.sources import HTTP, KILO_LEGACY, NODE_CLIENT, ROO_PROVIDER, issue
from conformance.requirements import BREAKS, CONNECTION_ERRORS, Blame, everyone
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk


@probe(
    "url.reachable",
    failure="The base URL gives no HTTP answer.",
    category=CONNECTION_ERRORS,
    severity=everyone(BREAKS),
    source=[NODE_CLIENT, "https://docs.roocode.com/providers/openai-compatible"],
    remedy="Check the scheme, host and port of the base URL, that the server is running, and that no proxy or "
    "firewall blocks it.",
    blame=Blame.SETTINGS,
)
def test_the_host_accepts_a_connection_and_speaks_http(preflight: Talk) -> None:
    """The host of the base URL accepts connections and answers in HTTP.

    Clients show only "Connection error." when the host name does not resolve, nothing listens, TLS fails or the port
    speaks another protocol.
    """
    check_preflight("url.reachable", preflight.exchanges)


@probe(
    "url.not-redirected",
    failure="The endpoint redirects chat requests to another address.",
    category=CONNECTION_ERRORS,
    severity=everyone(BREAKS),
    source=[HTTP, issue("ferro-labs/ai-gateway", 243), issue("lfnovo/esperanto", 113)],
    remedy="Type the address that the redirect leads to as the base URL, without `/chat/completions`.",
    blame=Blame.SETTINGS,
)
def test_chat_requests_are_not_redirected(preflight: Talk) -> None:
    """Chat requests are answered at the address they are sent to, without a redirect.

    A client that follows a 301, 302 or 303 turns its POST into a GET and loses the body. A redirect to another host
    also loses the key.
    """
    check_preflight("url.not-redirected", preflight.exchanges)


@probe(
    "url.serves-api",
    failure="No chat API answers at the base URL.",
    category=CONNECTION_ERRORS,
    severity=everyone(BREAKS),
    source=[NODE_CLIENT, issue("cline/cline", 926), issue("lmstudio-ai/lmstudio-bug-tracker", 619)],
    remedy="Type the base URL that the provider documents for its OpenAI-compatible API; it usually ends in /v1.",
    blame=Blame.SETTINGS,
)
def test_the_base_url_leads_to_a_chat_api(preflight: Talk) -> None:
    """POST {base URL}/chat/completions is answered by a chat API, not by a web page, a 404 or an empty body.

    Agents append /chat/completions to what the user typed. With a missing or doubled /v1 they get a web page or an
    empty stream, and report "no assistant messages" instead of a wrong address.
    """
    check_preflight("url.serves-api", preflight.exchanges)


@probe(
    "url.accepts-requests",
    failure="The endpoint refuses every request with the same words.",
    category=CONNECTION_ERRORS,
    severity=everyone(BREAKS),
    source=[HTTP, "https://portkey.ai/docs/api-reference/inference-api/headers"],
    remedy="Do what the refusal says. If it names a header, add it to the client's custom headers and to `headers` in "
    "conformance.toml. If something behind the endpoint is down, start it and run again.",
    blame=Blame.SETTINGS,
)
def test_some_request_is_accepted(
    preflight: Talk, agent_turn: Talk, max_tokens: Talk, forced_call_stream: Talk, dialect: Talk
) -> None:
    """Requests of different kinds are not all refused with the same words.

    If they are, the reason is not in what they ask for: a header is missing, or nothing works behind the endpoint.
    """
    early = (preflight, agent_turn, max_tokens, forced_call_stream, dialect)
    said = refused_alike([exchange for talk in early for exchange in talk.exchanges])
    assert not said, said


@probe(
    "url.unknown-path",
    failure="Unknown paths are answered with HTTP 2xx.",
    category=CONNECTION_ERRORS,
    severity={},
    source=[ROO_PROVIDER, issue("Kilo-Org/kilocode", 2384), issue("lmstudio-ai/lmstudio-bug-tracker", 619)],
    remedy="Answer unknown paths with HTTP 404 and a JSON error.",
    over=UNSERVED_PATHS,
)
def test_unknown_paths_are_not_answered_with_success(talk: Talk) -> None:
    """A path that the API does not have is never answered with HTTP 2xx.

    A user who types the full endpoint URL or leaves out /v1 gets an empty answer instead of an error that names the
    mistake.
    """
    answer = talk.answered
    assert not answer.ok, f"{answer.request.method} {answer.request.url}: HTTP {answer.status} {shorten(answer.text)}"


@probe(
    "url.double-slash",
    failure="{base URL}//models lists other models than {base URL}/models, or none.",
    category=CONNECTION_ERRORS,
    severity={},
    source=[ROO_PROVIDER, KILO_LEGACY, issue("cline/cline", 12532)],
    remedy="Answer {base URL}//models like {base URL}/models, or tell users to type the base URL without a "
    "trailing slash.",
)
def test_a_doubled_slash_lists_the_same_models(models: Talk, models_double_slash: Talk) -> None:
    """{base URL}//models lists the same models as {base URL}/models.

    Roo Code and the older Kilo Code request it when the base URL is typed with a trailing slash. If it fails, they
    suggest no models and show no error.
    """
    listed = _ids(models.answered)
    doubled = models_double_slash.answered
    assert _ids(doubled) == listed, f"GET {doubled.request.url}: {doubled.summary}"


def _ids(exchange: Exchange) -> set[str]:
    return set(listed_ids(exchange))
