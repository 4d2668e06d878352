"""What a user will not have meant by a base URL and a model id, and what to type instead. Pure; nothing is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.clients.client import Client
from conformance.clients.url import CHAT, host_of, parsed


@dataclass(frozen=True)
class Typed:
    """A base URL as typed, and its parts as they were meant."""

    base: str

    @property
    def bare(self) -> str:
        """Without the blanks around it."""
        return self.base.strip()

    @property
    def path(self) -> str:
        """Without query and fragment."""
        return self.bare.split("#")[0].partition("?")[0]

    @property
    def query(self) -> str:
        """What follows the question mark."""
        return self.bare.split("#")[0].partition("?")[2]

    @property
    def root(self) -> str:
        """What was most likely meant: no endpoint's path, no slash at the end."""
        return re.sub(r"/chat(/completions)?/*$", "", self.path).rstrip("/")

    @property
    def names_version(self) -> bool:
        """True for a path with a step like /v1, /v4 or /v1beta, or of several steps: not every API has versions."""
        steps = [step for step in re.sub(r"^[^:]*://[^/]*", "", self.path).split("/") if step]
        return len(steps) > 1 or any(re.fullmatch(r"v\d+\w*", step) for step in steps)


# Such ids stand in the model list of the agents' native OpenAI provider; no API serves them.
EFFORT = re.compile(r"((?:.*/)?o\d(?:-mini|-pro)?)-(low|medium|high)")


def advice(base: str, model: str = "") -> list[str]:
    """One sentence for each thing that is not what the user will have meant; [] when nothing looks wrong."""
    typed = Typed(base)
    return [*_about_form(typed), *_about_path(typed), *_about_names(host_of(base), model)]


def detour(client: Client, base: str, model: str, judged: str) -> str:
    """Why a client does not arrive at the judged URL with this base URL, and what to type; "" when it does.

    Azure's hosts are left alone: clients build other paths for them, and which one is right depends on the resource.
    """
    built = client.chat(base, model)
    if built.url == parsed(judged).url or _of_azure(host_of(base)):
        return ""
    calls = f"calls {built.url}" if built.url else f"says {built.error!r}"
    told = advice(base, model)
    return f"With this base URL {client.name} {calls} instead of {judged}. {told[0] if told else ''}".rstrip()


def _of_azure(host: str) -> bool:
    return host == "azure.com" or host.endswith(".azure.com")


def _about_form(typed: Typed) -> Iterator[str]:
    bare = typed.bare
    if not re.match(r"https?://", bare):
        yield f"It has no scheme: type http://{bare} or https://{bare}."
    if typed.base != bare:
        yield f"There are blanks around it: type {bare}."
    if " " in bare:
        yield "There is a blank in it, which is sent as %20."
    if typed.query:
        yield "It has a query: the path that clients append ends up in it. Leave it out."
    if "#" in bare:
        yield "What follows # is never sent, and the path that clients append follows it. Leave it out."


def _about_path(typed: Typed) -> Iterator[str]:
    path, root = typed.path, typed.root
    if root != path.rstrip("/"):
        yield f"It is the URL of an endpoint; clients append {CHAT} all the same: type {root}."
    elif path.endswith("/"):
        yield f"It ends in a slash: Roo Code and Kilo Code (legacy) ask for {path}/models. Type {root}."
    if not typed.names_version:
        yield f"Its path names no version. If the provider's documents do: type {root}/v1."
    if "/v1/v1" in root:
        yield f"/v1 stands in it twice: type {root.replace('/v1/v1', '/v1')}."


def _about_names(host: str, model: str) -> Iterator[str]:
    """What clients conclude from a host or a model id that only looks like another."""
    if _of_azure(host):
        yield (
            "It is a host of Azure: Roo Code and Kilo Code (legacy) build a path with the deployment, add api-version "
            "and send the header api-key."
        )
    if "x.ai" in host and host not in ("x.ai", "api.x.ai"):
        yield "Its host contains x.ai: Roo Code takes it for xAI and does not ask for usage in streams."
    if effort := EFFORT.fullmatch(model):
        yield (
            f"The model id {model} names an effort, which only the agents' own OpenAI provider understands: type "
            f"{effort[1]}, and choose the reasoning effort {effort[2]} in the settings."
        )
    if re.search("o[134]", model):
        yield (
            f"The model id {model} contains o1, o3 or o4: Roo Code takes it for an o-series model and sends the system "
            "prompt with the role developer."
        )
