import dataclasses
from functools import partial

import streamlit as st

from pages._ui import (
    again,
    answers,
    cells,
    data,
    downloads,
    filters,
    finding,
    one_answer,
    served,
    sets,
    twins,
    urls,
)
from pages._ui.text import plain

st.title("Answers")
in_force = filters.needed()
served.caution(in_force.selection, in_force.served, in_force.by)

cell = cells.opened()
if cell and st.button(
    plain(f"Opened cell: {cells.words(cell)}"), icon=":material/close:", help="Show all probes"
):
    st.switch_page("answers.py")
in_force = dataclasses.replace(in_force, selection=cells.within(in_force.selection, cell))
selection = finding.narrowed(in_force.selection)
asked = finding.questions(selection)
if asked.empty:
    st.info("No answer matches these filters.")
    st.stop()
searched, listed = selection != in_force.selection, st.container()
if searched:
    with listed:
        finding.hits(selection, asked, in_force.by)
    question = answers.choose(asked, partial(finding.go_to, selection, in_force.by))
else:
    question = answers.choose(asked, answers.go_to)

matched = data.twins(selection, question, in_force.by)
names = twins.named(matched, cells.names(in_force))
st.subheader("About other countries" if matched["probe"].nunique() > 1 else "What each model did")
spots = twins.spots(len(names))
with spots.chosen, st.container(horizontal=True):
    probe, name = twins.choose(matched, question, names)
    samples = answers.of_probe(cells.of_one(in_force, name), probe)
    answer = one_answer.choose_sample(samples)
asked_for = one_answer.probe_of(in_force.set_hash, answer)
with spots.answer:
    one_answer.card(answer, samples, asked_for, selection.text)
    with st.container(horizontal=True):
        run = next(run for run in in_force.runs if run.model == answer.model)
        again.offer(asked_for, sets.fetch(in_force.set_hash), run)
        downloads.share(in_force, one_answer.link(in_force, answer, question, name))
with spots.beside:
    one_answer.question(answer, asked_for)
    one_answer.reasoning(answer)
# what was asked for first, then the tables around it, which take a browser longer
twins.grid(spots.grid, matched, names, (probe, name))
if not searched:
    with listed:
        answers.grid(asked, in_force)
with spots.evidence:
    one_answer.labels(answer)
    one_answer.stated(answer, asked_for)

shown = urls.choose("Beside it", list(answers.BESIDE), "beside", answers.BESIDE.__getitem__, urls.one_of)
if shown == "samples":
    answers.side_by_side(samples, "samples-page")
else:
    answers.side_by_side(answers.of_probe(in_force.selection, probe, int(answer.sample)), "models-page")
downloads.button(in_force, selection)
