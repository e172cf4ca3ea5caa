// What the page knows: nodes, events (each node recorded, then each edge swept), and where it stands.
const $ = selector => document.querySelector(selector);
const data = JSON.parse($(".data").textContent);
const { nodes, events, laws, sources } = data, recorded = data.records, last = events.length;
const number = v => typeof v === "string" ? { nan: NaN, inf: Infinity, "-inf": -Infinity }[v] : v;
const leaves = nodes.filter(node => !node.args), output = events[recorded].node;
const after = { paint: [], layout: [] };       // what is done, too, when the graph is painted or laid out
let now = 0;                                   // so many events have happened

const formulas = [...$(".formulas").content.children].map(formula => formula.innerHTML);
for (const node of nodes) { node.value = number(node.value); node.math = formulas[node.math]; }
for (const law of laws) { law.math = formulas[law.math]; law.line = formulas[law.line]; }
events.forEach((event, i) => {
  event.place = i + 1;
  if (event.numbers) [event.upstream, event.partial, event.contribution, event.after] = event.numbers.map(number);
  event.receiver = event.numbers ? event.to ?? event.node : undefined;
});
remember();

// The gradient that each event adds to, and what the picture is scaled by.
function remember() {
  const running = new Map();
  data.largest = { gradient: 0, contribution: 0 };
  for (const event of events.slice(recorded)) {
    event.before = running.get(event.receiver) ?? 0;
    running.set(event.receiver, event.after);
    data.largest.contribution = larger(data.largest.contribution, event.contribution);
  }
  for (const gradient of running.values()) data.largest.gradient = larger(data.largest.gradient, gradient);
}
function larger(most, number) { return Number.isFinite(number) ? Math.max(most, Math.abs(number)) : most; }

// Take over what the script found for other inputs: in the order of the nodes, and of the sweep's steps.
function adopt({ values, partials, upstreams, contributions, gradients }) {
  nodes.forEach((node, i) => node.value = values[i]);
  events.slice(recorded).forEach((event, i) => Object.assign(event, {
    upstream: upstreams[i], partial: partials[i], contribution: contributions[i], after: gradients[i],
  }));
  remember();
}

const sign = number => !Number.isFinite(number) ? "odd" : number > 0 ? "pos" : number < 0 ? "neg" : "zero";
const escape = text => text.replace(/[&<>"]/g, c => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
const FIGURE_SPACE = "\u2007";
const slot = number => (short(number).startsWith("−") ? "" : FIGURE_SPACE) + short(number);
// A number for a column that stands right: its point is where the points of the others are.
const column = number => {
  const text = short(number), decimals = text.split(".")[1];
  return decimals && !text.includes("e") ? text + FIGURE_SPACE.repeat(4 - decimals.length) : text;
};
const coloured = number => `<span class="${sign(number)}" title="${number}">${column(number)}</span>`;
// The number behind a free place of a text: x, y3, z, or one of the event's own.
function numberAt(event, place) {
  if (place in event) return event[place];
  const node = nodes[event.node];
  if (place === "z") return node.value;
  const operand = operandAt(node, place);
  return typeof operand === "object" ? operand.is : nodes[operand].value;
}
function operandAt(node, place) {
  const operand = node.args["xy".indexOf(place[0])];
  return place.length > 1 ? operand[place.slice(1) - 1] : operand;
}
const textAt = (event, place) => place === "node" || place === "to" ? nodes[event[place]].full ?? nodes[event[place]].name : short(numberAt(event, place));
const filled = (text, fill) => text.replace(/\ue000(\w+)(!?)\ue001/g, (_, place, bare) => fill(place, bare));
