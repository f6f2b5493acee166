// The overview: sort by any column, filter by name, kind and budget, choose what the picture shows.
// A model's page: arrow keys from speaker to speaker, commands to copy.
// Without this script a page shows everything, in the order of the overall score, and each corpus small.
"use strict";

const UNITS = { operations: 1e6, bytes: 1e3, ms: 1 }; // in which the form asks for a limit

function overview() {
  const table = document.querySelector("table.board");
  const rows = [...table.querySelectorAll("tbody tr[data-model]")];
  const points = new Map([...document.querySelectorAll(".chart a")].map((point) => [point.dataset.model ?? point.dataset.claim, point]));
  const form = document.querySelector("form.filter");
  const status = document.querySelector(".filter output");

  function sortBy(column, header) {
    const falling = header.getAttribute("aria-sort") === "descending";
    const numeric = header.classList.contains("n");
    const sign = falling ? 1 : -1;
    table.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
    header.setAttribute("aria-sort", falling ? "ascending" : "descending");
    const value = (row) => row.children[column].dataset.value ?? "";
    for (const body of table.tBodies) {
      const own = rows.filter((row) => row.parentElement === body);
      own.sort((a, b) => {
        const [one, other] = [value(a), value(b)];
        if (one === "" || other === "") return (one === "") - (other === ""); // nothing comes last
        return sign * (numeric ? one - other : other.localeCompare(one));
      });
      body.append(...own);
    }
  }

  // A heading's words become the button, but where they are a link: there it stands beside.
  table.querySelectorAll("thead th").forEach((header, column) => {
    const button = document.createElement("button");
    const words = header.firstChild;
    button.type = "button";
    button.setAttribute("aria-label", `Sort by ${words.textContent.trim()}`);
    button.addEventListener("click", () => sortBy(column, header));
    if (words.nodeType === Node.TEXT_NODE) {
      button.textContent = words.textContent.trim();
      words.replaceWith(button);
    } else {
      button.textContent = "↕";
      words.after(" ", button);
    }
  });

  function filter() {
    const wanted = new FormData(form);
    const words = wanted.get("search").toLowerCase().split(/\s+/).filter(Boolean);
    const most = Object.keys(UNITS).map((name) => [name, wanted.get(name)]).filter(([, limit]) => limit !== "");
    let shown = 0;
    for (const row of rows) {
      const facts = row.dataset;
      const fits =
        words.every((word) => facts.words.includes(word)) &&
        (wanted.get("kind") === "" || facts.track === wanted.get("kind")) &&
        most.every(([name, limit]) => facts[name] !== "" && Number(facts[name]) <= Number(limit) * UNITS[name]);
      row.hidden = !fits;
      points.get(facts.model)?.classList.toggle("out", !fits);
      shown += fits;
    }
    for (const body of table.tBodies) {
      body.hidden = !rows.some((row) => row.parentElement === body && !row.hidden);
    }
    status.textContent = `${shown} of ${rows.length} models`;
  }

  // Everything has been placed when the site was built: another picture only moves the points.
  function draw() {
    const { series, axis } = Object.fromEntries(new FormData(choice));
    const name = `${series} ${axis}`;
    const shown = frames.findIndex((frame) => frame.dataset.picture === name); // -1: there is no such picture
    frames.forEach((frame, index) => frame.toggleAttribute("hidden", index !== shown));
    for (const point of points.values()) {
      const at = JSON.parse(point.dataset.at)[shown];
      point.toggleAttribute("hidden", !at);
      if (at) move(point, ...at);
    }
    const legend = document.querySelector(".legend");
    const known = JSON.parse(legend.dataset.at)[shown] ?? [];
    for (const item of legend.children) item.hidden = !known.includes(item.dataset.kind);
    const front = document.querySelector(".front");
    front.setAttribute("d", JSON.parse(front.dataset.at)[shown] ?? "");
    const corpus = choice.series.selectedOptions[0].textContent;
    const cost = choice.querySelector("input:checked + span").textContent;
    details.textContent = shown >= 0 ? `${corpus}: UAR against ${cost}.` : `${corpus}: nothing is known of ${cost}.`;
  }

  function move(point, uar, x, y, low, high, interval, left, base, leadX, leadY) {
    const [whisker, lead, shape] = point.querySelectorAll("path");
    whisker.setAttribute("class", interval ? "interval" : "range");
    whisker.setAttribute("d", low === high ? "" : `M${x - 4} ${low}h8m-4 0V${high}m-4 0h8`);
    lead.setAttribute("d", leadX === undefined ? "" : `M${x} ${y}L${leadX} ${leadY}`);
    shape.setAttribute("transform", `translate(${x} ${y})`);
    const text = point.querySelector("text");
    text.toggleAttribute("hidden", left === undefined);
    text.querySelector("tspan").textContent = uar;
    text.setAttribute("x", left ?? 0);
    text.setAttribute("y", base ?? 0);
    const title = point.querySelector("title");
    title.textContent = title.textContent.replace(/(: UAR [\d.]+)?, /, `: UAR ${uar}, `);
  }

  const choice = document.querySelector("form.choose");
  const frames = [...document.querySelectorAll(".frame")];
  const details = document.querySelector(".details");
  for (const point of points.values()) {
    for (const kind of ["pointerenter", "focus"]) {
      point.addEventListener(kind, () => {
        details.textContent = `${point.querySelector("title").textContent}.`;
      });
    }
  }

  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  filter();
  if (choice) {
    choice.hidden = false;
    choice.addEventListener("change", draw);
    if (`${choice.series.value} ${choice.axis.value}` !== frames.find((frame) => !frame.hasAttribute("hidden")).dataset.picture) draw(); // kept by the browser
  }
}

// One dot of each row takes the focus by Tab, the others by arrow keys.
function walk(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const dots = [...event.currentTarget.querySelectorAll(".speaker")];
  const next = dots[dots.indexOf(document.activeElement) + step];
  if (!step || !next) return;
  dots.forEach((dot) => dot.setAttribute("tabindex", dot === next ? 0 : -1));
  next.focus();
  event.preventDefault();
}

if (document.querySelector("form.filter")) overview();
document.querySelectorAll("svg.named").forEach((row) => row.addEventListener("keydown", walk));
for (const button of navigator.clipboard ? document.querySelectorAll("button[data-copy]") : []) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
  });
}
