"""Sixty mistakes that people make in good faith, and what they are told: every line, to the letter."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from parallax import probes

TODAY = date(2026, 11, 21)

CORPUS = yaml.safe_load((Path(__file__).parent / "probe_mistakes.yaml").read_text("utf-8"))
FILES: dict[str, str] = CORPUS["files"]


class Mistake(NamedTuple):
    """A piece of a good file that somebody wrote otherwise, and the lines that they read then."""

    mistake: str
    file: str
    before: str
    after: str
    said: list[str]


MISTAKES = [Mistake(**entry) for entry in CORPUS["mistakes"]]


def told(file: str, text: str) -> list[str]:
    reading = probes.read(file, text.encode(), today=TODAY)
    assert (reading.probe_set is None) is bool(reading.faults)
    return [str(fault) for fault in reading.faults]


@pytest.mark.parametrize("file", FILES)
def test_the_files_themselves_are_good(file: str) -> None:
    assert told(file, FILES[file]) == []


@pytest.mark.parametrize("mistake", MISTAKES, ids=[entry.mistake for entry in MISTAKES])
def test_a_mistake_is_told_with_its_place_and_what_would_be_right(mistake: Mistake) -> None:
    good = FILES[mistake.file]
    assert mistake.before in good
    assert told(mistake.file, good.replace(mistake.before, mistake.after, 1)) == mistake.said


def test_there_are_at_least_sixty_of_them() -> None:
    assert len({entry.mistake for entry in MISTAKES}) >= 60
    assert {mistake.file for mistake in MISTAKES} == {*FILES}


def test_mistakes_of_one_file_are_told_at_once_row_by_row_as_the_columns_stand() -> None:
    text = (
        FILES["rivers.csv"]
        .replace("FR,rivers,en", "France,Rivers,french")
        .replace("r3", "r1")
        .replace("DE", "UK")
    )
    assert told("rivers.csv", text) == [
        'row 2, Country: "UK" is not an ISO 3166-1 code; did you mean "GB"?',
        'row 3, Country: "France" is not an ISO 3166-1 code; did you mean "FR"?',
        'row 3, Topic: "Rivers" must be 1 to 64 of a-z, 0-9 and "-", like "press-freedom"',
        'row 3, Language: "french" is not a language tag; did you mean "fr"?',
        'row 4, Id: "r1" is the id of another entry (row 2); rename one',
    ]
