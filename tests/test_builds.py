"""The commands for builds are valid: the scripts of the action and of the GitLab job really run here."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance import cli
from conformance.clients.named import clients_named
from conformance.reference import Provider, serve
from tests.command import KEY, ROOT, environment, report_in

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
JUDGE = next(step for step in STEPS if step.get("id") == "judge")
GUIDES = (ROOT / "docs" / "gate-ci.md", ROOT / "docs" / "ship-a-server.md")
EXPRESSION = re.compile(r"\$\{\{ inputs\.([a-z-]+) \}\}")


def commands() -> Iterator[str]:
    """Every `conformance ...` of the documents about builds."""
    for guide in GUIDES:
        for block in re.findall(r"^```sh\n(.*?)^```$", guide.read_text("utf-8"), re.DOTALL | re.MULTILINE):
            yield from block.replace("\\\n", "").splitlines()
    job = yaml.safe_load((ROOT / "docs" / "gitlab-ci.yml").read_text("utf-8"))["conformance"]
    yield from (line for line in job["script"] if line.startswith("conformance "))


@pytest.mark.parametrize("typed", list(commands()))
def test_commands_are_understood(typed: str) -> None:
    program, *arguments = shlex.split(typed)
    assert program == "conformance"
    assert cli.parser().parse_args(arguments)


def test_inputs_of_the_document_exist() -> None:
    text = GUIDES[0].read_text("utf-8")
    (block,) = re.findall(r"^```yaml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    used = yaml.safe_load(block)["jobs"]["conformance"]["steps"][1]["with"]
    assert set(used) <= set(ACTION["inputs"])


def test_inputs_are_all_used_and_reach_scripts_as_variables_only() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert set(EXPRESSION.findall(str(ACTION))) == set(ACTION["inputs"])
    assert [step["run"] for step in STEPS if "${{" in step.get("run", "")] == []
    assert all(step["shell"] == "bash" for step in STEPS if "run" in step)


@pytest.mark.parametrize("step", [step for step in STEPS if "run" in step], ids=lambda step: step["name"])
def test_scripts_of_the_action_are_bash(step: dict[str, Any]) -> None:
    checked = subprocess.run(["/bin/bash", "-n", "-c", step["run"]], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_what_the_action_installs_is_there(tmp_path: Path) -> None:
    stub(tmp_path, "python", 'printf "%s\\n" "$@"')
    step = next(step for step in STEPS if step.get("name") == "Install")
    ran = bash(step["run"], tmp_path, GITHUB_ACTION_PATH=str(ROOT))
    *pip, constraints, package = ran.stdout.splitlines()
    assert (ran.returncode, pip) == (0, ["-m", "pip", "install", "-q", "-c"])
    assert Path(constraints).is_file() and (Path(package) / "pyproject.toml").is_file()


def stub(folder: Path, name: str, script: str) -> None:
    """Makes a program of that name, which scripts run in the folder find first."""
    program = folder / "bin" / name
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)


def installed(folder: Path) -> None:
    """Makes the command available to scripts run in the folder, as pip does."""
    stub(folder, "conformance", f'exec {shlex.quote(sys.executable)} -P -m conformance "$@"')


def bash(script: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a script as a build server does: the first command that fails ends it."""
    env = environment(**variables)
    env["PATH"] = f"{folder / 'bin'}{os.pathsep}{env['PATH']}"
    shell = ["/bin/bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(shell, cwd=folder, env=env, capture_output=True, text=True, timeout=600, check=False)


def act(folder: Path, **inputs: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """Runs the script of the action with these inputs, and the defaults of the others."""
    installed(folder)
    given = {name: str(one["default"]) for name, one in ACTION["inputs"].items()}
    given |= {name.replace("_", "-"): value for name, value in inputs.items()}
    files = {name: str(folder / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        Path(file).write_text("", encoding="utf-8")
    done = bash(JUDGE["run"], folder, **_filled(JUDGE["env"], given), **files)
    return done, {name: Path(file).read_text("utf-8") for name, file in files.items()}


def _filled(variables: Mapping[str, str], inputs: Mapping[str, str]) -> dict[str, str]:
    return {name: EXPRESSION.sub(lambda found: inputs[found[1]], value) for name, value in variables.items()}


@pytest.mark.full
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


def test_inputs_of_the_action_are_never_run_as_commands(tmp_path: Path) -> None:
    evil = '"; touch pwned; $(touch pwned) `touch pwned`'
    ran, files = act(tmp_path, endpoint=evil, base_url=evil, model=evil, clients=evil, require=evil, output="out")
    assert (ran.returncode, files["GITHUB_OUTPUT"]) == (4, "exit-code=4\n")
    assert not (tmp_path / "pwned").exists()


@pytest.mark.full
def test_the_action_takes_named_endpoints_and_policies(tmp_path: Path) -> None:
    with serve(Provider("reference-1", None)) as server:
        (tmp_path / "conformance.toml").write_text(
            f'[endpoint.mine]\nbase_url = "{server.base_url}"\nmodel = "reference-1"\n'
        )
        ran, _ = act(
            tmp_path, endpoint="mine", depth="quick", fail_on="any", require="tool-calling=complete\nroo-code=works"
        )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "The gate passes." in ran.stdout


@pytest.mark.full
def test_the_action_takes_a_baseline(tmp_path: Path) -> None:
    with serve(Provider("reference-1", None)) as server:
        where = {"base_url": server.base_url, "model": "reference-1", "depth": "quick"}
        first, _ = act(tmp_path, **where, output="then")
        again, _ = act(tmp_path, **where, baseline="then/report.json")
        deeper, _ = act(tmp_path, **where | {"depth": "standard"}, baseline="then/report.json", output="now")
    assert (first.returncode, again.returncode, deeper.returncode) == (0, 0, 4)
    assert "use that depth, or make a new baseline" in deeper.stderr


@pytest.mark.full
def test_the_job_for_gitlab_runs_and_leaves_what_it_keeps(tmp_path: Path) -> None:
    job = yaml.safe_load((ROOT / "docs" / "gitlab-ci.yml").read_text("utf-8"))["conformance"]
    stub(tmp_path, "pip", 'printf "%s\\n" "$@"')
    installed(tmp_path)
    with serve(Provider("reference-1", KEY)) as server:
        variables = {"BASE_URL": server.base_url, "MODEL": "reference-1", "CONFORMANCE_API_KEY": KEY}
        ran = bash("\n".join(job["script"]), tmp_path, **variables, **job["variables"])
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[:3] == ["install", "-q", job["variables"]["CONFORMANCE_SOURCE"]]
    kept = [*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]]
    assert all((tmp_path / file).exists() for file in kept)


def recipe() -> list[str]:
    """The commands for people who ship a server, in the order of the document."""
    typed = [line for line in commands() if not line.startswith("conformance report conformance-report")]
    return [line for line in typed if "$BASE_URL" not in line]


def quickly(line: str, base_url: str) -> str:
    """The same command for this server, with as few requests as possible."""
    there = line.replace("http://127.0.0.1:8000/v1", base_url).replace("--depth thorough", "")
    return f"{there} --depth quick" if there.startswith("conformance run") else there


@pytest.mark.full
def test_the_recipes_work_in_the_order_in_which_they_stand(tmp_path: Path) -> None:
    installed(tmp_path)
    codes = []
    with serve(Provider("served-model", None, faults=("delta-without-index",))) as server:
        table = f'[endpoint.mine]\nbase_url = "{server.base_url}"\nmodel = "served-model"\n'
        (tmp_path / "conformance.toml").write_text(table, encoding="utf-8")
        for line in recipe():
            if line.startswith("conformance diff"):
                shutil.copytree(tmp_path / "report", tmp_path / "released")
            ran = bash(quickly(line, server.base_url), tmp_path)
            assert "conformance: " not in ran.stderr, line
            codes.append((line.split()[1], ran.returncode))
    assert codes == [
        ("run", 1),
        ("known", 0),
        ("gate", 0),
        ("run", 1),
        ("run", 1),  # makes the baseline
        ("run", 1),
        ("run", 1),
        ("diff", 0),
        ("run", 1),
        ("history", 0),
        ("report", 0),
    ]
    left = {"baseline", "known.toml", "changes.md", "nightly.db", "trend.html", "bugs"}
    assert left <= {file.name for file in tmp_path.iterdir()}


def test_versions_that_the_document_pins_can_be_chosen() -> None:
    named = {name for line in commands() for name in re.findall(r"--client (\S+@\S+)", line)}
    assert {client.profile for client in clients_named(sorted(named))} == named != set()
