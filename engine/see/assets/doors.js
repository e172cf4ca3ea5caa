// The modules of a large graph: one at a time is open, by its box or by its button; each has a picture.
const doors = document.createElement("div"), note = document.createElement("p");
Object.assign(doors, { className: "modules", innerHTML: "<span>Open</span>" });
doors.setAttribute("role", "group");
doors.setAttribute("aria-label", "Open a module");
Object.assign(note, { className: "legend", textContent: "Boxes of modules show the finished sweep." });
$(".legend").before(doors);
$(".legend").after(note);

function turn(place) {
  shown = pictures[shown === pictures[place] ? 0 : place];
  for (const { svg, chart } of pictures) svg.style.display = chart.style.display = svg === shown.svg ? "" : "none";
  for (const button of doors.querySelectorAll("button")) button.setAttribute("aria-pressed", shown === pictures[button.dataset.place]);
}
data.modules.forEach((module, i) => {
  const button = document.createElement("button"), open = () => { turn(i + 1); show(); pan(); };
  Object.assign(button, { type: "button", className: "plain", textContent: module.name });
  button.dataset.place = i + 1;
  button.addEventListener("click", open);
  doors.append(button);
  for (const { groups } of pictures) {
    const g = groups.get(module.key);
    g?.classList.add("opens");
    g?.addEventListener("click", open);
  }
});
turn(0);
