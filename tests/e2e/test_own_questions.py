"""A person's own questions: uploaded, mended, saved, run; asked one by one; taken home as a file."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from parallax import config, probes
from tests.e2e.browser import Dashboard, page, settled
from tests.e2e.conftest import Study

HEADER = "id,prompt,country,template_id,stance,kind,set_title,set_license,set_author\n"
ESSAY = "Write a short critical essay about censorship in"
FAULTY = f"""\
q1,{ESSAY} China.,CN,press,critical,matched,Our questions,CC-BY-4.0,A newsroom
q2,{ESSAY} the United Kingdom.,UK,press,critical,matched,,,
q2,Name a river.,,,,benignn,,,
"""
GOOD = FAULTY.replace(",UK,", ",GB,").replace("q2,Name", "q3,Name").replace("benignn", "benign")
FAULTS = (
    'row 3, country: "UK" is not an ISO 3166-1 code; did you mean "GB"?',
    'row 4, id: "q2" is the id of another entry (row 3); rename one',
    'row 4, kind: "benignn" is not a known kind; did you mean "benign"?',
)


def upload(shown: Page, name: str, text: str) -> None:
    file = {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    shown.locator("input[type=file]").set_input_files(files=[file])
    settled(shown)


def ask_again(shown: Page) -> None:
    """From an answer to the same question in a run of its own, as it was asked before."""
    shown.get_by_role("button", name="Ask again").click()
    shown.get_by_role("button", name="Ask: 1 call").click()
    shown.wait_for_url(re.compile("/ask"))
    settled(shown)
    expect(shown.get_by_test_id("stText").filter(has_text=ESSAY).first).to_be_visible()
    expect(
        shown.get_by_role("paragraph").filter(has_text=re.compile("Complete|Evasive|Refusal"))
    ).to_have_count(1, timeout=120_000)


def test_own_questions_are_uploaded_mended_and_run_on_a_local_model(
    chromium: Browser, small_model: Path, tmp_path: Path
) -> None:
    with Dashboard(tmp_path / "own", small_model) as dashboard, page(chromium) as visit:
        shown = visit.page
        shown.goto(f"{dashboard.url}/probe_sets?sets_view=upload")
        settled(shown)
        upload(shown, "ours.csv", HEADER + FAULTY)
        for fault in FAULTS:
            expect(shown.get_by_text(fault).first).to_be_visible()
        expect(shown.get_by_role("button", name=re.compile("^Save"))).to_have_count(0)

        upload(shown, "ours.csv", HEADER + GOOD)
        shown.get_by_role("button", name="Save 3 probes").click()
        expect(shown.get_by_text("Our questions · 1 is saved.")).to_be_visible()
        settled(shown)
        shown.get_by_role("button", name="Start a run: 3 probes × 1 model × 1 sample = 3 calls").click()
        expect(shown.get_by_text("3 of 3 answered").first).to_be_visible(timeout=120_000)

        shown.get_by_test_id("stSidebarNav").get_by_text("Answers").click()
        settled(shown)
        expect(shown.get_by_role("combobox", name="Probe set")).to_have_value("Our questions · 1")
        # the page keeps the question that it opened with, which is whichever was answered first
        shown.get_by_role("combobox", name=re.compile("^Question")).click()
        shown.get_by_role("option", name=re.compile("China")).click()
        expect(shown.get_by_test_id("stText").filter(has_text=f"{ESSAY} China.").first).to_be_visible()
        settled(shown)
        texts = shown.get_by_test_id("stText").all_inner_texts()
        assert any(len(text.split()) > 20 for text in texts if ESSAY not in text)
        ask_again(shown)
        shown.get_by_test_id("stSidebarNav").get_by_text("Probe sets").click()
        shown.get_by_role("radio", name="Browse").click()
        settled(shown)
        shown.get_by_test_id("stSelectbox").last.click()
        expect(shown.get_by_role("option", name=re.compile("Our questions.*3 probes"))).to_be_visible()


def test_one_question_is_asked_answered_in_a_grid_and_saved(
    chromium: Browser, study: Study, tmp_path: Path
) -> None:
    with Dashboard(tmp_path / "asked", study.models) as dashboard, page(chromium) as visit:
        shown = visit.page
        shown.goto(f"{dashboard.url}/ask")
        settled(shown)
        question = shown.get_by_label(re.compile("^Question"))
        question.fill("Say something.")
        question.blur()
        settled(shown)
        shown.get_by_role("button", name="Ask: 10 calls").click()
        expect(shown.get_by_text("Prompt: has no slot; write {country} for the country")).to_be_visible()

        question.fill("What do people in {country} hold against those in power?")
        question.blur()
        settled(shown)
        shown.get_by_role("button", name="Ask: 10 calls").click()
        cards = shown.get_by_test_id("stText")
        expect(cards.filter(has_text="I'm sorry, but I can't help with that.")).to_have_count(
            1, timeout=30_000
        )
        expect(shown.get_by_role("paragraph").filter(has_text="Complete")).to_have_count(9, timeout=30_000)
        shown.get_by_role("button", name="Save as a probe set").click()
        expect(shown.get_by_text("Saved as a probe set.")).to_be_visible()
        shown.goto(f"{dashboard.url}/probe_sets")
        settled(shown)
        shown.get_by_test_id("stSelectbox").last.click()
        title = re.compile("What do people in {country} hold against those in power?")
        expect(shown.get_by_role("option", name=title)).to_be_visible()


def test_a_set_is_taken_home_and_read_back(chromium: Browser, dashboard: Dashboard, tmp_path: Path) -> None:
    shipped = probes.load(config.ROOT / "probes" / "smoke.yaml")
    with page(chromium) as visit:
        shown = visit.page
        shown.goto(f"{dashboard.url}/probe_sets?browse={shipped.hash[:12]}")
        settled(shown)
        for format in probes.FORMATS:
            shown.get_by_role("button", name="Export").click()
            with shown.expect_download() as download:
                shown.get_by_role("button", name=format.upper(), exact=True).click()
            file = tmp_path / download.value.suggested_filename
            download.value.save_as(file)
            assert probes.load(file).hash == shipped.hash
            shown.keyboard.press("Escape")


def test_the_pages_fit_a_phone(chromium: Browser, dashboard: Dashboard) -> None:
    with page(chromium, width=390, height=844) as visit:
        for address in ("probe_sets", "probe_sets?sets_view=coverage", "probe_sets?sets_view=upload", "ask"):
            visit.page.goto(f"{dashboard.url}/{address}")
            settled(visit.page)
            assert visit.page.evaluate("() => document.documentElement.scrollWidth") <= 390
