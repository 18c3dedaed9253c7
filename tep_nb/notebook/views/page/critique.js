// Why a proposal was made: the rationale, the critics criterion by criterion, what they would change, and what was said before.

/** @param {any} proposal */
function rationaleNodes(proposal) {
  return [make("h4", { text: "Why" }), make("p", { class: "tep-rationale", text: proposal.rationale || "No rationale was given." })];
}

/** @param {any} proposal @param {(about: string) => (() => void) | null} finder gives what shows a span in the text, null where it does not stand there */
function reasonNodes(proposal, finder) {
  return [...criticNodes(proposal, finder), ...sizeTable(proposal), ...listNodes(proposal.phase === "nudged" ? "Held back by the contrast" : "Held back by the editor", proposal.held_back)];
}

/** @param {any} proposal */
const earlierNodes = (proposal) => listNodes("Rejected before, because", proposal.earlier.map((/** @type {any} */ e) => `${e.reason} (${e.by})`));

/** @param {string} title @param {string[]} items */
function listNodes(title, items) {
  if (!items.length) return [];
  return [make("h4", { text: title }), make("ul", { class: "tep-list" }, ...items.map((text) => make("li", { text })))];
}

/** @param {any} proposal @param {(about: string) => (() => void) | null} finder */
function criticNodes(proposal, finder) {
  const { critiques, criteria, advice, free, free_advice: freeAdvice } = proposal;
  if (!critiques.length) return [];
  const past = proposal.scores.length > 1 && make("p", { class: "tep-soft", text: `score at each evaluation: ${proposal.scores.join(", ")}` });
  return [
    make("h4", {}, "Critique ", make("span", { class: "tep-soft", text: proposal.mean || "no score" })),
    past,
    advice.length > 0 && make("ul", { class: "tep-list" }, ...advice.map((/** @type {any} */ one) => adviceNode(one, finder))),
    criteria.length > 0 && criteriaTable(criteria, proposal.free_mean !== null),
    make("details", { class: "tep-critique" }, make("summary", { text: `${count(critiques.length, "critique")}, row by row` }), ...critiques.map(critiqueNode)),
    freeAdvice.length > 0 &&
      make("details", { class: "tep-critique" }, make("summary", { text: `What the free phase's critics said: ${proposal.free_mean || "no score"}` }), make("ul", { class: "tep-list" }, ...freeAdvice.map((/** @type {any} */ one) => adviceNode(one, finder)))),
  ].filter(Boolean);
}

/** What a critic would change, and the span that it names; one that stands in the text can be gone to, by a link: a button called as the critic writes could be taken for a verb's. @param {any} one @param {(about: string) => (() => void) | null} finder */
function adviceNode(one, finder) {
  const show = finder(one.about);
  const quoted = show
    ? make("button", { type: "button", role: "link", class: "tep-span tep-findable", title: "Show where it stands in the text", "data-about": one.about, text: one.about, onclick: show })
    : make("span", { class: "tep-span", text: one.about });
  return make("li", {}, quoted, " ", make("span", { text: one.do }), " ", make("span", { class: "tep-soft", text: one.where }));
}

/** Criterion by criterion, the lowest first. @param {any[]} criteria @param {boolean} both */
function criteriaTable(criteria, both) {
  const head = ["criterion", ...(both ? ["free", "nudged"] : ["mean"])].map((text) => make("th", { scope: "col", text }));
  const rows = criteria.map((c) => {
    const low = make("td", { class: "tep-low" }, c.low && make("span", { class: "tep-soft", text: "below 8" }));
    const cells = [both && make("td", { class: "tep-num", text: c.free || "–" }), make("td", { class: "tep-num", text: c.now }), low];
    return make("tr", {}, make("th", { scope: "row", text: c.name }), ...cells);
  });
  return make("table", { class: "tep-table tep-criteria" }, make("caption", { class: "tep-spoken", text: "Mean scores by criterion, the lowest first" }), make("thead", {}, make("tr", {}, ...head, make("td"))), make("tbody", {}, ...rows));
}

/** @param {any} c */
function critiqueNode(c) {
  const state = !c.parsed ? "the reply could not be read" : c.content ? "content" : count(c.suggestions.length, "suggestion");
  const lines = c.suggestions.map((/** @type {any} */ s) => make("li", {}, make("span", { class: "tep-span", text: s.about }), " ", make("span", { text: s.do })));
  const scores = c.scores.map((/** @type {[string, string]} */ [name, value]) => make("li", { class: Number(value) < 8 ? "tep-low" : "" }, make("span", { text: name }), " ", make("b", { text: value })));
  return make(
    "div",
    { class: "tep-critic" },
    make("div", {}, make("span", { text: `${c.agent}, row ${c.row} ` }), make("b", { text: c.score === null ? "–" : c.score }), make("span", { class: "tep-soft", text: ` ${state}${c.cut ? ", cut at the cap" : ""}` })),
    lines.length > 0 && make("ul", { class: "tep-list" }, ...lines),
    scores.length > 0 && make("ul", { class: "tep-scores" }, ...scores),
  );
}

// --- size, bound and drift

/** What is edited against what may be. @param {any} proposal */
function sizeTable(proposal) {
  return proposal.weight ? [make("h4", { text: "Size" }), weightNode(proposal.weight)] : [];
}

/** @param {any} weight */
function weightNode(weight) {
  const lines = weight.lines.map((/** @type {any} */ line) =>
    make("tr", {}, make("th", { scope: "row", text: line.name }), make("td", { class: `tep-num${line.kept ? "" : " tep-over"}`, text: `${line.value}${line.limit ? ` of ${line.limit}` : ""}${line.kept ? "" : ", too much"}` })),
  );
  return make("table", { class: "tep-table tep-size" }, make("tbody", {}, ...lines));
}
