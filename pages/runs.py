import streamlit as st

from pages._ui import data, progress
from pages._ui.text import plain
from parallax import config, jobs, models, plan, probes
from parallax.errors import ParallaxError

st.title("Runs")
settings = data.settings()
try:
    specs = models.load(settings.models_file)
except ParallaxError as error:
    st.error(plain(str(error)))
    st.stop()

st.subheader("Start a run")
found = sorted((config.ROOT / "probes").glob("*.yaml"), key=lambda path: (path.stem != "smoke", path.name))
files = {path.name: path for path in found}
left, right = st.columns([1, 2])
file = left.selectbox("Probe set", files)
chosen = right.multiselect("Models", specs, placeholder="Choose one or more", key="run_models")
samples = left.number_input("Samples of each answer", 1, 100, 1)
try:
    probe_set = probes.load(files[file])
except ParallaxError as error:
    st.error(plain(str(error)))
    st.stop()
calls = len(probe_set.probes) * len(chosen) * samples
counted = [(len(probe_set.probes), "probe"), (len(chosen), "model"), (int(samples), "sample")]
right.text(" × ".join(f"{n} {what}{'s' * (n != 1)}" for n, what in counted) + f" = {calls} calls")
if right.button(
    "Start", type="primary", disabled=not calls, icon=":material/play_arrow:"
) and progress.attempt(
    lambda: jobs.start(settings, plan.new(probe_set, models.pick(specs, chosen), samples=int(samples)))
):
    st.rerun()

st.subheader("All runs")
progress.run_list()
