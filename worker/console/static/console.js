// Keeps a page current while it is looked at: parts that the server pushes replace those of the same name.
// Without it every page reads the same; it has to be reloaded.
"use strict";

for (const area of document.querySelectorAll("[data-live]")) {
  const stream = new EventSource(area.dataset.live);
  stream.addEventListener("part", (event) => {
    const { name, html } = JSON.parse(event.data);
    const part = document.getElementById(`part-${name}`);
    if (part) replace(part, html);
  });
  addEventListener("pagehide", () => stream.close());
}

// What was opened stays open, and what has the focus keeps it.
function replace(part, html) {
  const open = [...part.querySelectorAll("details")].map((one) => one.open);
  const focused = part.contains(document.activeElement)
    ? [...part.querySelectorAll("a, summary, button")].indexOf(document.activeElement)
    : -1;
  part.innerHTML = html;
  part.querySelectorAll("details").forEach((one, i) => { one.open = open[i] ?? false; });
  if (focused >= 0) part.querySelectorAll("a, summary, button")[focused]?.focus();
}
