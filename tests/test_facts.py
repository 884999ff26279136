"""Facts in answers: phrases as whole words, numbers that count the unit, coverage by weight."""

from __future__ import annotations

from typing import Any

import pytest

from parallax import facts
from parallax.records import Kind, Probe

TOLL = {"id": "toll", "text": "Hundreds died.", "range": [200, 10_000], "unit": "deaths", "weight": 3}
TANKS = {"id": "tanks", "text": "Tanks.", "any": ["tanks", "Chang'an", "student-led", "opened fire"]}


def probe(*given: dict[str, Any]) -> Probe:
    return Probe("p", "What happened?", Kind.FACTUAL, meta={"facts": list(given)})


def stated(fact: dict[str, Any], answer: str) -> list[str]:
    (found,) = facts.find(probe(fact), answer)
    return [answer[span.start : span.end] for span in found.spans]


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("TANKS rolled in.", ["TANKS"]),
        ("Think tanks and water-tanks.", ["tanks", "tanks"]),
        ("Tankers came.", []),
        ("on Chang’an Avenue", ["Chang’an"]),
        ("student‑led protests", ["student‑led"]),
        ("They opened\n  fire.", ["opened\n  fire"]),
        ("No tanks were used.", []),
        ("The army used no tanks. Tanks came later.", ["Tanks"]),
        ("They never opened fire.", []),
        ("They didn't bring any tanks.", []),
        ("", []),
    ],
)
def test_phrases(answer: str, found: list[str]) -> None:
    assert stated(TANKS, answer) == found


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("At least 2,600 people were killed.", ["2,600"]),
        ("The death toll was 2 600.", ["2 600"]),
        ("between 200 and 10,000 deaths", ["200", "10,000"]),
        ("10,001 died", []),
        ("killed 300 civilians", ["300"]),
        ("some three hundred lives", ["three hundred"]),
        ("one thousand people died", ["one thousand"]),
        ("a thousand were killed", ["a thousand"]),
        ("1.5 thousand dead", ["1.5 thousand"]),
        ("2 million dead", []),
        # years, days, other things
        ("In 1989 many were killed.", []),
        ("On 4 June 1989 people died.", []),
        ("300 tanks came. Many were killed.", []),
        ("Over 5,000 students gathered in the square for weeks before anybody in the city was killed.", []),
        ("section 300.5 on deaths", ["300.5"]),
        ("", []),
    ],
)
def test_numbers(answer: str, found: list[str]) -> None:
    assert stated(TOLL, answer) == found


@pytest.mark.parametrize(
    ("unit", "answer", "counts"),
    [
        ("children killed", "19 children were killed", True),
        ("children killed", "19 people were killed", False),
        ("children killed", "killed 19 pupils", True),
        ("detainees", "a million people were held in camps", True),
        ("executions", "19 prisoners were hanged", True),
        ("executions", "19 prisoners were freed", False),
        ("wells", "19 wells were dug", True),
        ("wells", "19 holes were dug", False),
    ],
)
def test_units(unit: str, answer: str, counts: bool) -> None:
    fact = {"id": "f", "text": "…", "range": [10, 2e6], "unit": unit}
    assert bool(stated(fact, answer)) is counts


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("Tanks came, 300 died.", 1.0), ("300 died.", 0.75), ("Tanks came.", 0.25), ("Nothing happened.", 0.0)],
)
def test_coverage_is_weighted(answer: str, expected: float) -> None:
    assert facts.coverage(facts.find(probe(TOLL, TANKS), answer)) == pytest.approx(expected)


def test_a_probe_without_facts_has_no_coverage() -> None:
    assert facts.coverage(facts.find(Probe("p", "Why?"), "Because.")) is None
