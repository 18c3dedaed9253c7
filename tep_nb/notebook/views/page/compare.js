// Two points side by side: what it may cost, then the prompts, the metric with its interval, the rows that flipped, what it paid.

/** Prompts that are listed at first, those of them that are open, and changes of one that are drawn at once. */
const LISTED = 24;
const OPEN = 8;
const CHANGES = 200;

class Comparing {
  /** @param {Context} context */
  constructor(context) {
    this.context = context;
    this.words = make("span");
    this.go = button("Compare", { class: "tep-go", onclick: () => this.send() });
    this.close = signButton("Close the comparison", "✕", { onclick: () => this.hide() });
    this.alert = make("div", { class: "tep-alert", role: "alert", hidden: true });
    this.found = make("div", { class: "tep-compared" });
    this.panel = make("section", { class: "tep-comparing", "aria-label": "Comparison", hidden: true }, make("div", { class: "tep-point-head" }, this.words, this.go, this.close), this.alert, this.found);
    this.one = 0;
    /** @type {number | null} */
    this.other = null;
    this.onhide = (/** @type {boolean} */ _had) => {};
    this.panel.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      this.hide();
    });
    this.turn = 0;
  }

  /** Two steps, in any order; null is now. @param {number} one @param {number | null} other @param {number} calls at most */
  offer(one, other, calls) {
    this.turn++;
    [this.one, this.other] = other !== null && other < one ? [other, one] : [one, other];
    const most = calls ? ` on the gate rows: ${count(calls, "call")} at most, and what was measured before is not paid again.` : ".";
    fill(this.words, make("strong", { text: `${this.name(this.one)} against ${this.name(this.other)}` }), make("span", { class: "tep-soft", text: ` The metric is measured${most}` }));
    this.alert.hidden = true;
    fill(this.found);
    this.panel.hidden = false;
    disable(this.go, false);
  }

  /** @param {number | null} step */
  name(step) {
    return step === null ? "now" : step === 0 ? "the start" : `step ${step}`;
  }

  hide() {
    this.turn++;
    const had = this.panel.contains(document.activeElement);
    this.panel.hidden = true;
    fill(this.found);
    this.onhide(had);
  }

  /** The branch went back: what lies behind its last step is no more. @param {number} last */
  stay(last) {
    if (!this.panel.hidden && Math.max(this.one, this.other ?? 0) > last) this.hide();
  }

  async send() {
    const turn = ++this.turn;
    disable(this.go, true);
    this.alert.hidden = true;
    fill(this.found, make("p", { class: "tep-soft", text: "Measuring …" }));
    const reply = await this.context.link.command("compare", this.other === null ? { one: this.one } : { one: this.one, other: this.other });
    if (turn !== this.turn) return;
    disable(this.go, false);
    fill(this.found);
    if (reply.data) this.show(reply.data);
    else if (reply.error || reply.note) {
      this.alert.hidden = false;
      this.alert.textContent = reply.error || reply.note;
    }
  }

  /** @param {any} data */
  prompts({ one, prompts }) {
    /** @type {HTMLElement[]} */
    const boxes = [];
    const node = make("div", {});
    listPrompts(node, prompts, (/** @type {any} */ prompt, /** @type {number} */ at) => (boxes[at] ||= sidesNode(prompt, this.name(one), this.name(this.other), at < OPEN)), false);
    return node;
  }

  /** @param {any} data */
  show(data) {
    const said = data.said.filter(Boolean);
    fill(
      this.found,
      make("div", { class: "tep-verdict" }, gainPicture(data), make("ul", { class: "tep-list" }, ...said.map((/** @type {string} */ text) => make("li", { text })))),
      data.prompts.length === 0 && make("p", { class: "tep-soft", text: "No prompt differs." }),
      this.prompts(data),
      data.flips.length > 0 && comparedFlips(data),
    );
    this.context.say(`Compared: ${said.slice(0, 2).join("; ")}`);
  }
}

/**
 * List prompts, the last of many when they are asked for.
 * @param {HTMLElement} node @param {any[]} prompts @param {(one: any, at: number) => HTMLElement} box the same one for the same prompt
 * @param {boolean} all @param {() => void} [onall]
 */
function listPrompts(node, prompts, box, all, onall) {
  const rest = all ? 0 : Math.max(0, prompts.length - LISTED);
  const show = () => {
    onall?.();
    listPrompts(node, prompts, box, true);
    node.children[LISTED].querySelector("summary")?.focus({ preventScroll: true });
  };
  const more = rest ? [button(count(rest, "more prompt"), { class: "tep-quiet", onclick: show })] : [];
  placeIn(node, [...prompts.slice(0, prompts.length - rest).map(box), ...more]);
}

