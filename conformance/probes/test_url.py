"""Does the base URL lead to an API, and only that URL."""

from __future__ import annotations

from conformance.evidence.exchange import Exchange, shorten
from conformance.probes.on_purpose import UNSERVED_PATHS
from conformance.probes.preflight import hold, listed_ids
from conformance.probes.sources import HTTP, KILO_LEGACY, NODE_CLIENT, ROO_PROVIDER, issue
from conformance.requirements.categories import CONNECTION_ERRORS
from conformance.requirements.probe import probe
from conformance.requirements.requirement import BREAKS, Blame, everyone
from conformance.requirements.talk import Talk


@probe(
    "url.reachable",
    category=CONNECTION_ERRORS,
    severity=everyone(BREAKS),
    source=[NODE_CLIENT, "https://docs.roocode.com/providers/openai-compatible"],
    remedy="Check scheme, host and port of the base URL, that the server runs, and that no proxy or firewall is between.",
    blame=Blame.SETTINGS,
)
def test_the_host_accepts_a_connection_and_speaks_http(preflight: Talk) -> None:
    """The host of the base URL accepts a connection and answers in HTTP.

    Clients show "Connection error." and nothing else when a name does not resolve, nothing listens, TLS fails or the
    port speaks another protocol.
    """
    hold("url.reachable", preflight.exchanges)


@probe(
    "url.not-redirected",
    category=CONNECTION_ERRORS,
    severity=everyone(BREAKS),
    source=[HTTP, issue("ferro-labs/ai-gateway", 243), issue("lfnovo/esperanto", 113)],
    remedy="Use the address that the redirect leads to as the base URL.",
    blame=Blame.SETTINGS,
)
def test_a_chat_request_is_not_redirected(preflight: Talk) -> None:
    """A chat request is answered where it was sent, not redirected.

    A client that follows 301, 302 or 303 turns its POST into a GET and loses the body; across hosts it also drops the
    key.
    """
    hold("url.not-redirected", preflight.exchanges)


@probe(
    "url.serves-api",
    category=CONNECTION_ERRORS,
    severity=everyone(BREAKS),
    source=[NODE_CLIENT, issue("cline/cline", 926), issue("lmstudio-ai/lmstudio-bug-tracker", 619)],
    remedy="Use the base URL that the provider documents for its OpenAI-compatible API; it usually ends in /v1.",
    blame=Blame.SETTINGS,
)
def test_the_base_url_leads_to_a_chat_api(preflight: Talk) -> None:
    """POST to {base URL}/chat/completions is answered by a chat API, not by a web page, a 404 or nothing.

    The agents append /chat/completions to what the user typed. A missing or doubled /v1 ends in a web page or an empty
    stream, which they report as "no assistant messages" rather than as a wrong address.
    """
    hold("url.serves-api", preflight.exchanges)


@probe(
    "url.unknown-path",
    category=CONNECTION_ERRORS,
    severity=everyone(BREAKS),
    source=[ROO_PROVIDER, issue("Kilo-Org/kilocode", 2384), issue("lmstudio-ai/lmstudio-bug-tracker", 619)],
    remedy="Answer paths that are not served with 404 and a JSON error, never with 200.",
    over=UNSERVED_PATHS,
)
def test_an_unknown_path_is_not_answered_with_success(talk: Talk) -> None:
    """A path that is not served is never answered with success.

    A user who types the full endpoint URL or forgets /v1 then gets an empty answer instead of an error that names the
    mistake.
    """
    answer = talk.answered
    assert not answer.ok, (
        f"{answer.request.method} {answer.request.url}: HTTP {answer.status} {shorten(answer.text)}"
    )


@probe(
    "url.double-slash",
    category=CONNECTION_ERRORS,
    severity={},
    source=[ROO_PROVIDER, KILO_LEGACY, issue("cline/cline", 12532)],
    remedy="Answer {base}//models like {base}/models, or tell users to type the base URL without a slash at its end.",
)
def test_a_doubled_slash_lists_the_same_models(models: Talk, models_double_slash: Talk) -> None:
    """{base URL}//models is answered like {base URL}/models.

    Roo Code and the older Kilo Code ask for it when the base URL was typed with a slash at its end; when it fails they
    silently suggest no models.
    """
    listed = _ids(models.answered)
    doubled = models_double_slash.answered
    assert _ids(doubled) == listed, f"GET {doubled.request.url}: {doubled.summary}"


def _ids(exchange: Exchange) -> set[str]:
    return set(listed_ids(exchange))
