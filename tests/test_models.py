"""`models.toml`: what is read from it, and the line that each fault gets."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from parallax import models
from parallax.config import ROOT
from parallax.errors import ConfigError, MissingKeyError, UnknownModelError
from parallax.records import Limits, ModelSpec, Price

FULL = """
[[model]]
id = "deepseek-r1"
litellm = "deepseek/deepseek-reasoner"
developer = "DeepSeek"
home = "CN"
api_base = "https://api.example.org/v1"
api_key_env = "DEEPSEEK_API_KEY"
system = "Be brief."
params = {temperature = 0.7, max_tokens = 1024}
license = "MIT"
open_weights = true
released = 2025-01-20
base = "DeepSeek-V3-Base"
quantization = "FP8"
limits = {concurrency = 20, rpm = 600, tpm = 200000}
price = {input_per_million = 0.55, output_per_million = 2}

[[model]]
id = "plain"
litellm = "openai/plain"
"""
ENTRY = '[[model]]\nid = "tea"\nlitellm = "openai/tea"\n'
HOST = '[[provider]]\nid = "api.deepseek.com"\nlimits = {concurrency = 40, rpm = 600}\n'
ONLY = "must hold [[model]] and [[provider]] entries and nothing else"
READ = {
    "deepseek-r1": ModelSpec(
        "deepseek-r1",
        "deepseek/deepseek-reasoner",
        developer="DeepSeek",
        home="CN",
        api_base="https://api.example.org/v1",
        api_key_env="DEEPSEEK_API_KEY",
        system="Be brief.",
        params={"temperature": 0.7, "max_tokens": 1024},
        license="MIT",
        open_weights=True,
        released=date(2025, 1, 20),
        base="DeepSeek-V3-Base",
        quantization="FP8",
        limits=Limits(20, 600, 200_000),
        price=Price(0.55, 2.0),
    ),
    "plain": ModelSpec("plain", "openai/plain"),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "models.toml"


def fault(file: Path, text: str) -> str:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        models.load(file)
    return str(raised.value)


def test_a_good_file_is_read_in_its_order(file: Path) -> None:
    file.write_text(FULL, encoding="utf-8")
    specs = models.load(file)
    assert list(specs) == ["deepseek-r1", "plain"]
    assert specs == READ


def test_providers_are_read_beside_the_models(file: Path) -> None:
    file.write_text(f'{ENTRY}{HOST}[[provider]]\nid = "OpenRouter"\nlimits = {{tpm = 9}}', encoding="utf-8")
    most = models.MOST_AT_ONCE
    assert models.providers(file) == {"api.deepseek.com": Limits(40, 600), "openrouter": Limits(most, 0, 9)}
    assert list(models.load(file)) == ["tea"]
    file.write_text(ENTRY, encoding="utf-8")
    assert models.providers(file) == {}


@pytest.mark.parametrize(
    ("litellm", "base", "provider"),
    [
        ("deepseek/deepseek-reasoner", "", "deepseek"),
        ("openrouter/deepseek/deepseek-r1", "", "openrouter"),
        ("openai/tea", "https://API.deepseek.com/v1", "api.deepseek.com"),
        ("openai/tea", "http://127.0.0.1:8000/v1", "127.0.0.1:8000"),
        ("openai/tea", "https://me:secret@host.example:8443/v1", "host.example:8443"),
    ],
)
def test_a_model_is_asked_through_its_provider(litellm: str, base: str, provider: str) -> None:
    assert ModelSpec("tea", litellm, api_base=base).provider == provider


def test_the_shipped_file_is_good_and_needs_no_key() -> None:
    specs = models.load(ROOT / "models.toml")
    assert {"smollm2-135m", "qwen2.5-coder-0.5b"} <= set(specs)
    models.require_keys(specs.values())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('colour = "green"', "colour: Extra inputs are not permitted"),
        ('home = "China"', "home: String should match pattern '^([A-Z]{2})?$'"),
        ('api_base = "localhost:80"', "api_base: String should match pattern '^(https?://.+)?$'"),
        (
            'api_key_env = "sk-a-key"',
            "api_key_env: String should match pattern '^([A-Za-z_][A-Za-z0-9_]*)?$'",
        ),
        ("open_weights = 1", "open_weights: Input should be a valid boolean"),
        ('released = "2025-01-20"', "released: Input should be a valid date"),
        ("limits = {concurrency = 0}", "limits.concurrency: Input should be greater than or equal to 1"),
        ("limits = {rps = 1}", "limits.rps: Extra inputs are not permitted"),
        ("price = {input_per_million = 1.0}", "price.output_per_million: Field required"),
        (
            "price = {input_per_million = -1.0, output_per_million = 1.0}",
            "price.input_per_million: Input should be greater than or equal to 0",
        ),
    ],
)
def test_a_bad_field_is_named_with_its_model(file: Path, line: str, said: str) -> None:
    assert fault(file, ENTRY + line) == f"models.toml: model 1 (tea): {said}"


@pytest.mark.parametrize(
    "name", ["model", "messages", "api_base", "api_key", "timeout", "num_retries", "max_retries", "stream"]
)
def test_params_may_not_set_what_is_ours_to_set(file: Path, name: str) -> None:
    said = fault(file, f"{ENTRY}params = {{{name} = 1}}")
    assert said.startswith("models.toml: model 1 (tea): params")
    assert name in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[model]]\nlitellm = "openai/tea"', "models.toml: model 1 (no id): id: Field required"),
        ('[[model]]\nid = "tea"', "models.toml: model 1 (tea): litellm: Field required"),
        (
            '[[model]]\nid = "tea"\nlitellm = ""',
            "models.toml: model 1 (tea): litellm: String should have at least 1 character",
        ),
        (ENTRY + ENTRY, "models.toml: model 2: the id 'tea' stands twice; change or remove one"),
        (
            f"{ENTRY}{HOST}{HOST.replace('api.d', 'API.D')}",
            "models.toml: provider 2: the id 'api.deepseek.com' stands twice; change or remove one",
        ),
        (
            f"{ENTRY}[[provider]]\nlimits = {{rpm = 1}}",
            "models.toml: provider 1 (no id): id: Field required",
        ),
        (
            f'{ENTRY}[[provider]]\nid = "openrouter"',
            "models.toml: provider 1 (openrouter): limits: Field required",
        ),
        (
            f'{ENTRY}[[provider]]\nid = "https://a.b/v1"\nlimits = {{}}',
            "models.toml: provider 1 (https://a.b/v1): id: String should match pattern '^[^\\s/@]+$'",
        ),
        (
            f"{ENTRY}{HOST}price = 1",
            "models.toml: provider 1 (api.deepseek.com): price: Extra inputs are not permitted",
        ),
    ],
)
def test_a_bad_entry(file: Path, text: str, said: str) -> None:
    assert fault(file, text) == said


@pytest.mark.parametrize("name", ["", "two words", "-tea", "tea\\n", "a" * 121, "é"])
def test_a_bad_id(file: Path, name: str) -> None:
    said = fault(file, f'[[model]]\nid = "{name}"\nlitellm = "openai/tea"')
    assert said.startswith("models.toml: model 1 (")
    assert "): id: String should match pattern" in said


def test_every_fault_has_a_line(file: Path) -> None:
    said = fault(file, f'{ENTRY}home = "China"\ncolour = "green"\n{ENTRY}{ENTRY}')
    assert [line.split(": ")[1] for line in said.splitlines()] == [
        "model 1 (tea)",
        "model 1 (tea)",
        "model 3",
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"[[model", "is not valid TOML: "),
        (b'[[model]]\nid = "a"\nid = "b"', "is not valid TOML: "),
        (b"\xff\xfe", "cannot be read: "),
        (b"", ONLY),
        (b"model = []", ONLY),
        (b'model = "tea"', ONLY),
        (ENTRY.encode() + b"[models]\n", ONLY),
        (ENTRY.encode() + b"[provider]\nid = 'openrouter'\n", ONLY),
        (HOST.encode(), ONLY),
    ],
)
def test_a_file_that_is_no_models_file(file: Path, data: bytes, said: str) -> None:
    file.write_bytes(data)
    with pytest.raises(ConfigError) as raised:
        models.load(file)
    assert str(raised.value).startswith(f"{file}: {said}")
    assert "\n" not in str(raised.value)


def test_a_missing_file(tmp_path: Path) -> None:
    missing = tmp_path / "missing.toml"
    with pytest.raises(ConfigError) as raised:
        models.load(missing)
    assert str(raised.value) == f"{missing}: there is no such file; name one with --models"


def test_a_folder_is_no_models_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: "):
        models.load(tmp_path)


def test_pick_keeps_the_order_asked_and_each_once() -> None:
    picked = models.pick(READ, ["plain", "deepseek-r1", "plain"])
    assert [spec.id for spec in picked] == ["plain", "deepseek-r1"]


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [("deepseek-r2", "did you mean 'deepseek-r1'?"), ("xyz", "known: deepseek-r1, plain")],
)
def test_pick_says_what_is_there(wanted: str, hint: str) -> None:
    with pytest.raises(UnknownModelError) as raised:
        models.pick(READ, ["plain", wanted])
    assert str(raised.value) == f"models.toml has no model '{wanted}'; {hint}"


@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_key_is_named(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("DEEPSEEK_API_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("DEEPSEEK_API_KEY", value)
    with pytest.raises(MissingKeyError) as raised:
        models.require_keys(READ.values())
    assert (
        str(raised.value)
        == "model 'deepseek-r1' needs its key: set the environment variable DEEPSEEK_API_KEY"
    )


def test_a_key_that_is_there_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPSEEK_API_KEY", "sk-1")
    models.require_keys(READ.values())


def test_the_hash_is_the_model_and_not_its_description() -> None:
    base = ModelSpec("a", "openai/tea", params={"temperature": 0.0, "max_tokens": 5})
    same = ModelSpec(
        "b", "openai/tea", params={"max_tokens": 5, "temperature": 0.0}, home="CN", limits=Limits(9)
    )
    others = [
        ModelSpec("a", "openai/tea2", params=base.params),
        ModelSpec("a", "openai/tea", params=base.params, api_base="http://127.0.0.1/v1"),
        ModelSpec("a", "openai/tea", params=base.params, system="Be brief."),
        ModelSpec("a", "openai/tea", params={"temperature": 0.1, "max_tokens": 5}),
    ]
    assert same.hash == base.hash
    assert len({base.hash, *(other.hash for other in others)}) == 5
