import streamlit as st

from pages._ui import answers, cells, data, downloads, filters, served, sets, urls
from pages._ui.text import plain

st.title("Answers")
in_force = filters.needed()
served.caution(in_force.selection, in_force.served, in_force.by)

cell = cells.opened()
selection = cells.within(in_force.selection, cell)
if cell and st.button(
    plain(f"Opened cell: {cells.words(cell)}"), icon=":material/close:", help="Show all probes"
):
    st.switch_page("answers.py")
asked = data.probes(selection, in_force.by)
if asked.empty:
    st.info("No answer matches these filters.")
    st.stop()

answers.grid(asked, [name for name in cells.names(in_force) if name in asked])
questions = dict(zip(asked["probe"], asked.itertuples(), strict=True))
label = f"Question ({len(questions)} in view)"
probe = urls.choose(label, list(questions), "probe", lambda p: answers.question(questions[p]), st.selectbox)
st.subheader("The question")
st.text(questions[probe].prompt)
sets.provenance(in_force.set_hash, probe)
sample = answers.sample(max(run.samples for run in in_force.runs))
answers.side_by_side(answers.of_probe(selection, probe, sample))

others = data.twins(in_force.selection, probe, sample)
if not others.empty:
    st.subheader("The same question about other countries")
    answers.twins(others)
with st.container(horizontal=True):
    downloads.button(in_force, selection)
    downloads.share(in_force, in_force.permalink(probe=[probe]))
