"""`models.toml`: the models that can be compared, and what their providers allow."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from parallax import config
from parallax.errors import ConfigError, MissingKeyError, UnknownModelError
from parallax.records import Limits, ModelSpec, Price

MOST_AT_ONCE = 10_000


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
    concurrency: int = Field(default=8, ge=1, le=MOST_AT_ONCE)
    rpm: int = Field(default=0, ge=0)
    tpm: int = Field(default=0, ge=0)


class _ProviderLimits(_Limits):
    # who states requests a minute alone does not mean eight calls at once
    concurrency: int = Field(default=MOST_AT_ONCE, ge=1, le=MOST_AT_ONCE)


class _Price(_Strict):
    input_per_million: float = Field(ge=0)
    output_per_million: float = Field(ge=0)


class _Model(_Strict):
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


class _Provider(_Strict):
    id: Annotated[str, StringConstraints(pattern=r"^[^\s/@]+$", to_lower=True)]
    limits: _ProviderLimits


_Entry = TypeVar("_Entry", _Model, _Provider)


class _Content(NamedTuple):
    models: dict[str, ModelSpec]
    providers: dict[str, Limits]


def load(path: Path) -> dict[str, ModelSpec]:
    """Read a models file and return its models by id, in the order of the file.

    Raises `ConfigError` with one line for each fault: an unreadable file, bad TOML, an unknown or
    ill-typed field, an id that stands twice.
    """
    return _read(path).models


def providers(path: Path) -> dict[str, Limits]:
    """Read a models file and return what its providers allow all their models together.

    The keys are those of `ModelSpec.provider`; one that no model has is harmless. Raises as `load` does.
    """
    return _read(path).providers


def _read(path: Path) -> _Content:
    table = _table(path)
    faults: list[str] = []
    models = _entries(path, table, "model", _Model, faults)
    hosts = _entries(path, table, "provider", _Provider, faults)
    if faults:
        raise ConfigError("\n".join(faults))
    return _Content(
        {model.id: model.spec() for model in models},
        {host.id: Limits(**host.limits.model_dump()) for host in hosts},
    )


def _table(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file; name one with --models") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not valid TOML: {error}") from None
    lists = all(isinstance(entries, list) for entries in table.values())
    if not lists or not table.get("model") or table.keys() - {"model", "provider"}:
        raise ConfigError(f"{path}: must hold [[model]] and [[provider]] entries and nothing else")
    return table


def _entries(
    path: Path, table: Mapping[str, Any], kind: str, schema: type[_Entry], faults: list[str]
) -> list[_Entry]:
    """Return the good entries of a kind; what is wrong with the others is added to `faults`."""
    found: dict[str, _Entry] = {}
    for number, raw in enumerate(table.get(kind, ()), start=1):
        where = f"{path.name}: {kind} {number}"
        try:
            entry = schema.model_validate(raw)
        except ValidationError as error:
            faults += [f"{where} ({_name(raw)}): {line}" for line in _lines(error)]
            continue
        if entry.id in found:
            faults.append(f"{where}: the id '{entry.id}' stands twice; change or remove one")
        found[entry.id] = entry
    return list(found.values())


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
