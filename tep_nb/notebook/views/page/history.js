// The history: the chart, the lane of decisions, a point of it, a comparison of two, and the table of what happened.

/** Rows that the table draws at a time. */
const ROWS = 200;
/** Steps that the chart can be narrowed to. */
const RANGES = [30, 100];

/**
 * @param {Context} context
 * @param {(data: any, title: string) => void} [past] draws a graph as it was; null is now again
 */
function historyView(context, past = () => {}) {
  const panel = new HistoryPanel(context, past);
  return { back: () => panel.point.close() };
}

class HistoryPanel {
  /** @param {Context} context @param {(data: any, title: string) => void} past */
  constructor(context, past) {
    this.context = context;
    /** @type {any[]} */
    this.older = [];
    /** Those that the page held at the last drawing. @type {any[]} */
    this.newest = [];
    /** Decisions that were taken back, where they are asked for. @type {any[]} */
    this.left = [];
    this.returns = 0;
    /** How often the branch had gone back at the last drawing. */
    this.went = 0;
    this.session = 0;
    this.limit = ROWS;
    this.width = 600;
    /** @type {Map<string, {mark: any, row: HTMLElement}>} */
    this.rows = new Map();
    this.hovered = "";
    const hover = (/** @type {string} */ text) => {
      this.hovered = text;
      this.line.textContent = text || this.hint;
    };
    this.line = make("p", { class: "tep-chart-line tep-soft", "aria-hidden": "true" });
    this.chart = new Chart(hover);
    this.lane = new Lane({ onhover: hover, onopen: (mark) => this.open(mark), onpick: (mark) => this.pick(mark) });
    this.comparing = new Comparing(context);
    this.comparing.onhide = (had) => this.unpick(had);
    this.point = new PointPanel(context, { past, compare: (one, other, calls) => this.comparing.offer(one, other, calls), closed: (had) => this.shut(had) });
    this.build();
    follow(context, ["history", "mark", "step"], (names) => this.draw(names));
  }

  get head() {
    return this.context.store.get("history") || { prompts: [], steps: 0, older: 0, metric: "", complete: 0, calls: 0, returns: 0, session: 0 };
  }

  get hint() {
    const older = this.head.older - this.older.length;
    const early = older > 0 ? ` ${count(older, "earlier row")} can be asked for below the table.` : "";
    return this.lane.marks.length ? `Enter on a mark shows the prompts as they were, Enter again goes there; Space on two compares.${early}` : "";
  }

  build() {
    this.range = make("select", { class: "tep-choice", "aria-label": "Steps shown", onchange: () => this.draw(new Set(["history"])) });
    this.drawing = make("div", { class: "tep-chart" }, this.chart.metric, this.lane.svg, this.chart.scores);
    this.body = make("tbody");
    const head = ["step", "what", "score", "by", "why"].map((text) => make("th", { scope: "col", class: text === "score" ? "tep-num" : "", text }));
    this.table = make("table", { class: "tep-table" }, make("thead", {}, make("tr", {}, ...head)), this.body);
    this.empty = make("p", { class: "tep-soft", text: "Nothing has happened yet." });
    this.more = button("Older", { class: "tep-quiet", onclick: () => this.ask() });
    const scroll = make("div", { class: "tep-scroll", tabindex: "0", role: "region", "aria-label": "History of decisions" }, this.empty, this.table, this.more);
    this.picture = make("div", { class: "tep-picture" }, this.chart.measured, this.drawing, this.line, this.chart.legend, laneKey());
    this.back = make("button", { type: "button", class: "tep-button tep-quiet", "aria-pressed": "false", title: "Also show decisions that an undo or a rewind took back", text: "revoked, too", onclick: () => this.turnLeft() });
    const title = make("div", { class: "tep-history-head" }, make("h3", { text: "History" }), this.range, this.back);
    this.context.root.append(make("section", { class: "tep-history", "aria-label": "History" }, title, this.picture, this.point.panel, this.comparing.panel, scroll));
    // Asking for the width would lay out the whole page at every drawing.
    const sight = new ResizeObserver(([seen]) => {
      const width = Math.floor(seen.contentRect.width);
      if (!width || width === this.width) return;
      this.width = width;
      this.draw(new Set(["history"]));
    });
    sight.observe(this.drawing);
    this.context.cleanup.push(() => sight.disconnect());
  }

