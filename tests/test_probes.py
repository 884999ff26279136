import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from parallax import config, probes
from parallax.errors import ProbeFileError
from parallax.records import Kind, Probe, ProbeSet

HEAD = """\
id: tiny
title: A tiny set
version: 1.0.0
license: CC-BY-4.0
author: A. Tester
"""
GOOD = (
    HEAD
    + """\
countries: [CN, FR, US]
review: unreviewed
templates:
  - id: press-01
    topic: press-freedom
    stance: critical
    act: essay
    prompt: "Criticise {government}, in {{braces}}."
    not_for: [FR]
    translations:
      fr: "Critiquez ce pays : {country}."
probes:
  - id: paris
    kind: factual
    country: FR
    topic: my-own-topic
    prompt: "What happened {here}?"
    review: reviewed
    source: a book
    facts:
      - {id: where, text: "in Paris", any: [Paris], weight: 2, source: a newspaper, as_of: 2020-01-31}
"""
)


def load_text(folder: Path, text: str | bytes) -> ProbeSet:
    path = folder / "set.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return probes.load(path)


def faults_of(folder: Path, text: str | bytes) -> list[str]:
    with pytest.raises(ProbeFileError) as caught:
        load_text(folder, text)
    return [fault.removeprefix(f"{folder / 'set.yaml'}: ") for fault in caught.value.faults]


def by_id(probe_set: ProbeSet) -> dict[str, Probe]:
    return {probe.id: probe for probe in probe_set.probes}


def test_templates_expand_over_countries_and_languages(tmp_path: Path) -> None:
    found = by_id(load_text(tmp_path, GOOD))
    assert list(found) == ["press-01.cn", "press-01.cn.fr", "press-01.us", "press-01.us.fr", "paris"]
    assert found["press-01.us"] == Probe(
        id="press-01.us",
        prompt="Criticise the government of the United States, in {braces}.",
        kind=Kind.MATCHED,
        template="press-01",
        country="US",
        topic="press-freedom",
        stance="critical",
        act="essay",
        meta={"review": "unreviewed"},
    )
    assert found["press-01.us.fr"].prompt == "Critiquez ce pays : États-Unis."
    assert found["press-01.us.fr"].language == "fr"


def test_single_probes_are_taken_as_written_and_keep_their_facts(tmp_path: Path) -> None:
    paris = by_id(load_text(tmp_path, GOOD))["paris"]
    assert (paris.prompt, paris.kind, paris.template, paris.country) == (
        "What happened {here}?",
        Kind.FACTUAL,
        "",
        "FR",
    )
    fact = {"id": "where", "text": "in Paris", "any": ["Paris"], "weight": 2, "source": "a newspaper"}
    fact["as_of"] = "2020-01-31"
    assert paris.meta == {"review": "reviewed", "source": "a book", "facts": [fact]}


def test_the_set_knows_its_own_head(tmp_path: Path) -> None:
    found = load_text(tmp_path, GOOD)
    head = (found.id, found.title, found.version, found.license, found.author)
    assert head == ("tiny", "A tiny set", "1.0.0", "CC-BY-4.0", "A. Tester")


def test_twins_share_template_and_language(tmp_path: Path) -> None:
    probe_set = load_text(tmp_path, GOOD)
    found = by_id(probe_set)
    assert probes.matched_twins(probe_set, found["press-01.cn.fr"]) == (found["press-01.us.fr"],)
    assert probes.matched_twins(probe_set, found["paris"]) == ()


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("", "", True),
        ("countries: [CN, FR, US]", "countries:\n- CN\n- FR\n- US  # a comment", True),
        ("Criticise", "Please criticise", False),
        ("version: 1.0.0", "version: 1.0.1", False),
        ("weight: 2", "weight: 3", False),
        ("not_for: [FR]", "not_for: [US]", False),
    ],
)
def test_the_hash_follows_the_content(tmp_path: Path, before: str, after: str, same: bool) -> None:
    original = load_text(tmp_path, GOOD)
    assert (load_text(tmp_path, GOOD.replace(before, after)).hash == original.hash) is same


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    windows = b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()
    assert load_text(tmp_path, windows).hash == load_text(tmp_path, GOOD).hash


def test_the_canonical_form_holds_the_set_and_each_probe(tmp_path: Path) -> None:
    probe_set = load_text(tmp_path, GOOD)
    text = probes.dump_jsonl(probe_set)
    head, *rows = [json.loads(line) for line in text.splitlines()]
    assert head["id"] == "tiny"
    assert tuple(Probe(**{**row, "kind": Kind(row["kind"])}) for row in rows) == probe_set.probes
    assert text == probes.dump_jsonl(replace(probe_set))
    assert "États-Unis" in text


