// The lane of decisions between the two panels of the chart: a mark each, one tab stop for all, arrow keys walk them.

const LANE = { size: 10, rows: 4 };

/** What a mark is called. @param {any} mark */
function markName(mark) {
  const why = mark.why ? `: ${mark.why}` : "";
  if (mark.kind !== "decision") return `Step ${mark.step}: ${mark.what}${mark.score ? `, ${mark.score}` : ""}${why}`;
  return `Decision ${mark.n}, step ${mark.step}, ${mark.by}${mark.auto ? " (a policy)" : ""} ${mark.what} ${mark.prompt}${mark.undone ? ", taken back later" : ""}${why}`;
}

/** Verdict to shape: told apart without colour. @param {string} verdict @param {number} x @param {number} y @param {number} r */
function verdictSign(verdict, x, y, r) {
  if (verdict === "approve") return [sign("circle", x, y, r, { class: "tep-solid" })];
  if (verdict === "take") return [sign("circle", x, y, r, { class: "tep-hollow" }), make("svg:path", { class: "tep-solid", d: `M${x} ${y - r}A${r} ${r} 0 0 0 ${x} ${y + r}Z` })];
  if (verdict === "edit") return [sign("diamond", x, y, r * 0.85, { class: "tep-solid" })];
  if (verdict === "reject") return [make("svg:path", { class: "tep-stroke", d: `M${x - r} ${y - r}L${x + r} ${y + r}M${x + r} ${y - r}L${x - r} ${y + r}` })];
  return [make("svg:path", { class: "tep-stroke", d: `M${x - r} ${y}L${x + r} ${y}` })];
}

