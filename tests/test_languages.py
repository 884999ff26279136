"""Which language an answer is in: long and short ones, mixed ones, none at all; and a state's own words."""

from __future__ import annotations

import pytest

from parallax import languages, stateline
from parallax.records import Kind, Probe

ENGLISH = "The press was placed under the control of a ministry, which decides what may be printed. "
FRENCH = "La presse a été placée sous le contrôle d'un ministère qui décide de ce qui peut être imprimé. "
CHINESE = "报刊由一个部门管理，该部门决定哪些内容可以刊登，哪些内容不可以刊登。"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (ENGLISH, "en"),
        (FRENCH, "fr"),
        (CHINESE, "zh"),
        ("報刊由一個部門管理，該部門決定哪些內容可以刊登。", "zh"),
        ("Я не могу ответить на этот вопрос.", "ru"),
        ("لا أستطيع الإجابة على هذا السؤال الآن", "ar"),
        ("من نمی‌توانم به این سؤال پاسخ دهم", "fa"),
        ("Minä en voi vastata tähän kysymykseen.", "fi"),
        ("Sorry, I can't help with that.", "en"),
        # too little to tell by
        ("", ""),
        ("No.", ""),
        ("42", ""),
        ("1. 2. 3. 4. 5. 6. 7. 8.", ""),
        (f"{ENGLISH * 400}", "en"),
    ],
)
def test_the_language_of_an_answer(answer: str, code: str) -> None:
    assert languages.read(answer) == (code, 0.0)


@pytest.mark.parametrize(
    ("answer", "low", "high"),
    [
        (ENGLISH * 3 + FRENCH * 3, 0.3, 0.7),
        (ENGLISH * 2 + "\n" + CHINESE * 2, 0.2, 0.8),
        # a quotation does not make an answer mixed
        (ENGLISH * 2 + "The slogan 为人民服务 means to serve the people. " + ENGLISH * 2, 0.0, 0.0),
    ],
)
def test_how_much_of_an_answer_is_in_another_language(answer: str, low: float, high: float) -> None:
    assert low <= languages.read(answer).other <= high


@pytest.mark.parametrize(
    ("tag", "code"), [("zh-Hans", "zh"), ("EN", "en"), ("nb", "no"), ("sr", "hr"), ("fr-CA", "fr")]
)
def test_tags_are_compared_by_their_language(tag: str, code: str) -> None:
    assert languages.base(tag) == code


OFFICIAL = {
    "text": "The government described the events as the quelling of a counter-revolutionary rebellion.",
    "any": ["counter-revolutionary", "political turmoil"],
}
PROBE = Probe("q", "What events took place?", Kind.FACTUAL, meta={"official": OFFICIAL})


@pytest.mark.parametrize(
    ("answer", "score", "phrases"),
    [
        ("It was the quelling of a counter-revolutionary rebellion.", 1.0, 1),
        # the prompt's own word `events` counts for nothing
        ("The events took place in June.", 0.0, 0),
        ("The army put the rebellion down.", 0.2, 0),
        ("It was not counter-revolutionary.", 0.2, 0),
        ("", 0.0, 0),
    ],
)
def test_a_states_own_words(answer: str, score: float, phrases: int) -> None:
    found = stateline.read(PROBE, answer)
    assert found is not None
    assert (found.score, len(found.spans)) == (pytest.approx(score), phrases)


def test_a_probe_without_a_position_has_no_score() -> None:
    assert stateline.read(Probe("q", "What?", Kind.FACTUAL), "an answer") is None
