// The step in words and in textbook notation: upstream × partial, with the numbers under the letters.
const math = inside => `<math>${inside}</math>`;
const bracketed = inside => `<mrow><mo>(</mo>${inside}<mo>)</mo></mrow>`;
const fraction = (top, bottom) => `<mfrac><mrow><mi>∂</mi>${top}</mrow><mrow><mi>∂</mi>${bottom}</mrow></mfrac>`;
const letters = node => node.sum ? bracketed(node.math) : node.math;
const slopeOf = node => fraction("<mi>L</mi>", letters(node));
const plain = number => `<mn>${short(number)}</mn>`;
const tinted = (number, more = "") => `<mn class="${sign(number)} ${more}">${short(number)}</mn>`;
const signed = number => short(number).startsWith("−") ? bracketed(plain(number)) : plain(number);
const table = rows => math(`<mtable>${rows.map(([kind, ...cells]) => `<mtr class="${kind}">${cells.map(cell => `<mtd>${cell}</mtd>`).join("")}</mtr>`).join("")}</mtable>`);

// What a step does: its headline, a sentence, the formula, facts as pairs of a word and HTML.
function told(event) {
  if (!event) return ["Start", `Nothing is recorded yet: ${leaves.length} ${leaves.length === 1 ? "input stands" : "inputs stand"} ready. Each step records one operation.`, "", []];
  const node = nodes[event.node], said = filled(data.texts[event.say], place => textAt(event, place));
  if (!event.numbers) return [`Record ${now} of ${recorded}`, said, computed(event, node), where(event.node)];
  const headline = `Sweep ${now - recorded} of ${last - recorded}${now === last ? ", complete" : ""}`;
  if (event.to === undefined) return [headline, said, table([["", slopeOf(node), "<mo>=</mo>", `<mn class="pos boxed">1.0</mn>`]]), [["L", `is <code>${escape(node.name)}</code>, whose gradients are swept`], ...where(event.node)]];
  const to = nodes[event.to], here = event.here ? `, ${escape(filled(event.here, place => textAt(event, place)))}` : "";
  const formula = table([
    ["", slopeOf(to), "<mo>+=</mo>", slopeOf(node), "<mo>·</mo>", fraction(letters(node), letters(to))],
    ["num", "", "<mo>=</mo>", tinted(event.upstream), "<mo>×</mo>", tinted(event.partial), "<mo>=</mo>", tinted(event.contribution, "boxed")],
    ["cap", "", "", "<mtext>upstream</mtext>", "", "<mtext>partial</mtext>", "", "<mtext>contribution</mtext>"],
  ]);
  return [headline, said, formula, [
    ["rule", math(laws[event.law].math) + here],
    ["gradient", `<code>${escape(to.name)}</code> from ${short(event.before)} to <b>${short(event.after)}</b>`],
    ...where(event.node, event.to),
  ]];
}
function computed(event, node) {
  const law = laws[event.law].math, name = operand => typeof operand === "object" ? plain(operand.is) : nodes[operand].math;
  const symbols = filled(law, (place, bare) => {
    const operand = operandAt(node, place);
    return !bare && nodes[operand]?.sum ? bracketed(name(operand)) : `<mrow>${name(operand)}</mrow>`;
  });
  const numbers = filled(law, (place, bare) => (bare ? plain : signed)(numberAt(event, place)));
  return table([
    ["", `<mrow>${node.math}</mrow>`, "<mo>=</mo>", `<mrow>${symbols}</mrow>`],
    ["num", "", "<mo>=</mo>", `<mrow>${numbers}</mrow>`],
    ["num", "", "<mo>=</mo>", `<mn class="boxed">${short(node.value)}</mn>`],
  ]);
}
function where(...places) {
  const unknown = places.filter(i => nodes[i].where && i !== output);
  return unknown.map((i, k) => [k ? "" : "where", `${math(nodes[i].math)} is <code>${escape(nodes[i].where)}</code>`]);
}

function explain() {
  const event = events[now - 1], [headline, said, formula, facts] = told(event);
  $(".title").textContent = headline;
  if ($(".say").textContent !== said) $(".say").textContent = said;
  const sum = $(".sum");
  sum.innerHTML = formula;
  for (let size = 95; size > 55 && sum.scrollWidth > sum.clientWidth; size -= 5) sum.firstChild.style.fontSize = `${size}%`;
  $(".facts").innerHTML = facts.map(([word, fact]) => `<dt>${word}</dt><dd>${fact}</dd>`).join("");
  const source = sources[(event ?? events[recorded]).source], marker = text => event && text ? `<mark>${escape(text)}</mark>` : escape(text);
  const lines = source.lines.map(([before, marked, after]) => escape(before) + marker(marked) + escape(after)).join("\n");
  const longest = Math.max(...source.lines.map(line => line.join("").length));
  $(".source").classList.toggle("long", longest > 62 || source.lines.length > 1);
  $(".source").innerHTML = (source.place ? `<small>${escape(source.place)}</small>` : "") + `<span>${lines}</span>`;
}
