"""Keys planted in the environment, repeated by hosts in every place: none is kept, shown or passed on."""

from __future__ import annotations

import contextlib
import io
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from parallax import cli, config, jobs, models, plan
from parallax.config import Settings
from parallax.errors import ConfigError
from parallax.records import RunState
from parallax.store import open_store, shut
from tests.asking import folder_of, probe_set, wait_until
from tests.proofs import processes_of

TAIL = "0123456789-tail"
ONE, TWO = f"sk-planted-one-{TAIL}", f'pa"ss\\wo&rd-{TAIL}'
KEYS = {
    "ONE_KEY": ONE,
    # known as a key only by its entry in the models file
    "TWO_PASSPHRASE": TWO,
    # the beginning of another key, and a key of nobody's that litellm would find by itself
    "SHORT_TOKEN": ONE.removesuffix(TAIL),
    "OPENAI_API_KEY": f"sk-planted-openai-{TAIL}",
}
# one call at a time in each process: a redirect that is the very first reply of a model ends its lane
MODELS = """
[[model]]
id = "one"
litellm = "openai/tea"
api_base = "{one}"
limits = {{concurrency = 2}}
api_key_env = "ONE_KEY"

[[model]]
id = "two"
litellm = "openai/tea"
api_base = "{two}"
limits = {{concurrency = 2}}
api_key_env = "TWO_PASSPHRASE"

[[model]]
id = "none"
litellm = "openai/tea"
api_base = "{none}"
limits = {{concurrency = 2}}
"""
SAID = "Your header was {0}. " + "The rest of this answer is long enough to be read as an answer. " * 5
PROMPTS = [
    *(f"Say it with status {status}." for status in (400, 422, 429, 500)),
    "Say it in the finish reason.",
    "Say it and stop with a filter.",
    "Say it as no JSON.",
    "Say it as a redirect.",
    *(f"Say it in every field, {n}." for n in range(8)),
]
OWN = {"one": ["planted-one"], "two": ["&rd-"]}
PAGES = (
    "overview.py", "heatmap.py", "gaps.py", "compare.py", "models.py", "measures.py", "answers.py", "ask.py",
    "probe_sets.py", "runs.py",
)  # fmt: skip


@dataclass
class Parrot:
    """A host that repeats the Authorization header in all it says; a redirect leads to `other`."""

    base: str = ""
    other: str = ""
    seen: list[str] = field(default_factory=list)

    def reply(self, header: str, prompt: str) -> tuple[int, bytes, dict[str, str]]:
        said = SAID.format(header)
        headers = {"X-Request-Id": header, "Set-Cookie": f"session={header}", "Retry-After": "0"}
        if found := re.search(r"status (\d+)", prompt):
            error = {"message": said, "type": header, "param": header, "code": header}
            return int(found.group(1)), json.dumps({"error": error, header: header}).encode(), headers
        if "redirect" in prompt:
            return 307, header.encode(), {"Location": f"{self.other}/chat/completions"}
        if "no JSON" in prompt:
            return 200, said.encode(), headers
        finish = header if "finish reason" in prompt else "content_filter" if "filter" in prompt else "stop"
        message = {"role": "assistant", "content": said, "reasoning_content": said, "refusal": None}
        body = {
            "id": header,
            "object": "chat.completion",
            "created": 1,
            "model": header,
            "provider": header,
            "system_fingerprint": header,
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
            "usage": {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8},
        }
        return 200, json.dumps(body).encode(), headers


