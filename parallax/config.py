"""Settings: where things lie. The only module that reads the environment.

| variable | what | without it |
| --- | --- | --- |
| `PARALLAX_DATA` | folder of the store and the spool | `data` beside `app.py` |
| `PARALLAX_MODELS` | the models file | `models.toml` beside `app.py` |
| `PARALLAX_CACHE` | folder of fetched weights | `~/.cache/parallax` |
| `HF_ENDPOINT` | the model hub | `https://huggingface.co` |
| `PARALLAX_SPEECHMAP` | the archive of the SpeechMap study, with `#sha256=…` to check it | `SPEECHMAP` |
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

DASHBOARD_PORT = 8501
KEY_CHARS = 8
# a commit that never changes; its bytes carry no checksum here, for nobody has checked them for us
SPEECHMAP = (
    "https://github.com/xlr8harder/speechmap-data/archive/0c084c2c62a6bfa442532228dac7d9dd048f5a71.tar.gz"
)
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Settings:
    """The folders and files that one process works with."""

    data: Path
    models_file: Path
    cache: Path
    hub: str
    speechmap: str = SPEECHMAP

    @property
    def spool(self) -> Path:
        """Where workers leave their shards, a folder for each run."""
        return self.data / "spool"

    @property
    def store(self) -> Path:
        """The DuckDB file."""
        return self.data / "parallax.duckdb"

    @property
    def sample(self) -> Path:
        """Where the recorded study lies that ships with Parallax."""
        return ROOT / "data" / "sample"

    @property
    def responses(self) -> Path:
        """The response cache, a file of the workers' own."""
        return self.data / "responses.sqlite"

    @property
    def uploads(self) -> Path:
        """Where files lie that the Import page was given, until they are imported."""
        return self.data / "uploads"

    @property
    def mappings(self) -> Path:
        """What the columns of imported tables meant, as far as a person said so."""
        return self.data / "mappings.json"

    @property
    def dashboard_file(self) -> Path:
        """Address and token of the dashboard that holds the store."""
        return self.data / "dashboard.json"


def load(data: Path | None = None, models_file: Path | None = None) -> Settings:
    """Return the settings of this process; an argument wins over the environment."""
    env = os.environ
    return Settings(
        data=(data or Path(env.get("PARALLAX_DATA") or ROOT / "data")).absolute(),
        models_file=(models_file or Path(env.get("PARALLAX_MODELS") or ROOT / "models.toml")).absolute(),
        cache=Path(env.get("PARALLAX_CACHE") or Path.home() / ".cache" / "parallax"),
        hub=env.get("HF_ENDPOINT") or "https://huggingface.co",
        speechmap=env.get("PARALLAX_SPEECHMAP") or SPEECHMAP,
    )


def child_environment(settings: Settings) -> dict[str, str]:
    """Return the environment for a child process that is to work with the same settings."""
    return {
        **os.environ,
        "PARALLAX_DATA": str(settings.data),
        "PARALLAX_MODELS": str(settings.models_file),
        "PARALLAX_CACHE": str(settings.cache),
    }


def api_key(variable: str) -> str | None:
    """Return the key that an environment variable holds, or None where it is empty or unset."""
    return os.environ.get(variable) or None


def secrets(*also: str) -> tuple[str, ...]:
    """Return the keys that the environment holds, so that no text of ours ever repeats one; longest first.

    They are known by the endings of their variables' names; `also` names more variables. Each comes as it
    is and as JSON and Python quote it; a key that another begins with never hides the rest of that one.
    """
    names = {name for name in os.environ if name.endswith(("_KEY", "_TOKEN", "_SECRET"))}
    held = {key for name in (*names, *also) if len(key := os.environ.get(name, "")) >= KEY_CHARS}
    quoted = {quote(key)[1:-1] for key in held for quote in (json.dumps, repr)}
    return tuple(sorted(held | quoted, key=len, reverse=True))


def tame_litellm() -> None:
    """Settle this process's environment before litellm is imported.

    It would fetch its price table over the net, unless told otherwise, and follow `OPENAI_BASE_URL` and
    its like; but a key goes only where `models.toml` says.
    """
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    light_handler(on=True)
    for name in [n for n in os.environ if n.endswith(("_API_BASE", "_BASE_URL"))]:
        del os.environ[name]


def light_handler(*, on: bool) -> None:
    """Say by which of its two ways litellm is to speak the OpenAI protocol; it reads this at each call.

    The light one takes a quarter less of a processor's time than the one through OpenAI's package.
    """
    os.environ["EXPERIMENTAL_OPENAI_BASE_LLM_HTTP_HANDLER"] = str(on)


def light_handler_is_on() -> bool:
    """Tell what `light_handler` said last."""
    return os.environ["EXPERIMENTAL_OPENAI_BASE_LLM_HTTP_HANDLER"] == str(True)
