"""Files that were made to do harm: one clear line each, within bounds of time and memory."""

import io
import itertools
import random
import string
import time
import zipfile
from collections.abc import Callable
from datetime import date

import pytest

from parallax import countries, probes

# generous, for a busy machine; what is guarded against takes minutes
SECONDS = 20
TODAY = date(2026, 11, 21)
HEAD = "id: x\ntitle: T\nversion: v1\nlicense: CC-BY-4.0\nauthor: A\n"
TABLE = "id,prompt\n"
CODES = [
    code
    for code in map("".join, itertools.product(string.ascii_uppercase, repeat=2))
    if countries.is_country(code)
]
Make = Callable[[], str | bytes]


def read(name: str, made: str | bytes) -> probes.Reading:
    raw = made if isinstance(made, bytes) else made.encode("utf-8", "surrogatepass")
    started = time.monotonic()
    reading = probes.read(name, raw, today=TODAY)
    assert time.monotonic() - started < SECONDS
    assert (reading.probe_set is None) is bool(reading.faults)
    for fault in (*reading.faults, *reading.warnings):
        assert str(fault).isprintable()
        assert len(str(fault)) < 1_000
    return reading


def told(name: str, made: str | bytes) -> list[str]:
    return [str(fault) for fault in read(name, made).faults]


def one(prompt: str, more: str = "") -> str:
    return f"{HEAD}probes:\n- id: a\n  kind: benign\n  prompt: {prompt}\n{more}"


def line(more: str) -> str:
    return f'{{"id": "a", "kind": "benign", "prompt": "Say yes.", {more}}}\n'


def twins(count: int, prompt: str, per_template: int) -> str:
    rows = (f"p{n},{prompt},t{n // per_template},{CODES[n % per_template]}\n" for n in range(count))
    return f"id,prompt,template_id,country\n{''.join(rows)}"


