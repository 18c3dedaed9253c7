// What was measured of a proposal: the numbers, the interval as a picture, the rows that flipped.

/** Flips from which on they can be told apart by won and lost. */
const MANY = 6;

/** @param {any} e */
const evidenceLabel = (e) => make("span", { class: `tep-label tep-label-${e.label.replace(" ", "-")}`, text: e.label });

/** @param {any} e */
function shortNumbers(e) {
  const spread = e.interval ? `, 95% ${e.interval.low} to ${e.interval.high}` : "";
  return `${e.measure} ${e.before} → ${e.after} (${e.gain}${spread}), n ${e.n}`;
}

/** @param {any} proposal @param {EvidenceBox} box */
function evidenceNodes(proposal, box) {
  const title = make("h4", { text: "Evidence" });
  if (!proposal.evidence.length) {
    const needed = proposal.phase === "nudged" ? "None yet: Approve, Take and Edit buy it first; Assess only looks." : "None yet: Assess buys the critic's score of the new text, Metric the metric on the validation rows.";
    return [title, make("p", { class: "tep-soft", text: needed })];
  }
  return [title, ...proposal.evidence.map((/** @type {any} */ e) => box.node(e))];
}

/** Evidence drawn once and kept, so that an opened table stays open when something else changes. */
class EvidenceBox {
  /** @param {Context} context */
  constructor(context) {
    this.context = context;
    /** @type {Map<string, {said: string, node: any}>} */
    this.kept = new Map();
  }

  /** Another proposal is shown. */
  clear() {
    this.kept.clear();
  }

  /** @param {any} e */
  node(e) {
    const said = JSON.stringify(e);
    const key = `${e.at}`;
    const old = this.kept.get(key);
    if (old && old.said === said) return old.node;
    const node = evidenceNode(e, this.context);
    this.kept.set(key, { said, node });
    return node;
  }
}

/** @param {any} e @param {Context} context */
function evidenceNode(e, context) {
  const of = { proposal: "", hunks: `of ${e.hunks.length === 1 ? "hunk" : "hunks"} ${e.hunks.join(", ")} only`, edit: "of an edited text" }[/** @type {"edit"} */ (e.of)];
  const notes = [of, ...e.notes].filter(Boolean);
  const tally = [`n = ${e.n}`, count(e.wins, "win"), `${e.losses} ${e.losses === 1 ? "loss" : "losses"}`, e.chance].filter(Boolean).join(", ");
  return make(
    "div",
    { class: `tep-evidence${e.fresh ? "" : " tep-stale"}` },
    make("div", { class: "tep-evidence-head" }, evidenceLabel(e), make("span", { text: `${e.measure} ` }, make("b", { text: `${e.before} → ${e.after}` })), make("span", { class: "tep-soft", text: tally })),
    make("div", { class: "tep-evidence-head" }, e.interval && intervalNode(e), make("span", { class: "tep-soft", text: differenceText(e) })),
    !e.fresh && make("div", { class: "tep-soft", text: "Stale: measured before the graph changed." }),
    notes.length > 0 && make("div", { class: "tep-soft", text: notes.join(" · ") }),
    e.of === "edit" && make("details", {}, make("summary", { text: "The edited text" }), make("div", { class: "tep-out tep-edited", text: e.text })),
    e.paid && make("div", { class: "tep-soft", text: e.paid }),
    e.flipped > 0 && flipsNode(e, context),
  );
}

/** @param {any} e */
function differenceText(e) {
  const unit = e.kind === "metric" ? " points" : "";
  return e.interval ? `difference ${e.gain} points, 95% interval ${e.interval.low} to ${e.interval.high}` : `difference ${e.gain}${unit}`;
}

