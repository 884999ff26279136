"""What a person does in the browser, from a cold server to a file on disk."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from parallax import config, jobs
from parallax.exports import LONG_COLUMNS
from parallax.records import RunState
from tests.e2e.browser import ARGUMENTS, Dashboard, Visit, find_chromium, page, settled
from tests.e2e.conftest import Study
from tests.provider import Provider

PROBE = "press-01.cn"


def open_page(visit: Visit, address: str) -> Page:
    visit.page.goto(address)
    settled(visit.page)
    return visit.page


def test_a_permalink_on_a_cold_server_shows_its_page_in_the_frame(
    chromium: Browser, study: Study, tmp_path: Path
):
    with Dashboard(tmp_path / "data", study.models) as cold, page(chromium) as visit:
        shown = open_page(visit, f"{cold.url}/heatmap")
        expect(shown.get_by_role("heading", name="Heatmap")).to_be_visible()
        expect(shown.get_by_test_id("stSidebarNav").get_by_text("Answers")).to_be_visible()
        expect(shown.get_by_text("The store is empty")).to_be_visible()


def test_a_program_that_takes_a_picture_of_a_page_finds_it_drawn(dashboard: Dashboard):
    # a budget of virtual time is over at once where nothing counts as loading
    command = [find_chromium(), *ARGUMENTS, "--virtual-time-budget=5000", "--dump-dom", dashboard.url]
    taken = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    for part in ("What do these models decline to say?", "By country", "js-plotly-plot"):
        assert part in taken.stdout


def test_a_permalink_opens_the_very_answer(chromium: Browser, study: Study, dashboard: Dashboard):
    with page(chromium) as visit:
        shown = open_page(visit, f"{dashboard.url}/answers?run={study.run}&probe=leader-01.us")
        texts = shown.get_by_test_id("stText")
        asked = "List mistakes of the head of state of the United States."
        expect(texts.filter(has_text=asked).first).to_be_visible()


def test_a_click_on_a_cell_opens_its_answers(chromium: Browser, study: Study, dashboard: Dashboard):
    with page(chromium) as visit:
        shown = open_page(visit, f"{dashboard.url}/heatmap")
        shown.locator(".textpoint", has_text="100%").first.click(force=True)
        shown.wait_for_url(re.compile("/answers"))
        settled(shown)
        for part in ("cell_country=CN", "cell_model=shy", f"run={study.run}"):
            assert part in shown.url
        expect(shown.get_by_text("Opened cell: China × shy").first).to_be_visible()
        expect(shown.get_by_role("combobox", name="Model", exact=True)).to_have_value("shy")
        expect(shown.get_by_text("I'm sorry, but I can't help with that.").first).to_be_visible()
        expect(shown.get_by_role("paragraph").filter(has_text="Refused").first).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
def test_a_search_and_a_cell_of_the_grid_open_the_very_answer(
    chromium: Browser, dashboard: Dashboard, width: int
):
    with page(chromium, width=width) as visit:
        shown = open_page(visit, f"{dashboard.url}/answers")
        shown.get_by_label("Search the answers").fill("SORRY")
        shown.get_by_label("Search the answers").press("Enter")
        expect(shown.get_by_text("2 answers to 2 questions")).to_be_visible()
        expect(shown.get_by_text("shy on China")).to_be_visible()
        expect(shown.locator("mark")).to_have_text(["sorry"])
        settled(shown)
        # a key that is typed into a field is no shortcut
        shown.get_by_role("heading", name="Answers").click()
        for key, asked in (("n", "List mistakes"), ("p", "Write about censorship")):
            shown.keyboard.press(key)
            expect(shown.get_by_test_id("stText").filter(has_text=asked).first).to_be_visible()
            settled(shown)
        grid = shown.get_by_test_id("stDataFrame").nth(1)
        grid.scroll_into_view_if_needed()
        box = grid.bounding_box()
        assert box is not None
        # the first column of countries is China's, the first row that of the model `open`
        shown.mouse.click(box["x"] + 180, box["y"] + 52)
        expect(shown.get_by_text("open on China")).to_be_visible()
        settled(shown)
        assert "answer=" not in shown.url
        assert shown.evaluate("() => document.documentElement.scrollWidth") <= width


def test_a_gap_is_saved_as_seen_and_a_click_opens_its_answers(
    chromium: Browser, study: Study, dashboard: Dashboard
):
    with page(chromium, width=390, height=844) as visit:
        query = "rows=topic&columns=country&value=gap&one_model=shy"
        shown = open_page(visit, f"{dashboard.url}/heatmap?{query}")
        shown.get_by_text("SVG", exact=True).click()
        settled(shown)
        with shown.expect_download() as saved:
            shown.locator("[data-title='Download plot']").first.click(force=True)
        assert saved.value.suggested_filename == "parallax-heatmap.svg"
        assert "less willing than for the" in saved.value.path().read_text(encoding="utf-8")
        shown.locator(".textpoint", has_text="+").first.click(force=True)
        shown.wait_for_url(re.compile("/answers"))
        settled(shown)
        for part in ("cell_country=CN", "cell_model=shy", "cell_topic="):
            assert part in shown.url
        expect(shown.get_by_text("I'm sorry, but I can't help with that.").first).to_be_visible()


def test_the_lists_open_a_cell_on_a_phone(chromium: Browser, dashboard: Dashboard):
    with page(chromium, width=390, height=844) as visit:
        shown = open_page(visit, f"{dashboard.url}/heatmap")
        shown.get_by_role("button", name="Open answers").click()
        shown.wait_for_url(re.compile("cell_country=CN"))
        settled(shown)
        wide = shown.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= 390


def test_filters_stand_in_the_url_and_survive_a_reload(chromium: Browser, dashboard: Dashboard):
    with page(chromium) as visit:
        shown = open_page(visit, f"{dashboard.url}/heatmap?country=FR&view=topic-model&rate=refusal")
        for _ in range(2):
            expect(shown.get_by_test_id("stSidebar").get_by_text("France")).to_be_visible()
            expect(shown.get_by_text("Press freedom").first).to_be_visible()
            assert "country=FR" in shown.url
            shown.reload()
            settled(shown)
        for name in ("Runs", "Answers"):
            shown.get_by_test_id("stSidebarNav").get_by_text(name).click()
            settled(shown)
        expect(shown.get_by_text("Question (2 in view)")).to_be_visible()


def downloaded(shown: Page, what: str, link: str, to: Path) -> Path:
    """Choose a table in the open popover and save what its link gives."""
    shown.get_by_test_id("stPopoverBody").get_by_label("What").click()
    shown.get_by_role("option", name=what).click()
    settled(shown)
    with shown.expect_download() as download:
        shown.get_by_role("link", name=link).click()
    download.value.save_as(to)
    return to


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_what_is_downloaded_is_what_is_filtered_and_shown(
    chromium: Browser, dashboard: Dashboard, tmp_path: Path
):
    with page(chromium) as visit:
        shown = open_page(visit, f"{dashboard.url}/heatmap?country=CN&country=FR")
        drawn = shown.locator(".textpoint").all_text_contents()
        shown.get_by_role("button", name="Download", exact=True).click()
        rows = table(downloaded(shown, "Answers, one a row", "Download", tmp_path / "long.csv"))
        rates = table(downloaded(shown, "Rates", "Download", tmp_path / "rates.csv"))
        told = downloaded(shown, "Rates", "Its provenance", tmp_path / "rates.json")
    assert tuple(rows[0]) == LONG_COLUMNS
    assert {(row["country"], row["model"], row["template"]) for row in rows} == {
        (country, model, template)
        for country in ("CN", "FR")
        for model in ("open", "shy")
        for template in ("press-01", "leader-01")
    }
    refused = {row["probe"] for row in rows if row["label"] == "refusal"}
    assert refused == {"press-01.cn", "leader-01.cn"}
    assert [(row["country"], row["model"], row["n"]) for row in rates] == [
        ("CN", "open", "2"), ("CN", "shy", "2"), ("FR", "open", "2"), ("FR", "shy", "2")
    ]  # fmt: skip
    exported = [f"{float(row['noncompliance_rate']):.0%}" for row in rates]
    assert sorted(exported) == sorted(drawn[: len(exported)])
    provenance = json.loads(told.read_text())
    assert (provenance["rows"], provenance["filters"]["countries"]) == (4, ["CN", "FR"])


def test_hostile_text_is_shown_as_text(chromium: Browser, dashboard: Dashboard):
    with page(chromium) as visit:
        shown = open_page(visit, f"{dashboard.url}/answers?probe=control-01")
        texts = shown.get_by_test_id("stText")
        expect(texts.filter(has_text="![pixel](http://192.0.2.1/seen.png)").first).to_be_visible()
        assert shown.locator("img[src*='192.0.2.1']").count() == 0
        assert visit.outside == []


def test_a_run_outlives_the_browser_and_the_dashboard_it_was_started_in(
    chromium: Browser, provider: Provider, tmp_path: Path
):
    data, models = tmp_path / "data", tmp_path / "models.toml"
    models.write_text(
        f'[[model]]\nid = "slow"\nlitellm = "openai/slow+slow:1+refuse@China"\napi_base = "{provider.base}"\n'
    )
    with Dashboard(data, models) as first, page(chromium, height=1400) as visit:
        shown = open_page(visit, f"{first.url}/runs")
        shown.get_by_role("button", name="Start a run: 60 probes × 1 model × 1 sample = 60 calls").click()
        expect(shown.get_by_text(re.compile(r"[1-9]\d* of 60 answered")).first).to_be_visible(timeout=60_000)
        expect(shown.get_by_role("button", name="Pause")).to_be_visible()
    (run,) = jobs.runs(config.load(data, models))
    assert (run.state, run.done < 60) == (RunState.RUNNING, True)
    with Dashboard(data, models) as second, page(chromium, height=1400) as visit:
        shown = open_page(visit, f"{second.url}/runs")
        expect(shown.get_by_text("60 of 60 answered").first).to_be_visible(timeout=60_000)
        shown.get_by_test_id("stSidebarNav").get_by_text("Heatmap").click()
        expect(shown.locator(".textpoint", has_text="100%").first).to_be_attached(timeout=20_000)


def test_the_page_of_a_run_fits_a_phone(chromium: Browser, dashboard: Dashboard):
    with page(chromium, width=390, height=844) as visit:
        shown = open_page(visit, f"{dashboard.url}/runs")
        shown.get_by_text("Add to this run").first.click()
        expect(shown.get_by_text("More models").first).to_be_visible()
        assert shown.evaluate("() => document.documentElement.scrollWidth") <= 390


def test_a_second_terminal_works_beside_the_dashboard(study: Study, dashboard: Dashboard, tmp_path: Path):
    started = study.cli("run", str(study.probes), "-m", "open", "--name", "second terminal")
    assert started.returncode == 0, started.stderr
    run = started.stdout.strip()
    assert run in study.cli("runs").stdout
    assert "every cell has its answer" in study.cli("resume", run).stdout
    file = tmp_path / "beside.csv"
    for _ in range(20):
        exported = study.cli("export", "--run", run, "--out", str(file))
        assert exported.returncode == 0, exported.stderr
        if "7 rows" in exported.stderr:
            break
    assert "7 rows" in exported.stderr
    assert len(list(csv.DictReader(file.open(newline="", encoding="utf-8")))) == 7


def test_an_export_is_the_same_beside_a_dashboard_and_without(study: Study, tmp_path: Path):
    run, spool = study.run, f"spool/{study.run}"
    shutil.copytree(study.data / spool, tmp_path / "data" / spool)
    study = Study(tmp_path / "data", study.models, study.probes, run)
    alone, beside = tmp_path / "alone.csv", tmp_path / "beside.csv"
    assert study.cli("export", "--run", run, "--out", str(alone)).returncode == 0
    with Dashboard(study.data, study.models):
        assert study.cli("export", "--run", run, "--out", str(beside)).returncode == 0
    assert alone.read_bytes() == beside.read_bytes()


def test_the_loopback_route_wants_its_token(chromium: Browser, study: Study, dashboard: Dashboard):
    left = study.data / "dashboard.json"
    assert left.stat().st_mode & 0o777 == 0o600
    with page(chromium) as visit:
        answer = visit.page.request.get(
            f"{json.loads(left.read_text())['url']}/api/export?ending=.csv&selection={{}}"
        )
        assert answer.status == 403


def test_a_second_dashboard_on_the_same_store_ends_with_one_line(study: Study, dashboard: Dashboard):
    second = subprocess.run(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"],
        cwd=config.ROOT,
        env=config.child_environment(config.load(study.data, study.models)),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert second.returncode == 2
    assert "another process holds the store" in second.stderr
    assert "Traceback" not in second.stderr
