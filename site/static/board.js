// The overview: sort by any column, filter by name, kind and budget, choose the chart's corpus.
// Without this script the page shows everything, in the order of the overall score.
"use strict";

const UNITS = { operations: 1e6, bytes: 1e3, ms: 1 }; // in which the form asks for a limit

const table = document.querySelector("table.board");
const rows = [...table.querySelectorAll("tbody tr[data-model]")];
const points = new Map([...document.querySelectorAll(".point")].map((point) => [point.dataset.model, point]));
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

table.querySelectorAll("thead th").forEach((header, column) => {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "↕";
  button.setAttribute("aria-label", `Sort by ${header.firstChild.textContent.trim() || header.textContent.trim()}`);
  button.addEventListener("click", () => sortBy(column, header));
  header.append(" ", button);
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

function choose(series) {
  const chart = document.querySelector(".chart");
  const front = chart.querySelector(".front");
  front.setAttribute("d", JSON.parse(front.dataset.at)[series]);
  chart.querySelectorAll(".name").forEach((name) => name.remove()); // of the models on the first front
  chart.querySelector(".series").textContent = select.selectedOptions[0].textContent;
  for (const point of points.values()) {
    const at = JSON.parse(point.dataset.at)[series];
    point.toggleAttribute("hidden", !at);
    if (!at) continue;
    const [uar, y, low, high, interval] = at;
    const whisker = point.querySelector("path");
    whisker.setAttribute("d", `M${point.dataset.x} ${low}V${high}`);
    whisker.setAttribute("class", interval ? "interval" : "range");
    const circle = point.querySelector("circle");
    circle.setAttribute("cx", point.dataset.x);
    circle.setAttribute("cy", y);
    const title = point.querySelector("title");
    title.textContent = title.textContent.replace(/(: UAR [\d.]+)?, /, `: UAR ${uar}, `);
  }
}

const select = document.querySelector("select[name=series]");
const details = document.querySelector(".details");
for (const point of points.values()) {
  for (const kind of ["pointerenter", "focus"]) {
    point.addEventListener(kind, () => {
      details.textContent = point.querySelector("title").textContent;
    });
  }
}

form.hidden = false;
form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(filter));
filter();
if (select) {
  select.closest("p").hidden = false;
  select.addEventListener("change", () => choose(select.value));
}