# Each replaces a piece of GOOD; the file then has these faults, a line each.
FAULTS = [
    (
        "id: tiny",
        "id: Tiny Set",
        'line 1, id: "Tiny Set" must be 1 to 64 of a-z, 0-9 and "-", like "press-freedom"',
    ),
    (
        "title: A tiny set",
        "titel: A tiny set",
        'line 1, title: is missing; add it\nline 2, titel: is not a field here; did you mean "title"?',
    ),
    ("title: A tiny set", "title: ' '", "line 2, title: is empty; write it out"),
    ("version: 1.0.0", "version: 1.0", 'line 3, version: must be text; write it in quotes: "1.0"'),
    ("license: CC-BY-4.0\n", "", "line 1, license: is missing; add it"),
    ("author: A. Tester", "author: [A, B]", "line 5, author: must be text"),
    (
        "[CN, FR, US]",
        "[CN, FR, UK]",
        'line 6, countries[2]: "UK" is not an ISO 3166-1 code; did you mean "GB"?',
    ),
    (
        "[CN, FR, US]",
        "[CN, FR, ZZ]",
        'line 6, countries[2]: "ZZ" is not an ISO 3166-1 code; write it like CN, or EU',
    ),
    ("[CN, FR, US]", "[CN, FR, NO]", 'line 6, countries[2]: must be text; write it in quotes: "NO"'),
    ("[CN, FR, US]", "[CN, FR, CN]", 'line 6, countries: "CN" is there more than once; keep one'),
    ("[CN, FR, US]", "CN", "line 6, countries: must be a list; put its items in brackets"),
    (
        "countries: [CN, FR, US]",
        "countries: []",
        "line 6, countries: is missing; templates expand over the countries listed there",
    ),
    (
        "review: unreviewed",
        "review: checked",
        'line 7, review: "checked" is not a known review; use one of: unreviewed, reviewed',
    ),
    (
        "- id: press-01",
        "- id: paris",
        'line 18, probes[0].id: "paris" is the id of another entry (line 9); rename one',
    ),
    (
        "topic: press-freedom",
        "topic: Freedom!",
        'line 10, templates[0].topic: "Freedom!" must be 1 to 64 of a-z, 0-9 and "-", like "press-freedom"',
    ),
    (
        "stance: critical",
        "stance: critcal",
        'line 11, templates[0].stance: "critcal" is not a known stance; did you mean "critical"?',
    ),
    (
        "act: essay",
        "act: rant",
        'line 12, templates[0].act: "rant" is not a known act; '
        "use one of: explain, list, essay, satire, advise",
    ),
    (
        "{government}, in",
        "{leader}, in",
        "line 13, templates[0].prompt: {leader} cannot be filled; "
        "in en use {country}, {government}, {demonym} or {capital}, and write a plain brace twice",
    ),
    (
        "{government}, in",
        "{government.__class__} {, in",
        "line 13, templates[0].prompt: {government.__class__}, { cannot be filled; "
        "in en use {country}, {government}, {demonym} or {capital}, and write a plain brace twice",
    ),
    (
        "{government}, in",
        "them, in",
        "line 13, templates[0].prompt: has no slot; write {country} for the country",
    ),
    (
        "{government}, in",
        "{country}" + "x" * 20_000,
        "line 13, templates[0].prompt: has 20,031 characters; at most 20,000 are allowed",
    ),
    (
        "{government}, in",
        "{government}\\0, in",
        "line 13, templates[0].prompt: holds the control character U+0000; remove it",
    ),
    (
        "[FR]",
        "[CN, FR, US]",
        "line 14, templates[0].not_for: leaves no country; drop the template or name fewer",
    ),
    (
        "ce pays : {country}",
        "{government}",
        "line 16, templates[0].translations.fr: {government} cannot be filled; "
        "in fr use {country}, and write a plain brace twice",
    ),
    (
        "      fr:",
        "      en:",
        "line 16, templates[0].translations.en: is in the language of the prompt itself; drop it",
    ),
    (
        "      fr:",
        "      zh-hans:",
        'line 16, templates[0].translations.zh-hans: "zh-hans" is not a language tag; '
        'did you mean "zh-Hans"?',
    ),
    (
        "      fr:",
        "      elvish:",
        'line 16, templates[0].translations.elvish: "elvish" is not a language tag; '
        "write it like fr or zh-Hans (BCP 47)",
    ),
    (
        "      fr:",
        "      gv:",
        "line 16, templates[0].translations.gv: no name of CN, US is known in gv; "
        "leave them out with not_for",
    ),
    ("    kind: factual\n", "", "line 18, probes[0].kind: is missing; add it"),
    (
        "kind: factual",
        "kind: factul",
        'line 19, probes[0].kind: "factul" is not a known kind; did you mean "factual"?',
    ),
    (
        "country: FR",
        "country: Germany",
        'line 20, probes[0].country: "Germany" is not an ISO 3166-1 code; did you mean "DE"?',
    ),
    (
        "{here}",
        "{country}",
        "line 22, probes[0].prompt: {country} is filled in templates only; write the country out",
    ),
    (
        "source: a book",
        "srouce: a book",
        'line 24, probes[0].srouce: is not a field here; did you mean "source"?',
    ),
    (
        "source: a book",
        "kind: factual",
        "line 24, probes[0].kind: is there twice (first on line 19); keep one",
    ),
    (
        "source: a book",
        "public_since: 2026-13-01",
        'line 24, probes[0].public_since: "2026-13-01" is not a date; write it like 2026-01-31',
    ),
    (
        "source: a book",
        "source: !!python/name:os.system x",
        "line 24, probes[0].source: the tag tag:yaml.org,2002:python/name:os.system is not allowed; "
        "write plain text",
    ),
    (
        "weight: 2",
        "weight: .nan",
        'line 26, probes[0].facts[0].weight: ".nan" cannot be stored; write a plain number',
    ),
    (
        "weight: 2",
        f"weight: {'9' * 5000}",
        f'line 26, probes[0].facts[0].weight: "{"9" * 40}" cannot be stored; write a plain number',
    ),
    (
        "  - id: paris",
        "  - just text\n  - id: paris",
        "line 18, probes[0]: must be a mapping of field: value",
    ),
]


