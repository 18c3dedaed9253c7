// The lane of decisions between the two panels of the chart: a mark each, one tab stop for all, arrow keys walk them.

/** Pixels: the least width of a sign, the height of a row of them, and how many rows there may be. */
const LANE = { size: 8, row: 10, rows: 4 };

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
    this.ground = make("svg:g", { "aria-hidden": "true" });
    this.held = make("svg:g");
    this.svg = make("svg:svg", { role: "listbox", "aria-multiselectable": "true", "aria-label": "Decisions, oldest first; arrow keys walk, Enter shows the point, Space picks it for a comparison" }, this.ground, this.held);
    /** @type {any[]} */
    this.marks = [];
    /** @type {Map<string, any>} */
    this.byId = new Map();
    /** @type {Map<string, SVGElement>} */
    this.nodes = new Map();
    /** What each step's marks were drawn of: a decision draws its own step anew. @type {Map<number, {frame: string, group: SVGElement, marks: any[]}>} */
    this.columns = new Map();
    this.high = 16;
    this.current = "";
    this.moved = false;
    this.open = "";
    /** @type {Set<string>} */
    this.picked = new Set();
    this.listen();
  }

  listen() {
    const { svg } = this;
    const of = (/** @type {Event} */ event) => this.byId.get(/** @type {Element} */ (event.target).closest?.("[data-mark]")?.getAttribute("data-mark") || "");
    const said = (/** @type {any} */ mark) => this.told.onhover(mark ? markName(mark) : "");
    svg.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.key(event));
    svg.addEventListener("click", (/** @type {MouseEvent} */ event) => of(event) && this.press(of(event), event.shiftKey));
    svg.addEventListener("focusin", (/** @type {Event} */ event) => of(event) && this.at(of(event)));
    svg.addEventListener("focusout", () => said(null));
    svg.addEventListener("pointerover", (/** @type {Event} */ event) => said(of(event)));
    svg.addEventListener("pointerleave", () => said(null));
  }

  /** @param {Axis} axis @param {any[]} marks */
  draw(axis, marks) {
    const focused = this.svg.contains(document.activeElement);
    this.marks = marks.filter((mark) => mark.kind === "decision" && mark.step >= axis.from && mark.step <= axis.to);
    this.byId = new Map(this.marks.map((mark) => [mark.id, mark]));
    // The tab stop is at the newest one until somebody goes elsewhere.
    if (!this.moved || !this.byId.has(this.current)) this.current = this.marks.length ? this.marks[this.marks.length - 1].id : "";
    /** @type {Map<number, any[]>} */
    const steps = new Map();
    for (const mark of this.marks) steps.set(mark.step, [...(steps.get(mark.step) || []), mark]);
    // As high as the fullest step needs, within bounds.
    const across = Math.max(1, Math.floor(axis.column / LANE.size));
    const fullest = Math.max(0, ...[...steps.values()].map((held) => Math.ceil(held.length / across)));
    this.high = 8 + LANE.row * Math.min(LANE.rows, Math.max(1, fullest));
    this.svg.toggleAttribute("hidden", !this.marks.length);
    this.frame(axis);
    const frame = `${axis.from} ${axis.to} ${axis.width} ${this.high}`;
    for (const [step, { group }] of this.columns) if (!steps.has(step)) this.drop(step, group);
    for (const [step, held] of steps) this.column(axis, step, held, frame);
    this.state();
    if (focused && !this.svg.contains(document.activeElement)) this.focus(this.current);
  }

  /** @param {number} step @param {SVGElement} group */
  drop(step, group) {
    for (const { id } of this.columns.get(step)?.marks || []) this.nodes.delete(id);
    group.remove();
    this.columns.delete(step);
  }

  /** @param {Axis} axis */
  frame(axis) {
    for (const [key, value] of Object.entries({ width: axis.width, height: this.high, viewBox: `0 0 ${axis.width} ${this.high}` })) this.svg.setAttribute(key, String(value));
    const base = make("svg:line", { class: "tep-grid", x1: CHART.left, x2: axis.width - CHART.right, y1: this.high - 0.5, y2: this.high - 0.5 });
    const label = make("svg:text", { class: "tep-tick tep-end", x: CHART.left - 6, y: this.high / 2 + 3.5, text: "edits" });
    this.ground.replaceChildren(base, label);
  }

  /** The marks of one step: signs where there is room for all of them, else stripes. @param {Axis} axis @param {number} step @param {any[]} held @param {string} frame */
  column(axis, step, held, frame) {
    const known = this.columns.get(step);
    // Not by their ids: another session may call its marks the same.
    if (known?.frame === frame && known.marks.length === held.length && known.marks.every((mark, index) => mark === held[index])) return;
    if (known) this.drop(step, known.group);
    const across = Math.floor(axis.column / LANE.size);
    const roomy = across > 0 && held.length <= across * LANE.rows;
    const down = Math.ceil(held.length / Math.max(1, across));
    const columns = Math.ceil(held.length / down);
    const group = make("svg:g", { role: "presentation" });
    for (const [index, mark] of held.entries()) {
      const node = make("svg:g", { class: `tep-mark${mark.auto ? " tep-auto" : ""}${mark.undone ? " tep-left-mark" : ""}`, role: "option", tabindex: "-1", "data-mark": mark.id, "aria-label": markName(mark) });
      if (roomy) {
        const size = Math.min(LANE.row, axis.column / columns);
        const x = axis.x(step) + (Math.floor(index / down) + 0.5 - columns / 2) * size;
        const y = this.high - 6 - (index % down) * LANE.row;
        node.append(make("svg:rect", { class: "tep-hit", x: x - size / 2, y: y - 5, width: size, height: 10 }), ...verdictSign(mark.verdict, x, y, 3.2));
        if (mark.auto) node.append(make("svg:path", { class: "tep-stroke tep-under", d: `M${x - 3.2} ${y + 5}L${x + 3.2} ${y + 5}` }));
      } else {
        const high = (this.high - 4) / held.length;
        node.append(make("svg:rect", { class: `tep-stripe tep-stripe-${mark.verdict}`, x: axis.x(step) - axis.column / 2 + 0.25, y: this.high - 2 - (index + 1) * high, width: Math.max(0.8, axis.column - 0.5), height: Math.max(0.6, high - 0.4) }));
      }
      group.append(node);
      this.nodes.set(mark.id, node);
    }
    this.columns.set(step, { frame, group, marks: held });
    const after = [...this.columns.keys()].filter((other) => other > step).sort((a, b) => a - b)[0];
    this.held.insertBefore(group, after === undefined ? null : /** @type {any} */ (this.columns.get(after)).group);
  }

  /** @param {any} mark */
  at(mark) {
    this.current = mark.id;
    this.moved = mark !== this.marks[this.marks.length - 1];
    this.state();
    this.told.onhover(markName(mark));
  }

  /** @param {any} mark @param {boolean} picks */
  press(mark, picks) {
    this.current = mark.id;
    this.moved = true;
    if (picks) this.told.onpick(mark);
    else this.told.onopen(mark);
  }

  /** Which one has the tab stop, is open, is picked. */
  state() {
    for (const [id, node] of this.nodes) {
      turn(node, "tabindex", id === this.current ? "0" : "-1");
      turn(node, "aria-current", id === this.open ? "true" : null);
      turn(node, "aria-selected", String(this.picked.has(id)));
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

/** Set or take away an attribute, where it is not so already. @param {Element} node @param {string} name @param {string | null} value */
function turn(node, name, value) {
  if (node.getAttribute(name) === value) return;
  if (value === null) node.removeAttribute(name);
  else node.setAttribute(name, value);
}

/** What the signs mean. */
function laneKey() {
  const one = (/** @type {string} */ verdict) => make("span", { class: "tep-key" }, make("svg:svg", { class: "tep-mark", width: 12, height: 12, "aria-hidden": "true" }, ...verdictSign(verdict, 6, 6, 3.4)), make("span", { text: verdict }));
  const policy = make("svg:svg", { class: "tep-mark tep-auto", width: 12, height: 14, "aria-hidden": "true" }, ...verdictSign("approve", 6, 5, 3.4), make("svg:path", { class: "tep-stroke", d: "M2 11L10 11" }));
  return make("div", { class: "tep-keys" }, ...["approve", "take", "edit", "reject", "skip"].map(one), make("span", { class: "tep-key" }, policy, make("span", { text: "underlined: by a policy" })));
}
