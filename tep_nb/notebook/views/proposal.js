// One proposal as nodes: the diff with its boxes, the warnings, why it was made and what it does.

/** What speaks against applying the text in question, in words; empty when nothing does. @param {any} proposal @param {Draft} draft @param {string} [verb] */
function objection(proposal, draft, verb = "") {
  const found = [];
  const whole = draft.text === null && verb !== "Take";
  const about = (/** @type {any} */ e) =>
    draft.text !== null ? e.text === draft.text : e.of === "proposal" || (!whole && sameHunks(e.hunks, draft.checked));
  const fresh = proposal.evidence.filter((/** @type {any} */ e) => e.fresh && about(e));
  const best = fresh.find((/** @type {any} */ e) => e.kind === "metric") || fresh[0];
  if (best && best.label === "worse") found.push("its evidence (worse)");
  if (proposal.leaks) found.push("a leak warning");
  return found.join(" and ");
}

/** @param {number[]} hunks @param {Set<number>} checked */
const sameHunks = (hunks, checked) => hunks.length === checked.size && hunks.every((n) => checked.has(n));

/** @param {any} status */
function emptyText(status) {
  if (!status.session) return "No session yet: declare agents and data, then %tep start FILE.";
  if (status.running) return "Working: proposals appear here when the step is through.";
  if (status.phase === "done") return "All phases are done: evaluate on the test split, or rewind.";
  return "Nothing waits for a decision. Step makes the next proposals.";
}

/** @param {any} warning */
function warningLine(warning) {
  return make("div", { class: `tep-warning${warning.leak ? " tep-leak" : ""}` }, make("strong", { text: "Warning " }), make("span", { text: warning.text }));
}

/** @param {any} proposal @param {number} at @param {number} total */
function spokenSummary(proposal, at, total) {
  const best = proposal.evidence[0];
  const evidence = best ? `evidence ${best.label}` : "no evidence yet";
  return `Proposal ${at + 1} of ${total}, ${proposal.prompt}, ${count(proposal.hunks, "hunk")}, ${evidence}${proposal.warnings.length ? `, ${count(proposal.warnings.length, "warning")}` : ""}`;
}

/** @param {any} proposal @param {Draft} draft @param {() => void} ontick */
function diffNodes(proposal, draft, ontick) {
  return proposal.segments.map((/** @type {any} */ part) =>
    part.hunk ? changeNode(part, proposal.hunks, draft, ontick) : make("span", { text: part.text }),
  );
}

/** @param {any} part @param {number} total @param {Draft} draft @param {() => void} ontick */
function changeNode(part, total, draft, ontick) {
  const { hunk } = part;
  const node = make("span", { class: "tep-change", "data-change": hunk });
  const off = () => node.classList.toggle("tep-left", !draft.checked.has(hunk));
  if (part.first) node.append(hunkBox(part, total, draft, ontick));
  else node.append(make("span", { class: "tep-hunk-mark", title: `goes with hunk ${hunk}`, text: `↳${hunk}` }));
  if (part.old) node.append(make("del", {}, spoken(" removed: "), make("span", { text: part.old }), spoken(" end removed ")));
  if (part.new) node.append(make("ins", {}, spoken(" added: "), make("span", { text: part.new }), spoken(" end added ")));
  off();
  node.addEventListener("tep-tick", off);
  return node;
}

/** @param {any} part @param {number} total @param {Draft} draft @param {() => void} ontick */
function hunkBox(part, total, draft, ontick) {
  const { hunk } = part;
  const words = [part.old && `removed “${short(part.old)}”`, part.new && `added “${short(part.new)}”`].filter(Boolean).join(", ");
  const box = make("input", { type: "checkbox", "aria-label": `Hunk ${hunk} of ${total}: ${words}`, "data-hunk": hunk });
  box.checked = draft.checked.has(hunk);
  box.addEventListener("change", () => {
    if (box.checked) draft.checked.add(hunk);
    else draft.checked.delete(hunk);
    for (const node of box.closest(".tep-text").querySelectorAll(`[data-change="${hunk}"]`)) node.dispatchEvent(new Event("tep-tick"));
    ontick();
  });
  return make("label", { class: "tep-hunk" }, box, make("span", { "aria-hidden": "true", text: hunk }));
}

/** @param {string} text */
const short = (text) => (text.trim().length > 60 ? `${text.trim().slice(0, 57)}…` : text.trim());

// --- why, and what it does

