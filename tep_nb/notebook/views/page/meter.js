// The meter: what was paid for, by purpose, what is left, what the next step can take, and how the edits and the reviewers fared.

/** Prompts up to which their figures are open at first. */
const FEW = 12;

/** @param {Context} context */
function meterView(context) {
  const spent = make("div", { class: "tep-meter-part" });
  const rates = make("div", { class: "tep-meter-part" });
  const prompts = make("div", { class: "tep-meter-part" });
  const people = make("div", { class: "tep-meter-part" });
  context.root.append(make("section", { class: "tep-meter", "aria-label": "Meter" }, make("h3", { text: "Meter" }), spent, rates, people, prompts));
  follow(context, ["meter"], () => {
    const data = context.store.get("meter");
    fill(spent, ...(data?.rows ? [nextNode(data.next), ...data.budget.map(budgetNode), spentTable(data)] : []));
  });
  follow(context, ["measures"], () => {
    const data = context.store.get("measures");
    fill(rates, rateNodes(data?.rates));
    fill(people, peopleTable(data?.people));
  });
  follow(context, ["feedback"], () => fill(prompts, promptTable(context.store.get("feedback"), prompts.querySelector("details")?.open)));
  return {};
}

/** The next step's likely and most calls. @param {any} next */
function nextNode(next) {
  if (!next) return null;
  return make("div", { class: "tep-next" }, make("span", { class: "tep-soft", text: "Next step: " }), make("b", { text: `about ${next.likely} calls` }), make("span", { class: "tep-soft", text: `, ${next.most} at most with its evidence; ${next.rest}` }), next.beyond && make("b", { class: "tep-over", text: " That is more than is left of the budget: %tep budget raises it." }));
}

/** @param {any} one */
function budgetNode(one) {
  const bar = make("progress", { max: 1, value: one.share, "aria-label": `${one.name} used of the budget` });
  return make("div", { class: "tep-budget" }, make("span", { text: one.name }), bar, make("span", { class: "tep-soft", text: `${one.used} of ${one.cap}, ${one.left} left` }));
}

/** A table whose first column names the row and whose others are figures. @param {string} caption @param {[string, string][]} head name and what it means @param {any[][]} rows */
function figures(caption, head, rows) {
  const cells = head.map(([text, title], index) => make("th", { scope: "col", class: index ? "tep-num" : "", title: title || null, text }));
  const body = rows.map(([first, ...rest]) => make("tr", {}, make("th", { scope: "row", text: first }), ...rest.map((text) => make("td", { class: "tep-num", text }))));
  return make("table", { class: "tep-table" }, caption && make("caption", { text: caption }), make("thead", {}, make("tr", {}, ...cells)), make("tbody", {}, ...body));
}

/** @param {any} data */
function spentTable({ rows, total, priced }) {
  if (!rows.length) return make("p", { class: "tep-soft", text: "Nothing was paid yet." });
  const line = (/** @type {any} */ one) => [one.purpose, one.calls, one.tokens, ...(priced ? [one.cost] : []), one.seconds];
  /** @type {[string, string][]} */
  const head = [["purpose", ""], ["calls", "paid attempts"], ["tokens", "of prompts and answers"], ...(priced ? [/** @type {[string, string]} */ (["cost", "in the currency of the prices"])] : []), ["waiting", "for the model, summed over calls"]];
  const table = figures("Paid", head, [...rows, total].map(line));
  table.querySelector("tbody").lastChild.classList.add("tep-total");
  return table;
}

/** @param {any[] | undefined} rates */
function rateNodes(rates) {
  if (!rates?.length) return null;
  return make("ul", { class: "tep-rates" }, ...rates.map((rate) => make("li", {}, make("span", { text: rate.name }), " ", make("b", { text: rate.value }), " ", make("span", { class: "tep-soft", text: rate.of }))));
}

/** @param {any[] | undefined} prompts @param {boolean | undefined} open */
function promptTable(prompts, open) {
  if (!prompts?.some((one) => one.feedback !== "–")) return null;
  const means = "B(g): words and marks of a critique's suggestions, the mean and the largest. S(g), by our definition: the share of suggestions that name a span, field or rule and state an action. Drift: tokens edited since the nudged phase began.";
  const table = figures("", [["prompt", ""], ["B(g)", "mean"], ["most", "the largest B(g)"], ["S(g)", "0 to 1"], ["drift", "tokens"]], prompts.map((one) => [one.prompt, one.feedback, one.most, one.specific, one.drift]));
  return make("details", { class: "tep-feedback", open: open ?? prompts.length <= FEW }, make("summary", { text: "Feedback by prompt" }), make("div", { class: "tep-scroll", tabindex: "0", role: "region", "aria-label": "Feedback by prompt" }, table), make("p", { class: "tep-soft", text: means }));
}

/** @param {any[] | undefined} people */
function peopleTable(people) {
  if (!people?.length) return null;
  return figures("Decisions by author", [["author", ""], ["decided", ""], ["accepted", "changed a prompt"], ["median", "seconds that a proposal was before the author"]], people.map((one) => [`${one.by}${one.auto ? " (a policy)" : ""}`, one.decided, one.accepted, one.median]));
}
