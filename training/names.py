"""Words that the model must never see: names of countries, of their people, capitals and rulers."""

from __future__ import annotations

import re

from parallax import countries

_MORE = (
    "xi jinping putin trump biden obama merkel macron lukashenko navalny mao deng beijing kremlin moscow "
    "washington "
    "brussels communist communism ccp cpc prc uyghur uyghurs uighur xinjiang tibet tibetan tibetans hong "
    "kong hongkong "
    "taiwan taiwanese tiananmen eu european europe europeans soviet ussr america american americans usa uk "
    "britain "
    "british england scotland congress democrat democrats republican republicans fbi cia nsa fsb nato "
    "pekingin peking "
    "moskova eurooppa euroopan eurooppalainen yhdysvallat yhdysvaltain yhdysvalloissa kommunistinen "
    "kommunistisen"
)
_MORE_HAN = (
    "习近平 普京 特朗普 拜登 共产党 中共 党中央 新疆 西藏 香港 台湾 澳门 天安门 维吾尔 藏族 北京 莫斯科 "
    "华盛顿 欧盟 欧洲 苏联"
)
# Parts of countries' names that are words of every day.
_EVERYDAY_TEXT = (
    "and the of island islands saint new south north republic united city western outer minor other "
    "jersey states guinea turkey chad ja saaret capital with"
)
_EVERYDAY = frozenset(_EVERYDAY_TEXT.split())
_FINNISH_ENDINGS = (
    "",
    "n",
    "ssa",
    "sta",
    "an",
    "lle",
    "lta",
    "lla",
    "lainen",
    "laiset",
    "laisen",
    "laisten",
    "ta",
    "in",
)


def spaced() -> str:
    """Return the names in English and Finnish, in lower case, parted by blanks."""
    found = set(_MORE.split())
    for code in countries.codes():
        found |= _words(countries.name(code, "en"))
        finnish = countries.name(code, "fi").lower()
        if " " not in finnish:
            found |= {finnish + ending for ending in _FINNISH_ENDINGS}
        found.update(*(_words(f"{text} {text}s") for text in countries.slots(code).values()))
    return " ".join(sorted(found | {f"{name}'s" for name in found}))


def written() -> str:
    """Return a pattern for the names in Chinese, the longest first."""
    names = {re.sub("（.*?）", "", countries.name(code, "zh-Hans")) for code in countries.codes()}
    found = sorted(names | set(_MORE_HAN.split()), key=lambda name: (-len(name), name))
    return "(?:" + "|".join(map(re.escape, found)) + ")(?:人|方)?"


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{4,}", text.lower())) - _EVERYDAY
