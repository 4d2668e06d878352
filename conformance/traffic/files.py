"""Which files are meant and in which format each is: by what is in it, never by its name.

A file that cannot be read is told in a few words, so that the others are judged all the same.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from conformance.traffic.formats import curl, har, vcr
from conformance.traffic.formats import json_lines as jsonlog
from conformance.traffic.recorded import MOST, Recorded, Unreadable, unpacked

SUFFIXES = {".har", ".yaml", ".yml", ".json", ".jsonl", ".ndjson", ".log", ".txt", ".gz"}  # within folders
BEGINNINGS = (b"interactions:", b"http_interactions:", b'{"log"', b'{"interactions"', b'{"version"')
# Folders of tools, which hold none. Other names with a dot are read: some recorders give such names to their folders.
TOOLS = {".git", ".hg", ".svn", ".venv", ".tox", ".nox"}
UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # as PowerShell writes down what a program prints
MANIFESTS = "conformance/recording/"  # of our own recordings, beside their cassettes: no traffic is in them
PEEKED = 4_000_000  # bytes of a file in which a line of a log has to end


def files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files that are named, and those in named folders whose names end as traffic does, in order."""
    for path in paths:
        yield from sorted(_within(path)) if os.path.isdir(path) else (path,)


def _within(folder: Path) -> Iterator[Path]:
    """Also the folders that cannot be listed, so that they are told when they are to be read."""
    closed: list[OSError] = []
    for here, folders, names in os.walk(folder, onerror=closed.append):
        folders[:] = [name for name in folders if name not in TOOLS]
        yield from (path for name in names if _named_so(path := Path(here, name)) or _begins_so(path))
    yield from (Path(error.filename) for error in closed)


def _named_so(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES


def _begins_so(path: Path) -> bool:
    """True for a cassette whose name says nothing: some recorders take the name of the test as it is."""
    if not os.path.isfile(path):
        return False
    try:
        with path.open("rb") as file:
            return file.read(40).removeprefix(b"---\n").startswith(BEGINNINGS)
    except OSError:
        return False


def read(path: Path) -> tuple[str, Iterator[Recorded]]:
    """The format of a file and its exchanges, made one by one; raises Unreadable."""
    data = _bytes(path)
    if not data.strip():
        raise Unreadable("is empty")
    if b"\0" in data[:8_000]:
        raise Unreadable("is binary")
    if curl.is_printed(data):
        return "curl", curl.exchanges(data)
    if _is_log(data):
        return "log", jsonlog.exchanges(jsonlog.lines(data))
    value = _value(data)
    if har.is_har(value):
        return "HAR", har.exchanges(value)
    if vcr.is_cassette(value):
        return "cassette", vcr.exchanges(value)
    if found := jsonlog.entries(value):
        return "log", jsonlog.exchanges(found)
    if isinstance(value, dict) and str(value.get("schema")).startswith(MANIFESTS):
        return "manifest", iter(())
    raise Unreadable(
        "is none of HAR, vcrpy cassette, output of curl -v, or JSON lines of requests and responses"
    )


def _bytes(path: Path) -> bytes:
    """The content, unpacked; raises Unreadable with what the system says."""
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise Unreadable("is no file")  # a pipe would be waited for
        if path.stat().st_size > MOST:
            raise Unreadable(f"is larger than {MOST // 1_000_000} MB")
        data = unpacked(path.read_bytes())
        return data.decode("utf-16").encode() if data.startswith(UTF_16) else data
    except UnicodeError:
        raise Unreadable("is binary") from None
    except OSError as error:
        raise Unreadable(f"cannot be read ({error.strerror or error})") from None


def _is_log(data: bytes) -> bool:
    """True when the first line that holds anything is one object of a log."""
    line = data[:PEEKED].lstrip().split(b"\n", 1)[0]
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return jsonlog.is_entry(value) and not har.is_har(value) and not vcr.is_cassette(value)


def _value(data: bytes) -> Any:
    """The one value of a file, JSON or YAML; raises Unreadable."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        if data.lstrip()[:1] in (b"{", b"["):
            raise Unreadable("is JSON that breaks off or is damaged") from None
    import yaml

    try:
        return yaml.load(data, _loader())  # noqa: S506 a safe loader
    except RecursionError:
        raise Unreadable("is YAML nested without end") from None
    except (yaml.YAMLError, ValueError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = "" if line is None else f" in line {line + 1}"
        raise Unreadable(f"is neither JSON nor YAML, or breaks off{where}") from None


@cache
def _loader() -> Any:
    """YAML's safe loader, in C where there is one, that takes tags of other languages for plain values."""
    import yaml

    safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader: Any = type("Loader", (safe,), {})
    loader.add_multi_constructor("", _plain)
    for text in ("!binary", "tag:yaml.org,2002:binary"):
        loader.add_constructor(text, safe.construct_yaml_binary)
    loader.add_constructor("tag:yaml.org,2002:timestamp", safe.construct_yaml_str)
    return loader


def _plain(loader: Any, _: str, node: Any) -> Any:
    kind = type(node).__name__
    if kind == "MappingNode":
        return loader.construct_mapping(node, deep=True)
    return (
        loader.construct_sequence(node, deep=True)
        if kind == "SequenceNode"
        else loader.construct_scalar(node)
    )
