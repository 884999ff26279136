"""Public recordings from where they are published: an archive, downloaded whole, then read as any other."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import httpx

from parallax.errors import FetchError
from parallax.importers.files import room_for
from parallax.spool import writing

MOST_BYTES = 8_000_000_000
TIMEOUT_S = 30.0
BLOCK = 1 << 16
SPARE = 500_000_000
# packed once more on its way, an archive would be another file
PLAIN = {"Accept-Encoding": "identity"}

Report = Callable[[int, int], None]


class Place(NamedTuple):
    """An archive's address, and the SHA-256 that its bytes must have, '' where none was given."""

    url: str
    sha256: str

    @classmethod
    def of(cls, address: str) -> Place:
        """Read `https://…/x.tar.gz#sha256=…`. Raises `FetchError` for another kind of address."""
        url, _, tail = address.partition("#")
        if not url.startswith(("https://", "http://")):
            raise FetchError(f"{url}: is no web address; set PARALLAX_SPEECHMAP to one of an archive")
        name, _, digest = tail.partition("=")
        if tail and (name != "sha256" or len(digest) != 64):
            raise FetchError(f"{address}: after # only sha256= and 64 hex digits may stand")
        return cls(url, digest.lower())


def fetch(address: str, folder: Path, report: Report = lambda done, total: None) -> Path:
    """Return an archive of the web as a file of a folder; one that is there already is not fetched again.

    `report` is told bytes so far and in all (0 where the server does not say). What broke off is begun
    anew. Raises `FetchError` where the server does not give it, gives more than `MOST_BYTES`, or gives
    other bytes than the address promises, `SpoolError` where the disk is full.
    """
    place = Place.of(address)
    # a change of the address is another file
    name = f"{hashlib.sha256(address.encode()).hexdigest()[:16]}{_ending(place.url)}"
    path, part = folder / name, folder / f"{name}.part"
    if path.is_file():
        return path
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        digest = _download(place.url, part, report)
        if place.sha256 and digest != place.sha256:
            raise FetchError(f"{place.url}: gave bytes of SHA-256 {digest}, not {place.sha256}: refused")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def _ending(url: str) -> str:
    return ".zip" if url.endswith(".zip") else ".tar.gz"


def _download(url: str, part: Path, report: Report) -> str:
    """Write what an address gives to a file; returns its SHA-256."""
    digest = hashlib.sha256()
    try:
        with httpx.stream("GET", url, headers=PLAIN, follow_redirects=True, timeout=TIMEOUT_S) as answer:
            if answer.status_code != 200:
                raise FetchError(f"{url}: the server says {answer.status_code}; check the address")
            if url.startswith("https:") and answer.url.scheme != "https":
                raise FetchError(f"{url}: leads to an address that is not encrypted: refused")
            total = int(answer.headers.get("content-length") or 0)
            _require_room(url, part.parent, total)
            done = 0
            with writing(part), part.open("wb") as out:
                for block in answer.iter_raw(BLOCK):
                    done += len(block)
                    if done > MOST_BYTES:
                        raise FetchError(f"{url}: is longer than {MOST_BYTES:,} bytes: refused")
                    digest.update(block)
                    out.write(block)
                    report(done, total)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise FetchError(f"{url}: cannot be fetched ({reason}); try again later") from None
    return digest.hexdigest()


def _require_room(url: str, folder: Path, wanted: int) -> None:
    free = room_for(folder)
    if wanted > MOST_BYTES or free < wanted + SPARE:
        raise FetchError(
            f"{url}: has {wanted / 1e6:,.0f} MB, and {free / 1e6:,.0f} MB are free in {folder}; make room, or"
            " name another folder in PARALLAX_CACHE"
        )
