// The meter: what was paid for, by purpose, and what is left.

/** @param {Context} context */
function meterView(context) {
  const box = make("div", { class: "tep-meter-body" });
  context.root.append(make("section", { class: "tep-meter", "aria-label": "Meter" }, make("h3", { text: "Meter" }), box));
  follow(context, ["meter"], () => {
    const { rows = [], totals = [], budget = [] } = context.store.get("meter") || {};
    const head = ["purpose", "calls", "tokens"].map((text, index) => make("th", { scope: "col", class: index ? "tep-num" : "", text }));
    const body = rows.map((/** @type {any} */ row) => make("tr", {}, make("th", { scope: "row", text: row.purpose }), make("td", { class: "tep-num", text: row.calls }), make("td", { class: "tep-num", text: row.tokens })));
    const table = rows.length > 0 && make("table", { class: "tep-table" }, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...body));
    const facts = totals.map((/** @type {any} */ t) => make("div", { class: "tep-fact" }, make("b", { text: t.value }), " ", make("span", { class: "tep-soft", text: t.name })));
    fill(box, make("div", { class: "tep-facts" }, ...facts), ...budget.map(budgetNode), table);
  });
  return {};
}

/** @param {any} one */
function budgetNode(one) {
  const bar = make("progress", { max: 1, value: one.share, "aria-label": `${one.name} used of the budget` });
  return make("div", { class: "tep-budget" }, make("span", { text: one.name }), bar, make("span", { class: "tep-soft", text: `${one.used} of ${one.cap}` }));
}
