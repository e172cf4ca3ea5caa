// Time: where the page stands, and everything that moves it.
const time = $(".time input");
let timer = null;

function show() {
  const lit = paint();
  explain();
  list();
  time.value = now;
  time.style.setProperty("--b", `${100 * now / last}%`);
  time.setAttribute("aria-valuetext", `${now} of ${last}, ${$(".title").textContent}`);
  $(".count").textContent = `${now} of ${last}`;
  const [forward, backward] = $(".phases").children;
  forward.classList.toggle("on", now > 0 && now <= recorded);
  backward.classList.toggle("on", now > recorded);
  for (const button of document.querySelectorAll("[data-go]")) {
    const end = { first: 0, back: 0, next: last, last }[button.dataset.go];
    button.setAttribute("aria-disabled", now === end);
  }
  scrolled();
  return lit;
}
function go(place) {
  place = Math.max(0, Math.min(last, place));
  const forward = place === now + 1;
  now = place;
  const lit = show();
  if (now === last) stop();
  pan();
  if (forward && lit.length && !calm.matches) run(lit[0].line, now > recorded);
}
// To the last step so far that changed a node, or the one that records it.
function visit(i) {
  const found = events.findLast(event => event.receiver === i || !event.numbers && event.node === i && now <= recorded);
  if (found) { stop(); go(found.place); }
}
function icon(playing) {
  const button = $("[data-go=play]");
  button.setAttribute("aria-label", playing ? "Pause" : "Play");
  button.querySelector("path").setAttribute("d", playing ? "M4 2h3v12H4zM9 2h3v12H9z" : "M4 2v12l10-6z");
}
function stop() { clearInterval(timer); timer = null; icon(false); }
function play() {
  if (timer) return stop();
  if (now === last) go(0);
  timer = setInterval(() => go(now + 1), 1400);
  icon(true);
}
const moves = { first: () => go(0), back: () => go(now - 1), next: () => go(now + 1), last: () => go(last), play };
const keys = { ArrowRight: "next", ArrowLeft: "back", Home: "first", End: "last", " ": "play" };
function move(name) {
  if (name !== "play") stop();
  moves[name]();
}
for (const button of document.querySelectorAll("[data-go]")) button.addEventListener("click", () => move(button.dataset.go));
time.addEventListener("input", () => { stop(); go(+time.value); });
addEventListener("keydown", e => {
  const name = keys[e.key], on = e.target;
  if (!name || e.ctrlKey || e.metaKey || e.altKey || e.shiftKey) return;
  if (on.matches?.("input") && name !== "play" || name === "play" && on.matches?.("button")) return;
  if (on.matches?.("[tabindex]") && on.scrollWidth > on.clientWidth + 1 && name.match(/next|back/)) return;
  e.preventDefault();
  move(name);
});

// Light or dark: as the notebook around it, else as the system is, until the button is pressed.
const theme = $(".theme"), system = matchMedia("(prefers-color-scheme: dark)"), html = document.documentElement;
const isDark = () => html.dataset.theme ? html.dataset.theme === "dark" : system.matches;
const caption = () => theme.textContent = isDark() ? "Light" : "Dark";
function wear(name) {
  if (name) html.dataset.theme = name; else delete html.dataset.theme;
  caption();
}
theme.addEventListener("click", () => wear(isDark() ? "light" : "dark"));
system.addEventListener("change", caption);

// What scrolls can be reached by keys.
function scrolled() {
  for (const part of [graph, $(".sum")]) {
    const over = part.scrollWidth > part.clientWidth + 1 || part.scrollHeight > part.clientHeight + 1;
    if (over) part.tabIndex = 0; else part.removeAttribute("tabindex");
  }
  for (const act of after.layout) act();
}
addEventListener("resize", scrolled);

for (const part of document.querySelectorAll("nav, footer, .theme")) part.hidden = false;
time.max = last;
$(".time").style.setProperty("--steps", last);
$(".time").classList.toggle("ticks", last <= 60);
$(".phases").style.gridTemplateColumns = `${recorded + 0.5}fr ${last - recorded - 0.5}fr`;
$(".source").style.setProperty("--lines", Math.min(4, Math.max(...sources.map(source => source.lines.length))));
caption();
offer();
go(+(/step=(\d+)/.exec(location.hash)?.[1] ?? document.documentElement.dataset.step));
