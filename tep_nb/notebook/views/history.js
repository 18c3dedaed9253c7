// The history: what was decided, what it scored, what the metric said. First version: one table.

/** @param {Context} context */
function historyView(context) {
  const box = make("div", { class: "tep-scroll", tabindex: "0", role: "region", "aria-label": "History of decisions" });
  context.root.append(make("section", { class: "tep-history", "aria-label": "History" }, make("h3", { text: "History" }), box));
  follow(context, ["history"], () => {
    const { rows = [], more = 0 } = context.store.get("history") || {};
    if (!rows.length) return fill(box, make("p", { class: "tep-empty", text: "Nothing has happened yet." }));
    const head = ["step", "what", "score", "by", "why"].map((text) => make("th", { scope: "col", class: text === "score" ? "tep-num" : "", text }));
    const table = make("table", { class: "tep-table" }, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows.map(historyRow)));
    return fill(box, table, more > 0 && make("p", { class: "tep-soft", text: `${more} earlier rows are in the journal.` }));
  });
  return {};
}

/** @param {any} row */
function historyRow(row) {
  return make(
    "tr",
    { class: `tep-row-${row.kind}` },
    make("th", { scope: "row", text: row.step }),
    make("td", {}, make("span", { text: row.what }), row.prompt && " ", row.prompt && make("strong", { text: row.prompt })),
    make("td", { class: "tep-num", text: row.score }),
    make("td", { class: "tep-by", title: row.by || null, text: row.by }),
    make("td", { class: "tep-because", text: row.why }),
  );
}
