// An example that flows through the graph: choose a row, see what each node read and wrote, and what the last edit changed.

class FlowPanel {
  /** @param {Context} context @param {GraphPanel} panel */
  constructor(context, panel) {
    this.context = context;
    this.panel = panel;
    /** The answer that is shown. @type {any} */
    this.data = null;
    /** The row that is asked for. @type {number | null} */
    this.asking = null;
    this.target = false;
    this.drawn = "";
    this.lined = "";
    /** Answers so far. */
    this.given = 0;
    this.chooser = new RowChooser(context, (row) => this.ask(row));
    this.line = make("div", { class: "tep-flow-line", hidden: true });
    this.said = make("div", { class: "tep-flow-said", role: "status" });
    this.buttons = make("div", { class: "tep-flow-buttons" });
    this.line.append(this.said, this.buttons);
    this.detail = make("div", { class: "tep-flow-detail", role: "region", "aria-label": "What the node read and wrote", tabindex: "0", hidden: true });
  }

  /** Places for cards that hold texts; null without an example. */
  get drawing() {
    return this.data && this.data.drawing;
  }

  /** What a node read and wrote. @param {string} name */
  of(name) {
    if (!this.data || !Object.hasOwn(this.data.nodes, name)) return null;
    const node = this.data.nodes[name];
    const part = (/** @type {string} */ field) => ({ name: field, text: textOf(this.data.fields[field].now) });
    return { ...node, compared: this.data.compared, ins: node.reads.map((/** @type {any} */ [, field]) => part(field)), outs: node.writes.map(part) };
  }

  /** @param {number} row */
  async ask(row) {
    this.asking = row;
    this.panel.fail("");
    this.draw();
    const reply = await this.context.link.command("flow", { row });
    if (this.asking !== row) return;
    this.asking = null;
    if (reply.ok && reply.data) {
      this.data = reply.data;
      this.given++;
      this.panel.lay();
      this.first();
    } else if (!reply.ok) this.panel.fail(reply.error);
    this.draw();
  }

  again() {
    if (this.data) this.ask(this.data.row);
  }

  /** Begin where the last edit first shows. */
  first() {
    const { nodes, drawing } = this.data;
    const names = drawing.nodes.map((/** @type {any} */ box) => box.name);
    const selected = this.panel.model.get("selected");
    const name = names.includes(selected) ? selected : names.find((/** @type {string} */ one) => nodes[one].differs) || names[0];
    this.panel.choose(name);
    this.panel.reveal(name);
    // On with the arrows, from node to node.
    if (this.chooser.field.matches(":focus")) this.panel.focus();
  }

  drop() {
    this.data = null;
    this.asking = null;
    this.target = false;
  }

  leave() {
    this.drop();
    this.panel.fail("");
    this.panel.lay();
    this.draw();
    this.panel.focus();
  }

  draw() {
    const { session } = this.panel.status;
    const { past } = this.panel;
    showIf(this.chooser.node, Boolean(session) && !past);
    disable(this.chooser.field, this.context.link.lost);
    showIf(this.line, !past && (Boolean(this.data) || this.asking !== null));
    showIf(this.detail, !past && Boolean(this.data));
    if (!this.line.hidden) this.drawLine();
    if (!this.detail.hidden) this.drawDetail();
  }

  drawLine() {
    const { data } = this;
    const stale = data && data.graph !== this.context.store.get("digest");
    const key = JSON.stringify([this.asking, stale, this.target, this.given]);
    if (this.lined === key) return;
    this.lined = key;
    const lines = this.asking !== null ? [make("span", { text: `Row ${this.asking}: running it through the graph …` })] : flowSaid(data, stale, this.target);
    const focused = this.buttons.querySelector(":focus")?.getAttribute("data-do");
    const act = (/** @type {string} */ name, /** @type {() => void} */ onclick, key = "") => {
      const made = button(name, { key, class: "tep-quiet", onclick });
      made.setAttribute("data-do", name.split(" ")[0]);
      return made;
    };
    fill(this.said, ...lines);
    fill(
      this.buttons,
      data && act(this.target ? "Hide target" : "Show target", () => this.showTarget()),
      data && act("Ask again", () => this.again(), "I"),
      act("Leave the example", () => this.leave()),
    );
    if (focused) /** @type {HTMLElement | null} */ (this.buttons.querySelector(`[data-do="${focused}"], [data-do="${focused === "Show" ? "Hide" : "Show"}"]`))?.focus();
  }

  showTarget() {
    this.target = !this.target;
    this.drawLine();
  }