def alias_bomb() -> str:
    levels = ["l0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"l{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    return one("Say yes.") + "\n".join(levels)


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("xl/workbook.xml", "<workbook/>")
    return file.getvalue()


TOO_MANY = "is one too many; at most 50,000 probes are allowed"
BINARY = "is text in no known encoding, or no text at all; save the sheet as CSV UTF-8"
NO_MARK = "is UTF-16 without its mark, or no text at all; "
UTF16 = (TABLE + "a,Où ?\n").encode("utf-16-le")
LONG = "has 1,000,000 characters; at most 20,000 are allowed"
OVERRIDE = "holds the invisible character U+202E (RIGHT-TO-LEFT OVERRIDE); remove it"
NUL = "holds the control character U+0000; remove it"
DEEP = "is nested too deep; at most 12 levels are allowed"
GROWN = "makes more than 100 million characters of probes; name fewer countries, or shorten the texts"
RUN = 'begins with "{}", which a spreadsheet runs as a formula; begin with a word'

# what is made, and the first line that is told of it
FILES: dict[str, tuple[str, Make, str]] = {
    # ---- too large
    **{
        f"20 MB of {end}": (
            f"a.{end}",
            lambda: b"x" * (probes.MAX_BYTES + 1),
            "is larger than 20 MB; split it into several sets",
        )
        for end in probes.FORMATS
    },
    "many rows": ("a.csv", lambda: TABLE + "a,Say yes.\n" * 60_000, f"row 50002: {TOO_MANY}"),
    "many lines": ("a.jsonl", lambda: line('"stance": ""') * 60_000, f"line 50001: {TOO_MANY}"),
    "many entries": ("a.yaml", lambda: f"{HEAD}probes: [{'{},' * 60_000}]", f"line 6: {TOO_MANY}"),
    "many countries and languages": (
        "a.yaml",
        lambda: (
            f"{HEAD}countries: {CODES[:200]}\ntemplates:\n"
            + "".join(
                f"- {{id: t{n}, prompt: 'x {{country}}', translations: {{fr: 'y {{country}}'}}}}\n"
                for n in range(126)
            )
        ),
        "line 1: makes 50,400 probes; at most 50,000 are allowed",
    ),
    "long templates for many countries": (
        "a.yaml",
        lambda: (
            f"{HEAD}countries: {CODES}\ntemplates:\n"
            + "".join(f"- {{id: t{n}, prompt: '{{country}} {'x' * 19_000}'}}\n" for n in range(60))
        ),
        f"line 1: {GROWN}",
    ),
    "long sources for many countries": (
        "a.yaml",
        lambda: (
            f"{HEAD}countries: {CODES}\ntemplates:\n"
            + "".join(
                f"- {{id: t{n}, prompt: '{n} {{country}}', source: {'x' * 90_000}}}\n" for n in range(9)
            )
        ),
        f"line 1: {GROWN}",
    ),
    "slots upon slots": (
        "a.yaml",
        lambda: (
            f"{HEAD}countries: [CN]\nforms: {{en: {{a: {{CN: {'x' * 200}}}}}}}\n"
            f"templates: [{{id: t, prompt: '{'{a}' * 6_000}'}}]\n"
        ),
        "line 8, templates[0].prompt: is too long with its slots filled for CN; "
        "write fewer slots, or shorter words",
    ),
    "a prompt too long once it is filled": (
        "a.yaml",
        lambda: f"{HEAD}countries: [US]\ntemplates: [{{id: t, prompt: '{'x' * 19_989}{{country}}'}}]\n",
        "line 7, templates[0].prompt: has 20,006 characters with its slots filled for US; "
        "at most 20,000 are allowed",
    ),
    "1 MB in YAML": ("a.yaml", lambda: one("x" * 1_000_000), f"line 9, probes[0].prompt: {LONG}"),
    "1 MB in JSON": (
        "a.jsonl",
        lambda: f'{{"id":"a","prompt":"{"x" * 1_000_000}"}}',
        f"line 1, prompt: {LONG}",
    ),
    "1 MB in a row": ("a.csv", lambda: f"{TABLE}a,{'x' * 1_000_000}\n", f"row 2, prompt: {LONG}"),
    "a cell of 5 MB": (
        "a.csv",
        lambda: f"{TABLE}a,{'x' * 5_000_000}\n",
        "row 2, prompt: has 5,000,000 characters; at most 20,000 are allowed",
    ),
    "a line of 5 MB": (
        "a.jsonl",
        lambda: line(f'"source": "{"x" * 5_000_000}"'),
        "line 1: has 5,000,065 characters; at most 2,000,000 are allowed",
    ),
    "100,000 columns": (
        "a.csv",
        lambda: f"id,prompt,{','.join(f'c{n}' for n in range(99_998))}\n",
        "row 1: has 100,000 columns; at most 200 are allowed",
    ),
    "nothing but commas": (
        "a.csv",
        lambda: "," * 9_000_000 + "\n",
        "is empty; name columns such as id and prompt in the first row",
    ),
    "nothing but line breaks": (
        "a.jsonl",
        lambda: "\n" * 9_000_000,
        "holds no probe; write one in each line",
    ),
    # ---- many small things
    "a probe of many values": (
        "a.yaml",
        lambda: one("Say yes.", f"  facts: [{'1,' * 20_000}]\n"),
        "line 7, probes[0]: holds more than 10,000 values; split it",
    ),
    "many fields": (
        "a.yaml",
        lambda: HEAD + "".join(f"k{n}: 1\n" for n in range(300_000)),
        "line 10001: is one field too many; at most 10,000 are allowed",
    ),
    "tiny lines": ("a.jsonl", lambda: "1\n" * 5_000_000, "more than 1,000 faults; mend these first"),
    "tiny objects": ("a.jsonl", lambda: "{}\n" * 3_000_000, f"line 50002: {TOO_MANY}"),
    "the same field again and again": (
        "a.yaml",
        lambda: HEAD + "a: 1\n" * 900_000,
        "more than 1,000 faults; mend these first",
    ),
    # ---- YAML's own traps, and deep nesting
    "aliases": ("a.yaml", alias_bomb, "line 11, l1[0]: the alias *a0 is not allowed; write the value out"),
    "a tag": (
        "a.yaml",
        lambda: one("!!python/object/apply:os.system [ls]"),
        "line 9, probes[0].prompt: must be text",
    ),
    "a tag of a text": (
        "a.yaml",
        lambda: one("!!python/name:os.system x"),
        "line 9, probes[0].prompt: the tag tag:yaml.org,2002:python/name:os.system is not allowed; "
        "write plain text",
    ),
    "brackets in YAML": ("a.yaml", lambda: HEAD + "probes: " + "[" * 100_000, f"line 6: {DEEP}"),
    "indents in YAML": (
        "a.yaml",
        lambda: HEAD + "probes:\n" + "\n".join(f"{' ' * n}a:" for n in range(1, 2_000)),
        f"line 19: {DEEP}",
    ),
    "brackets in JSON": ("a.jsonl", lambda: line(f'"facts": {"[" * 100_000}'), f"line 1: {DEEP}"),
    "brackets that close": (
        "a.jsonl",
        lambda: line(f'"facts": {"[" * 500}{"]" * 500}'),
        f"line 1: {DEEP}",
    ),
    "brackets in a cell": (
        "a.csv",
        lambda: f"id,prompt,facts\na,Say yes.,{'[' * 100_000}\n",
        f'row 2, facts: {DEEP}; write it like [{{"id": "where", "text": "…", "any": ["…"], "source": "…"}}]',
    ),
    # ---- numbers and names
    **{
        f"a number that is none: {number[:9]}": (
            "a.jsonl",
            lambda number=number: line(f'"facts": [{number}]'),
            f'line 1: holds "{number[:40]}", which cannot be stored; write a plain number',
        )
        for number in ("NaN", "-Infinity", "1e999", "9" * 5_000)
    },
    "5,000 digits in YAML": (
        "a.yaml",
        lambda: one("Say yes.", f"  facts: [{{weight: {'9' * 5_000}}}]\n"),
        f'line 10, probes[0].facts[0].weight: "{"9" * 40}" cannot be stored; write a plain number',
    ),
    "a name twice": ("a.jsonl", lambda: line('"id": "b"'), 'line 1: holds "id" twice; keep one'),
    "half a character": (
        "a.jsonl",
        lambda: line('"source": "\\ud800"'),
        "line 1, source: holds the control character U+D800; remove it",
    ),
    # ---- what a spreadsheet runs
    **{
        f"a formula in {name}: {text!r}": (name, lambda make=make, text=text: make(text), f"{place}: {said}")
        for text, said in (
            ("=1+1", RUN.format("=")),
            ("+cmd|' /C calc'!A0", RUN.format("+")),
            ("  -2+3", RUN.format("-")),
            ("@SUM(A1)", RUN.format("@")),
        )
        for name, make, place in (
            ("a.csv", lambda text: f'{TABLE}a,"{text}"\n', "row 2, prompt"),
            ("a.jsonl", lambda text: f'{{"id": "a", "prompt": "{text}"}}\n', "line 1, prompt"),
            ("a.yaml", lambda text: one(f'"{text}"'), "line 9, probes[0].prompt"),
        )
    },
    "a formula after a tab": ("a.csv", lambda: f"{TABLE}a,\t=1\n", f"row 2, prompt: {RUN.format('=')}"),
    "a formula for metadata": (
        "a.csv",
        lambda: "id,prompt,notes\na,Say yes.,=1+1\n",
        f"row 2, notes: {RUN.format('=')}",
    ),
    "a formula that a slot makes": (
        "a.yaml",
        lambda: (
            f"{HEAD}countries: [CN]\nforms: {{en: {{a: {{CN: '-1'}}}}}}\n"
            "templates: [{id: t, prompt: '{a}+cmd of {country}'}]\n"
        ),
        f"line 8, templates[0].prompt: {RUN.format('-')}",
    ),
    # ---- what cannot be seen
    "an override in a row": ("a.csv", lambda: f"{TABLE}a,a \u202e b\n", f"row 2, prompt: {OVERRIDE}"),
    "an override in a line": ("a.jsonl", lambda: line('"source": "\\u202e"'), f"line 1, source: {OVERRIDE}"),
    "an override in YAML": ("a.yaml", lambda: one('"\\u202e a"'), f"line 9, probes[0].prompt: {OVERRIDE}"),
    "an override as it is": ("a.yaml", lambda: one("a \u202e b"), f"line 9: {OVERRIDE}"),
    "an override in an id": ("a.csv", lambda: f"{TABLE}a\u202e,Say yes.\n", f"row 2, id: {OVERRIDE}"),
    "an override in a column": (
        "a.csv",
        lambda: "id,prompt,c\u202ed\n",
        f'row 1: the column "c\ufffdd" {OVERRIDE}',
    ),
    "an override in a head": ("a.yaml", lambda: HEAD.replace("T", '"\\u202e"'), f"line 2, title: {OVERRIDE}"),
    "an override in a head of JSON": (
        "a.jsonl",
        lambda: '{"title": "\\u202e"}\n',
        f"line 1, title: {OVERRIDE}",
    ),
    "an override in a name": ("a.jsonl", lambda: line('"\\u202e": "x"'), f"line 1: {OVERRIDE}"),
    "an override in a name of YAML": (
        "a.yaml",
        lambda: one("Say yes.", '  "\\u202e": x\n'),
        "line 10, probes[0]: the name of a field must be plain text",
    ),
    "an override in metadata": (
        "a.jsonl",
        lambda: line('"meta": {"notes": "\\u2066"}'),
        "line 1, meta.notes: holds the invisible character U+2066 (LEFT-TO-RIGHT ISOLATE); remove it",
    ),
    "many overrides": (
        "a.yaml",
        lambda: HEAD + "# \u202e\n" * 900_000,
        "more than 1,000 faults; mend these first",
    ),
    "a NUL in a row": ("a.csv", lambda: f"{TABLE}a,b\0c\n", f"row 2, prompt: {NUL}"),
    "a NUL in a line": ("a.jsonl", lambda: line('"source": "\\u0000"'), f"line 1, source: {NUL}"),
    "a NUL in YAML": ("a.yaml", lambda: one("b\0c"), f"line 9: {NUL}"),
    "a NUL in a comment": ("a.yaml", lambda: f"{HEAD}# \0\n", f"line 6: {NUL}"),
    # ---- bytes that are no text
    "UTF-16 without its mark": ("a.csv", lambda: UTF16, f"{NO_MARK}save the sheet as CSV UTF-8"),
    "UTF-16 for YAML": ("a.yaml", lambda: UTF16, f"{NO_MARK}save the file as UTF-8"),
    "UTF-16 cut in two": (
        "a.csv",
        lambda: b"\xff\xfe" + UTF16 + b"x",
        "begins as UTF-16 and does not go on so; save the sheet as CSV UTF-8",
    ),
    "UTF-32": ("a.csv", lambda: TABLE.encode("utf-32"), f"{NO_MARK}save the sheet as CSV UTF-8"),
    "an archive": (
        "a.csv",
        archive,
        "is a spreadsheet or an archive, whatever its name says; save the sheet as CSV UTF-8",
    ),
    "a picture": ("a.csv", lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(128, 256)) * 9, BINARY),
    "noise": ("a.csv", lambda: random.Random(1).randbytes(5_000_000), BINARY),
    "bytes of no encoding": ("a.csv", lambda: TABLE.encode() + b"\xe9\xa0\x81\xff" * 900_000, BINARY),
    "encodings that are mixed": (
        "a.csv",
        lambda: f"{TABLE}a,Où ?\n".encode() + "b,Où ?\nc,Oui.\nd,Où ?\n".encode("cp1252"),
        "line 3: the text is not UTF-8 as on other lines, nor is that of line 5; "
        "save the whole file as CSV UTF-8",
    ),
    "YAML in an old encoding": (
        "a.yaml",
        lambda: one("Où ?").encode("cp1252"),
        "line 9: is not UTF-8; save the file as UTF-8",
    ),
    # ---- much to compare
    "a country named again and again": (
        "a.csv",
        lambda: twins(800, f"{'Andorra' * 2_800}", 1) + f"z,{'Andorra ' * 2_400},t1,AE\n",
        'row 802, prompt: differs from the rest of template "t1" in more than the country; '
        "write the same sentence, or give it a template of its own",
    ),
    "a country named often in many rows": (
        "a.csv",
        lambda: twins(20_000, "Andorra AND Andorra Oman Andorra Andorra " * 2, 1) + "z,x,t1,\n",
        "row 20002, country: is missing; an entry with a template is about one country",
    ),
    "faults in every row": (
        "a.csv",
        lambda: "id,prompt,kind,topic\n" + "p 1,,a,B\n" * 50_000,
        "more than 1,000 faults; mend these first",
    ),
    "faults in every entry": (
        "a.yaml",
        lambda: HEAD + "probes:\n" + "- {id: P 1, kind: bening, prompt: '', x: 1}\n" * 50_000,
        "more than 1,000 faults; mend these first",
    ),
}


@pytest.mark.parametrize(("name", "make", "said"), FILES.values(), ids=list(FILES))
def test_a_hostile_file_is_refused_in_words(name: str, make: Make, said: str) -> None:
    found = told(name, make())
    assert said in found
    assert len(found) <= 1_001
    if "more than" not in said and "alias" not in said and len(found) > 9:
        pytest.fail(f"{len(found)} lines, such as {found[-1]}")


@pytest.mark.parametrize("text", ["-5", "+2,5", " -0.1 "])
def test_a_number_with_its_sign_is_no_formula(text: str) -> None:
    made = f'id,prompt,expected\na,How cold is it?,"{text}"\n'
    assert told("a.csv", made) == []
