// The graph: each step changes classes, numbers and bars of an SVG; nothing is drawn anew. Of a large graph
// there are several: doors.js says which of them is shown.
const graph = $(".graph"), SVG = "http://www.w3.org/2000/svg";
const element = (tag, attributes, parent) => {
  const made = document.createElementNS(SVG, tag);
  for (const name in attributes) made.setAttribute(name, attributes[name]);
  return parent.appendChild(made);
};
const pictures = [...graph.querySelectorAll("svg")].map(picture);
let shown = pictures[0];
$(".picture").style.cssText = shown.svg.style.cssText;  // its width

// What can be found in an SVG: boxes by the places of their nodes, groups by their keys, edges.
function picture(svg) {
  const found = { svg, boxes: new Map(), groups: new Map(), edgeOf: new Map() };
  found.pulse = element("circle", { class: "pulse", r: 5, visibility: "hidden" }, svg);
  svg.prepend(found.halo = element("path", { class: "halo" }, svg));
  svg.style.setProperty("--width", svg.getAttribute("width") + "px");
  for (const g of svg.querySelectorAll("[data-node]")) {
    const part = name => g.querySelector("." + name), track = part("track"), tick = part("tick");
    const box = { g, i: +g.dataset.node, kind: g.getAttribute("class"), frame: part("box"), value: part("value"), mark: part("partial"), grad: part("grad"), bar: part("bar") };
    if (tick) { box.middle = +tick.getAttribute("x") + 0.5; box.half = +track.getAttribute("width") / 2; }
    found.boxes.set(box.i, box);
    g.addEventListener("click", () => visit(box.i));
  }
  for (const g of svg.querySelectorAll("[data-key]")) found.groups.set(g.dataset.key, g);
  found.edges = [...svg.querySelectorAll("[data-from]")].map(g => ({
    g, from: +g.dataset.from, to: +g.dataset.to, line: g.querySelector(".line"), label: g.querySelector(".slope"), events: [],
  }));
  join(found);
  if (!found.edges.some(edge => edge.label)) found.lone = element("text", { class: "slope" }, element("g", { class: "lit" }, svg));
  return found;
}
// Give each event its edge: those between two nodes stand in the order of their events.
function join({ edges, edgeOf }) {
  const between = new Map(), met = new Map();
  for (const edge of edges) {
    const key = `${edge.from},${edge.to}`;
    between.set(key, [...between.get(key) ?? [], edge]);
  }
  for (const event of events) {
    if (event.to === undefined) continue;
    const key = `${event.to},${event.node}`, there = between.get(key) ?? [], turn = met.get(key) ?? 0;
    met.set(key, turn + 1);
    const edge = there[Math.min(turn, there.length - 1)];
    if (edge) { edgeOf.set(event, edge); edge.events.push(event); }
  }
}
// The group in which a node is drawn: its module, or one around it.
const groupOf = i => shown.groups.get(data.scopes[nodes[i].scope]?.find(key => shown.groups.has(key)));

// Set a class only where it changes: most of the graph stays as it was.
const look = (thing, classes) => { if (thing.look !== classes) thing.g.setAttribute("class", thing.look = classes); };
const write = (text, content) => { if (text && text.textContent !== content) text.textContent = content; };

function operands(event) {
  return event.numbers ? [event.to ?? event.node] : nodes[event.node].args.flat().filter(v => typeof v === "number");
}

