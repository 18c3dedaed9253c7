// One card of the graph: an agent or a tool, and the lines between cards.

/** `least`: the lowest score that has its place in the sparkline, unless a lower one was given. */
const SPARK = { width: 84, height: 24, line: 8, least: 4, most: 10, slots: 12 };

/** Pixels of a card above which its content stands in its middle and not along its whole height. */
const TALL = 150;

/** Letters of a name beside a state; a longer one has two lines, and the role one. */
const ONE_LINE = 15;

/** Set an attribute, and leave alone what is so already. @param {Element} node @param {string} name @param {string} value */
function assign(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** Show or hide, likewise. @param {HTMLElement} node @param {boolean} yes */
function showIf(node, yes) {
  if (node.hidden === yes) node.hidden = !yes;
}

/** The lasting part of a card: what is focused, selected or hovered stays while its content is drawn anew. @param {string} name */
function cardFrame(name) {
  return make("div", { role: "option", "aria-selected": "false", tabindex: "-1", "data-node": name });
}

/**
 * Draw a card's content.
 * @param {HTMLElement} frame @param {any} card @param {any} [flow] what of the example the node read and wrote
 */
function dressCard(frame, card, flow) {
  const tool = card.kind === "tool";
  const has = (/** @type {string} */ name) => frame.classList.contains(name);
  const kept = ["tep-running", "tep-found", "tep-at", "tep-tall"].filter(has);
  const kinds = [`tep-card tep-card-${card.kind}`, card.guard && "tep-guarded", card.state && `tep-is-${card.state}`, card.name.length > ONE_LINE && "tep-long-name", flow && `tep-flow-${flow.state}`];
  frame.className = [...kinds, ...kept].filter(Boolean).join(" ");
  const state = card.state && make("span", { class: `tep-state tep-state-${card.state}`, title: card.rule || null, text: card.state });
  const mark = flow && make("span", { class: `tep-state tep-mark-${flow.state}`, title: flow.note || null, text: flow.state });
  const title = make("div", { class: "tep-card-top" }, tool && make("span", { class: "tep-glyph", "aria-hidden": "true", text: "ƒ" }), make("span", { class: "tep-card-name", title: card.name }, ...brokenName(card.name)), mark || state);
  const guard = card.guard && make("div", { class: "tep-guard", title: card.guard, text: `when ${card.guard}` });
  const inner = flow ? flowLines(flow) : [make("div", { class: "tep-role", title: card.role || null, text: card.role }), guard, scoreLine(card), factsLine(card)];
  fill(frame, title, ...inner, spoken(card.spoken));
}

/** A name that may go on in the next line behind an underscore. @param {string} name */
function brokenName(name) {
  return name.split(/(?<=_)/).flatMap((part, index) => (index ? [make("wbr"), revealed(part)] : [revealed(part)]));
}

/** The last scores and the newest one; the words for it are among what is spoken. @param {any} card */
function scoreLine(card) {
  if (card.kind === "tool" || !card.phase) return null;
  // The last score may be of an earlier phase than the one that the session is in; then the facts below name that.
  const of = scorePhase(card);
  const phase = make("span", { class: `tep-phase-${of}`, text: of });
  if (card.score === null) return make("div", { class: "tep-score-row tep-soft" }, "no score yet", phase);
  const score = make("span", { class: "tep-score", title: "critic's score, mean over criteria and rows" }, phase, " ", make("b", { text: card.score }), " / 10");
  return make("div", { class: "tep-score-row" }, sparkline(card.scores), score);
}

/** The phase whose critics gave the newest score. @param {any} card */
const scorePhase = (card) => (card.scores.length ? card.scores[card.scores.length - 1][1] : card.phase);

/** @param {any} card */
function factsLine(card) {
  if (card.kind === "tool") return make("div", { class: "tep-facts" }, make("span", { class: "tep-soft tep-options", title: card.options || null, text: card.options || "tool" }));
  const grown = card.grown ? ` ${card.grown > 0 ? "+" : "−"}${Math.abs(card.grown)}` : "";
  return make(
    "div",
    { class: "tep-facts" },
    make("span", { class: "tep-soft", title: `words and punctuation marks of the prompt${card.grown ? "; then, how many more or fewer than at the start" : ""}`, text: `${card.tokens} tok${grown}` }),
    scorePhase(card) !== card.phase && make("span", { class: `tep-phase-${card.phase}`, text: card.phase }),
    card.pending > 0 && make("span", { class: "tep-badge", text: `${card.pending} pending` }),
  );
}

/**
 * Scores from old to new under the 8.0 line. Nudged scores are on a scale of their own: they are drawn apart, as squares.
 * @param {[number, string][]} scores
 */
function sparkline(scores) {
  const step = (SPARK.width - 8) / (SPARK.slots - 1);
  const at = (/** @type {number} */ index) => 4 + index * step;
  const least = Math.min(SPARK.least, ...scores.map(([score]) => Math.floor(score)));
  const high = (/** @type {number} */ score) => SPARK.height - 1 - ((score - least) / (SPARK.most - least)) * (SPARK.height - 2);
  const runs = /** @type {{phase: string, points: [number, number][]}[]} */ ([]);
  for (const [index, [score, phase]] of scores.entries()) {
    if (runs[runs.length - 1]?.phase !== phase) runs.push({ phase, points: [] });
    runs[runs.length - 1].points.push([at(index), high(score)]);
  }
  const drawn = runs.flatMap(({ phase, points }, index) => {
    const last = points[points.length - 1];
    const line = make("svg:polyline", { class: `tep-spark-line tep-spark-${phase}`, points: points.map((point) => point.map((n) => n.toFixed(1)).join(",")).join(" ") });
    const dot = phase === "nudged" ? make("svg:rect", { x: last[0] - 2, y: last[1] - 2, width: 4, height: 4 }) : make("svg:circle", { cx: last[0], cy: last[1], r: 2 });
    dot.setAttribute("class", `tep-spark-dot tep-spark-${phase}`);
    const border = index > 0 && make("svg:line", { class: "tep-spark-border", x1: points[0][0] - step / 2, x2: points[0][0] - step / 2, y1: 0, y2: SPARK.height });
    return [border, line, dot];
  });
  const line = make("svg:line", { class: "tep-spark-eight", x1: 0, x2: SPARK.width, y1: high(SPARK.line), y2: high(SPARK.line) });
  const title = make("svg:title", { text: `Scores of the last ${count(scores.length, "step")}; the line is ${SPARK.line.toFixed(1)}` });
  return make("svg:svg", { class: "tep-spark", "aria-hidden": "true", width: SPARK.width, height: SPARK.height, viewBox: `0 0 ${SPARK.width} ${SPARK.height}` }, title, line, ...drawn);
}

/** @param {any} edge @param {string} id */
function edgeNode(edge, id) {
  return make("svg:path", { class: `tep-edge${edge.guard ? " tep-edge-guard" : ""}`, d: edge.path, "data-ends": `${edge.source} ${edge.target}`, "marker-end": `url(#${id}-arrow)` });
}

/** @param {any} edge */
function labelNode(edge) {
  return make("div", { class: "tep-edge-label", "aria-hidden": "true", style: `left:${edge.lx}px;top:${edge.ly}px;max-width:${edge.lw}px`, title: edge.fields, text: edge.label });
}

/** @param {string} id */
function arrowHeads(id) {
  const head = make("svg:path", { d: "M0,0.8 L7,4 L0,7.2 z", class: "tep-arrow" });
  return make("svg:defs", {}, make("svg:marker", { id: `${id}-arrow`, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 9, markerHeight: 9, markerUnits: "userSpaceOnUse", orient: "auto" }, head));
}

/** Where an arrow key leads: along an edge, or to the neighbour above or below in the same layer. @param {any} data @param {string} from @param {string} key */
function stepFrom(data, from, key) {
  const { nodes, edges } = data;
  if (key === "Home") return nodes[0]?.name;
  if (key === "End") return nodes[nodes.length - 1]?.name;
  const here = nodes.find((/** @type {any} */ n) => n.name === from);
  if (!here) return nodes[0]?.name;
  const middle = (/** @type {any} */ n) => n.y + n.h / 2;
  const near = (/** @type {any[]} */ list) => list.sort((a, b) => Math.abs(middle(a) - middle(here)) - Math.abs(middle(b) - middle(here)))[0]?.name;
  const named = (/** @type {string[]} */ names) => nodes.filter((/** @type {any} */ n) => names.includes(n.name));
  if (key === "ArrowRight") return near(named(edges.filter((/** @type {any} */ e) => e.source === from).map((/** @type {any} */ e) => e.target)));
  if (key === "ArrowLeft") return near(named(edges.filter((/** @type {any} */ e) => e.target === from).map((/** @type {any} */ e) => e.source)));
  const way = key === "ArrowDown" ? 1 : -1;
  return near(nodes.filter((/** @type {any} */ n) => n.layer === here.layer && (middle(n) - middle(here)) * way > 0));
}