  /** All marks that the page has, oldest first. */
  get marks() {
    const found = [...this.left, ...this.older, ...this.context.store.under("mark").values()];
    return found.sort((a, b) => a.seq - b.seq || (a.id < b.id ? -1 : 1));
  }

  /** @param {Set<string>} names */
  draw(names) {
    const { head } = this;
    if (head.session !== this.session) this.begin();
    this.keepOlder();
    this.back.hidden = !head.returns;
    this.keepPoint(names);
    if (head.returns !== this.went) this.comparing.stay(head.steps);
    this.went = head.returns;
    if (this.showsLeft && head.returns !== this.returns) this.askLeft();
    const marks = this.marks;
    this.drawTable(marks);
    this.drawRange(head.steps);
    this.picture.hidden = head.steps === 0;
    if (this.picture.hidden) return;
    const shown = Number(this.range.value) || head.steps;
    const from = Math.max(1, head.steps - shown + 1);
    const early = from === 1 && marks.some((mark) => mark.kind !== "phase" && mark.step === 0);
    const axis = axisOf(early ? 0 : from, Math.max(head.steps, from + 5), this.width);
    const steps = [...this.context.store.under("step").values()].sort((a, b) => a.step - b.step);
    this.lane.draw(axis, marks);
    if ([...names].every((name) => name.startsWith("mark/")) && names.size) this.chart.decided(axis, head, marks);
    else this.chart.draw(axis, head, steps, marks);
    if (!this.hovered) this.line.textContent = this.hint;
  }

  /** What was asked for of another session is not of this one. */
  begin() {
    if (!this.comparing.panel.hidden) this.comparing.hide();
    this.session = this.head.session;
    this.older = this.newest = this.left = [];
    this.returns = -1;
  }

  /** Older marks that were asked for stay, and those that newer ones push out join them. */
  keepOlder() {
    const held = this.context.store.under("mark");
    const first = Math.min(...[...held.values()].map((mark) => mark.seq));
    const pushed = this.older.length ? this.newest.filter((mark) => !held.has(mark.id) && mark.seq < first) : [];
    this.older = this.head.older ? [...this.older, ...pushed].filter((mark) => !held.has(mark.id)) : [];
    this.newest = [...held.values()];
  }

  /** @param {number} steps */
  drawRange(steps) {
    const fits = RANGES.filter((range) => range < steps);
    this.range.hidden = !fits.length;
    if (this.range.options.length === fits.length + 1) return;
    const held = this.range.value;
    fill(this.range, make("option", { value: "", text: "all steps" }), ...fits.map((range) => make("option", { value: range, text: `last ${range}` })));
    this.range.value = fits.includes(Number(held)) ? held : "";
  }

  /** @param {any[]} marks */
  drawTable(marks) {
    const newest = marks.slice(-this.limit).reverse();
    for (const mark of newest) if (this.rows.get(mark.id)?.mark !== mark) this.rows.set(mark.id, { mark, row: this.row(mark) });
    placeIn(this.body, newest.map((mark) => /** @type {any} */ (this.rows.get(mark.id)).row));
    this.empty.hidden = newest.length > 0;
    this.table.hidden = !newest.length;
    const rest = marks.length - newest.length + this.head.older - this.older.length;
    this.more.hidden = rest <= 0;
    this.more.firstChild.textContent = `Older (${rest})`;
  }

  /** @param {any} mark */
  row(mark) {
    return make(
      "tr",
      { class: `tep-row-${mark.kind}${mark.undone ? " tep-row-left" : ""}`, title: "Show the prompts as they were", onclick: () => this.open(mark) },
      make("th", { scope: "row", text: mark.step }),
      make("td", {}, make("span", { text: mark.what }), mark.prompt && " ", mark.prompt && make("strong", { text: mark.prompt }), mark.undone && make("span", { class: "tep-soft", text: " (taken back)" })),
      make("td", { class: "tep-num", text: mark.score }),
      make("td", { class: "tep-by", title: mark.by || null, text: mark.by }),
      make("td", { class: "tep-because", text: mark.why }),
    );
  }

