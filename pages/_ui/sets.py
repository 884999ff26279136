"""Probe sets on screen: what is at hand, what is in one, what it can show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import data, urls
from pages._ui.filters import short
from pages._ui.text import plain
from parallax import config, coverage, library, probes, views
from parallax.library import Library, SetAtHand
from parallax.records import Probe, ProbeSet, content_hash

FOLDER = config.ROOT / "probes"
AXES = {"kind": "Kind", "country": "Country", "topic": "Topic", "language": "Language"}
MIME = {"yaml": "application/yaml", "jsonl": "application/jsonl", "csv": "text/csv"}
ORIGINS = {"shipped": "ships with Parallax", "saved": "saved here", "run": "from an earlier run"}
REVIEWS = {"reviewed": "green", "unreviewed": "orange", "unverified": "red"}
TABLE_PX = 400


def at_hand() -> Library:
    """Return every probe set there is to look at."""
    return library.library(data.store(), FOLDER)


def fetch(set_hash: str) -> ProbeSet:
    """Return a set with its probes."""
    return _fetched(data.store().path, set_hash)


# a set never changes under its hash, and is shared rather than copied
@st.cache_resource(max_entries=16, show_spinner=False)
def _fetched(store: Path, set_hash: str) -> ProbeSet:
    return library.fetch(data.store(), FOLDER, set_hash)


def choose(shelf: Library, key: str) -> SetAtHand:
    """Offer the sets at hand, and say which files are none."""
    for file in shelf.faulty:
        st.warning(plain(f"{file.name}: {file.faults[0]} ({len(file.faults)} in all; validate tells them)"))
    if not shelf.sets:
        st.info("There is no probe set here. Upload one on the page Probe sets.")
        st.stop()
    known = {short(entry.set_hash): entry for entry in shelf.sets}
    titles = [entry.words for entry in known.values()]

    def words(id: str) -> str:
        entry = known[id]
        same = f" · {id}" if titles.count(entry.words) > 1 else ""
        return f"{entry.words}{same} · {entry.probes:,} probes · {ORIGINS[entry.origin]}"

    return known[urls.choose("Probe set", list(known), key, words, st.selectbox)]


def about(entry: SetAtHand, found: ProbeSet) -> None:
    """Say what a set is, and offer it as a file."""
    counts = [(axis, len({value for p in found.probes if (value := getattr(p, axis))})) for axis in AXES]
    listed = ", ".join(f"{n} {_plural(AXES[axis], n)}" for axis, n in counts if n)
    st.caption(
        plain(
            f"{len(found.probes):,} probes: {listed} · {found.license} · {found.author} · SHA-256"
            f" {entry.set_hash[:12]}"
        )
    )
    states = {str(p.meta.get("review") or "unreviewed") for p in found.probes}
    with st.container(horizontal=True, vertical_alignment="center"):
        for state in sorted(states):
            st.badge(state, color=REVIEWS[state])
        with st.popover("Export", icon=":material/download:"):
            for format in probes.FORMATS:
                st.download_button(
                    format.upper(),
                    lambda format=format: probes.dump(found, format).encode(),
                    file_name=f"{found.id}-{short(entry.set_hash)}.{format}",
                    mime=MIME[format],
                    on_click="ignore",
                    key=f"export-{format}",
                )


def _plural(axis: str, n: int) -> str:
    word = axis.lower()
    return word if n == 1 else "countries" if word == "country" else f"{word}s"


def filtered(found: ProbeSet) -> list[Probe]:
    """Offer the axes of a set to filter by; returns the probes that pass."""
    passed = list(found.probes)
    with st.container(horizontal=True):
        for axis, label in AXES.items():
            options = sorted({value for p in found.probes if (value := str(getattr(p, axis)))})
            if len(options) > 1:
                words = _titles(axis)
                chosen = urls.choose_several(label, options, f"set_{axis}", words, "All")
                passed = [p for p in passed if not chosen or str(getattr(p, axis)) in chosen]
    return passed


def _titles(axis: str) -> Callable[[str], str]:
    return lambda value: views.title(axis, value)


def table(shown: list[Probe], key: str) -> Probe | None:
    """List probes; returns the one whose row is picked."""
    frame = pd.DataFrame(
        [
            {
                "probe": p.id,
                "prompt": p.prompt,
                "kind": p.kind.value,
                "country": p.country,
                "topic": p.topic,
                "stance": p.stance,
                "language": p.language,
                "review": review(p),
            }
            for p in shown
        ]
    )
    # a picked row is kept by its number, which means another probe once others are shown
    rows_shown = content_hash([p.id for p in shown])[:8]
    picked = st.dataframe(
        frame,
        hide_index=True,
        height=min(TABLE_PX, 38 + 35 * len(frame)),
        column_config={"prompt": st.column_config.TextColumn(width="large")},
        on_select="rerun",
        selection_mode="single-row",
        key=f"{key}-{rows_shown}",
    )
    rows = picked.selection.rows
    return shown[rows[0]] if rows else None


def review(probe: Probe) -> str:
    """Say how far a probe, its facts and its translation have been checked."""
    said = [str(probe.meta.get("review") or "unreviewed")]
    unverified = sum(fact.get("review") == "unverified" for fact in probe.meta.get("facts", ()))
    if unverified:
        said.append(f"{unverified} fact{'s' * (unverified > 1)} unverified")
    if probe.meta.get("official", {}).get("review") == "unverified":
        said.append("official position unverified")
    if translation := probe.meta.get("translation"):
        said.append(f"{translation['method']} translation, {translation.get('review', 'unreviewed')}")
    return "; ".join(said)


def detail(found: ProbeSet, probe: Probe) -> None:
    """Show one probe: its prompt, what it should say, and its template in every country."""
    st.subheader("The probe")
    st.text(probe.prompt)
    checked(probe)
    facts(probe)
    own = {name: value for name, value in probe.meta.items() if isinstance(value, str) and name != "review"}
    if own:
        st.text("\n".join(f"{name}: {value}" for name, value in own.items()))
    twins = [p for p in found.probes if probe.template and p.template == probe.template]
    if twins:
        st.subheader(f"Template {plain(probe.template)}: {len(twins)} probes")
        columns = ("country", "language", "prompt")
        st.dataframe(
            [{name: getattr(p, name) for name in columns} | {"review": review(p)} for p in twins],
            hide_index=True,
            height=min(TABLE_PX, 38 + 35 * len(twins)),
        )


def checked(probe: Probe) -> None:
    """Show how far a probe, its facts and its translation have been checked, by the least of them."""
    said = review(probe)
    worst = next((state for state in ("unverified", "unreviewed") if state in said), "reviewed")
    st.badge(said, color=REVIEWS[worst])


def facts(probe: Probe) -> None:
    """Show what a good answer states, with its sources, and what the state concerned says."""
    for fact in probe.meta.get("facts", ()):
        with st.container(border=True):
            _badge(fact)
            st.text("\n".join(_fact_lines(fact)))
    if official := probe.meta.get("official"):
        with st.container(border=True):
            st.caption("What the state concerned says; it counts for no score")
            _badge(official)
            st.text(f"{official['text']}\nSource: {official['source']}")


def _badge(checked: Mapping[str, Any]) -> None:
    state = checked.get("review", "unreviewed")
    st.badge(state, color=REVIEWS[state])


def _fact_lines(fact: Mapping[str, Any]) -> Iterator[str]:
    yield f"{fact['text']} (weight {fact.get('weight', 1)})"
    if counted := fact.get("range"):
        low, high = counted
        yield f"From {low:,} to {high:,} {fact.get('unit', '')}: {fact.get('attributed_to', 'of no source')}"
    if phrases := fact.get("any"):
        yield f"Stated by: {' · '.join(phrases)}"
    yield f"Source: {fact['source']}"


def coverage_of(found: ProbeSet) -> None:
    """Show how many critical templates each cell has, and what the planner says of that."""
    counted = coverage.critical(found)
    if not counted:
        st.info("No critical matched probe is in this set: it makes no heatmap and no gap.")
        return
    with st.container(horizontal=True):
        samples = int(st.number_input("Samples of each answer", 1, 10, 1, key="coverage-samples"))
        asked = int(st.number_input("Models", 1, 50, 2, key="coverage-models"))
    for verdict in coverage.verdicts(counted, samples, asked):
        st.text(f"{verdict.sentence} Corrected for {verdict.family} cells.")
    st.caption(
        "By simulation: other countries declined at 5 %, 80 % of studies to find the gap, after correction"
        " for all cells of the level. More templates help more than more samples."
    )
    for level in ("theme", "topic"):
        st.subheader(f"Critical templates by country and {level}")
        frame = coverage.table(counted, level)
        # two slugs may read alike, and columns of one name cannot be drawn
        heads = {slug: views.title(level, slug) for slug in frame}
        st.dataframe(frame.rename(index=_titles("country")), column_config=heads)
