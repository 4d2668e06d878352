"""Cassettes: whatever an exchange is, it comes back as it was; plain vcrpy replays it; what is damaged says so."""

from __future__ import annotations

import json
import string
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.evidence.exchange import Chunk, Ended, Exchange, Request, Response
from conformance.requirements import Blame
from conformance.requirements.talk import Talk
from conformance.wire.cassette import OURS, SCHEMA, Unusable, digest, opened, written

NAME = "plain"
URL = "http://127.0.0.1:9/v1/chat/completions"
HELLO = b'{"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": []}'
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
names = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=12)
headers = st.lists(st.tuples(names, texts), max_size=5).map(tuple)
times = st.floats(0, 1e6)
requests = st.builds(
    Request, st.sampled_from(["GET", "POST"]), texts.map(lambda t: f"{URL}?{t}"), headers, st.binary(max_size=60)
)
responses = st.builds(Response, st.integers(100, 999), headers, texts, st.sampled_from(["HTTP/1.0", "HTTP/1.1"]), times)
ends = {
    "ended": st.sampled_from(Ended),
    "detail": texts,
    "undecodable": texts,
    "echoed_key": st.booleans(),
    "seconds": times,
    "started": times,
}
chunks = st.lists(st.builds(Chunk, times, st.binary(max_size=40)), max_size=6).map(tuple)
ids = st.integers(1, 999).map(lambda n: f"{NAME}#{n}")
answered = st.builds(Exchange, ids, st.just(NAME), requests, responses, chunks, **ends)
unanswered = st.builds(Exchange, ids, st.just(NAME), requests, st.none(), st.just(()), **ends)
talks = st.builds(
    Talk,
    st.just(NAME),
    st.lists(answered | unanswered, max_size=5).map(tuple),
    blocked=texts,
    blocked_by=st.sampled_from(Blame),
    not_applicable=texts,
    error=texts,
    promised=st.booleans(),
    rounds=st.lists(st.integers(0, 9), max_size=4).map(tuple),
    started=times,
    seconds=times,
)


def exchange(body: bytes = HELLO, *more: tuple[str, str]) -> Exchange:
    """A completion in one chunk."""
    response = Response(200, (("Content-Type", "application/json"), *more), "OK")
    return Exchange(f"{NAME}#1", NAME, Request("POST", URL, (), b"{}"), response, (Chunk(0.1, body),))


def no_answer() -> Exchange:
    """A request that nobody took."""
    return Exchange(f"{NAME}#2", NAME, Request("POST", URL, (), b"{}"), ended=Ended.REFUSED, detail="refused")


@pytest.mark.full
@given(talks)
@settings(max_examples=300, deadline=None)
def test_a_conversation_comes_back_as_it_was(talk: Talk) -> None:
    assert opened(written(talk, {}))[0] == talk


def test_a_cassette_without_request_times_can_still_be_read() -> None:
    talk = Talk(NAME, (Exchange(f"{NAME}#1", NAME, Request("GET", URL), Response(200), started=4.5),))
    data = yaml.safe_load(written(talk, {}))
    del data["interactions"][0]["response"][OURS]["started"]
    data["metadata"]["digest"] = digest(data)
    (found,) = opened(yaml.safe_dump(data))[0].exchanges
    assert found == replace(talk.exchanges[0], started=0.0)


def test_the_manifest_of_the_run_is_read_back() -> None:
    assert opened(written(Talk(NAME), {"depth": "quick"}))[1]["depth"] == "quick"


def test_a_cassette_is_ascii() -> None:
    """Plain vcrpy takes a file in another encoding than the locale's for an empty one."""
    assert written(Talk(NAME, (exchange('{"é": "\u2028"}'.encode()),)), {}).isascii()