/** @param {any} proposal */
function whyNodes(proposal) {
  return [
    make("h4", { text: "Why" }),
    make("p", { class: "tep-rationale", text: proposal.rationale || "No rationale was given." }),
    ...evidenceNodes(proposal),
    ...critiqueNodes("Critique", proposal.critiques, proposal.mean),
    ...critiqueNodes("Critique of the free phase", proposal.free, proposal.free_mean),
    ...listNodes("Held back by the contrast", proposal.held_back),
    ...listNodes("Rejected before, because", proposal.earlier.map((/** @type {any} */ e) => `${e.reason} (${e.by})`)),
  ];
}

/** @param {string} title @param {string[]} items */
function listNodes(title, items) {
  if (!items.length) return [];
  return [make("h4", { text: title }), make("ul", { class: "tep-list" }, ...items.map((text) => make("li", { text })))];
}

/** @param {any} proposal */
function evidenceNodes(proposal) {
  const title = make("h4", { text: "Evidence" });
  if (!proposal.evidence.length) {
    const needed = proposal.phase === "nudged" ? "None yet: Approve, Take and Edit buy it first; Assess only looks." : "None yet: Assess buys the critic's score of the new text.";
    return [title, make("p", { class: "tep-soft", text: needed })];
  }
  return [title, ...proposal.evidence.map(evidenceNode)];
}

/** @param {any} e */
function evidenceNode(e) {
  const of = { proposal: "", hunks: `of ${e.hunks.length === 1 ? "hunk" : "hunks"} ${e.hunks.join(", ")} only`, edit: "of an edited text" }[/** @type {"edit"} */ (e.of)];
  const notes = [of, e.chance, ...e.notes].filter(Boolean);
  return make(
    "div",
    { class: `tep-evidence${e.fresh ? "" : " tep-stale"}` },
    make(
      "div",
      { class: "tep-evidence-head" },
      make("span", { class: `tep-label tep-label-${e.label.replace(" ", "-")}`, text: e.label }),
      make("span", { text: `${e.measure} ` }, make("b", { text: `${e.before} → ${e.after}` })),
      make("span", { class: "tep-soft", text: `n = ${e.n}, ${count(e.wins, "win")}, ${e.losses} ${e.losses === 1 ? "loss" : "losses"}` }),
    ),
    !e.fresh && make("div", { class: "tep-soft", text: "Stale: measured before the graph changed." }),
    notes.length > 0 && make("div", { class: "tep-soft", text: notes.join(" · ") }),
    e.flips.length > 0 && flipsNode(e),
  );
}

/** @param {any} e */
function flipsNode(e) {
  const row = (/** @type {any} */ f) =>
    make(
      "tr",
      {},
      make("th", { scope: "row", text: f.row }),
      make("td", { class: f.won ? "tep-won" : "tep-lost-row", text: `${f.won ? "won" : "lost"} ${f.before} → ${f.after}` }),
      make("td", {}, make("div", { class: "tep-out", text: f.old })),
      make("td", {}, make("div", { class: "tep-out", text: f.new }), f.note && make("div", { class: "tep-soft", text: f.note })),
    );
  const head = ["row", "value", "output before", "output after"].map((text) => make("th", { scope: "col", text }));
  const table = make("table", { class: "tep-flips" }, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...e.flips.map(row)));
  return make(
    "details",
    {},
    make("summary", { text: `${count(e.flips.length + e.more, "row")} flipped` }),
    table,
    e.more > 0 && make("div", { class: "tep-soft", text: `and ${e.more} more, in the journal` }),
  );
}

/** @param {string} title @param {any[]} critiques @param {string | null} mean */
function critiqueNodes(title, critiques, mean) {
  if (!critiques.length) return [];
  return [make("h4", {}, title, " ", make("span", { class: "tep-soft", text: mean || "no score" })), ...critiques.map(critiqueNode)];
}

/** @param {any} c */
function critiqueNode(c) {
  const state = !c.parsed ? "the reply could not be read" : c.content ? "content" : count(c.suggestions.length, "suggestion");
  const scores = c.scores.map((/** @type {[string, string]} */ [name, value]) =>
    make("li", { class: Number(value) < 8 ? "tep-low" : "" }, make("span", { text: name }), " ", make("b", { text: value })),
  );
  const lines = c.suggestions.map((/** @type {any} */ s) => make("li", {}, make("span", { class: "tep-span", text: s.about }), " ", make("span", { text: s.do })));
  return make(
    "details",
    { class: "tep-critique", open: c.suggestions.length > 0 },
    make("summary", {}, make("span", { text: `${c.agent}, row ${c.row}` }), " ", make("b", { text: c.score === null ? "–" : c.score }), " ", make("span", { class: "tep-soft", text: `${state}${c.cut ? ", cut at the cap" : ""}` })),
    lines.length > 0 && make("ul", { class: "tep-list" }, ...lines),
    scores.length > 0 && make("ul", { class: "tep-scores" }, ...scores),
  );
}
