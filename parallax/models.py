"""`models.toml`: the models that can be compared."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from parallax import config
from parallax.errors import ConfigError, MissingKeyError, UnknownModelError
from parallax.records import Limits, ModelSpec, Price


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


# what the entry says elsewhere, or what would carry a key into plans and exports
_NOT_PARAMS = frozenset(
    [
        "api_base",
        "api_key",
        "base_url",
        "default_headers",
        "extra_headers",
        "headers",
        "max_retries",
        "messages",
        "model",
        "num_retries",
        "stream",
        "timeout",
    ]
)


class _Limits(_Strict):
    concurrency: int = Field(default=8, ge=1, le=10_000)
    rpm: int = Field(default=0, ge=0)
    tpm: int = Field(default=0, ge=0)


class _Price(_Strict):
    input_per_million: float = Field(ge=0)
    output_per_million: float = Field(ge=0)


class _Entry(_Strict):
    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/@:+-]{0,119}$")
    litellm: str = Field(min_length=1)
    developer: str = ""
    home: str = Field(default="", pattern=r"^([A-Z]{2})?$")
    api_base: str = Field(default="", pattern=r"^(https?://.+)?$")
    api_key_env: str = Field(default="", pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$")
    system: str = ""
    params: dict[str, Any] = Field(default_factory=dict)
    license: str = ""
    open_weights: bool = False
    released: date | None = None
    base: str = ""
    quantization: str = ""
    limits: _Limits = _Limits()
    price: _Price | None = None

    @field_validator("api_base")
    @classmethod
    def _no_password(cls, api_base: str) -> str:
        if "@" in urlsplit(api_base).netloc:
            raise ValueError("holds a name or a password; api_key_env names the variable for a key")
        return api_base

    @field_validator("params")
    @classmethod
    def _no_keys(cls, params: dict[str, Any]) -> dict[str, Any]:
        if wrong := sorted(_NOT_PARAMS & params.keys()):
            raise ValueError(f"'{wrong[0]}' is no parameter of the model; keys go into the environment")
        return params

    def spec(self) -> ModelSpec:
        plain = self.model_dump(exclude={"limits", "price"})
        price = Price(**self.price.model_dump()) if self.price else None
        return ModelSpec(**plain, limits=Limits(**self.limits.model_dump()), price=price)


def load(path: Path) -> dict[str, ModelSpec]:
    """Read a models file and return its entries by id, in the order of the file.

    Raises `ConfigError` with one line for each fault: an unreadable file, bad TOML, an unknown or
    ill-typed field, an id that stands twice.
    """
    entries = _entries(path)
    faults: list[str] = []
    specs: dict[str, ModelSpec] = {}
    for number, raw in enumerate(entries, start=1):
        try:
            spec = _Entry.model_validate(raw).spec()
        except ValidationError as error:
            faults += [f"{path.name}: model {number} ({_name(raw)}): {line}" for line in _lines(error)]
            continue
        if spec.id in specs:
            faults.append(f"{path.name}: model {number}: the id '{spec.id}' stands twice; give it another")
        specs[spec.id] = spec
    if faults:
        raise ConfigError("\n".join(faults))
    return specs


def _entries(path: Path) -> list[object]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file; name one with --models") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not valid TOML: {error}") from None
    entries = table.get("model")
    if not isinstance(entries, list) or not entries or set(table) != {"model"}:
        raise ConfigError(f"{path}: must hold [[model]] entries and nothing else")
    return entries


def _name(raw: object) -> str:
    return str(raw.get("id", "no id")) if isinstance(raw, Mapping) else "not a table"


def _lines(error: ValidationError) -> list[str]:
    return [f"{'.'.join(map(str, item['loc'])) or 'entry'}: {item['msg']}" for item in error.errors()]


def pick(models: Mapping[str, ModelSpec], ids: Iterable[str]) -> tuple[ModelSpec, ...]:
    """Return the named models, each once, in the order asked.

    Raises `UnknownModelError` for the first id that is not there, with the nearest that is.
    """
    chosen: dict[str, ModelSpec] = {}
    for wanted in ids:
        if wanted not in models:
            near = difflib.get_close_matches(wanted, models, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(models)}"
            raise UnknownModelError(f"models.toml has no model '{wanted}'; {hint}")
        chosen[wanted] = models[wanted]
    return tuple(chosen.values())


def require_keys(specs: Iterable[ModelSpec]) -> None:
    """Raise `MissingKeyError` where the variable that a model names for its key is not set."""
    for spec in specs:
        if spec.api_key_env and config.api_key(spec.api_key_env) is None:
            raise MissingKeyError(
                f"model '{spec.id}' needs its key: set the environment variable {spec.api_key_env}"
            )
