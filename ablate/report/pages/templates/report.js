// Headings of the sortable tables become buttons. Without JavaScript the tables are as they are.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  const value = (row, i) => row.cells[i].textContent.replace("−", "-").replace("< ", "");
  const scale = { k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15 };
  const number = (text) => { const m = /^([-+]?[\d.]+)([kMGTP])?/.exec(text); return m ? m[1] * (scale[m[2]] || 1) : NaN; };
  heads.forEach((head, i) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const sign = down ? -1 : 1;
      const numeric = head.classList.contains("number");
      body.append(...[...body.rows].sort((a, b) => {
        const [x, y] = [value(a, i), value(b, i)];
        if (!numeric) return sign * x.localeCompare(y, undefined, { numeric: true });
        const [p, q] = [number(x), number(y)];
        return isNaN(p) || isNaN(q) ? isNaN(p) - isNaN(q) : sign * (p - q);  // what is not known comes last
      }));
    });
  });
}
