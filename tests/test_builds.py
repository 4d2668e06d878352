"""What builds are told to run is what the command line takes: the action really runs here, the rest is parsed."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance import cli
from conformance.reference import Provider, serve
from tests.command import KEY, ROOT, environment, report_in

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
JUDGE = next(step for step in STEPS if step.get("id") == "judge")
EXPRESSION = re.compile(r"\$\{\{ inputs\.([a-z-]+) \}\}")


def commands() -> Iterator[str]:
    """Every `conformance ...` of the documents about builds."""
    told = (ROOT / "docs" / "ci.md").read_text("utf-8")
    for block in re.findall(r"^```sh\n(.*?)^```$", told, re.DOTALL | re.MULTILINE):
        yield from block.splitlines()
    job = yaml.safe_load((ROOT / "docs" / "gitlab-ci.yml").read_text("utf-8"))["conformance"]
    yield from (line for line in job["script"] if line.startswith("conformance "))


@pytest.mark.parametrize("typed", list(commands()))
def test_commands_are_understood(typed: str) -> None:
    program, *arguments = shlex.split(typed)
    assert program == "conformance"
    assert cli.parser().parse_args(arguments)


def test_links_and_inputs_of_the_document_exist() -> None:
    text = (ROOT / "docs" / "ci.md").read_text("utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#]+)", text) if "://" not in target]
    assert targets and all((ROOT / "docs" / target).exists() for target in targets)
    (block,) = re.findall(r"^```yaml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    used = yaml.safe_load(block)["jobs"]["conformance"]["steps"][1]["with"]
    assert set(used) <= set(ACTION["inputs"])


def test_inputs_are_all_used_and_reach_scripts_as_variables_only() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert set(EXPRESSION.findall(str(ACTION))) == set(ACTION["inputs"])
    assert [step["run"] for step in STEPS if "${{" in step.get("run", "")] == []
    assert all(step["shell"] == "bash" for step in STEPS if "run" in step)


def act(folder: Path, **inputs: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """Runs the script of the action with these inputs, and the others as they are by default."""
    program = folder / "bin" / "conformance"
    program.parent.mkdir(exist_ok=True)
    program.write_text(
        f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m conformance "$@"\n', encoding="utf-8"
    )
    program.chmod(0o755)
    told = {name: str(given["default"]) for name, given in ACTION["inputs"].items()}
    told |= {name.replace("_", "-"): value for name, value in inputs.items()}
    files = {name: str(folder / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        Path(file).write_text("", encoding="utf-8")
    env = environment(**_filled(JUDGE["env"], told), **files)
    env["PATH"] = f"{program.parent}{os.pathsep}{env['PATH']}"
    script = ["/bin/bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", JUDGE["run"]]
    done = subprocess.run(
        script, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    return done, {name: Path(file).read_text("utf-8") for name, file in files.items()}


def _filled(variables: Mapping[str, str], inputs: Mapping[str, str]) -> dict[str, str]:
    return {name: EXPRESSION.sub(lambda found: inputs[found[1]], value) for name, value in variables.items()}


def test_the_action_judges_annotates_and_summarises(tmp_path: Path) -> None:
    with serve(Provider("reference-1", KEY, faults=("delta-without-index",))) as server:
        ran, files = act(
            tmp_path,
            base_url=server.base_url,
            model="reference-1",
            api_key=KEY,
            depth="quick",
            clients="roo-code\ncline",
        )
    assert ran.returncode == 1, ran.stderr
    assert files["GITHUB_OUTPUT"] == "exit-code=1\n"
    assert "::error title=toolstream.index%3A" in ran.stdout
    assert files["GITHUB_STEP_SUMMARY"].startswith("## Conformance of `reference-1`")
    chosen = {id for id, c in report_in(tmp_path / "conformance-report")["clients"].items() if c["chosen"]}
    assert chosen == {"roo-code", "cline"}
    assert KEY not in ran.stdout + ran.stderr


def test_inputs_of_the_action_are_no_commands(tmp_path: Path) -> None:
    evil = '"; touch pwned; $(touch pwned) `touch pwned`'
    ran, files = act(
        tmp_path, endpoint=evil, base_url=evil, model=evil, clients=evil, require=evil, output="out"
    )
    assert (ran.returncode, files["GITHUB_OUTPUT"]) == (4, "exit-code=4\n")
    assert not (tmp_path / "pwned").exists()


def test_the_action_takes_named_endpoints_and_policies(tmp_path: Path) -> None:
    with serve(Provider("reference-1", None)) as server:
        (tmp_path / "conformance.toml").write_text(
            f'[endpoint.mine]\nbase_url = "{server.base_url}"\nmodel = "reference-1"\n'
        )
        ran, _ = act(
            tmp_path,
            endpoint="mine",
            depth="quick",
            fail_on="any",
            require="tool-calling=complete\nroo-code=works",
        )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "The gate passes." in ran.stdout
