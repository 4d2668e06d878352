"""What is in a file of recorded traffic: its bytes, and the one JSON or YAML value that they are. Formats look at either."""

from __future__ import annotations

import json
import os
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from conformance.traffic.recorded import MOST, Unreadable, unpacked

UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # PowerShell writes the output of programs in this encoding


class Content:
    """The unpacked bytes of a file. `value` is what they hold as JSON or YAML, None if they hold neither; `problem` says why."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.problem = ""

    @cached_property
    def value(self) -> Any:
        """The one value of the file."""
        try:
            return _parsed(self.data)
        except Unreadable as why:
            self.problem = str(why)
            return None


def content_of(path: Path) -> Content:
    """What a file holds; raises Unreadable if it cannot be read, is empty or is binary."""
    data = _bytes(path)
    if not data.strip():
        raise Unreadable("is empty")
    if b"\0" in data[:8_000]:
        raise Unreadable("is binary")
    return Content(data)


def _bytes(path: Path) -> bytes:
    """The unpacked bytes; raises Unreadable with the system's message."""
    try:
        if path.exists() and not (os.path.isfile(path) or os.path.isdir(path)):
            raise Unreadable("is no file")  # reading a pipe would block
        if path.stat().st_size > MOST:
            raise Unreadable(f"is larger than {MOST // 1_000_000} MB")
        data = unpacked(path.read_bytes())
        return data.decode("utf-16").encode() if data.startswith(UTF_16) else data
    except UnicodeError:
        raise Unreadable("is binary") from None
    except OSError as error:
        raise Unreadable(f"cannot be read ({error.strerror or error})") from None


def _parsed(data: bytes) -> Any:
    """The value as JSON or YAML; raises Unreadable."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        if data.lstrip()[:1] in (b"{", b"["):
            raise Unreadable("is JSON that breaks off or is damaged") from None
    import yaml

    try:
        return yaml.load(data, _loader())  # noqa: S506 a safe loader
    except RecursionError:
        raise Unreadable("is YAML nested too deeply") from None
    except (yaml.YAMLError, ValueError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = "" if line is None else f" in line {line + 1}"
        raise Unreadable(f"is neither JSON nor YAML, or breaks off{where}") from None


@cache
def _loader() -> Any:
    """YAML's safe loader, in C if there is one; it reads values with tags of other languages as plain values."""
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
    return loader.construct_sequence(node, deep=True) if kind == "SequenceNode" else loader.construct_scalar(node)
