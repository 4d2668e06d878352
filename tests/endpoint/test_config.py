"""Every way to name an endpoint works, and every mistake gives one clear line without a secret."""

from __future__ import annotations

import pickle
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from conformance.endpoint.config import Endpoint, find_endpoint
from conformance.errors import UsageError, unknown
from conformance.schema import nearest

SECRET = "sk-very-secret-0123456789"
FLAGS = {"base_url": "http://127.0.0.1:9/v1", "model": "m"}
Find = Callable[..., Endpoint]


@pytest.fixture
def find(tmp_path: Path) -> Find:
    """find_endpoint in a fresh repository, by default with an empty environment."""
    (tmp_path / ".git").mkdir()

    def call(
        name: str | None = None, environ: Mapping[str, str] | None = None, toml: str = "", **flags: str
    ) -> Endpoint:
        if toml:
            (tmp_path / "conformance.toml").write_text(toml, "utf-8")
        return find_endpoint(name, directory=tmp_path, environ=environ or {}, **flags)

    return call


def problem(find: Find, *args: object, **more: object) -> str:
    """The one line that a mistake gives."""
    with pytest.raises(UsageError) as caught:
        find(*args, **more)
    line = str(caught.value)
    assert line and "\n" not in line and SECRET not in line
    return line


@pytest.mark.parametrize(
    ("base_url", "chat_url", "models_url"),
    [
        ("https://h/v1", "https://h/v1/chat/completions", "https://h/v1/models"),
        ("https://h/v1/", "https://h/v1/chat/completions", "https://h/v1/models"),
        ("https://h/v1//", "https://h/v1//chat/completions", "https://h/v1//models"),
        ("https://h", "https://h/chat/completions", "https://h/models"),
        ("https://h/", "https://h/chat/completions", "https://h/models"),
        ("https://h?a=1", "https://h/chat/completions?a=1", "https://h/models?a=1"),
        ("https://h/v1/?a=/x/", "https://h/v1/chat/completions?a=/x/", "https://h/v1/models?a=/x/"),
        ("https://h/v1/chat/completions", "https://h/v1/chat/completions", "https://h/v1/models"),
        ("https://h/v1/chat/completions/", "https://h/v1/chat/completions", "https://h/v1/models"),
        ("https://h/v1/chat/completions?a=1", "https://h/v1/chat/completions?a=1", "https://h/v1/models?a=1"),
        ("https://h/api/v2/models/chat", "https://h/api/v2/models/chat", None),
        ("https://h/v1/deepchat", "https://h/v1/deepchat/chat/completions", "https://h/v1/deepchat/models"),
        ("HTTP://H:80//a/../%2e%2e", "HTTP://H:80//a/../%2e%2e/chat/completions", "HTTP://H:80//a/../%2e%2e/models"),
    ],
)
def test_urls_are_joined_and_never_normalized(base_url: str, chat_url: str, models_url: str | None) -> None:
    endpoint = Endpoint(base_url, "m")
    assert (endpoint.base_url, endpoint.chat_url, endpoint.models_url) == (base_url, chat_url, models_url)


@pytest.mark.parametrize(
    ("base_url", "chat_url"),
    [
        ("https://h/v1", "https://h/v1/chat/completions?api-version=7"),
        ("https://h/v1?", "https://h/v1/chat/completions?api-version=7"),
        ("https://h/v1?a=1", "https://h/v1/chat/completions?a=1&api-version=7"),
        ("https://h/v1?Api-Version=6", "https://h/v1/chat/completions?Api-Version=6"),
        ("https://h/d/chat/completions", "https://h/d/chat/completions?api-version=7"),
    ],
)
def test_an_azure_api_version_is_added_when_absent(base_url: str, chat_url: str) -> None:
    assert Endpoint(base_url, "m", azure_api_version="7").chat_url == chat_url


def test_paths_are_appended_to_the_base() -> None:
    endpoint = Endpoint("https://h/v1/chat/completions?a=1", "m")
    assert endpoint.base == "https://h/v1"
    assert endpoint.url("/models/x") == endpoint.url("models/x") == "https://h/v1/models/x?a=1"
    assert endpoint.url("/models?limit=1") == "https://h/v1/models?limit=1&a=1"


