// The ledger: what was recorded, then the sweep. A long one shows the rows around the present step.
const ALL = 24, AROUND = 5;
const tables = [
  { title: "Recorded, forward", from: 0, to: recorded, head: ["step", "node", "op", "rule", "value", "source"], kinds: ["step", "edge-of", "op-of", "law", "run", "src"], cells: recordCells },
  { title: "Swept, backward", from: recorded, to: last, head: ["step", "edge", "op", "partial", "<div><span>upstream</span><i>×</i><span>partial</span><i>=</i><span>contribution</span></div>", "running gradient", "source"], kinds: ["step", "edge-of", "op-of", "law", "product", "run", "src"], cells: sweepCells },
].filter(table => table.to > table.from);

function recordCells(event, later) {
  const node = nodes[event.node];
  return [`<b>${escape(node.name)}</b>`, escape(event.op), math(`<mi>z</mi><mo>=</mo>${laws[event.law].line}`), later ? "" : `<span title="${node.value}">${column(node.value)}</span>`];
}
function sweepCells(event, later) {
  const node = nodes[event.node], to = nodes[event.receiver], seed = event.to === undefined, blank = "<span></span>";
  const product = later ? "" : seed ? `${blank}<i></i>${blank}<i></i>${coloured(event.contribution)}` : `${coloured(event.upstream)}<i>×</i>${coloured(event.partial)}<i>=</i>${coloured(event.contribution)}`;
  return [
    seed ? `seed <b>${escape(node.name)}</b>` : `${escape(node.name)} → <b>${escape(to.name)}</b>`, seed ? "" : escape(event.op),
    seed || later ? "" : math(laws[event.law].line), `<div>${product}</div>`, later ? "" : `<b>${escape(to.name)}</b>${coloured(event.after)}`,
  ];
}
function origin(event) {
  const source = sources[event.source];
  if (source.short) return `<em>${escape(source.short)}</em>`;
  const [before, marked, after] = source.lines[0];
  return `${escape(before.trimStart())}<em>${escape(marked)}</em>${escape(after)}`;
}

const ledger = $(".ledger");
ledger.className = `ledger live${nodes.some(node => node.name.length > 12) ? " long" : ""}`;
ledger.innerHTML = tables.map(table => `<table role="table" class="${table.kinds.length > 6 ? "swept" : "recorded"}"><caption>${table.title}</caption><thead role="rowgroup"><tr role="row">${table.head.map((title, i) => `<th role="columnheader" scope="col" class="${table.kinds[i]}">${title}</th>`).join("")}</tr></thead><tbody role="rowgroup"></tbody></table>`).join("");
tables.forEach((table, i) => table.body = ledger.querySelectorAll("tbody")[i]);

function list() {
  for (const table of tables) {
    const size = table.to - table.from, place = Math.min(Math.max(now - 1, table.from), table.to - 1);
    const start = size <= ALL ? table.from : Math.max(table.from, Math.min(place - AROUND, table.to - 2 * AROUND - 1));
    const end = size <= ALL ? table.to : Math.min(table.to, start + 2 * AROUND + 1), wanted = [];
    if (size > ALL) wanted.push(-(start - table.from) - 1);
    for (let i = start; i < end; i++) wanted.push(i);
    if (size > ALL) wanted.push(-(table.to - end) - 1);
    arrange(table.body, wanted).forEach((tr, r) => wanted[r] < 0 ? rest(tr, -wanted[r] - 1, r ? "later" : "earlier", table) : fill(tr, wanted[r], table));
  }
}
// Return the rows of a table, those that show a wanted step already at its place: when the ledger moves on
// by one, one row moves from the top to the bottom and is filled anew, the others stay as they are.
function arrange(body, wanted) {
  const steps = wanted.filter(i => i >= 0), filled = [...body.rows].filter(tr => tr.dataset.place);
  const rowOf = new Map(filled.map(tr => [tr.dataset.place - 1, tr])), kept = new Set(steps.map(i => rowOf.get(i)));
  const free = filled.filter(tr => !kept.has(tr));
  if (free.length && kept.has(rowOf.get(steps[0]))) rowOf.get(steps[steps.length - free.length - 1])?.after(...free);
  else if (free.length) rowOf.get(steps[free.length])?.before(...free);
  while (body.rows.length < wanted.length) body.insertRow().setAttribute("role", "row");
  return [...body.rows];
}
// What is left out, as one row of a fixed height, so that nothing jumps.
function rest(tr, count, when, table) {
  const text = count ? `${count} ${when} ${count === 1 ? "step" : "steps"}` : " ";
  if (tr.shown === text) return;
  tr.shown = text;
  tr.className = "rest";
  tr.innerHTML = `<td role="cell" colspan="${table.kinds.length}">${text}</td>`;
}
function fill(tr, i, table) {
  const event = events[i], later = i >= now, key = `${i} ${later} ${i === now - 1} ${data.version}`;
  if (tr.shown === key) return;
  const same = tr.shown?.startsWith(`${i} ${later} `) && tr.shown.endsWith(` ${data.version}`);
  tr.shown = key;
  tr.className = i === now - 1 ? "now" : later ? "later" : "";
  if (i === now - 1) tr.setAttribute("aria-current", "step"); else tr.removeAttribute("aria-current");
  if (same) return;
  tr.dataset.place = i + 1;
  const cells = [`<button type="button" aria-label="Go to step ${i + 1}">${i + 1}</button>`, ...table.cells(event, later), origin(event)];
  const content = cells.map((cell, k) => `<td role="cell" class="${table.kinds[k]}">${cell}</td>`);
  if (tr.cells.length !== cells.length) return tr.innerHTML = content.join("");
  cells.forEach((cell, k) => {                 // the button stays where the row does, and keeps the focus
    if (k || tr.cells[0].firstChild.textContent !== `${i + 1}`) tr.cells[k].innerHTML = cell;
  });
}
ledger.addEventListener("click", e => {
  const tr = e.target.closest("tr[data-place]");
  if (tr) { stop(); go(+tr.dataset.place); }
});
