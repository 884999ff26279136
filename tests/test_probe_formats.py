"""Sets in and out of every format: what is kept, what a version is, and what is worth a second look."""

import csv
import io
import json
from datetime import date

import pytest

from parallax import config, probes
from parallax.records import Probe, ProbeSet

TODAY = date(2026, 11, 21)
SHIPPED = sorted(path.name for path in (config.ROOT / "probes").glob("*.yaml"))
NASTY = """\
id: nasty
title: 'Says "yes, no"; and: more'
version: "1.0"
license: CC-BY-4.0
author: Zoë, O'Neil & Söhne
countries: [CN, US]
public_since: 2026-11-01
review: unreviewed
translation: {method: machine}
forms:
  fr:
    of_country: {CN: "de la Chine", US: "des États-Unis"}
leaders:
  CN: {name: Xi Jinping, as_of: 2026-09-01, source: gov.cn}
  US: {name: Donald Trump, as_of: 2026-09-01, source: whitehouse.gov}
templates:
  - id: leader
    stance: critical
    prompt: "{leader}, {{in}} braces, of {country}"
    translations: {fr: "Le chef {of_country} : {leader}"}
probes:
  - id: lines
    kind: factual
    country: CN
    prompt: "  Two lines,\\n\\n with \\"quotes\\", a tab\\tand\\r\\na Windows one; spaces at the end  "
    expected: "42"
    facts:
      - {id: n, text: "=1, 2", range: [1000, 2.5e+3], unit: dead, weight: 0.5, source: "a, b"}
      - {id: m, text: m, any: ["a\\nb", "“c”"], weight: 2.0, source: s, attributed_to: X, as_of: 2026-01-01}
    official: {text: "No, none.", any: [none], source: a speech}
    meta: {Notes (mine): "1.0", page: "007", yes: "true", date: "2026-01-01", a.b: "null"}
  - id: 1e5-x
    kind: canary
    language: ar
    expected_language: ar
    prompt: "اكتب «نعم» ‏(!)"
    translations: {he: "כתבו ״כן״", zh-Hans: "请写“是”。😀👨‍👩‍👧"}
  - id: Cars.for
    kind: pair
    pair: cars
    side: for
    type: yes-no
    prompt: "-5"
  - id: Cars.against
    kind: pair
    pair: cars
    side: against
    license: LicenseRef-Mine
    source: 'C:\\temp\\new'
    prompt: '\\"C:\\temp\\"'
"""
TABLE = "id,prompt,country,kind\na,Wie groß ist Köln? – “So”,DE,benign\nb,C'est où l’été à Brême?,FR,benign\n"


def read(name: str, text: str | bytes) -> probes.Reading:
    return probes.read(name, text if isinstance(text, bytes) else text.encode(), today=TODAY)


def good(name: str, text: str | bytes) -> ProbeSet:
    reading = read(name, text)
    assert reading.faults == ()
    assert reading.probe_set is not None
    return reading.probe_set


def by_id(found: ProbeSet) -> dict[str, Probe]:
    return {probe.id: probe for probe in found.probes}


def warned(name: str, text: str | bytes) -> tuple[str, ...]:
    return tuple(map(str, read(name, text).warnings))


# ---- out and in again


@pytest.mark.parametrize("format", probes.FORMATS)
@pytest.mark.parametrize("file", [*SHIPPED, "nasty.yaml"])
def test_what_was_exported_is_the_same_set_again(file: str, format: str) -> None:
    text = NASTY if file == "nasty.yaml" else (config.ROOT / "probes" / file).read_text("utf-8")
    original = good(file, text)
    again = read(f"again.{format}", probes.dump(original, format))
    assert again.faults == ()
    assert again.assumed == {}
    assert again.probe_set == original
    assert again.probe_set.hash == original.hash
    assert probes.dump(again.probe_set, format) == probes.dump(original, format)


def test_a_prompt_is_kept_to_the_letter() -> None:
    prompt = '  Two lines,\n\n with "quotes", a tab\tand\r\na Windows one; spaces at the end  '
    found = good("nasty.yaml", NASTY)
    assert by_id(found)["lines"].prompt == prompt
    for format in probes.FORMATS:
        assert by_id(good(f"x.{format}", probes.dump(found, format)))["lines"].prompt == prompt


def test_free_metadata_stays_text_under_its_own_name() -> None:
    meta = by_id(good("nasty.yaml", NASTY))["lines"].meta
    free = {"Notes (mine)": "1.0", "page": "007", "yes": "true", "date": "2026-01-01", "a.b": "null"}
    assert {name: meta[name] for name in free} == free
    assert meta["public_since"] == "2026-11-01"