def test_an_endpoint_shows_no_secret_and_cannot_change() -> None:
    headers = {"X-Key": SECRET}
    endpoint = Endpoint("https://h/v1", "m", key=SECRET, headers=headers)
    headers["X-Key"] = "changed"
    assert SECRET not in repr(endpoint) and endpoint.headers["X-Key"] == SECRET
    with pytest.raises(TypeError):
        endpoint.headers["X-Key"] = "changed"  # type: ignore[index]
    assert pickle.loads(pickle.dumps(endpoint)) == endpoint
    assert len({endpoint, pickle.loads(pickle.dumps(endpoint))}) == 1


@pytest.mark.parametrize(
    ("base_url", "name"),
    [
        ("https://API.provider.com/v1", "api.provider.com"),
        ("http://127.0.0.1:8000/v1", "127.0.0.1-8000"),
        ("http://[::1]:80/v1", "1-80"),
        ("http://../v1", "endpoint"),
    ],
)
def test_an_endpoint_without_a_name_has_the_name_of_its_host(find: Find, base_url: str, name: str) -> None:
    assert find(base_url=base_url, model="m").name == name


TOML = """
[endpoint.mine]
base_url = "https://h/v1"
model = "table-model"
api_key_env = "MINE"
headers = { X-Team = "a" }
max_output_tokens = 100
context_window = 4000
images = true
computer_use = false
input_price = 1
output_price = 2.5
streaming = false
azure_api_version = "2024-08-01-preview"
provider = "ollama"
"""


def test_a_named_endpoint_has_every_setting_of_its_table(find: Find) -> None:
    table = tomllib.loads(TOML)["endpoint"]["mine"]
    found = find("mine", {"MINE": SECRET}, TOML)
    assert {key: getattr(found, key) for key in table} == table
    assert (found.name, found.key) == ("mine", SECRET)


def test_flags_win_over_the_table(find: Find) -> None:
    environ = {"MINE": "a", "OTHER": "b"}
    found = find("mine", environ, TOML, base_url="http://x/v1", model="n", api_key_env="OTHER")
    assert (found.base_url, found.model, found.key, found.images) == ("http://x/v1", "n", "b", True)


def test_a_preset_fills_what_table_and_flags_leave_out(find: Find) -> None:
    table = '[endpoint.x]\nprovider = "groq"\nmodel = "m"\n'
    found = find("x", {"GROQ_API_KEY": SECRET}, table)
    expected = ("https://api.groq.com/openai/v1", SECRET, "GROQ_API_KEY", "groq")
    assert (found.base_url, found.key, found.api_key_env, found.provider) == expected
    table += 'base_url = "https://mine/v1"\napi_key_env = "MINE"\n'
    found = find("x", {"MINE": "a", "GROQ_API_KEY": "b"}, table)
    assert (found.base_url, found.key, found.provider) == ("https://mine/v1", "a", "groq")
    found = find("x", {"OTHER": "c"}, table, provider="ollama", base_url="http://h/v1", api_key_env="OTHER")
    assert (found.base_url, found.key, found.provider) == ("http://h/v1", "c", "ollama")


def test_a_preset_sends_no_key_that_it_does_not_name(find: Find) -> None:
    keys = {"CONFORMANCE_API_KEY": "a", "OPENAI_API_KEY": "b", "MINE": "c"}
    assert find(None, keys, provider="ollama", model="m").key is None
    assert find(None, keys, provider="ollama", model="m", api_key_env="MINE").key == "c"
    line = problem(find, None, keys, provider="groq", model="m")
    assert line == "provider groq: the environment variable GROQ_API_KEY is not set; put the API key into it"


