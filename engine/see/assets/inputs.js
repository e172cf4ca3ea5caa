// The inputs: a slider for each leaf, from which everything is computed anew; or why there is none.
const inputs = $(".inputs"), sliders = $(".sliders"), reset = $(".reset");
const first = leaves.map(node => node.value), swept = events.map(event => ({ ...event })), values = nodes.map(node => node.value);
data.version = 0;

function offer() {
  inputs.hidden = false;
  if (data.why) return sliders.textContent = data.why;
  sliders.style.setProperty("--name", Math.min(19, Math.max(2, ...leaves.map(node => node.name.length))) + "ch");
  const inModules = node => node.name.includes("."), order = [...leaves].sort((a, b) => inModules(a) - inModules(b));
  for (const node of order) {
    const i = leaves.indexOf(node);
    const label = document.createElement("label"), name = document.createElement("b"), slider = document.createElement("input"), shown = document.createElement("output");
    name.append(document.createElement("bdi"));
    name.firstChild.textContent = name.title = node.name;
    Object.assign(slider, { type: "range", min: data.ranges[i][0], max: data.ranges[i][1], step: "any" });
    slider.dataset.leaf = i;
    label.append(name, slider, shown);
    sliders.append(label);
    node.slider = slider;
  }
  $(".note").textContent = data.note;
  level();
}
function level(except) {
  for (const node of leaves) {
    const { min, max } = node.slider, percent = number => Math.max(0, Math.min(100, 100 * (number - min) / (max - min))) || 0;
    const zero = percent(0), at = percent(node.value);
    if (node !== except) node.slider.value = node.value;
    node.slider.style.setProperty("--a", Math.min(zero, at) + "%");
    node.slider.style.setProperty("--b", Math.max(zero, at) + "%");
    node.slider.setAttribute("aria-valuetext", short(node.value));
    node.slider.nextSibling.textContent = column(node.value);
    node.slider.nextSibling.title = node.value;
  }
  reset.hidden = leaves.every((node, i) => Object.is(node.value, first[i]));
}
sliders.addEventListener("input", e => {
  const node = leaves[e.target.dataset.leaf], grain = (e.target.max - e.target.min) / 2000;
  node.value = +(Math.round(e.target.value / grain) * grain).toPrecision(12);
  adopt(recompute(leaves.map(leaf => leaf.value)));
  data.version++;
  level(node);
  show();
});
reset.addEventListener("click", () => {
  nodes.forEach((node, i) => node.value = values[i]);
  events.forEach((event, i) => Object.assign(event, swept[i]));
  remember();
  data.version++;
  level();
  show();
  sliders.querySelector("input").focus();
});
