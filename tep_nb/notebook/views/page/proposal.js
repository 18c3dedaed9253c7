// One proposal as nodes: its verdict line, its warnings, and the text with what would change.

/**
 * What speaks against applying the text in question, in words; empty when nothing does. The text is that of the verb: without one, what
 * lies before the person, that is an edit, the hunks that are checked, or the whole proposal.
 * @param {any} proposal @param {Draft} draft @param {string} [verb]
 */
function objection(proposal, draft, verb = "") {
  const found = [];
  const { checked, text, weighed } = draft;
  const own = text === null && (verb === "Approve" || checked.size === 0 || checked.size === proposal.hunks);
  const about = (/** @type {any} */ e) => (text !== null ? e.text === text : own ? e.of === "proposal" : sameHunks(e.hunks, checked));
  const fresh = proposal.evidence.filter((/** @type {any} */ e) => e.fresh && about(e));
  const best = fresh.find((/** @type {any} */ e) => e.kind === "metric") || fresh[0];
  if (best && best.label === "worse") found.push("its evidence (worse)");
  // What is not weighed yet is not known to leak: if it does, Python refuses it, and it comes back.
  if (own ? proposal.leaks : weighed?.cautions.some((/** @type {any} */ one) => one.leak)) found.push("a leak warning");
  return found.join(" and ");
}

/** @param {number[]} hunks @param {Set<number>} checked */
const sameHunks = (hunks, checked) => hunks.length === checked.size && hunks.every((n) => checked.has(n));

/** @param {any} status */
function emptyText(status) {
  if (!status.session) return "No session yet: declare agents and data, then %tep start FILE.";
  if (status.running) return "Working: proposals appear here when the step is through.";
  const news = status.news ? `${status.news} ` : "";
  if (status.phase === "done") return `${news || "All phases are done. "}%tep evaluate test measures on the test split; a mark of the history leads back.`;
  return `${news}Nothing waits for a decision. Step makes the next proposals.`;
}

// --- the verdict line: what a practised reviewer reads first

/** Of the evidence the first that is of the proposal's own text: what was measured of an edit, or of some hunks, is none of it. @param {any} proposal */
const ownEvidence = (proposal) => proposal.evidence.find((/** @type {any} */ e) => e.of === "proposal");

/** @param {any} proposal */
function verdictNodes(proposal) {
  const agents = proposal.agents.join(", ");
  const best = ownEvidence(proposal);
  return [
    make("strong", { class: "tep-name", text: proposal.prompt }),
    agents !== proposal.prompt && make("span", { class: "tep-soft", text: `used by ${agents}` }),
    make("span", { class: "tep-chip", text: `${proposal.phase}, step ${proposal.step}${proposal.beta ? `, β ${proposal.beta}` : ""}` }),
    make("span", { class: "tep-chip", text: proposal.by === "editor" ? "by the editor" : `by ${proposal.by}` }),
    ...sizeNodes(proposal),
    proposal.warnings.length > 0 && make("span", { class: "tep-chip tep-warn", text: count(proposal.warnings.length, "warning") }),
    make("span", { class: `tep-chip tep-said-${best ? best.label.replace(" ", "-") : "none"}`, text: best ? `${best.label}${best.fresh ? "" : ", stale"}` : "no evidence" }),
    best && make("span", { class: "tep-soft", text: shortNumbers(best) }),
  ];
}

/** @param {any} proposal */
function sizeNodes(proposal) {
  const { size, hunks, weight } = proposal;
  const grown = signed(size.new - size.old);
  const limit = weight ? weight.most : 0;
  const edited = limit ? `${size.edited} of ${limit} tokens` : count(size.edited, "token");
  const words = `${count(hunks, "hunk")} · ${edited} edited · ${size.old} → ${size.new}${grown ? ` (${grown})` : ""}`;
  return [limit > 0 && boundBar(size.edited, limit), make("span", { class: "tep-soft", text: words })];
}

/** @param {number} n */
const signed = (n) => (n ? `${n > 0 ? "+" : "−"}${Math.abs(n)}` : "");

/** How much of what may be edited is. @param {number} edited @param {number} limit */
function boundBar(edited, limit) {
  const over = edited > limit;
  const bar = make("span", { class: `tep-bound${over ? " tep-over" : ""}`, role: "img", "aria-label": `${edited} of the ${limit} tokens that one step may edit${over ? ", more than allowed" : ""}` }, make("span", {}));
  bar.firstChild.style.width = `${Math.min(100, (100 * edited) / limit)}%`;
  return bar;
}

/** @param {any} proposal @param {number} at @param {number} total */
function spokenSummary(proposal, at, total) {
  const best = ownEvidence(proposal);
  const evidence = best ? `evidence ${best.label}, ${best.measure} ${best.before} to ${best.after}${best.fresh ? "" : ", stale"}` : "no evidence yet";
  const warned = proposal.warnings.length ? `, ${count(proposal.warnings.length, "warning")}: ${proposal.warnings.map((/** @type {any} */ w) => w.kind).join(", ")}` : "";
  return `Proposal ${at + 1} of ${total}, ${proposal.prompt}, ${count(proposal.hunks, "hunk")}, ${evidence}${warned}`;
}

/** @param {any} warning */
function warningLine(warning) {
  const kind = make("strong", { text: `${warning.kind[0].toUpperCase()}${warning.kind.slice(1)} ` });
  return make("div", { class: `tep-warning${warning.leak ? " tep-leak" : ""}` }, spoken("Warning: "), kind, make("span", { text: warning.said }));
}

// --- the text

/** @param {any} proposal @param {Draft} draft @param {() => void} ontick */
function diffNodes(proposal, draft, ontick) {
  const parts = proposal.segments;
  return parts.flatMap((/** @type {any} */ part, /** @type {number} */ index) => {
    if (part.hunk) return [changeNode(part, proposal.hunks, draft, ontick)];
    return draft.whole ? [make("span", { text: part.text })] : keptNodes(part.text, index === 0, index === parts.length - 1);
  });
}

/** @param {any} part @param {number} total @param {Draft} draft @param {() => void} ontick */
function changeNode(part, total, draft, ontick) {
  const { hunk } = part;
  const node = make("span", { class: "tep-change", "data-change": hunk });
  const off = () => node.classList.toggle("tep-left", !draft.checked.has(hunk));
  if (part.first) node.append(hunkBox(part, total, draft, ontick));
  else node.append(make("span", { class: "tep-hunk-mark", title: `goes with hunk ${hunk}`, text: `↳${hunk}` }));
  if (part.old) node.append(make("del", {}, spoken(" removed: "), ...changedNodes(part.old), spoken(" end removed ")));
  if (part.new) node.append(make("ins", {}, spoken(" added: "), ...changedNodes(part.new), spoken(" end added ")));
  off();
  node.addEventListener("tep-tick", off);
  return node;
}

/** @param {any} part @param {number} total @param {Draft} draft @param {() => void} ontick */
function hunkBox(part, total, draft, ontick) {
  const { hunk } = part;
  const words = [part.old && `removed “${short(part.old)}”`, part.new && `added “${short(part.new)}”`].filter(Boolean).join(", ");
  const box = make("input", { type: "checkbox", "aria-label": `Hunk ${hunk} of ${total}`, "aria-description": words, "data-hunk": hunk });
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
