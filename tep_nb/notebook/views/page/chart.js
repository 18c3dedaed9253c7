// The chart of the history: the metric and the critics' scores over one axis of steps, in SVG of our own.

/** Pixels: margins, the heights of the two panels, and of the line of figures under them. */
const CHART = { left: 40, right: 30, top: 15, high: 108, foot: 34 };
/** Where critic scores converge in the paper's figure. */
const EQUILIBRIUM = 8;
/** Series up to which each has its markers; more are drawn thin, and one at a time comes forward. */
const MARKED = 12;
const DASHES = ["", "6 3", "2 3", "8 3 2 3"];
/** @type {Object<string, string>} */
const SPLITS = { train: "triangle", validation: "square", test: "diamond", rows: "diamond" };
const SHAPES = ["circle", "square", "triangle", "diamond"];

/**
 * @typedef {{from: number, to: number, width: number, x: (step: number) => number, column: number}} Axis
 * @typedef {{name: string, index: number, at: (number | null)[]}} Series
 */

/** The axis that all parts of the chart share. @param {number} from @param {number} to @param {number} width @returns {Axis} */
function axisOf(from, to, width) {
  const column = Math.max(0.1, (width - CHART.left - CHART.right) / (to - from + 1));
  return { from, to, width, column, x: (step) => CHART.left + (step - from + 0.5) * column };
}

/** A small sign at a place; what it is drawn with comes from the class. @param {string} shape @param {number} x @param {number} y @param {number} r @param {Object<string, any>} [props] */
function sign(shape, x, y, r, props = {}) {
  if (shape === "circle") return make("svg:circle", { cx: x, cy: y, r, ...props });
  if (shape === "square") return make("svg:rect", { x: x - r, y: y - r, width: 2 * r, height: 2 * r, ...props });
  const d = {
    triangle: `M${x} ${y - r * 1.2}L${x + r * 1.15} ${y + r}L${x - r * 1.15} ${y + r}Z`,
    diamond: `M${x} ${y - r * 1.35}L${x + r * 1.35} ${y}L${x} ${y + r * 1.35}L${x - r * 1.35} ${y}Z`,
  }[shape];
  return make("svg:path", { d, ...props });
}

/** Hue, dash and marker of a series. @param {number} index */
const looks = (index) => ({ class: `tep-hue-${index % 6}`, dash: DASHES[Math.floor(index / 6) % DASHES.length], shape: SHAPES[(index + Math.floor(index / 6)) % SHAPES.length] });

/** @param {number} value */
const percentText = (value) => `${(100 * value).toFixed(1)}%`;