/** Zero, the interval and the difference on one line; the words beside it say the same. @param {any} e */
function intervalNode(e) {
  const [width, height] = [112, 14];
  const x = (/** @type {number} */ value) => (1 + value) * (width / 2 - 3) + 3;
  const [low, gain, high] = e.interval.drawn;
  const line = (/** @type {string} */ look, /** @type {number} */ x1, /** @type {number} */ y1, /** @type {number} */ x2, /** @type {number} */ y2) => make("svg:line", { class: look, x1, y1, x2, y2 });
  const middle = height / 2;
  return make(
    "svg:svg",
    { class: "tep-interval", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": differenceText(e) },
    line("tep-interval-zero", x(0), 0, x(0), height),
    line("tep-interval-line", x(low), middle, x(high), middle),
    line("tep-interval-line", x(low), middle - 3, x(low), middle + 3),
    line("tep-interval-line", x(high), middle - 3, x(high), middle + 3),
    make("svg:circle", { class: "tep-interval-point", cx: x(gain), cy: middle, r: 3 }),
  );
}

// --- flips: asked for when they are opened

/** @param {any} e @param {Context} context */
function flipsNode(e, context) {
  const body = make("div", {});
  const words = `${count(e.flipped, "row")} flipped: ${e.wins} won, ${e.losses} lost`;
  const node = make("details", { class: "tep-flips-box" }, make("summary", { text: words }), body);
  node.addEventListener("toggle", async () => {
    if (!node.open || body.childElementCount) return;
    body.replaceChildren(make("p", { class: "tep-soft", text: "Asking for the outputs …" }));
    const reply = await context.link.look("flips", { at: e.at });
    if (reply.ok) fill(body, ...flipTable(e, reply.data.flips, context));
    else fill(body, make("p", { class: "tep-soft", text: reply.error || "The kernel does not answer." }));
  });
  return node;
}

/** @param {any} e @param {any[]} flips @param {Context} context */
function flipTable(e, flips, context) {
  const head = ["row", "value", "output before", "output after"].map((text) => make("th", { scope: "col", text }));
  const rows = flips.map((flip) => flipRows(e, flip, context));
  const table = make("table", { class: "tep-flips" }, make("thead", {}, make("tr", {}, ...head)), ...rows);
  const both = e.wins && e.losses && flips.length > MANY;
  return [both && flipFilter(flips, rows), table];
}

/** @param {any[]} flips @param {HTMLElement[]} rows */
function flipFilter(flips, rows) {
  const name = `tep-${Math.random().toString(36).slice(2)}`;
  const kinds = /** @type {[string, (flip: any) => boolean][]} */ ([["all", () => true], ["lost", (flip) => !flip.won], ["won", (flip) => flip.won]]);
  const choose = (/** @type {(flip: any) => boolean} */ holds) => rows.forEach((row, index) => (row.hidden = !holds(flips[index])));
  const boxes = kinds.map(([kind, holds]) => {
    const box = make("input", { type: "radio", name, onchange: () => choose(holds) });
    box.checked = kind === "all";
    return make("label", {}, box, ` ${kind} (${flips.filter(holds).length})`);
  });
  return make("div", { class: "tep-flip-filter", role: "radiogroup", "aria-label": "Which rows" }, ...boxes);
}

/** A flip: its value and its outputs, and below them what was asked. @param {any} e @param {any} flip @param {Context} context */
function flipRows(e, flip, context) {
  const row = make("tbody", { class: "tep-flip" });
  const draw = (/** @type {any} */ f) =>
    fill(
      row,
      make(
        "tr",
        {},
        make("th", { scope: "rowgroup", rowspan: 2, text: f.row }),
        make("td", { class: f.won ? "tep-won" : "tep-lost-row", text: `${f.won ? "won" : "lost"} ${f.before} → ${f.after}` }),
        make("td", {}, make("div", { class: "tep-out" }, ...outputNodes(f, "old")), f.cut && more),
        make("td", {}, make("div", { class: "tep-out" }, ...outputNodes(f, "new")), f.note && make("div", { class: "tep-soft", text: f.note })),
      ),
      make("tr", { class: "tep-asked" }, make("td", { colspan: 3 }, make("span", { class: "tep-soft", text: "asked " }), make("span", { text: f.asked }), make("span", { class: "tep-soft", text: " reference " }), make("b", { text: f.target }))),
    );
  const whole = async () => {
    const reply = await context.link.look("flips", { at: e.at, row: flip.row });
    if (reply.ok && reply.data.flips.length) draw(reply.data.flips[0]);
    row.querySelector("th")?.focus();
  };
  const more = make("button", { type: "button", class: "tep-link", text: "more", "aria-label": `Whole outputs of row ${flip.row}`, onclick: whole });
  draw(flip);
  return row;
}

/** One output; short ones with the words that differ marked. @param {any} flip @param {"old" | "new"} side @returns {Node[]} */
function outputNodes(flip, side) {
  if (!flip.parts.length) return [make("span", { text: flip[side] || "(nothing)" })];
  const mark = side === "old" ? "del" : "ins";
  const nodes = flip.parts.map((/** @type {any} */ part) => (part.hunk ? part[side] && make(mark, { text: part[side] }) : make("span", { text: part.text })));
  return nodes.filter(Boolean);
}
