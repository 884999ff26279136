import streamlit as st

from pages._ui import compare, data, downloads, filters, served

st.title("Compare")
in_force = filters.needed()
known = data.sides(in_force.set_hash)
if len(known) < 2:
    st.info("Two sides are needed: ask this set of a second model, or of the same one in another run.")
    st.stop()
sides = compare.sides(in_force, known)
both = compare.answered(sides)
compare.differences(sides)
served.caution(both, data.served(both.unfiltered()), "model", offer=False)

result = data.paired(*sides.selections)
if not result.n:
    st.info("No probe in view has an answer of both sides: loosen the filters, or choose other sides.")
    st.stop()
compare.verdict(result, sides.names)
compare.tables(result, sides.names)
st.subheader("What changed")
compare.changes(result, sides)
both_in_force = compare.both_in_force(in_force, sides)
with st.container(horizontal=True):
    downloads.button(both_in_force, both)
    downloads.share(both_in_force, compare.permalink(both_in_force, sides))