class Chart {
  /** @param {(text: string) => void} onhover says what the pointer is over */
  constructor(onhover) {
    this.onhover = onhover;
    this.pinned = -1;
    this.near = -1;
    this.metric = make("svg:svg", { role: "img" });
    this.scores = make("svg:svg", { role: "img" });
    this.measured = make("div", { class: "tep-keys" });
    this.legend = make("div", { class: "tep-legend", role: "group", "aria-label": "Prompts; a press brings one forward" });
    for (const panel of [this.metric, this.scores]) {
      panel.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => this.point(panel, event));
      panel.addEventListener("pointerleave", () => this.onhover(""));
    }
    /** @type {Axis} */
    this.axis = axisOf(1, 6, 600);
    /** @type {any[]} */
    this.marks = [];
    /** @type {any[]} */
    this.steps = [];
    /** @type {string[]} */
    this.prompts = [];
  }

  /** @param {Axis} axis @param {{prompts: string[], metric: string}} head @param {any[]} steps @param {any[]} marks */
  draw(axis, head, steps, marks) {
    this.axis = axis;
    this.steps = steps.filter((step) => step.step >= axis.from && step.step <= axis.to);
    this.marks = marks.filter((mark) => mark.step >= axis.from - 1 && mark.step <= axis.to);
    this.prompts = head.prompts;
    this.drawMetric(head.metric);
    this.drawScores();
    this.drawLegend();
  }

  /** Only marks are new: the scores stay as they are. @param {Axis} axis @param {{prompts: string[], metric: string}} head @param {any[]} marks */
  decided(axis, head, marks) {
    this.axis = axis;
    this.marks = marks.filter((mark) => mark.step >= axis.from - 1 && mark.step <= axis.to);
    this.drawMetric(head.metric);
  }

  // --- the metric

  /** @param {string} metric */
  drawMetric(metric) {
    const { axis } = this;
    const y = (/** @type {number} */ value) => CHART.top + (1 - value) * CHART.high;
    const gates = this.marks.filter((mark) => mark.changed && mark.after !== undefined && !mark.undone);
    const kept = this.marks.filter((mark) => mark.kind === "look");
    const parts = [];
    if (gates.length) {
      const first = gates[0];
      const path = [[axis.x(first.step) - axis.column * 0.45, y(first.before)], ...this.within(gates).map((x, index) => [x, y(gates[index].after)])];
      parts.push(make("svg:path", { class: "tep-line tep-gate", d: `M${path.map((p) => p.join(" ")).join("L")}` }));
      const r = axis.column > 6 ? 3 : 1.8;
      // One path for all whiskers and one for all dots: there may be hundreds.
      const whiskers = gates.map((gate, index) => whisker(path[index + 1][0], y, gate, r)).join("");
      const dots = path.slice(1).map(([x, at]) => `M${x - r} ${at}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`);
      parts.push(make("svg:path", { class: `tep-whisker tep-gate${axis.column > 6 ? "" : " tep-faint"}`, d: whiskers }), make("svg:path", { class: "tep-dot tep-gate", d: dots.join("") }));
    }
    for (const look of kept) {
      const hue = `tep-split-${look.split}`;
      const x = axis.x(look.step) + axis.column * 0.3;
      parts.push(make("svg:path", { class: `tep-whisker ${hue}`, d: whisker(x, y, look, 3) }), sign(SPLITS[look.split] || "diamond", x, y(look.mean), 3.5, { class: `tep-dot ${hue}${look.kept ? "" : " tep-undone"}` }));
    }
    const ends = gates.length ? `; gate rows ${percentText(gates[0].before)} to ${percentText(gates[gates.length - 1].after)}` : "";
    const seen = kept.length ? `; ${count(kept.length, "look")} at a split` : "";
    this.frame(this.metric, `Metric ${metric}, 0 to 100%, by step${ends}${seen}`, [0, 0.5, 1].map((value) => [y(value), `${100 * value}%`]), parts, CHART.top + CHART.high + 6);
    this.metric.append(...this.phases(true));
    this.drawMeasured(gates, kept, metric);
  }

  /** What the signs of the metric are, with the last value of each. @param {any[]} gates @param {any[]} looks @param {string} metric */
  drawMeasured(gates, looks, metric) {
    const found = gates.slice(-1).map((gate) => ["gate rows after an edit", "circle", "tep-gate", percentText(gate.after)]);
    const splits = new Map(looks.filter((look) => look.kept).map((look) => [look.split, look]));
    for (const [split, look] of splits) found.push([split, SPLITS[split] || "diamond", `tep-split-${split}`, percentText(look.mean)]);
    const one = ([name, shape, hue, value] = ["", "", "", ""]) => make("span", { class: "tep-key" }, make("svg:svg", { width: 12, height: 12, "aria-hidden": "true" }, sign(shape, 6, 6, 3.5, { class: `tep-dot ${hue}` })), make("span", {}, `${name} `, make("b", { text: value })));
    fill(this.measured, make("span", { text: `metric ${metric}; bars are 95% intervals${gates.length ? ", at an edit of the change that it made" : ""}:` }), ...found.map(one), !found.length && make("span", { text: "not measured yet" }));
  }

  /** Several applied in one step stand side by side in its column. @param {any[]} gates */
  within(gates) {
    /** @type {Map<number, any[]>} */
    const steps = new Map();
    for (const gate of gates) steps.set(gate.step, [...(steps.get(gate.step) || []), gate]);
    return [...steps].flatMap(([step, same]) => same.map((_, index) => this.axis.x(step) + this.axis.column * 0.7 * ((index + 1) / (same.length + 1) - 0.5)));
  }

  // --- the critics' scores

  drawScores() {
    const { axis } = this;
    const top = 6;
    const y = (/** @type {number} */ value) => top + (1 - value / 10) * CHART.high;
    const bottom = top + CHART.high;
    const many = this.prompts.length > MARKED;
    const near = this.near >= 0 ? this.near : this.pinned;
    const parts = [make("svg:line", { class: "tep-eight", x1: CHART.left, x2: axis.width - CHART.right, y1: y(EQUILIBRIUM), y2: y(EQUILIBRIUM) }), make("svg:text", { class: "tep-tick", x: axis.width - CHART.right + 4, y: y(EQUILIBRIUM) + 3.5, text: "8.0" })];
    const order = this.prompts.map((_, index) => index).sort((a, b) => Number(a === near) - Number(b === near));
    for (const index of order) {
      const { class: hue, dash, shape } = looks(index);
      const group = make("svg:g", { class: `tep-series ${hue}${near >= 0 && near !== index ? " tep-back" : ""}${many && near !== index ? " tep-thin" : ""}` });
      for (const run of runsOf(this.steps, index)) {
        if (run.length > 1) group.append(make("svg:path", { class: "tep-line", "stroke-dasharray": dash || null, d: `M${run.map(([step, score]) => `${axis.x(step).toFixed(1)} ${y(score).toFixed(1)}`).join("L")}` }));
        const each = (!many || near === index) && axis.column > 9;
        for (const [step, score] of each || run.length === 1 ? run : [run[run.length - 1]]) group.append(sign(shape, axis.x(step), y(score), 2.6, { class: "tep-dot" }));
      }
      parts.push(group);
    }
    const said = this.prompts.map((name, index) => [name, lastOf(this.steps, index)]).filter(([, score]) => score !== null);
    const alternative = `Critics' scores, 0 to 10, by step${said.length ? `; last: ${said.slice(0, MARKED).map(([name, score]) => `${name} ${Number(score).toFixed(1)}`).join(", ")}` : ""}`;
    this.frame(this.scores, alternative, [0, 5, 10].map((value) => [y(value), String(value)]), parts, bottom + CHART.foot);
    this.scores.append(...this.phases(false), ...this.figures(bottom));
  }

  /** Steps and betas under the axis, as many as there is room for. @param {number} bottom */
  figures(bottom) {
    const { axis } = this;
    const every = Math.max(1, Math.ceil(30 / axis.column));
    const found = [];
    for (let step = axis.from; step <= axis.to; step++) {
      if (step % every && axis.column < 30) continue;
      found.push(make("svg:text", { class: "tep-tick tep-mid", x: axis.x(step), y: bottom + 16, text: step }));
      const beta = this.steps.find((one) => one.step === step)?.beta;
      if (beta) found.push(make("svg:text", { class: "tep-tick tep-mid tep-beta", x: axis.x(step), y: bottom + 28, text: beta.toFixed(2) }));
    }
    found.push(make("svg:text", { class: "tep-tick tep-end", x: CHART.left - 6, y: bottom + 16, text: "step" }));
    if (this.steps.some((one) => one.beta)) found.push(make("svg:text", { class: "tep-tick tep-end tep-beta", x: CHART.left - 6, y: bottom + 28, text: "β" }));
    return found;
  }

  /** Lines and figures of a panel, and what it shows. @param {SVGSVGElement} svg @param {string} name @param {any[]} ticks @param {Node[]} parts @param {number} high */
  frame(svg, name, ticks, parts, high) {
    const { width } = this.axis;
    for (const [key, value] of Object.entries({ width, height: high, viewBox: `0 0 ${width} ${high}`, "aria-label": name })) svg.setAttribute(key, String(value));
    const lines = ticks.flatMap(([y, text]) => [make("svg:line", { class: "tep-grid", x1: CHART.left, x2: width - CHART.right, y1: y, y2: y }), make("svg:text", { class: "tep-tick tep-end", x: CHART.left - 6, y: y + 3.5, text })]);
    svg.replaceChildren(...lines, ...parts);
  }

  /** The phases as bands behind a panel, named in the upper one. @param {boolean} named */
  phases(named) {
    const { axis, steps } = this;
    const found = [];
    for (let first = 0; first < steps.length; ) {
      let last = first;
      while (last + 1 < steps.length && steps[last + 1].phase === steps[first].phase) last++;
      const x = axis.x(steps[first].step) - axis.column / 2;
      const width = (steps[last].step - steps[first].step + 1) * axis.column;
      const band = make("svg:rect", { class: `tep-band tep-band-${steps[first].phase}`, x, y: named ? CHART.top : 6, width, height: CHART.high });
      (named ? this.metric : this.scores).prepend(band);
      if (named) found.push(make("svg:text", { class: "tep-tick", x: x + 2, y: 10, text: width > 44 ? steps[first].phase : "" }));
      first = last + 1;
    }
    return found;
  }

  // --- one series at a time

  drawLegend() {
    const names = this.prompts.join("\n");
    if (this.legend.dataset.of !== names) {
      this.legend.dataset.of = names;
      fill(this.legend, ...this.prompts.map((name, index) => this.legendButton(name, index)));
    }
    for (const [index, node] of [...this.legend.children].entries()) {
      const score = lastOf(this.steps, index);
      /** @type {any} */ (node).lastChild.textContent = score === null ? "–" : score.toFixed(1);
      node.setAttribute("aria-checked", String(index === this.pinned));
    }
  }

  /** @param {string} name @param {number} index */
  legendButton(name, index) {
    const { class: hue, dash, shape } = looks(index);
    const swatch = make("svg:svg", { class: `tep-series ${hue}`, width: 24, height: 10, "aria-hidden": "true" }, make("svg:path", { class: "tep-line", d: "M1 5L23 5", "stroke-dasharray": dash || null }), sign(shape, 12, 5, 2.8, { class: "tep-dot" }));
    const turn = (/** @type {number} */ to) => () => {
      if (this.near === to) return;
      this.near = to;
      this.drawScores();
    };
    const pin = () => {
      this.pinned = this.pinned === index ? -1 : index;
      this.drawLegend();
      this.drawScores();
    };
    return make("button", { type: "button", role: "checkbox", class: "tep-button tep-quiet tep-swatch", title: `the score of ${name}, 0 to 10`, onclick: pin, onpointerenter: turn(index), onpointerleave: turn(-1), onfocus: turn(index), onblur: turn(-1) }, swatch, make("span", { text: name }), make("b"));
  }

  /** Say what stands at the step under the pointer. @param {SVGSVGElement} svg @param {PointerEvent} event */
  point(svg, event) {
    const { axis } = this;
    const step = Math.floor((event.clientX - svg.getBoundingClientRect().left - CHART.left) / axis.column) + axis.from;
    const found = this.steps.find((one) => one.step === step);
    if (!found) return this.onhover("");
    const scores = this.prompts.flatMap((name, index) => (found.scores[index] === null || found.scores[index] === undefined ? [] : [`${name} ${found.scores[index].toFixed(1)}`]));
    const gates = this.marks.filter((mark) => mark.changed && mark.after !== undefined && mark.step === step);
    const metric = gates.length ? `; gate rows ${percentText(gates[gates.length - 1].after)}` : "";
    const shown = scores.length > 10 ? [...scores.slice(0, 10), `and ${scores.length - 10} more`] : scores;
    this.onhover(`Step ${step}, ${found.phase}${found.beta ? `, β ${found.beta.toFixed(2)}` : ""}: ${shown.join(", ") || "no score"}${metric}`);
  }
}

/** The line of an interval with its two ends. @param {number} x @param {(value: number) => number} y @param {any} mark @param {number} r */
function whisker(x, y, { low, high }, r) {
  if (low === undefined) return "";
  const [a, b] = [y(low), y(high)];
  return `M${x} ${a}L${x} ${b}M${x - r} ${a}L${x + r} ${a}M${x - r} ${b}L${x + r} ${b}`;
}

/** The stretches of a series; a nudged score counts alignment too, so no line joins the two scales. @param {any[]} steps @param {number} index @returns {[number, number][][]} */
function runsOf(steps, index) {
  /** @type {[number, number][][]} */
  const runs = [];
  let phase = "";
  for (const step of steps) {
    const score = step.scores[index];
    if (score === null || score === undefined) continue;
    if (!runs.length || step.phase !== phase) runs.push([]);
    phase = step.phase;
    runs[runs.length - 1].push([step.step, score]);
  }
  return runs;
}

/** @param {any[]} steps @param {number} index @returns {number | null} */
function lastOf(steps, index) {
  for (let at = steps.length - 1; at >= 0; at--) if (typeof steps[at].scores[index] === "number") return steps[at].scores[index];
  return null;
}