class Lane {
  /** @param {{onopen: (mark: any) => void, onpick: (mark: any) => void, onhover: (text: string) => void}} told */
  constructor(told) {
    this.told = told;
    this.svg = make("svg:svg", { role: "toolbar", "aria-label": "Decisions, oldest first: arrow keys walk, Enter shows the point, Space picks it for a comparison" });
    /** @type {any[]} */
    this.marks = [];
    /** @type {Map<string, SVGElement>} */
    this.nodes = new Map();
    this.high = 16;
    this.current = "";
    this.open = "";
    /** @type {Set<string>} */
    this.picked = new Set();
    this.svg.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.key(event));
  }

  /** @param {Axis} axis @param {any[]} marks */
  draw(axis, marks) {
    const focused = this.svg.contains(document.activeElement);
    this.marks = marks.filter((mark) => mark.kind === "decision" && mark.step >= axis.from && mark.step <= axis.to);
    if (!this.marks.some((mark) => mark.id === this.current)) this.current = this.marks.length ? this.marks[this.marks.length - 1].id : "";
    const columns = new Map();
    for (const mark of this.marks) columns.set(mark.step, [...(columns.get(mark.step) || []), mark]);
    // As high as the fullest step needs, within bounds.
    const across = Math.max(1, Math.floor((axis.column - 1) / LANE.size));
    const fullest = Math.max(0, ...[...columns.values()].map((held) => Math.ceil(held.length / across)));
    this.high = 8 + LANE.size * Math.min(LANE.rows, Math.max(1, fullest));
    this.nodes.clear();
    const base = make("svg:line", { class: "tep-grid", x1: CHART.left, x2: axis.width - CHART.right, y1: this.high - 0.5, y2: this.high - 0.5 });
    const label = make("svg:text", { class: "tep-tick tep-end", x: CHART.left - 6, y: this.high / 2 + 3.5, text: "edits" });
    const groups = [...columns].flatMap(([step, held]) => this.column(axis, step, held));
    for (const [key, value] of Object.entries({ width: axis.width, height: this.high, viewBox: `0 0 ${axis.width} ${this.high}` })) this.svg.setAttribute(key, String(value));
    this.svg.replaceChildren(base, label, ...groups);
    this.state();
    if (focused) this.focus(this.current);
  }

  /** The marks of one step: signs where there is room for all of them, else stripes. @param {Axis} axis @param {number} step @param {any[]} held */
  column(axis, step, held) {
    const across = Math.max(0, Math.floor((axis.column - 1) / LANE.size));
    const left = axis.x(step) - axis.column / 2;
    const roomy = across > 0 && held.length <= across * LANE.rows;
    const down = Math.ceil(held.length / Math.max(1, across));
    return held.map((mark, index) => {
      const group = make("svg:g", { class: `tep-mark${mark.auto ? " tep-auto" : ""}${mark.undone ? " tep-undone" : ""}`, role: "button", tabindex: "-1", "data-mark": mark.id, "aria-label": markName(mark) });
      if (roomy) {
        const wide = Math.ceil(held.length / down) * LANE.size;
        const x = axis.x(step) - wide / 2 + (Math.floor(index / down) + 0.5) * LANE.size;
        const y = this.high - 6 - (index % down) * LANE.size;
        group.append(make("svg:rect", { class: "tep-hit", x: x - 5, y: y - 5, width: 10, height: 10 }), ...verdictSign(mark.verdict, x, y, 3.2));
        if (mark.auto) group.append(make("svg:path", { class: "tep-stroke tep-under", d: `M${x - 3.5} ${y + 5}L${x + 3.5} ${y + 5}` }));
      } else {
        const high = (this.high - 4) / held.length;
        group.append(make("svg:rect", { class: `tep-stripe tep-stripe-${mark.verdict}`, x: left + 0.25, y: this.high - 2 - (index + 1) * high, width: Math.max(0.8, axis.column - 0.5), height: Math.max(0.6, high - 0.4) }));
      }
      group.addEventListener("click", (/** @type {MouseEvent} */ event) => this.press(mark, event.shiftKey));
      group.addEventListener("focus", () => this.at(mark));
      group.addEventListener("pointerenter", () => this.told.onhover(markName(mark)));
      group.addEventListener("pointerleave", () => this.told.onhover(""));
      group.addEventListener("blur", () => this.told.onhover(""));
      this.nodes.set(mark.id, group);
      return group;
    });
  }

  /** @param {any} mark */
  at(mark) {
    this.current = mark.id;
    this.state();
    this.told.onhover(markName(mark));
  }

  /** @param {any} mark @param {boolean} picks */
  press(mark, picks) {
    this.current = mark.id;
    if (picks) this.told.onpick(mark);
    else this.told.onopen(mark);
  }

  /** Which one has the tab stop, is open, is picked. */
  state() {
    for (const [id, node] of this.nodes) {
      const picked = this.picked.has(id);
      node.setAttribute("tabindex", id === this.current ? "0" : "-1");
      if (id === this.open) node.setAttribute("aria-current", "true");
      else node.removeAttribute("aria-current");
      node.setAttribute("aria-pressed", String(picked));
    }
  }

  /** @param {string} id */
  focus(id) {
    /** @type {any} */ (this.nodes.get(id))?.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const here = this.marks.findIndex((mark) => mark.id === this.current);
    if (here < 0) return;
    const to = { ArrowLeft: here - 1, ArrowUp: here - 1, ArrowRight: here + 1, ArrowDown: here + 1, Home: 0, End: this.marks.length - 1 }[/** @type {"Home"} */ (event.key)];
    if (event.key === "Enter" || event.key === " ") this.press(this.marks[here], event.key === " " || event.shiftKey);
    else if (to !== undefined) this.focus(this.marks[Math.min(this.marks.length - 1, Math.max(0, to))].id);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** What the signs mean. */
function laneKey() {
  const one = (/** @type {string} */ verdict) => make("span", { class: "tep-key" }, make("svg:svg", { class: "tep-mark", width: 12, height: 12, "aria-hidden": "true" }, ...verdictSign(verdict, 6, 6, 3.4)), make("span", { text: verdict }));
  const policy = make("svg:svg", { class: "tep-mark tep-auto", width: 12, height: 14, "aria-hidden": "true" }, ...verdictSign("approve", 6, 5, 3.4), make("svg:path", { class: "tep-stroke", d: "M2 11L10 11" }));
  return make("div", { class: "tep-keys" }, ...["approve", "take", "edit", "reject", "skip"].map(one), make("span", { class: "tep-key" }, policy, make("span", { text: "underlined: by a policy" })));
}
