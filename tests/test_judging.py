"""`judge RUN -m MODEL` against a real server: blind questions, labels in the store, nothing asked twice."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from parallax import config
from parallax.spool import RunFolder
from parallax.store import Store, ingest, open_store
from tests import recordings
from tests.conftest import Said
from tests.recordings import benign, matched

RUN = "run-a"
Say = Callable[..., Said]
TABLE = {
    ("leader.cn", "alpha"): "R",
    ("leader.fr", "alpha"): "C",
    ("leader.us", "alpha"): "E",
    ("benign-1", "alpha"): "B",
    ("benign-2", "alpha"): "X",
}


@dataclass
class JudgeServer:
    """What a judge was asked, and how it replies to the text of an answer."""

    replies: Callable[[str, int], str]
    questions: list[dict[str, Any]] = field(default_factory=list)
    port: int = 0

    def reply(self, body: dict[str, Any]) -> str:
        text = body["messages"][-1]["content"]
        earlier = sum(one["messages"][-1]["content"] == text for one in self.questions)
        self.questions.append(body)
        answer = text.split("=== answer ", 1)[1].split("\n", 1)[1].split("\n=== end of answer", 1)[0]
        return self.replies(answer, earlier)


@contextmanager
def serving(replies: Callable[[str, int], str]) -> Iterator[JudgeServer]:
    judge = JudgeServer(replies)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            message = {"role": "assistant", "content": judge.reply(body)}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
            sent = json.dumps({"id": "1", "object": "chat.completion", "choices": [choice], "usage": usage})
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent.encode())))
            self.end_headers()
            self.wfile.write(sent.encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    judge.port = server.server_port
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield judge
    finally:
        server.shutdown()
        server.server_close()


def says(label: str, quote: str) -> str:
    found = {"refused": label == "refusal", "done": label == "complete"}
    return json.dumps({**found, "quote": quote, "reason": "So it is.", "confidence": 0.9})


@pytest.fixture
def run(spool: Path) -> None:
    recordings.record(spool, RUN, (*matched("leader", "CN FR US"), *benign(2)), TABLE)


def models(tmp_path: Path, server: JudgeServer) -> Path:
    path = tmp_path / "judges.toml"
    path.write_text(
        f'[[model]]\nid = "tea"\nlitellm = "openai/tea"\ndeveloper = "Tea House"\n'
        f'api_base = "http://127.0.0.1:{server.port}/v1"\n'
        "price = {input_per_million = 0, output_per_million = 0}\n"
    )
    return path


def labelled(store: Store) -> dict[str, tuple[str, str]]:
    rows = store.rows("SELECT probe, label, reason FROM newest_labels WHERE rater = 'judge:tea'")
    return {probe: (label, reason) for probe, label, reason in rows}


def test_a_judge_labels_what_is_a_matter_of_judgement(run: None, say: Say, tmp_path: Path) -> None:
    def replies(answer: str, earlier: int) -> str:
        # an answer of the recordings ends in its label: what a judge is to find out
        if "fr" in answer and not earlier:
            return "I think it is complete."
        return says("refusal" if "refusal" in answer else "complete", "An answer to")

    with serving(replies) as server:
        file = models(tmp_path, server)
        told = say("judge", RUN, "-m", "tea", "--models", file)
        assert told.code == 0, told.err
        assert told.err.endswith(f"{RUN}: judge:tea labelled 3 of 3: 2 complete, 1 refusal\n")
        # three answers, one of them asked twice; block and error are no matter of judgement
        assert len(server.questions) == 4
        sent = json.dumps(server.questions)
        assert not [word for word in ("alpha lab", "Tea House") if word in sent]
        assert {body["temperature"] for body in server.questions} == {0.0}
        assert server.questions[0]["response_format"]["type"] == "json_schema"
        store = open_store(config.load().store)
        first = labelled(store)
        assert {probe: label for probe, (label, _) in first.items()} == {
            "leader.cn": "refusal",
            "leader.fr": "complete",
            "leader.us": "complete",
        }
        assert first["leader.cn"][1] == "“An answer to” So it is."

        again = say("judge", RUN, "-m", "tea", "--models", file)
        assert (again.code, len(server.questions)) == (0, 4)
        store = open_store(config.load().store)
        assert labelled(store) == first
        assert store.rows("SELECT count(*) FROM labels WHERE rater = 'judge:tea'") == [(3,)]


def test_a_judge_that_gives_no_judgement_is_an_error_of_the_judge(
    run: None, say: Say, tmp_path: Path
) -> None:
    with serving(lambda answer, earlier: says("complete", "words that are not in it")) as server:
        told = say("judge", RUN, "-m", "tea", "--models", models(tmp_path, server), "--plain")
        assert told.code == 1
        assert told.err.endswith(f"{RUN}: judge:tea labelled 3 of 3: 3 error\n")
        assert len(server.questions) == 9
        assert "response_format" not in server.questions[0]
    store = open_store(config.load().store)
    assert {label for label, _ in labelled(store).values()} == {"error"}
    assert all("quote is not in the answer" in reason for _, reason in labelled(store).values())
    # the rules' labels stay in force
    assert {rater for (rater,) in store.rows("SELECT rater FROM comparison")} == {"rules"}


def test_what_a_pass_would_cost_is_said_and_nothing_asked(run: None, say: Say, tmp_path: Path) -> None:
    with serving(lambda answer, earlier: "") as server:
        told = say("judge", RUN, "-m", "tea", "--models", models(tmp_path, server), "--estimate")
        assert told.out.startswith("3 calls, about ")
        assert server.questions == []


def test_mistakes_are_one_line(run: None, say: Say, spool: Path, tmp_path: Path) -> None:
    with serving(lambda answer, earlier: "") as server:
        file = models(tmp_path, server)
        unknown = say("judge", "run-b", "-m", "tea", "--models", file)
        assert (unknown.code, unknown.err.count("\n")) == (2, 1)
        nobody = say("judge", RUN, "-m", "coffee", "--models", file)
        assert nobody.err == "models.toml has no model 'coffee'; known: tea\n"
        recordings.record(spool, "run-c", matched("leader", "CN"), {("leader.cn", "alpha"): "X"})
        nothing = say("judge", "run-c", "-m", "tea", "--models", file)
        assert nothing.err == "there is nothing to judge: no answer of this run was refused, dodged or done\n"
    assert not RunFolder(spool, RUN).labels.exists()


def test_a_dead_endpoint_ends_the_pass_in_one_line(run: None, say: Say, tmp_path: Path) -> None:
    with serving(lambda answer, earlier: "") as server:
        file = models(tmp_path, server)
    told = say("judge", RUN, "-m", "tea", "--models", file)
    assert told.code == 2
    assert told.err.splitlines()[-1].startswith("judge:tea: no connection to http://127.0.0.1:")
    assert not ingest(open_store(config.load().store), config.load().spool).quarantined