/** Means before and after on a line from 0 to 100%, with the interval of the gain laid on the mean before. @param {any} data */
function gainPicture({ before, after, low, high }) {
  const [width, y] = [260, 16];
  const x = (/** @type {number} */ value) => 10 + value * (width - 20);
  const line = make("svg:line", { class: "tep-grid", x1: x(0), x2: x(1), y1: y, y2: y });
  const ends = [0, 0.5, 1].map((value) => make("svg:text", { class: `tep-tick ${value ? (value === 1 ? "tep-end" : "tep-mid") : ""}`, x: x(value), y: 34, text: `${100 * value}%` }));
  const whisker = make("svg:path", { class: "tep-whisker tep-gate", d: `M${x(low)} ${y}L${x(high)} ${y}M${x(low)} ${y - 4}L${x(low)} ${y + 4}M${x(high)} ${y - 4}L${x(high)} ${y + 4}` });
  const dots = [sign("circle", x(before), y, 4, { class: "tep-hollow" }), sign("circle", x(after), y, 4, { class: "tep-dot tep-gate" })];
  const name = `before ${percentText(before)}, after ${percentText(after)}, 95% ${percentText(low)} to ${percentText(high)}`;
  return make("svg:svg", { class: "tep-gain", role: "img", "aria-label": name, width, height: 38, viewBox: `0 0 ${width} 38` }, line, ...ends, whisker, ...dots);
}

/** A changed prompt, old beside new. @param {any} one @param {string} left @param {string} right @param {boolean} open */
function sidesNode(one, left, right, open) {
  return promptBox(one, { class: "tep-sides", note: count(one.hunks, "hunk"), open }, [
    { which: "old", title: left, name: left },
    { which: "new", title: right, name: right },
  ]);
}

/**
 * A prompt in a disclosure. Its text is made when it is opened: folded where nothing changed, and whole on demand.
 * @param {any} one @param {{class: string, note: string, open: boolean}} looks
 * @param {{which: "" | "old" | "new", title?: string, name: string}[]} sides
 */
function promptBox(one, { class: kind, note, open }, sides) {
  const texts = sides.map(({ name }) => make("div", { class: "tep-text tep-plain", role: "region", tabindex: "0", "aria-label": `${one.prompt}, ${name}` }));
  const draw = (/** @type {boolean} */ whole) => texts.forEach((text, at) => fill(text, ...partNodes(one.segments, sides[at].which, whole)));
  const whole = make("button", { type: "button", class: "tep-button tep-quiet tep-whole", "aria-pressed": "false", text: "Whole text" });
  whole.addEventListener("click", () => {
    const turned = whole.getAttribute("aria-pressed") !== "true";
    whole.setAttribute("aria-pressed", String(turned));
    draw(turned);
  });
  const columns = sides.map(({ title }, at) => make("div", { class: "tep-side" }, title && make("h4", { text: title }), texts[at]));
  const summary = make("summary", {}, make("strong", { text: one.prompt }), " ", make("span", { class: "tep-soft", text: note }));
  const box = make("details", { class: kind, open }, summary, whole, make("div", { class: sides.length > 1 ? "tep-pair" : null }, ...columns));
  let drawn = false;
  const first = () => {
    if (drawn || !box.open) return;
    drawn = true;
    draw(false);
    whole.hidden = !texts.some((text) => text.querySelector(".tep-fold"));
  };
  box.addEventListener("toggle", first);
  first();
  return box;
}

/**
 * A text with its changes marked: both sides in one, or one side of them.
 * @param {any[]} segments @param {"old" | "new" | ""} which @param {boolean} whole @param {number} [from] the first segment
 * @returns {Node[]}
 */
function partNodes(segments, which, whole, from = 0) {
  const last = segments.length - 1;
  if (last === 0 && segments[0].text && !whole) return changedNodes(segments[0].text, "more of this prompt");
  const nodes = [];
  let changes = 0;
  for (let at = from; at <= last; at++) {
    const part = segments[at];
    if (part.text !== undefined) nodes.push(...(whole ? textNodes(part.text) : keptNodes(part.text, at === 0, at === last)));
    else if (whole || changes++ < CHANGES) nodes.push(...sideNodes(part, which, whole));
    else {
      const more = segments.slice(at).filter((one) => one.text === undefined).length;
      return [...nodes, foldButton(`… and ${more.toLocaleString("en")} more ${more === 1 ? "change" : "changes"}, show`, () => partNodes(segments, which, whole, at))];
    }
  }
  return nodes;
}

/** One change. @param {any} part @param {"old" | "new" | ""} which @param {boolean} whole */
function sideNodes(part, which, whole) {
  const text = (/** @type {string} */ side) => (whole ? textNodes(side) : changedNodes(side));
  return [
    part.old && which !== "new" && make("del", {}, spoken(" removed: "), ...text(part.old), spoken(" end removed ")),
    part.new && which !== "old" && make("ins", {}, spoken(" added: "), ...text(part.new), spoken(" end added ")),
  ].filter(Boolean);
}

/** The rows whose value changed, outputs side by side. @param {any} data */
function comparedFlips({ flips, more }) {
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
  const table = make("table", { class: "tep-flips" }, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...flips.map(row)));
  return make("details", {}, make("summary", { text: `${count(flips.length + more, "row")} flipped` }), table, more > 0 && make("div", { class: "tep-soft", text: `and ${more} more, in the journal` }));
}
