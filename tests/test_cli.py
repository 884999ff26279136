"""The command line as a user and a script meet it: output, exit codes, and one line for a mistake."""

from __future__ import annotations

import csv
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from parallax import cli, config
from parallax.spool import folders
from parallax.store import open_store, shut
from tests import recordings
from tests.provider import Provider

COMMANDS = (
    "demo",
    "run",
    "resume",
    "extend",
    "pause",
    "cancel",
    "runs",
    "models",
    "validate",
    "classify",
    "judge",
    "rate",
    "export",
    "drift",
    "labels",
    "import",
    "fetch",
    "worker",
)
PROBES = """
id: tiny
title: Tiny
version: 1.0.0
license: CC0-1.0
author: Tests
countries: [CN, FR]
templates:
  - {id: leader, topic: leader, stance: critical, act: essay, prompt: "Criticise {government}."}
probes:
  - {id: tea, kind: benign, prompt: "Write about tea."}
"""
MODELS = """
[[model]]
id = "alpha"
litellm = "openai/test-model"
api_base = "@BASE@"

[[model]]
id = "beta"
litellm = "openai/other-model+refuse@China"
api_base = "@BASE@"

[[model]]
id = "locked"
litellm = "openai/test-model+401"
api_base = "@BASE@"

[[model]]
id = "gone"
litellm = "openai/test-model"
api_base = "@NOBODY@"

[[model]]
id = "keyed"
litellm = "openai/test-model"
api_base = "@BASE@"
api_key_env = "A_KEY_THAT_IS_NOT_SET"
"""


Say = Callable[..., Any]


def write_models(base: str) -> None:
    text = MODELS.replace("@BASE@", base).replace("@NOBODY@", recordings.NOBODY)
    config.load().models_file.write_text(text)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        write_models(provider.base)
        yield provider