// Show the graph after `now` events, and return the edges that are lit.
function paint() {
  const { boxes, groups, edges, edgeOf, halo, lone } = shown;
  const event = events[now - 1], gradients = new Map(), known = new Set();
  events.slice(0, now).forEach(e => e.numbers ? gradients.set(e.receiver, e.after) : known.add(e.node));
  const current = new Set(event ? [event.node, ...operands(event)] : []);
  for (const box of boxes.values()) {
    const node = nodes[box.i], later = node.args && !known.has(box.i), gradient = gradients.get(box.i), is = sign(gradient ?? 0);
    look(box, `${box.kind}${later ? " later" : ""}${current.has(box.i) ? " lit" : ""}`);
    write(box.value, later ? "" : slot(node.value));
    write(box.mark, later ? "" : "∂");
    write(box.grad, later ? "" : gradient === undefined ? FIGURE_SPACE + "–" : slot(gradient));
    box.mark.setAttribute("class", `partial ${is}`);
    box.grad.setAttribute("class", `grad ${is}`);
    if (box.bar) stretch(box, gradient, is);
  }
  const inside = new Set([...current].filter(i => !boxes.has(i)).map(groupOf));
  for (const g of groups.values()) g.classList.toggle("lit", inside.has(g));
  const lit = [];
  for (const edge of edges) {
    const done = edge.events.filter(e => e.place <= now), later = !known.has(edge.to);
    const on = event && event.node === edge.to && (event.numbers ? edgeOf.get(event) === edge : true);
    const total = done.reduce((sum, e) => sum + e.contribution, 0);
    if (on) lit.push(edge);
    look(edge, `edge${later ? " later" : ""}${done.length ? " back " + sign(total) : ""}${on ? " lit" : ""}`);
    edge.line.setAttribute("stroke-width", done.length ? (1 + 2.2 * share(total, data.largest.contribution)).toFixed(2) : 1);
    write(edge.label, done.length ? short(done[done.length - 1].partial) : "");
  }
  halo.setAttribute("d", lit.map(edge => edge.line.getAttribute("d")).join(""));
  if (lone) label(lone, event?.numbers ? lit[0] : null, event);
  for (const act of after.paint) act(gradients, current);
  return lit;
}
function share(number, most) { return Number.isFinite(number) && most ? Math.min(1, Math.abs(number) / most) : 0; }
function stretch(box, gradient, is) {
  const width = gradient ? Math.max(1, box.half * share(gradient, data.largest.gradient)) : 0;
  box.bar.setAttribute("class", `bar ${is}`);
  box.bar.setAttribute("width", width);
  box.bar.setAttribute("x", gradient < 0 ? box.middle - width : box.middle);
}
// Where edges are too many for labels, the one that is lit has one.
function label(lone, edge, event) {
  write(lone, edge ? short(event.partial) : "");
  if (!edge) return;
  const middle = edge.line.getPointAtLength(edge.line.getTotalLength() / 2);
  lone.setAttribute("x", middle.x);
  lone.setAttribute("y", middle.y - 5);
}

// Bring what is lit into sight.
const calm = matchMedia("(prefers-reduced-motion: reduce)");
function pan() {
  const event = events[now - 1];
  if (!event) return;
  const lights = [event.node, ...operands(event)].map(i => shown.boxes.get(i)?.g ?? groupOf(i)).filter(Boolean).map(g => g.getBoundingClientRect());
  if (!lights.length) return;
  const seen = graph.getBoundingClientRect(), space = 24;
  const edge = (least, most) => [Math.min(...lights.map(least)), Math.max(...lights.map(most))];
  const [left, right] = edge(r => r.left, r => r.right), [top, bottom] = edge(r => r.top, r => r.bottom);
  const shift = (from, to, start, end) => from >= start + 2 && to <= end - 2 ? 0 : to - from > end - start - space ? from - start - space : (from + to - start - end) / 2;
  const dx = shift(left, right, seen.left, seen.right), dy = shift(top, bottom, seen.top, seen.top + graph.clientHeight);
  if (dx || dy) graph.scrollBy({ left: dx, top: dy, behavior: calm.matches ? "auto" : "smooth" });
}
// A dot runs along the edge in the direction of flow.
function run(path, backward) {
  const { pulse } = shown, start = performance.now(), length = path.getTotalLength(), mine = now;
  requestAnimationFrame(function frame(time) {
    const u = Math.min(1, Math.max(0, (time - start) / 420)), eased = u * u * (3 - 2 * u);
    if (mine !== now || u === 1) return pulse.setAttribute("visibility", "hidden");
    const point = path.getPointAtLength(length * (backward ? 1 - eased : eased));
    pulse.setAttribute("visibility", "visible");
    pulse.setAttribute("cx", point.x);
    pulse.setAttribute("cy", point.y);
    requestAnimationFrame(frame);
  });
}