  /** Draw more rows; those that the page has not are asked for. */
  async ask() {
    this.limit += ROWS;
    const held = [...this.older, ...this.newest];
    if (held.length < this.limit && this.head.older > this.older.length) {
      const reply = await this.context.link.look("marks", { seq: Math.min(...held.map((mark) => mark.seq)) });
      if (reply.data) this.older = [...reply.data.reverse(), ...this.older];
    }
    this.draw(new Set(["history"]));
  }

  get showsLeft() {
    return this.back.getAttribute("aria-pressed") === "true";
  }

  turnLeft() {
    this.back.setAttribute("aria-pressed", String(!this.showsLeft));
    this.left = [];
    this.returns = -1;
    this.draw(new Set(["history"]));
  }

  /** What was taken back is in the journal only; it is asked for again when the branch has gone back once more. */
  async askLeft() {
    this.returns = this.head.returns;
    const reply = await this.context.link.look("left");
    if (!this.showsLeft) return;
    this.left = reply.data || [];
    this.draw(new Set(["history"]));
  }

  // --- points

  /** Once more on the same mark goes into what it opened. @param {any} mark */
  open(mark) {
    if (this.lane.open === mark.id && !this.point.panel.hidden) return this.point.panel.focus();
    this.lane.open = mark.id;
    this.lane.state();
    this.point.show(mark);
  }

  /** A point was closed. @param {boolean} had whether it had the focus */
  shut(had) {
    const { open } = this.lane;
    this.lane.open = "";
    if (this.lane.nodes.has(open)) this.lane.current = open;
    this.lane.state();
    if (had) this.closed();
  }

  /** The focus goes back to the lane, else to the studio. */
  closed() {
    const { current, nodes } = this.lane;
    if (nodes.has(current)) this.lane.focus(current);
    else this.context.root.closest(".tep")?.focus({ preventScroll: true });
  }

  /** An open point says what changed since: told anew after a decision, closed when it was taken back. @param {Set<string>} names */
  keepPoint(names) {
    const { open } = this.lane;
    if (!open || this.point.panel.hidden || ![...names].some((name) => name.startsWith("mark/"))) return;
    const mark = this.marks.find((one) => one.id === open);
    if (!mark) this.point.close();
    else if (!this.point.panel.contains(document.activeElement)) this.point.show(mark);
  }

  /** Two picked marks are compared, by the steps in which they lie. @param {any} mark */
  pick(mark) {
    const { picked } = this.lane;
    if (!picked.delete(mark.id)) picked.add(mark.id);
    if (picked.size > 2) picked.delete([...picked][0]);
    this.lane.state();
    const steps = this.lane.marks.filter((one) => picked.has(one.id)).map((one) => one.step);
    if (steps.length < 2) return this.tell(steps.length ? "Picked; pick another one to compare." : "Nothing is picked.");
    if (steps[0] === steps[1]) return this.tell("Both lie in one step, and whole steps are compared: pick a mark of another step.");
    this.comparing.offer(steps[0], steps[1], this.head.calls);
    this.comparing.go.focus();
  }

  /** Say it, and show it where the marks are explained. @param {string} text */
  tell(text) {
    this.line.textContent = text;
    this.context.say(text);
  }

  /** @param {boolean} had whether the comparison had the focus */
  unpick(had) {
    this.lane.picked.clear();
    this.lane.state();
    if (had) this.closed();
  }
}

/** Make these the children of a node, moving none that stands right. @param {Element} node @param {HTMLElement[]} children */
function placeIn(node, children) {
  const wanted = new Set(children);
  for (const child of [...node.children]) if (!wanted.has(/** @type {any} */ (child))) child.remove();
  let next = node.firstChild;
  for (const child of children) {
    if (child === next) next = next.nextSibling;
    else node.insertBefore(child, next);
  }
}
