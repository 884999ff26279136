"""Settings: an argument wins over the environment, the environment over the default."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from parallax import config

VARIABLES = ("PARALLAX_DATA", "PARALLAX_MODELS", "PARALLAX_CACHE", "HF_ENDPOINT", "PARALLAX_SPEECHMAP")
SOURCES = sorted((config.ROOT / "parallax").rglob("*.py"))


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize("unset", ["absent", "empty"])
def test_without_any_setting_everything_lies_beside_the_code(clean: pytest.MonkeyPatch, unset: str) -> None:
    if unset == "empty":
        for name in VARIABLES:
            clean.setenv(name, "")
    settings = config.load()
    assert settings.data == config.ROOT / "data"
    assert settings.models_file == config.ROOT / "models.toml"
    assert settings.cache == Path.home() / ".cache" / "parallax"
    assert settings.hub == "https://huggingface.co"
    assert settings.speechmap == config.SPEECHMAP


def test_environment_wins_over_the_default(clean: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        clean.setenv(name, f"/somewhere/{name}")
    settings = config.load()
    found = [settings.data, settings.models_file, settings.cache, settings.hub, settings.speechmap]
    assert list(map(str, found)) == [f"/somewhere/{name}" for name in VARIABLES]


def test_argument_wins_over_the_environment(clean: pytest.MonkeyPatch) -> None:
    clean.setenv("PARALLAX_DATA", "/unwanted")
    clean.setenv("PARALLAX_MODELS", "/unwanted")
    settings = config.load(Path("/data"), Path("/models.toml"))
    assert (settings.data, settings.models_file) == (Path("/data"), Path("/models.toml"))


def test_relative_folder_is_meant_from_where_the_user_stands(
    clean: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clean.chdir(tmp_path)
    clean.setenv("PARALLAX_MODELS", "my/models.toml")
    settings = config.load(Path("mine"))
    assert settings.data == tmp_path / "mine"
    assert settings.models_file == tmp_path / "my" / "models.toml"


def test_store_spool_and_address_lie_in_the_data_folder(tmp_path: Path) -> None:
    settings = config.load(tmp_path)
    found = {settings.store, settings.spool, settings.dashboard_file}
    assert found == {tmp_path / "parallax.duckdb", tmp_path / "spool", tmp_path / "dashboard.json"}


def test_child_works_with_the_same_settings(clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clean.setenv("SOME_KEY", "kept")
    settings = config.load(tmp_path / "data", tmp_path / "models.toml")
    environment = config.child_environment(settings)
    assert environment["SOME_KEY"] == "kept"
    for name in VARIABLES:
        clean.delenv(name, raising=False)
    for name, value in environment.items():
        clean.setenv(name, value)
    assert config.load() == settings


@pytest.mark.parametrize(("value", "expected"), [("secret", "secret"), ("", None), (None, None)])
def test_api_key(clean: pytest.MonkeyPatch, value: str | None, expected: str | None) -> None:
    clean.delenv("A_KEY", raising=False)
    if value is not None:
        clean.setenv("A_KEY", value)
    assert config.api_key("A_KEY") == expected


@pytest.mark.parametrize(("already", "expected"), [(None, "True"), ("False", "False")])
def test_litellm_is_kept_offline_unless_told_otherwise(
    clean: pytest.MonkeyPatch, already: str | None, expected: str
) -> None:
    clean.setenv("LITELLM_LOCAL_MODEL_COST_MAP", already or "")
    if already is None:
        clean.delenv("LITELLM_LOCAL_MODEL_COST_MAP")
    config.tame_litellm()
    assert config.api_key("LITELLM_LOCAL_MODEL_COST_MAP") == expected


@pytest.mark.parametrize("name", ["OPENAI_BASE_URL", "DEEPSEEK_API_BASE"])
def test_no_address_but_that_of_the_models_file_is_followed(clean: pytest.MonkeyPatch, name: str) -> None:
    clean.setenv(name, "http://192.0.2.1/v1")
    config.tame_litellm()
    assert config.api_key(name) is None


def test_no_other_setting_is_read() -> None:
    named = re.findall(r"\b(?:PARALLAX|HF)_[A-Z]+\b", "".join(path.read_text("utf-8") for path in SOURCES))
    assert set(named) == set(VARIABLES)


@pytest.mark.parametrize("variable", VARIABLES)
def test_setting_is_documented(variable: str) -> None:
    files = [config.ROOT / "README.md", *(config.ROOT / "docs").glob("*.md")]
    texts = [file.read_text("utf-8") for file in files if file.exists()]
    assert re.search(rf"\b{variable}\b", "\n".join(texts))


def test_secrets_come_longest_first_and_as_they_are_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, key in {
        "ONE_KEY": "sk-0123",
        "TWO_TOKEN": "sk-01234567",
        "OTHER": 'pa"s\\s-01234',
        "A_KEY": "",
    }.items():
        monkeypatch.setenv(name, key)
    held = config.secrets("OTHER", "NOWHERE")
    ours = [key for key in held if "0123" in key]
    assert ours == sorted(ours, key=len, reverse=True)
    assert set(ours) == {"sk-01234567", 'pa"s\\s-01234', 'pa\\"s\\\\s-01234', 'pa"s\\\\s-01234'}
