"""Words that the model must never see: names of countries, of their people, capitals and rulers."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from itertools import product

from parallax import countries
from parallax.patterns import SIMPLIFIED

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

# Languages in which such words have many forms, and what they begin with, of each country and of some more.
_INFLECTED = ("fr", "es", "pt", "it", "de", "ru", "tr", "ar", "fa", "ko")
_BEGINNINGS = (
    "chinoi chines cinese çinli améric americ amerik amérik estadounid norteamer étatsun statunit "
    "russi russo ruso rusa rusya europ européen europä avrupa eurasi frança français francés francesa "
    "francese franzö fransız british britán britân britann allemand alemán alemão alemã tedesc deutsch "
    "alman israel israél israil palest palästin filistin ukrain ucran ucrain ukrayna pékin pekín "
    "pequim pechino peking moscou moscú mosca moskau moskova kremlin kreml poutine putin trump biden "
    "macron erdoğan jinping maduro stalin hitler китай россий русск росси америк европ евросою франц "
    "британ герман немец израил палест украин пекин москв кремл путин трамп байден сталин أمريك اميرك "
    "أميرك أوروب اوروب فرنس بريطان إسرائيل اسرائيل فلسطين أوكران بوتين ترامب آمریک امریک اروپ فرانس "
    "بریتان اوکراین پوتین ترامپ 중국 미국 러시아 유럽 프랑스 영국 일본 한국 북한 이스라엘 팔레스타인 "
    "우크라이나 베이징 모스크바 푸틴 트럼프 시진핑 바이든"
)
_WHOLE = "çin eeuu eua usa uk ue ab abd сша صين الصين چین روس nga mỹ pháp trung nhật hàn đức triều xi"
_MORE_UNSPACED = (
    "プーチン トランプ バイデン ソ連 米国 英国 アメリカ पुतिन ट्रंप बाइडेन मोदी जिनपिंग अमेरिका चीनी रूसी अमेरिकी"
)
_ARTICLE = re.compile(r"^[وف]?(?:[بلك]?ال|لل)")
_WHOLE_LETTERS = 4  # a name of so few begins other words as well


def is_name(word: str) -> bool:
    """Say whether a word is a form of a country's name, or begins as one does."""
    whole, beginnings = _forms()
    forms = {word, bare := word.partition("'")[0], _ARTICLE.sub("", bare)}
    return not whole.isdisjoint(forms) or any(form.startswith(beginnings) for form in forms)


@cache
def _forms() -> tuple[frozenset[str], tuple[str, ...]]:
    """Return names of one word: short ones, and how longer ones begin, without the last letter."""
    whole, beginnings = set(_WHOLE.split()), set(_BEGINNINGS.split())
    for code, language in product(countries.codes(), _INFLECTED):
        name = _ARTICLE.sub("", countries.name(code, language).lower())
        if not name.isalpha() or name in _EVERYDAY:
            continue
        if len(name) <= _WHOLE_LETTERS and language != "ko":
            whole.add(name)
        else:
            beginnings.add(name[:-1] if len(name) > _WHOLE_LETTERS + 1 else name)
    return frozenset(whole), tuple(sorted(beginnings))


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
    """Return a pattern for the names in Chinese, Japanese and Hindi, the longest first."""
    names = {
        re.sub("[（(].*?[）)]", "", countries.name(code, language)).strip()
        for code, language in product(countries.codes(), ("zh-Hans", "ja", "hi"))
    }
    names |= {*_MORE_HAN.split(), *_MORE_UNSPACED.split()}
    by_first = defaultdict(list)
    for name in sorted({name.translate(SIMPLIFIED) for name in names}, key=lambda name: (-len(name), name)):
        by_first[name[0]].append(re.escape(name[1:]))
    # by their first character: as many alternatives again would cost a Chinese answer twice the time
    found = "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in sorted(by_first.items()))
    return f"(?:{found})(?:人|方)?"


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{4,}", text.lower())) - _EVERYDAY
