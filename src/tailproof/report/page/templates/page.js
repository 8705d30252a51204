"use strict";
// Sort a table by the column whose name is pressed; a second press turns the order round. Rows without a value stay last.
for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const head = button.parentElement, table = head.closest("table"), body = table.tBodies[0];
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const value = row => {
      const cell = row.cells[head.cellIndex];
      return cell.dataset.order === undefined ? cell.textContent : Number(cell.dataset.order);
    };
    const order = (a, b) => typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true });
    const rows = [...body.rows], known = rows.filter(row => !Number.isNaN(value(row)));
    known.sort((a, b) => order(value(a), value(b)));
    body.append(...(down ? known.reverse() : known), ...rows.filter(row => Number.isNaN(value(row))));
  });
}

// On paper everything is open.
addEventListener("beforeprint", () => { for (const each of document.querySelectorAll("details")) each.open = true; });

// Say the values under the pointer: of the mark it touches, or of every line at that place.
const axis = text => {
  const [start, stop, low, high, scale, step] = text.split(" ");
  return { start: +start, stop: +stop, low: +low, high: +high, scale, step: +step };
};
const valueAt = (a, place) => a.low + (place - a.start) / (a.stop - a.start) * (a.high - a.low);
const written = (a, value) => {
  if (a.scale === "time") return new Date(value / 1e6).toISOString().slice(0, 16).replace("T", " ");
  const share = a.scale.includes("percent") ? 100 : 1;
  const decimals = Math.min(12, Math.max(0, Math.ceil(-Math.log10(a.step * share) - 1e-9)));
  const shown = (value * share).toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return shown.replace("-", "−") + (share === 100 ? " %" : "");
};
for (const svg of document.querySelectorAll("svg[data-figure]")) {
  const output = svg.parentElement.querySelector("output");
  const x = axis(svg.dataset.x), y = axis(svg.dataset.y);
  const lines = [...svg.querySelectorAll("polyline")].filter(line => !line.classList.contains("thin")).map(line => ({
    name: line.dataset.name, points: line.getAttribute("points").split(" ").map(pair => pair.split(",").map(Number)),
  }));
  const cursor = document.createElementNS("http://www.w3.org/2000/svg", "line");
  cursor.setAttribute("class", "cursor");
  svg.addEventListener("pointermove", event => {
    const title = event.target.closest("g, rect, line, text")?.querySelector(":scope > title");
    if (title) { output.textContent = title.textContent; return; }
    if (!lines.length) return;
    const box = svg.getBoundingClientRect(), place = (event.clientX - box.left) * svg.viewBox.baseVal.width / box.width;
    const near = points => points.reduce((a, b) => Math.abs(b[0] - place) < Math.abs(a[0] - place) ? b : a);
    const found = lines.map(line => ({ name: line.name, at: near(line.points) }));
    const at = found[0].at[0];
    for (const [key, value] of [["x1", at], ["x2", at], ["y1", y.start], ["y2", y.stop]]) cursor.setAttribute(key, value);
    svg.append(cursor);
    output.textContent = written(x, valueAt(x, at)) + ": " +
      found.map(each => `${each.name} ${written(y, valueAt(y, each.at[1]))}`).join(", ");
  });
  svg.addEventListener("pointerleave", () => { cursor.remove(); output.textContent = ""; });
}
