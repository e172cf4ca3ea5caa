// A small map of a graph that is larger than its place: boxes by the sign of their gradients, and what is seen.
const map = document.createElement("div");
map.className = "map";
map.setAttribute("aria-hidden", true);
$(".frame").append(map);
function chart(found) {
  found.chart = element("svg", { viewBox: found.svg.getAttribute("viewBox") }, map);
  found.places = new Map();
  for (const box of found.boxes.values()) {
    const [width, height] = ["width", "height"].map(name => box.frame.getAttribute(name));
    found.places.set(box.i, { g: element("rect", { width, height, transform: box.g.getAttribute("transform") }, found.chart) });
  }
  for (const [key, g] of found.groups) {
    const { x, y, width, height } = g.getBBox();
    found.places.set(key, { g: element("rect", { x, y, width, height }, found.chart) });
  }
  found.view = element("rect", { class: "view" }, found.chart);
}
function overview(gradients, current) {
  for (const [i, place] of shown.places) look(place, current.has(i) || shown.groups.get(i)?.classList.contains("lit") ? "lit" : gradients.has(i) ? sign(gradients.get(i)) : "");
}
function outline() {
  const { svg, view, chart } = shown;
  const [left, top, width, height] = svg.getAttribute("viewBox").split(" ").map(Number), drawn = svg.getBoundingClientRect();
  const scale = width / drawn.width || 1, seen = graph.getBoundingClientRect();
  map.hidden = drawn.height < seen.height * 1.4 && drawn.width < seen.width * 1.4;
  const room = seen.width < 500 ? 90 : 150, small = Math.min(room / width, 1.2 * room / height);
  chart.style.width = `${width * small}px`;
  view.setAttribute("x", left + graph.scrollLeft * scale);
  view.setAttribute("y", top + graph.scrollTop * scale);
  view.setAttribute("width", Math.min(width, graph.clientWidth * scale));
  view.setAttribute("height", Math.min(height, graph.clientHeight * scale));
}
graph.addEventListener("scroll", outline, { passive: true });
map.addEventListener("click", e => {
  const at = shown.chart.getBoundingClientRect(), drawn = shown.svg.getBoundingClientRect();
  graph.scrollTo({ left: (e.clientX - at.x) / at.width * drawn.width - graph.clientWidth / 2, top: (e.clientY - at.y) / at.height * drawn.height - graph.clientHeight / 2 });
});
pictures.forEach(chart);
after.paint.push(overview);
after.layout.push(outline);
