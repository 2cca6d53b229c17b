"use strict";
// Filter and sort of long tables. Without this script the page loses nothing else.
{
  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
  const number = (cell) => Number(cell.textContent.replace(/\D/g, ""));
  const order = new Intl.Collator("en", { numeric: true });

  const listed = (table) => {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    if (rows.length < 12) return;
    const region = table.parentElement;
    const texts = rows.map((row) => row.textContent.toLowerCase());

    const tools = make("div", { className: "tools" });
    const label = make("label", { textContent: "Filter " });
    const input = make("input", { type: "search", autocomplete: "off" });
    const told = make("span", { className: "told" });
    told.setAttribute("role", "status");
    label.append(input);
    tools.append(label, told);
    region.before(tools);
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row, place) => {
        row.hidden = !words.every((word) => texts[place].includes(word));
        if (!row.hidden) shown += 1;
      });
      told.textContent = words.length ? `${shown} of ${rows.length} rows` : "";
    });

    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      if (head.textContent.startsWith("Share")) return;
      const numeric = head.classList.contains("num");
      const button = make("button", { type: "button" });
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const first = numeric ? "descending" : "ascending";
        const second = numeric ? "ascending" : "descending";
        const before = head.getAttribute("aria-sort");
        const next = before === first ? second : before === second ? null : first;
        heads.forEach((each) => each.removeAttribute("aria-sort"));
        if (next) head.setAttribute("aria-sort", next);
        const sign = next === "descending" ? -1 : 1;
        const compare = (one, other) => {
          const [a, b] = [one.cells[column], other.cells[column]];
          const result = numeric ? number(a) - number(b) : order.compare(a.textContent, b.textContent);
          return sign * result;
        };
        body.append(...(next ? [...rows].sort(compare) : rows));
      });
    });
  };
  document.querySelectorAll("table[data-listed]").forEach(listed);

  // Browsers that can't open them by style sheet print the data behind charts too.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    closed.forEach((each) => (each.open = true));
  });
  addEventListener("afterprint", () => closed.forEach((each) => (each.open = false)));
}