def test_how_a_translation_was_made_travels_with_translations_only() -> None:
    found = good("nasty.yaml", NASTY)
    marked = {name for name, probe in by_id(found).items() if "translation" in probe.meta}
    assert marked == {"leader.cn.fr", "leader.us.fr", "1e5-x.he", "1e5-x.zh-Hans"}
    assert by_id(found)["leader.cn.fr"].meta["translation"] == {"method": "machine"}


def test_the_words_of_an_expanded_template_travel_with_it() -> None:
    probe = by_id(good("nasty.yaml", NASTY))["leader.us.fr"]
    assert probe.prompt == "Le chef des États-Unis : Donald Trump"
    assert probe.meta["slots"] == {"of_country": "des États-Unis", "leader": "Donald Trump"}
    assert probe.meta["leader"]["as_of"] == "2026-09-01"


def test_a_table_holds_one_probe_a_row_and_the_set_in_its_first() -> None:
    text = probes.dump(good("nasty.yaml", NASTY), "csv")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == 10
    assert [row["set_id"] for row in rows] == ["nasty"] + [""] * 9
    assert {"id", "prompt", "template_id", "facts", "Notes (mine)"} <= {*rows[0]}


# ---- versions


@pytest.mark.parametrize(
    ("before", "after", "is_same"),
    [
        ("# nothing", "# nothing", True),
        ("countries: [CN, US]", "# a comment\ncountries: ['CN', \"US\"]", True),
        ("weight: 0.5", "weight: 0.6", False),
        ("unit: dead", "unit: died", False),
        ("title: 'Says \"yes, no\"; and: more'", "title: Says yes", False),
        ('version: "1.0"', 'version: "1.1"', False),
        ("license: CC-BY-4.0", "license: CC0-1.0", False),
        ("author: Zoë", "author: Zoe", False),
        ("side: against", "side: against\n    topic: traffic", False),
        ('"007"', '"7"', False),
        ("spaces at the end  ", "spaces at the end ", False),
        ("source: gov.cn", "source: gov.cn/en", False),
        ("countries: [CN, US]", "countries: [US, CN]", False),
    ],
)
def test_a_version_is_what_the_set_says(before: str, after: str, is_same: bool) -> None:
    original, changed = good("a.yaml", NASTY), good("b.yaml", NASTY.replace(before, after))
    assert (changed.hash == original.hash) is is_same


def test_the_name_of_the_file_is_no_part_of_a_version() -> None:
    assert good("a.yaml", NASTY).hash == good("b.yml", NASTY).hash


# ---- encodings, delimiters, headers


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_table_is_read_however_a_spreadsheet_saved_it(encoding: str, delimiter: str, end: str) -> None:
    raw = TABLE.replace(",", delimiter).replace("\n", end).encode(encoding)
    reading = read("table.csv", raw)
    assert reading.probe_set == good("table.csv", TABLE)
    guessed = [str(warning) for warning in reading.warnings if "was read as" in str(warning)]
    expected = ["was read as cp1252; check letters with accents, or save it as CSV UTF-8"]
    assert guessed == (expected if encoding == "cp1252" else [])


@pytest.mark.parametrize(
    ("encoding", "prompt"),
    [
        ("cp1250", "Příliš žluťoučký kůň úpěl ďábelské ódy"),
        ("cp1251", "Что произошло в Москве в 1993 году?"),
        ("cp1253", "Τι συνέβη στην Αθήνα το 1973;"),
        ("cp1254", "İstanbul'da ne oldu? Şiddet ve özgürlük, ağaç"),
        ("cp1256", "ماذا حدث في القاهرة عام ألفين وأحد عشر"),
        ("cp932", "東京で何が起こりましたか。"),
        ("gb18030", "一九八九年北京发生了什么事？"),
        ("cp949", "광주에서 무슨 일이 있었습니까?"),
    ],
)
def test_older_encodings_are_recognised(encoding: str, prompt: str) -> None:
    rows = "".join(f'p{number},"{prompt}"\r\n' for number in range(3))
    found = good("table.csv", f"id,prompt\r\n{rows}".encode(encoding))
    assert {probe.prompt for probe in found.probes} == {prompt}


def test_columns_are_known_in_any_spelling() -> None:
    text = "ID, Prompt ,Template ID,COUNTRY,Public since,Licence,My notes\n"
    row = "a,Name a river in Germany.,t,DE,2026-11-01,CC0-1.0,a note\n"
    probe = good("table.csv", text + row).probes[0]
    assert (probe.id, probe.template, probe.country) == ("a", "t", "DE")
    assert probe.meta == {"public_since": "2026-11-01", "license": "CC0-1.0", "My notes": "a note"}


