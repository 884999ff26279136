"""From the bytes of a file to its text."""

from __future__ import annotations

import codecs
from typing import NamedTuple

import charset_normalizer

MAX_BYTES = 20_000_000
_SAMPLE = 65_536
_MOST_LINES = 10
_UNKNOWN = "is text in no known encoding, or no text at all; save the sheet as CSV UTF-8"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# how spreadsheets save a table that is not Unicode
_CODE_PAGES = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258",
    "cp932", "gb18030", "cp949", "big5",
]  # fmt: skip
# what western European languages write beyond ASCII: no š, ž or ý as in Czech, no ³ for a Polish ł
_WESTERN = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜßàáâãäåæçèéêëìíîïñòóôõöøùúûüœŒ“”„‘’‚«»–—…¿¡°€§ªº·\xa0")


class Decoded(NamedTuple):
    """The text of a file, or `fault` says why there is none, and `line` where; `guessed` is its encoding."""

    text: str = ""
    guessed: str = ""
    fault: str = ""
    line: int = 0


def utf8(raw: bytes) -> Decoded:
    """Return the text of a UTF-8 file, a byte order mark left out."""
    if fault := _no_text(raw, "save the file as UTF-8"):
        return Decoded(fault=fault)
    try:
        return Decoded(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return Decoded(fault="is not UTF-8; save the file as UTF-8", line=line)


def any_encoding(raw: bytes) -> Decoded:
    """Return the text of a spreadsheet's file, in whatever one encoding it was saved."""
    is_utf16 = raw.startswith(_UTF16) and raw[2:4] != b"\0\0"
    if fault := _no_text(raw, "save the sheet as CSV UTF-8", is_utf16):
        return Decoded(fault=fault)
    try:
        return Decoded(raw.decode("utf-16" if is_utf16 else "utf-8-sig"))
    except UnicodeDecodeError:
        pass
    if is_utf16:
        return Decoded(fault="begins as UTF-16 and does not go on so; save the sheet as CSV UTF-8")
    if any(byte < 32 and byte not in b"\t\n\f\r" for byte in raw[:_SAMPLE]):
        return Decoded(fault=_UNKNOWN)
    return _mixed(raw) or _guessed(raw)


def _no_text(raw: bytes, right: str, is_utf16: bool = False) -> str:
    """Return why bytes cannot be the text of a set, '' where they may be."""
    if len(raw) > MAX_BYTES:
        return f"is larger than {MAX_BYTES // 1_000_000} MB; split it into several sets"
    if raw.startswith(b"PK\x03\x04"):
        return f"is a spreadsheet or an archive, whatever its name says; {right}"
    if raw.count(0, 0, _SAMPLE) > len(raw[:_SAMPLE]) // 4 and not is_utf16:
        return f"is UTF-16 without its mark, or no text at all; {right}"
    return ""


def _mixed(raw: bytes) -> Decoded | None:
    """Return what is wrong where some lines are not UTF-8, and others use it beyond ASCII."""
    strange: list[int] = []
    is_used = False
    for number, line in enumerate(raw.split(b"\n"), 1):
        try:
            is_used |= not line.decode("utf-8").isascii()
        except UnicodeDecodeError:
            strange.append(number)
    if not is_used:
        return None
    rest = [str(number) for number in strange[1:_MOST_LINES]]
    more = f" and {len(strange) - _MOST_LINES:,} more" if strange[_MOST_LINES:] else ""
    nor = f", nor is that of line {', '.join(rest)}{more}" if rest else ""
    text = f"the text is not UTF-8 as on other lines{nor}; save the whole file as CSV UTF-8"
    return Decoded(fault=text, line=strange[0])


def _guessed(raw: bytes) -> Decoded:
    # a cut within a character would spoil the guess
    sample = raw[:_SAMPLE].rpartition(b"\n")[0] or raw[:_SAMPLE]
    best = charset_normalizer.from_bytes(sample, cp_isolation=_CODE_PAGES).best()
    names = [best.encoding] if best else []
    # the two differ in few letters, and a guess from few letters often takes the rarer, or none
    if names in ([], ["cp1250"]) and _is_western(sample):
        names = ["cp1252", *names]
    for name in names:
        try:
            return Decoded(raw.decode(name), name)
        except UnicodeDecodeError:
            continue
    return Decoded(fault=_UNKNOWN)


def _is_western(raw: bytes) -> bool:
    try:
        return all(character.isascii() or character in _WESTERN for character in raw.decode("cp1252"))
    except UnicodeDecodeError:
        return False