def test_plain_vcrpy_replays_it_for_the_openai_client(tmp_path: Path) -> None:
    openai, vcr = pytest.importorskip("openai"), pytest.importorskip("vcr")
    said = {"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}
    body = json.dumps({**json.loads(HELLO), "choices": [said]}).encode()
    packed = exchange(body, ("Content-Encoding", "gzip"), ("Content-Length", "7"))
    (tmp_path / "plain.yaml").write_text(written(Talk(NAME, (packed,)), {}))
    with vcr.use_cassette(str(tmp_path / "plain.yaml"), record_mode="none") as cassette:
        client = openai.OpenAI(base_url=URL.removesuffix("/chat/completions"), api_key="k", max_retries=0)
        answer = client.chat.completions.create(model="m", messages=[{"role": "user", "content": "hi"}])
        assert cassette.all_played
    assert answer.choices[0].message.content == "hello"


def test_plain_vcrpy_may_write_the_file_again(tmp_path: Path) -> None:
    vcr, file = pytest.importorskip("vcr"), tmp_path / "plain.yaml"
    file.write_text(written(talk := Talk(NAME, (exchange(), exchange())), {}))
    with vcr.use_cassette(str(file), record_mode="new_episodes") as cassette:
        cassette.dirty = True
    assert opened(file.read_text())[0] == talk


def spoiled(change: Any) -> str:
    """A cassette that somebody changed."""
    data = yaml.safe_load(written(Talk(NAME, (exchange(),)), {}))
    change(data)
    return yaml.safe_dump(data)


def edit(data: Any) -> None:
    data["interactions"][0]["response"]["status"]["code"] = 500


def lose_the_response(data: Any) -> None:
    del data["interactions"][0]["response"]


def seal_without_our_key(data: Any) -> None:
    del data["interactions"][0]["response"][OURS]
    data["metadata"]["digest"] = digest(data)


CHANGES = {
    edit: "was edited after it was recorded",
    lose_the_response: "its request 1 has no response",
    seal_without_our_key: f"does not fit the format {SCHEMA}",
    lambda data: data["metadata"].update(
        schema="conformance/cassette/2"
    ): "written in the format 'conformance/cassette/2'",
    lambda data: data.pop("metadata"): "not a cassette of this suite",
    lambda data: data.pop("interactions"): "was edited after it was recorded",
}


@pytest.mark.parametrize(("change", "words"), CHANGES.items(), ids=[w.replace(" ", "-") for w in CHANGES.values()])
def test_each_problem_of_a_file_has_its_own_message(change: Any, words: str) -> None:
    with pytest.raises(Unusable, match=words):
        opened(spoiled(change))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("interactions:\n- {a: 1\nversion: 1\n", "line 3: not valid YAML"),
        ("a: !!python/object/apply:os.system ['true']\n", "line 1: not valid YAML"),
        ("", "not a cassette of this suite"),
        ("- 1\n", "not a cassette of this suite"),
        ("a: \x00\n", "not valid YAML"),
        ("a: &a [1]\nb: &b [*a, *a]\nc: [*b, *b]\n", "YAML anchors"),
        ("a: &a {b: *a}\n", "YAML anchors"),
    ],
)
def test_no_text_is_taken_for_a_cassette(text: str, words: str) -> None:
    with pytest.raises(Unusable, match=words):
        opened(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=5) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3),
    max_leaves=5,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a document, as its container and the key there."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [(value, key) for key in keys] + [place for key in keys for place in places(value[key])]


@given(st.data(), json_values, st.booleans())
@settings(max_examples=200, deadline=None)
def test_any_cassette_is_a_conversation_or_unusable(data: Any, value: Any, seal: bool) -> None:
    document = yaml.safe_load(written(Talk(NAME, (exchange(), no_answer())), {}))
    container, key = data.draw(st.sampled_from(places(document)))
    container[key] = value
    if seal:
        with suppress(TypeError, KeyError, AttributeError, ValueError):
            document["metadata"]["digest"] = digest(document)
    with suppress(Unusable):
        assert isinstance(opened(yaml.safe_dump(document))[0], Talk)
