import dataclasses

import streamlit as st

from pages._ui import again, answers, cells, data, filters, finding, one_answer, served, sets, twins, urls
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
if selection == in_force.selection:
    answers.grid(asked, in_force)
else:
    finding.hits(selection, asked, in_force.by)
question = answers.choose(asked)

matched = data.twins(selection, question, in_force.by)
left, right = st.columns(2, gap="large")
with left:
    several = matched["probe"].nunique() > 1
    st.subheader("The same question about other countries" if several else "Each model's label")
    grid = st.container()
    probe, name = twins.choose(matched, question, cells.names(in_force))
    samples = answers.of_probe(cells.of_one(in_force, name), probe)
    answer = one_answer.choose_sample(samples)
    twins.grid(grid, matched, cells.names(in_force), (probe, name))
    one_answer.reasoning(answer)
with right:
    asked_for = one_answer.probe_of(in_force.set_hash, answer)
    st.subheader("The question")
    st.text(answer.prompt)
    sets.checked(asked_for)
    one_answer.card(answer, samples, asked_for, selection.text)
    one_answer.stated(answer, asked_for)
    one_answer.labels(answer)
    with st.expander("How it came"):
        st.text(answers.provenance(answer))
    with st.container(horizontal=True):
        run = next(run for run in in_force.runs if run.model == answer.model)
        again.offer(asked_for, sets.fetch(in_force.set_hash), run)
        one_answer.permalink(in_force, answer, question, name)

shown = urls.choose("Beside it", list(answers.BESIDE), "beside", answers.BESIDE.__getitem__, urls.one_of)
if shown == "samples":
    answers.side_by_side(samples, "samples-page")
else:
    answers.side_by_side(answers.of_probe(in_force.selection, probe, int(answer.sample)), "models-page")
answers.csv_button(selection, "answers-csv")
