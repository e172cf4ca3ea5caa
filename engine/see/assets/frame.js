// In a notebook, of whose frame the page knows: it is as high as the page, and the theme is the notebook's.
const frame = window.frameElement;
if (frame?.hasAttribute("srcdoc")) {
  html.classList.add("framed");
  const fit = () => { if (frame.clientWidth) frame.style.height = `${html.offsetHeight + 1}px`; };  // it is rounded
  new ResizeObserver(() => requestAnimationFrame(fit)).observe(html);

  // JupyterLab, and the HTML that nbconvert saves, tell the theme by an attribute, VS Code by a class.
  const outer = parent.document.body;
  const dark = "[data-jp-theme-light=false], .vscode-dark, .vscode-high-contrast:not(.vscode-high-contrast-light)";
  const follow = () => wear(outer.matches(dark) ? "dark" : outer.matches("[data-jp-theme-light], [class*=vscode-]") ? "light" : "");
  const changes = new MutationObserver(follow), leave = () => changes.disconnect();
  changes.observe(outer, { attributes: true });
  theme.addEventListener("click", leave);
  addEventListener("pagehide", leave);
  follow();
}