  drawDetail() {
    const name = this.panel.model.get("selected");
    const node = this.of(name);
    const key = `${name} ${this.given}`;
    if (this.drawn === key) return;
    this.drawn = key;
    if (!node) return fill(this.detail, make("p", { class: "tep-soft", text: "Select a node to read all that it read and wrote." }));
    const { fields, compared } = this.data;
    const inputs = node.reads.map((/** @type {any} */ [as, field]) => fieldNode(as === field ? field : `${as} (field ${field})`, fields[field], false));
    const outputs = node.writes.map((/** @type {string} */ field) => fieldNode(field, fields[field], compared));
    return fill(
      this.detail,
      make("h3", {}, make("span", { text: name }), " ", make("span", { class: `tep-state tep-mark-${node.state}`, text: node.state }), node.tokens && make("span", { class: "tep-soft", text: ` ${node.tokens} tokens` }), node.note && make("span", { class: "tep-soft", text: ` ${node.note}` })),
      make("div", { class: "tep-flow-columns" }, make("div", {}, make("h4", { text: "Read" }), ...inputs), make("div", {}, make("h4", { text: "Wrote" }), ...outputs)),
    );
  }
}

/** @param {any[]} parts */
const textOf = (parts) => parts.map((part) => part.text).join("");

/** @param {any} data @param {boolean} stale @param {boolean} target */
function flowSaid(data, stale, target) {
  const total = Object.keys(data.nodes).length;
  const said = data.compared ? `${data.changed} of ${total} nodes differ since ${data.since}` : "no edit was accepted yet: nothing to compare with";
  const [now, before] = data.scores;
  const score = now && `metric ${before ? `${before.value} → ` : ""}${now.value}${now.note ? ` (${now.note})` : ""}`;
  return [
    make("strong", { text: `Row ${data.row}` }),
    make("span", { class: "tep-soft", text: data.split }),
    stale && make("span", { class: "tep-chip tep-stale", text: "of an earlier graph" }),
    make("span", { class: "tep-flow-changes", text: said }),
    score && make("span", { class: "tep-flow-score", text: score }),
    target && make("span", {}, make("span", { class: "tep-soft", text: "target: " }), make("code", { text: data.target })),
    make("span", { class: "tep-soft tep-flow-row", title: data.text, text: data.text }),
  ];
}

/** One field whole; where it differs, as it is beside what it was. @param {string} name @param {any} field @param {boolean} compared */
function fieldNode(name, field, compared) {
  const text = (/** @type {any[]} */ parts, /** @type {string} */ tag, /** @type {string} */ word) =>
    make("pre", {}, ...parts.map((part) => (part.differs ? make(tag, {}, spoken(` ${word}: `), make("span", { text: part.text }), spoken(` end ${word} `)) : make("span", { text: part.text }))));
  const title = make("div", { class: "tep-flow-field" }, make("code", { text: name }), compared && field.same && make("span", { class: "tep-soft", text: " same as before the edit" }));
  if (!compared || field.same) return make("div", {}, title, textOf(field.now) ? text(field.now.map((/** @type {any} */ p) => ({ text: p.text })), "span", "") : make("p", { class: "tep-soft", text: "nothing" }));
  return make(
    "div",
    {},
    title,
    make("div", { class: "tep-flow-sides" }, make("div", {}, make("div", { class: "tep-soft", text: "before the edit" }), text(field.before, "del", "removed")), make("div", {}, make("div", { class: "tep-soft", text: "now" }), text(field.now, "ins", "added"))),
  );
}

/** What a card shows of an example. @param {any} flow */
function flowLines(flow) {
  const line = (/** @type {string} */ word, /** @type {any} */ part, /** @type {string} */ extra) =>
    make("div", { class: `tep-flow-io ${extra}` }, make("span", { class: "tep-soft", text: `${word} ` }), make("code", { text: part.name }), " ", make("span", { text: part.text.slice(0, 300) || "nothing" }));
  return [
    make("div", { class: "tep-flow-ins" }, ...flow.ins.slice(0, 3).map((/** @type {any} */ part) => line("in", part, flow.ins.length > 1 ? "tep-one" : "")), flow.ins.length > 3 && make("div", { class: "tep-soft", text: `and ${flow.ins.length - 3} more` })),
    make("div", { class: "tep-flow-outs" }, ...flow.outs.slice(0, 2).map((/** @type {any} */ part) => line("out", part, flow.outs.length > 1 ? "tep-one" : ""))),
  ];
}