def test_the_configuration_is_searched_up_to_the_top_of_the_repository(tmp_path: Path) -> None:
    inner = tmp_path / "repo" / "a" / "b"
    inner.mkdir(parents=True)
    tool = TOML.replace("[endpoint", "[tool.conformance.endpoint").replace("api_key_env", "# ")
    (tmp_path / "repo" / "pyproject.toml").write_text(tool)
    (inner / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    assert find_endpoint("mine", directory=inner, environ={}).model == "table-model"
    (inner.parent / ".git").touch()
    with pytest.raises(UsageError, match=r"there is no conformance\.toml"):
        find_endpoint("mine", directory=inner, environ={})


def test_conformance_toml_wins_over_pyproject(find: Find, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("not even TOML")
    assert find("mine", {"MINE": SECRET}, TOML).name == "mine"


def test_the_key_comes_from_the_first_variable_that_has_one(find: Find) -> None:
    environ = {"CONFORMANCE_API_KEY": "a", "OPENAI_API_KEY": "b", "MINE": "c"}
    assert find(None, environ, **FLAGS, api_key_env="MINE").key == "c"
    assert find(None, environ, **FLAGS).key == "a"
    found = find(None, {"CONFORMANCE_API_KEY": "", "OPENAI_API_KEY": "b"}, **FLAGS)
    assert (found.key, found.api_key_env) == ("b", "OPENAI_API_KEY")
    assert (find(**FLAGS).key, find(**FLAGS).api_key_env) == (None, "")


@pytest.mark.parametrize(
    ("base_url", "words"),
    [
        ("", "no base URL: give --base-url URL (--base-url is empty)"),
        ("127.0.0.1:9/v1", "has no scheme; write http://127.0.0.1:9/v1"),
        ("localhost:8000/v1", "has no scheme; write http://localhost:8000/v1"),
        ("api.provider.com/v1", "has no scheme; write https://api.provider.com/v1"),
        ("https:/api.provider.com", "has no scheme; write https://api.provider.com"),
        (f"u:{SECRET}@h.com/v1?key={SECRET}", "has no scheme; write https://h.com/v1"),
        (SECRET, "has no scheme; begin it with http:// or https://"),
        ("http://h/v1 x", "has a space"),
        (" http://h/v1", "has a space"),
        ("http://h/v1\n", "has a space or line break"),
        ("https://{host}/v1", "has '{' in it"),
        ("https://h/\u201d", "has '\\u201d' in it"),
        ("ftp://h/v1", "begins with ftp://; use http:// or https://"),
        ("http:///v1", "has no host"),
        ("http://h:99999/v1", "has a port that is not a number from 1 to 65535"),
        ("http://h:/v1", "has a port"),
        (f"https://u:{SECRET}@h/v1", "has a user name or password"),
        ("https://h/v1#chat", "has a fragment"),
    ],
)
def test_a_bad_base_url_is_explained(find: Find, base_url: str, words: str) -> None:
    assert words in problem(find, base_url=base_url, model="m")


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (SECRET + "\n", "ends with a line break"),
        (SECRET + " x", "has a space"),
        (f"Bearer {SECRET}", 'begins with "Bearer "'),
        (SECRET + "\x01", "has a control character"),
        (SECRET + "\u2026", "has a character outside Latin-1"),
    ],
)
def test_a_key_no_header_can_carry_is_refused_without_showing_it(find: Find, key: str, words: str) -> None:
    line = problem(find, None, {"MINE": key}, **FLAGS, api_key_env="MINE")
    assert words in line and "MINE" in line
    assert "OPENAI_API_KEY" in problem(find, None, {"OPENAI_API_KEY": key}, **FLAGS)


def test_a_key_variable_without_a_key_is_named(find: Find) -> None:
    assert "variable MINE is not set" in problem(find, **FLAGS, api_key_env="MINE")
    assert "variable MINE is empty" in problem(find, None, {"MINE": ""}, **FLAGS, api_key_env="MINE")
    assert "endpoint.mine.api_key_env: the environment variable MINE" in problem(find, "mine", {}, TOML)


def test_a_key_given_as_a_variable_is_not_repeated(find: Find) -> None:
    for key in (SECRET, SECRET.replace("-", "_")):
        line = problem(find, **FLAGS, api_key_env=key)
        assert key not in line and "must be the name of an environment variable" in line


def test_a_missing_setting_is_asked_for(find: Find) -> None:
    assert "give --base-url URL --model ID, or --provider NAME --model ID, or the NAME" in problem(find)
    assert problem(find, provider="ollama") == "no model id: give --model ID"
    assert "no model id: give --model ID" in problem(find, base_url="http://h/v1")
    assert "(known: mine)" in problem(find, toml=TOML)
    line = problem(find, "x", {}, '[endpoint.x]\nbase_url = "http://h/v1"\n')
    assert line == "conformance.toml: endpoint.x has no model: add it there, or give --model ID"