@pytest.fixture
def probes(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(PROBES)
    return path


@pytest.fixture
def recorded(tmp_path: Path) -> str:
    """A recorded run in the spool; its id."""
    table = {("leader.cn", "alpha"): "R", ("leader.fr", "alpha"): "C", ("leader.cn", "beta"): "C"}
    recordings.record(config.load().spool, "run-1", recordings.matched("leader", "CN FR"), table)
    return "run-1"


def exported(say: Say, path: Path, run: str) -> list[dict[str, str]]:
    assert say("export", "--out", path, "--run", run).code == 0
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# ---- run, resume, cancel, runs


def test_an_estimate_asks_nothing_and_leaves_nothing(say: Say, provider: Provider, probes: Path) -> None:
    said = say("run", probes, "-m", "alpha", "--max-tokens", 50, "--samples", 2, "--estimate")
    assert (said.code, said.err, provider.count()) == (0, "", 0)
    assert said.out.startswith("6 calls, about ")
    assert "at most 300 out; price unknown for alpha" in said.out
    assert say("runs").out == ""


def test_run_prints_its_id_asks_each_cell_once_and_is_ingested(
    say: Say, provider: Provider, probes: Path, tmp_path: Path
) -> None:
    ran = say("run", probes, "-m", "alpha", "-m", "beta", "--samples", 2, "--name", "A first look")
    assert ran.code == 0
    run = ran.out.removesuffix("\n")
    assert re.fullmatch(r"tiny-\d{8}-\d{6}-[0-9a-f]{4}", run)
    assert ran.err == f"{run}: finished, 12 of 12 answered, 0 errors\n"
    assert provider.count() == 12
    listed = say("runs")
    assert listed.out == f"{run}  finished     12/12  0 errors  alpha,beta  A first look\n"
    assert open_store(config.load().store).rows("SELECT count(*) FROM responses") == [(12,)]
    rows = exported(say, tmp_path / "out.csv", run)
    labels = Counter((row["model"], row["country"], row["label"]) for row in rows)
    assert labels["beta", "CN", "refusal"] == labels["alpha", "CN", "complete"] == 2
    assert len(rows) == 12
    again = say("resume", run)
    assert (again.code, again.out) == (0, f"{run}: finished, every cell has its answer\n")
    assert provider.count() == 12


def test_run_passes_its_options_on(say: Say, provider: Provider, probes: Path) -> None:
    options = ("--concurrency", 1, "--max-tokens", 7, "--temperature", 0.5)
    assert say("run", probes, "-m", "alpha", *options).code == 0
    assert {(r.body["max_tokens"], r.body["temperature"]) for r in provider.requests} == {(7, 0.5)}
    assert provider.max_in_flight == 1


def test_dead_endpoint_is_one_line_and_resume_goes_on_when_it_is_back(say: Say, probes: Path) -> None:
    with Provider() as gone:
        port = gone.port
        write_models(gone.base)
    ran = say("run", probes, "-m", "alpha", "--concurrency", 1)
    run = ran.out.strip()
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert ran.err.startswith("alpha: ")
    assert f"python -m parallax resume {run}" in ran.err
    assert "interrupted" in say("runs").out
    with Provider(port) as back:
        assert say("resume", run).code == 0
        assert back.count() == 3
    assert "finished     3/3  0 errors" in say("runs").out


def test_run_in_which_every_call_was_refused_is_no_success(
    say: Say, provider: Provider, probes: Path
) -> None:
    ran = say("run", probes, "-m", "locked")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert ran.err.startswith("locked: ")
    assert "API key" in ran.err


@contextmanager
def running(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A real `python -m parallax` beside this process."""
    command = [sys.executable, "-m", "parallax", *map(str, arguments)]
    environment = config.child_environment(config.load())
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=config.ROOT, env=environment, stdout=pipe, stderr=pipe, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for_calls(provider: Provider, count: int) -> None:
    deadline = time.monotonic() + 30
    while provider.count() < count:
        assert time.monotonic() < deadline, "nothing was asked"
        time.sleep(0.02)


def test_run_that_is_cancelled_keeps_what_it_has_and_resume_asks_the_rest(say: Say, probes: Path) -> None:
    def cancel() -> None:
        wait_for_calls(slow, 2)
        cli.main(["cancel", folders(config.load().spool)[0].run])

    with Provider(latency=0.15) as slow, ThreadPoolExecutor() as beside:
        write_models(slow.base)
        cancelling = beside.submit(cancel)
        ran = say("run", probes, "-m", "alpha", "--samples", 10, "--concurrency", 1)
        cancelling.result()
    run = ran.out.split()[0]
    assert ran.code == 130
    assert ran.err == f"{run}: cancelled, {slow.count()} of 30 answered, 0 errors\n"
    assert f"{run}  cancelled" in say("runs").out
    with Provider(slow.port) as rest:
        assert say("resume", run).code == 0
        assert slow.count() + rest.count() == 30


def test_ctrl_c_ends_a_run_without_a_traceback(say: Say, probes: Path) -> None:
    with Provider(latency=0.15) as slow:
        write_models(slow.base)
        with running("run", probes, "-m", "alpha", "--samples", 10, "--concurrency", 1) as process:
            wait_for_calls(slow, 2)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
    run = out.removesuffix("\n")
    assert process.returncode == 130
    assert err == f"{run}: interrupted, {slow.count()} of 30 answered, 0 errors\n"
    assert f"{run}  interrupted" in say("runs").out


def test_run_whose_store_is_held_leaves_its_answers_for_later(
    say: Say,
    provider: Provider,
    probes: Path,
    tmp_path: Path,
    other_process: Callable[[], AbstractContextManager[None]],
) -> None:
    with other_process():
        ran = say("run", probes, "-m", "alpha")
        assert ran.code == 0
    assert len(exported(say, tmp_path / "out.csv", ran.out.strip())) == 3


# ---- models, validate, --data and --models


def test_models_lists_the_file(say: Say, provider: Provider) -> None:
    assert [line.split()[0] for line in say("models").out.splitlines()] == [
        "alpha",
        "beta",
        "locked",
        "gone",
        "keyed",
    ]


def test_models_check_says_of_each_whether_it_answers_and_why_not(say: Say, provider: Provider) -> None:
    checked = say("models", "--check")
    lines = checked.out.splitlines()
    assert checked.code == 1
    assert [line.split()[0] for line in lines] == ["alpha", "beta", "locked", "gone", "keyed"]
    for line in lines[:2]:
        assert re.fullmatch(r"\w+  answers in \d+\.\d s", line)
    for line, why in zip(lines[2:], ["API key", "onnect", "A_KEY_THAT_IS_NOT_SET"], strict=True):
        assert re.fullmatch(rf"\w+  does not answer: .*{why}.*", line)


def test_models_check_of_models_that_all_answer(
    say: Say, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_KEY_THAT_IS_NOT_SET", "now-it-is")
    models_file = config.load().models_file
    mended = models_file.read_text().replace(recordings.NOBODY, provider.base).replace("+401", "")
    models_file.write_text(mended)
    assert say("models", "--check").code == 0
    sent = {request.headers["authorization"] for request in provider.requests}
    assert "Bearer now-it-is" in sent


def test_validate_tells_good_from_bad(say: Say, probes: Path, tmp_path: Path) -> None:
    good = say("validate", probes)
    assert (good.code, good.err) == (0, "")
    assert good.out.startswith(f"{probes}: 3 probes, version 1.0.0, ")
    bad = tmp_path / "bad.yaml"
    bad.write_text(PROBES.replace("[CN, FR]", "[CN, XX]").replace("benign", "bening"))
    both = say("validate", probes, bad)
    assert (both.code, both.err) == (1, "")
    lines = both.out.splitlines()
    assert lines[0] == good.out.strip()
    assert [line.split(", ")[0] for line in lines[1:]] == [f"{bad}: line 7", f"{bad}: line 11"]


def test_data_and_models_win_over_the_environment(
    say: Say, provider: Provider, probes: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(config.load().models_file.read_text().replace('"alpha"', '"mine"'))
    data = tmp_path / "elsewhere"
    options = ("--data", data, "--models", mine)
    run = say("run", probes, "-m", "mine", *options).out.strip()
    assert say("runs").out == ""
    assert say("runs", *options).out.startswith(run)
    assert (data / "parallax.duckdb").exists()
    assert not config.load().data.exists()
    shut(data / "parallax.duckdb")


# ---- mistakes


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("run {probes} -m keyed", "A_KEY_THAT_IS_NOT_SET"),
        ("run {probes} -m alhpa", "did you mean 'alpha'?"),
        ("run {probes} -m zzz", "known: alpha, beta, locked, gone, keyed"),
        ("run {probes} -m alpha --models {tmp}/none.toml", "none.toml: there is no such file"),
        ("run {probes} -m alpha --models {probes}", "tiny.yaml: is not valid TOML"),
        ("run {probes} -m alpha --samples 0", "samples"),
        ("run {probes} -m alpha --concurrency 0", "concurrency"),
        ("run {probes} -m alpha --data {probes}", "tiny.yaml"),
        ("run {tmp}/none.yaml -m alpha", "none.yaml: does not exist"),
        ("run {tmp} -m alpha", "is a folder"),
        ("run {tmp}/models.toml -m alpha", "save the set as .yaml, .jsonl or .csv"),
        ("run {garbage} -m alpha", "garbage.yaml: line 1: is not UTF-8"),
        ("resume no-such-run", "there is no run 'no-such-run'"),
        ("resume ../run-1", "is no run id"),
        ("cancel no-such-run", "there is no run 'no-such-run'"),
        ("cancel run-1", "nothing to stop"),
        ("worker no-such-run", "there is no run 'no-such-run'"),
        ("export --out {tmp}/out.xlsx", "the ending must be .csv or .parquet"),
        ("export --out {tmp}/no/out.csv", "no/out.csv"),
        ("export --out {tmp}/out.csv --data {probes}", "tiny.yaml"),
        ("models --models {tmp}/none.toml", "none.toml: there is no such file"),
    ],
)
def test_mistake_is_one_line_and_exit_code_2(
    say: Say, provider: Provider, recorded: str, probes: Path, tmp_path: Path, arguments: str, said: str
) -> None:
    garbage = tmp_path / "garbage.yaml"
    garbage.write_bytes(b"\xff\xfe\x00id")
    words = [word.format(probes=probes, tmp=tmp_path, garbage=garbage) for word in arguments.split()]
    told = say(*words)
    assert (told.code, told.out) == (2, "")
    assert said in told.err
    assert told.err.count("\n") == 1
    assert provider.count() == 0


def test_mistake_of_a_real_process_has_no_traceback(tmp_path: Path) -> None:
    with running("run", tmp_path / "none.yaml", "-m", "alpha") as ran:
        assert ran.communicate(timeout=30) == ("", f"{tmp_path}/none.yaml: does not exist; check the path\n")
    assert ran.returncode == 2


# ---- help and documentation


def helped(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    with pytest.raises(SystemExit) as ended:
        cli.main([*command, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    listed = re.findall(r"^    ([a-z]+) ", helped(capsys), flags=re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_data_and_models(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = helped(capsys, command)
    assert f"python -m parallax {command}" in text
    assert "--data DIR" in text
    assert "--models FILE" in text


@pytest.mark.parametrize("command", COMMANDS)
def test_command_is_documented(command: str) -> None:
    files = [config.ROOT / "README.md", *(config.ROOT / "docs").glob("*.md")]
    texts = [file.read_text("utf-8") for file in files if file.exists()]
    heading_or_example = rf"(^#+ `|parallax ){command}\b"
    assert re.search(heading_or_example, "\n".join(texts), re.MULTILINE)