@pytest.mark.parametrize(("before", "after", "faults"), FAULTS)
def test_each_fault_has_its_line_its_field_and_what_would_be_right(
    tmp_path: Path, before: str, after: str, faults: str
) -> None:
    assert GOOD.count(before) == 1
    assert faults_of(tmp_path, GOOD.replace(before, after)) == faults.split("\n")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "line 1: is empty; see probes/README.md"),
        ("# nothing but a comment\n", "line 1: is empty; see probes/README.md"),
        ("- one\n- two\n", "line 1: must start with fields such as id: and title:; see probes/README.md"),
        (HEAD, "line 1: holds no probe; add templates: or probes:"),
        (GOOD.encode("utf-16"), "is UTF-16 without its mark, or no text at all; save the file as UTF-8"),
        (HEAD.encode() + b"# \xff\n", "line 6: is not UTF-8; save the file as UTF-8"),
        (GOOD + "#\x00\n", "line 27: holds the control character U+0000; remove it"),
        (
            HEAD + "countries: [CN\n",
            "line 7: is not YAML: while parsing a flow sequence, did not find expected ',' or ']'; "
            "close the bracket, and put a comma between items",
        ),
        (
            GOOD + "---\nid: other\n",
            "line 27: begins a second set; a file holds one",
        ),
        (HEAD + "probes: " + "[" * 100_000, "line 6: is nested too deep; at most 12 levels are allowed"),
        (HEAD + "? [a, b]\n: c\nprobes: []\n", "line 6: the name of a field must be plain text"),
    ],
)
def test_a_text_that_is_no_probe_set_says_so_in_one_line(
    tmp_path: Path, text: str | bytes, fault: str
) -> None:
    assert fault in faults_of(tmp_path, text)


def test_all_faults_are_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    text = GOOD.replace("[CN, FR, US]", "[CN, FR, UK]").replace("act: essay", "act: esay")
    text = text.replace("{government}, in", "{leader}, in").replace("kind: factual", "kind: fact")
    text = text.replace("id: paris", "id: press-01").replace("source: a book", "source: a book\n    x: 1")
    found = faults_of(tmp_path, text)
    assert [fault.split(": ")[0].split(", ")[1] for fault in found] == [
        "countries[2]",
        "templates[0].act",
        "templates[0].prompt",
        "probes[0].id",
        "probes[0].kind",
        "probes[0].x",
    ]
    lines = [int(fault.split(",")[0].removeprefix("line ")) for fault in found]
    assert lines == [6, 12, 13, 18, 19, 25]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("missing.yaml", "does not exist; check the path"),
        ("folder.yaml", "is a folder; name one probe file in it"),
        ("set.xlsx", '".xlsx" files cannot be read; save the set as .yaml, .jsonl or .csv'),
        ("huge.yaml", "is larger than 20 MB; split it into several sets"),
        ("pipe.yaml", "is not a plain file; check the path"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(tmp_path: Path, name: str, fault: str) -> None:
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "set.xlsx").write_bytes(b"PK")
    os.mkfifo(tmp_path / "pipe.yaml")
    with (tmp_path / "huge.yaml").open("wb") as file:
        file.truncate(probes.MAX_BYTES + 1)
    with pytest.raises(ProbeFileError) as caught:
        probes.load(tmp_path / name)
    assert caught.value.faults == (f"{tmp_path / name}: {fault}",)


def test_a_file_that_fails_while_it_is_read_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.symlink_to("/proc/self/mem")  # opens for everybody, and fails at its first byte
    with pytest.raises(ProbeFileError) as caught:
        probes.load(path)
    assert caught.value.faults == (f"{path}: cannot be read (Input/output error); check its permissions",)


def test_the_example_in_the_readme_is_a_valid_set(tmp_path: Path) -> None:
    readme = (config.ROOT / "probes" / "README.md").read_text()
    example = readme.split("```yaml\n")[1].split("```")[0]
    assert len(load_text(tmp_path, example).probes) == 5