def test_a_row_of_its_own_may_tell_of_the_set() -> None:
    text = "id,prompt,set_id,set_title\n,,mine,My set\na,Name a river.,,\n"
    reading = read("table.csv", text)
    assert reading.probe_set is not None
    assert (reading.probe_set.id, reading.probe_set.title) == ("mine", "My set")
    assert len(reading.probe_set.probes) == 1
    assert {*reading.assumed} == {"version", "license", "author"}


@pytest.mark.parametrize("name", ["My Probes (final).csv", "my-probes-final.jsonl"])
def test_a_head_that_is_not_told_is_taken_from_the_name_and_said(name: str) -> None:
    text = TABLE if name.endswith("csv") else '{"id": "a", "prompt": "Name a river."}\n'
    reading = read(name, text)
    assert reading.probe_set is not None
    assert reading.probe_set.id == "my-probes-final"
    assert reading.assumed["license"] == probes.UNSTATED
    goes = "columns such as set_id" if name.endswith("csv") else "a first line with them"
    said = f"does not tell the set's id, title, version, license, author; add {goes}"
    assert said in warned(name, text)


def test_a_head_can_be_given_with_the_file() -> None:
    head = {"id": "mine", "title": "My set", "version": "2", "license": "CC0-1.0", "author": "A. Tester"}
    reading = probes.read("table.csv", TABLE.encode(), head)
    assert reading.probe_set is not None
    assert [getattr(reading.probe_set, name) for name in head] == [*head.values()]
    faulty = probes.read("table.csv", TABLE.encode(), {**head, "id": "My set"})
    assert [str(fault) for fault in faulty.faults] == [
        'id: "My set" must be 1 to 64 of a-z, 0-9 and "-", like "press-freedom"'
    ]


def test_rows_are_there_to_be_shown_whether_faulty_or_not() -> None:
    reading = read("table.csv", TABLE.replace("FR", "France"))
    assert reading.probe_set is None
    assert reading.unit == "row"
    assert [(row.number, row.fields["country"]) for row in reading.rows] == [(2, "DE"), (3, "France")]


# ---- warnings

HEAD = {"id": "mine", "title": "My set", "version": "1", "license": "CC-BY-4.0", "author": "A. Tester"}
FIRST = {"id": "a", "kind": "benign", "prompt": "Name three large rivers in the south of France."}


def lines(*rows: dict[str, str], **head: str) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in ({**HEAD, **head}, FIRST, *rows))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (lines(), ()),
        (
            lines({**FIRST, "id": "b", "prompt": FIRST["prompt"].replace("large", "larger")}),
            ('line 3, prompt: says nearly the same as "a"; keep one of them',),
        ),
        (lines({**FIRST, "id": "b", "stance": "critical"}), ()),
        (
            lines(license="LicenseRef-Proprietary"),
            (
                'line 1, license: "LicenseRef-Proprietary" forbids redistribution; '
                "keep the set, and exports with its prompts, to yourself",
            ),
        ),
        (
            lines(license="CC-BY-NC-4.0"),
            (
                'line 1, license: "CC-BY-NC-4.0" forbids redistribution for commercial use; '
                "check before you publish an export",
            ),
        ),
        (
            lines(license="CC-BY-ND-4.0"),
            (
                'line 1, license: "CC-BY-ND-4.0" forbids redistribution for changed copies; '
                "check before you publish an export",
            ),
        ),
        (
            lines({"id": "b", "template": "t", "country": "DE", "prompt": "Criticise Germany."}),
            ("no matched probe has a stance; only those with stance: critical fill the heatmap",),
        ),
    ],
)
def test_what_is_worth_a_second_look(text: str, said: tuple[str, ...]) -> None:
    assert warned("lines.jsonl", text) == said


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("contry", 'the column "contry" is kept as metadata; did you mean "country"?'),
        ("Langauge", 'the column "Langauge" is kept as metadata; did you mean "language"?'),
        (
            "set_name",
            'the column "set_name" is kept as metadata; '
            "use one of: set_id, set_title, set_version, set_license, set_author",
        ),
        ("nation", ""),
        ("remarks", ""),
    ],
)
def test_a_column_that_is_nearly_a_known_one_is_told(column: str, said: str) -> None:
    text = TABLE.replace("country", column)
    found = [warning for warning in warned("table.csv", text) if "column" in warning and "add" not in warning]
    assert found == ([f"{said}"] if said else [])
    assert good("table.csv", text).probes[0].meta == {column: "DE"}


def test_rows_of_a_template_may_call_a_country_by_any_of_its_names() -> None:
    named = {"US": "the US", "GB": "the UK", "NL": "the Netherlands", "FR": "France", "OM": "Oman"}
    rows = [f"{code},Who may be heard by a woman in {name}?,{code},t\n" for code, name in named.items()]
    reading = probes.read("a.csv", f"id,prompt,country,template_id\n{''.join(rows)}".encode())
    assert reading.faults == ()