@pytest.mark.parametrize("model", [" m", "m\n", "a\tb"])
def test_a_model_id_with_stray_spaces_is_refused(find: Find, model: str) -> None:
    assert "--model: the model id has a space" in problem(find, base_url="http://h/v1", model=model)


def test_an_unknown_endpoint_gives_the_nearest_name(find: Find) -> None:
    assert "unknown endpoint 'mien'; did you mean mine? (known: mine)" in problem(find, "mien", {}, TOML)


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("[endpoint.x", "conformance.toml, line 1, column 12: not valid TOML"),
        ('a = 1\nb = """', "conformance.toml, line 2, column 8: not valid TOML"),
        ('[endpoint.x]\nbase_ur = "u"', "endpoint.x.base_ur: unknown key, did you mean base_url?"),
        (f'[endpoint.x]\napi_key = "{SECRET}"', "endpoint.x.api_key: unknown key, did you mean api_key_env?"),
        (f'[endpoint.x]\napi_key_env = "{SECRET}"', "endpoint.x.api_key_env: must be the name of an environment"),
        ('[endpont.x]\nmodel = "m"', "endpont: unknown key, did you mean endpoint?"),
        ("endpoint = 3", "endpoint: must be an object, not a number"),
        ('[endpoint."a/b"]\nmodel = "m"', "endpoint: the name of an endpoint may hold letters"),
        ('[endpoint.x]\nprovider = "grok"', "endpoint.x.provider: unknown provider 'grok'; did you mean groq?"),
        ("[endpoint.x]\nmodel = 3", "endpoint.x.model: must be a string, not a number"),
        ("[endpoint.x]\nimages = 1", "endpoint.x.images: must be true or false, not a number"),
        ("[endpoint.x]\nmax_output_tokens = 0", "endpoint.x.max_output_tokens: must be at least 1, not 0"),
        ("[endpoint.x]\nmax_output_tokens = 1.5", "endpoint.x.max_output_tokens: must be an integer"),
        ("[endpoint.x]\ninput_price = nan", "endpoint.x.input_price: must be a number, not nan"),
        ("[endpoint.x]\nazure_api_version = 2024-08-01", "must be a string, not a date (put it in quotes)"),
        (f'[endpoint.x.headers]\nx-key = "{SECRET}\\n"', "endpoint.x.headers.x-key: must be a string without line"),
        (f'[endpoint.x.headers]\n"x: {SECRET}" = ""', "endpoint.x.headers: the name of a header"),
    ],
)
def test_a_bad_configuration_is_explained_by_path(find: Find, toml: str, words: str) -> None:
    line = problem(find, "x", {}, toml)
    assert line.startswith("conformance.toml") and words in line


def test_all_mistakes_of_a_configuration_are_reported_at_once(find: Find) -> None:
    line = problem(find, "x", {}, '[endpoint.x]\nmodle = "m"\nimages = "yes"\nstreaming = 1\n')
    paths = [part.split(":")[0] for part in line.removeprefix("conformance.toml: ").split("; ")]
    assert paths == ["endpoint.x.modle", "endpoint.x.images", "endpoint.x.streaming"]


def test_a_file_that_is_not_text_is_explained(find: Find, tmp_path: Path) -> None:
    (tmp_path / "conformance.toml").write_bytes(b"\xff\xfe")
    assert problem(find, "x") == "conformance.toml: cannot be read: not UTF-8 text"


def test_a_pyproject_is_named_with_its_table(find: Find, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.conformance.endpoint.x]\nimages = 1\n")
    assert problem(find, "x").startswith("pyproject.toml [tool.conformance]: endpoint.x.images: ")


def test_nearest_names() -> None:
    assert nearest("roo-cod", ["kilo-code", "roo-code"]) == ["roo-code"]
    assert nearest("ROO", ["kilo-code", "roo-code"]) == ["roo-code"]
    assert nearest("zzz", ["kilo-code"]) == []
    line = "unknown client 'roo-cod'; did you mean roo-code? (known: roo-code, cline)"
    assert str(unknown("client", "roo-cod", ["roo-code", "cline"])) == line
    assert str(unknown("probe", "a\nb", [f"p{n}" for n in range(99)])) == "unknown probe 'a\\nb' (known: 99 of them)"
