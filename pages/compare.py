import streamlit as st

from pages._ui import answers, compare, data, filters, served
from parallax.store import Selection

st.title("Compare")
in_force = filters.needed()
known = data.sides(in_force.set_hash)
if len(known) < 2:
    st.info("Two sides are needed: ask this set of a second model, or of the same one in another run.")
    st.stop()
first, second = compare.sides(known)
sides = compare.selections(in_force, first, second)
both = Selection(pairs=tuple(side.pairs[0] for side in sides), label_set=in_force.selection.label_set)
compare.differences(first, second)
served.caution(both, data.served(both), "model")

found = data.compare(*sides)
if found.probes.empty:
    st.info("No probe in view was asked of both sides: loosen the filters, or choose other sides.")
    st.stop()
compare.verdict(found, first, second)
compare.tables(found)
st.subheader("What changed")
compare.changes(found, sides)
answers.csv_button(both, "compare-csv")
st.popover("Permalink", icon=":material/link:").code(compare.permalink(in_force, first, second), language=None)