@contextlib.contextmanager
def parrot(address: str) -> Iterator[Parrot]:
    # a cookie is a host's, whatever the port: each has an address of its own
    host = Parrot()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            host.seen.append(f"{self.path} {self.headers.items()} {raw!r}")
            prompt = json.loads(raw)["messages"][-1]["content"]
            header = self.headers.get("Authorization") or "none"
            status, body, headers = host.reply(header.removeprefix("Bearer "), prompt)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent: `seen` is the log."""

    with ThreadingHTTPServer((address, 0), Handler) as server:
        server.daemon_threads = True
        host.base = f"http://{address}:{server.server_port}/v1"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield host
        server.shutdown()


@dataclass
class Traces:
    """All that a run with planted keys left behind, by the name of the place."""

    hosts: dict[str, Parrot]
    settings: Settings
    texts: dict[str, str] = field(default_factory=dict)
    served: list[tuple[str, ...]] = field(default_factory=list)

    def say(self, name: str, *arguments: str) -> None:
        """Keep what a command prints."""
        with io.StringIO() as out, contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            cli.main([*arguments])
            self.texts[name] = out.getvalue()

    def files(self, name: str) -> None:
        """Keep every file of the data folder, the compressed ones read."""
        for path in sorted(self.settings.data.rglob("*")):
            if path.is_file():
                self.texts[f"{name}: {path.name}"] = path.read_bytes().decode("latin-1")
            if path.suffix == ".parquet":
                self.texts[f"{name}: rows of {path.name}"] = str(pq.read_table(path).to_pylist())

    def store(self) -> None:
        """Keep every row of the store."""
        store = open_store(self.settings.store)
        tables = store.rows("SELECT table_name FROM information_schema.tables")
        self.texts |= {f"store: {table}": str(store.rows(f'FROM "{table}"')) for (table,) in tables}

        self.served = store.rows("SELECT DISTINCT served_model, served_by, fingerprint FROM responses")

    def page(self, name: str) -> None:
        """Keep every element of a page."""
        at = AppTest.from_file(config.ROOT / "pages" / "_shell.py", default_timeout=60)
        at = (at if name == "overview.py" else at.switch_page(name)).run()
        assert not at.exception
        self.texts[f"page: {name}"] = "\n".join(
            str(getattr(element, "proto", "")) for block in (at.main, at.sidebar) for element in block
        )


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traces]:
    """One run of several processes over every hostile reply, and a look at all that is left of it."""
    folder = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch, contextlib.ExitStack() as held:
        for name, key in KEYS.items():
            patch.setenv(name, key)
        names = ("one", "two", "none", "elsewhere")
        hosts = {name: held.enter_context(parrot(f"127.0.0.{n}")) for n, name in enumerate(names, start=2)}
        for host in hosts.values():
            host.other = hosts["elsewhere"].base
        file = folder / "models.toml"
        file.write_text(MODELS.format(**{name: host.base for name, host in hosts.items()}))
        patch.setenv("PARALLAX_DATA", str(folder / "data"))
        patch.setenv("PARALLAX_MODELS", str(file))
        found = Traces(hosts, config.load())
        left_behind(found, folder)
        yield found


def left_behind(found: Traces, folder: Path) -> None:
    settings = found.settings
    specs = tuple(models.load(settings.models_file).values())
    made = plan.new(probe_set(PROMPTS), specs, workers=2)
    jobs.start(settings, made)
    run = folder_of(settings, made)
    wait_until(lambda: not jobs.status(run).is_active and not processes_of(folder), 120)
    assert jobs.status(run).state is RunState.FINISHED
    found.files("spool")
    found.texts["status"] = str(jobs.status(run))
    found.say("runs", "runs")
    found.say("models", "models")
    found.say("check", "models", "--check")
    found.say("resume", "resume", made.run)
    probes = str(config.ROOT / "probes" / "smoke.yaml")
    found.say("estimate", "run", probes, "-m", "one", "--estimate")
    for ending in ("csv", "parquet"):
        found.say(f"export {ending}", "export", "--raw", "--out", str(settings.data / f"out.{ending}"))
    found.store()
    for name in PAGES:
        found.page(name)
    shut(settings.store)
    found.files("at the end")


def test_no_key_is_left_anywhere(traces: Traces) -> None:
    planted = re.compile(rf".{{0,40}}(?:{TAIL}|planted).{{0,40}}")
    leaks = {name: found.group() for name, text in traces.texts.items() if (found := planted.search(text))}
    assert not leaks


def test_there_was_something_to_find(traces: Traces) -> None:
    """The search would be worth nothing on empty places."""
    names = "\n".join(traces.texts)
    for place in (
        "plan.json",
        "ledger-1.jsonl",
        "heartbeat-1.json",
        "worker.log",
        "out.csv",
        "store: labels",
    ):
        assert place in names
    # what two processes wrote that ended at once may still stand in the cache's log
    for place in ("responses.sqlite", "store: responses", "answers.py", "out.csv"):
        held = [text for name, text in traces.texts.items() if place in name]
        assert any("Your header was [key]" in text for text in held), place
    assert ("[key]", "[key]", "[key]") in traces.served
    assert "does not answer: " not in traces.texts["check"]
    assert "60 calls" in traces.texts["estimate"]
    assert re.search(r"finished +48/48  [1-9]", traces.texts["runs"])


def test_a_key_goes_to_its_own_host_alone(traces: Traces) -> None:
    for name, host in traces.hosts.items():
        seen = str(host.seen)
        assert [word for word in ("planted-one", "&rd-") if word in seen] == OWN.get(name, []), name
        assert "planted-openai" not in seen
        assert name == "elsewhere" or "as a redirect" in seen


@pytest.mark.parametrize("address", ["http://me:secret-word@127.0.0.1:9/v1", "https://secret-word@host/v1"])
def test_an_address_with_a_password_is_refused(tmp_path: Path, address: str) -> None:
    file = tmp_path / "open.toml"
    file.write_text(f'[[model]]\nid = "tea"\nlitellm = "openai/tea"\napi_base = "{address}"\n')
    with pytest.raises(ConfigError, match=r"api_base.*api_key_env") as told:
        models.load(file)
    assert "secret-word" not in str(told.value)
