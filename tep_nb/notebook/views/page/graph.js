// The graph: cards over drawn edges. Python places everything; the page pans, zooms, walks and searches.

const NO_GRAPH = { nodes: [], edges: [], width: 0, height: 0 };
const NO_CARD = { kind: "agent", role: "", state: "", score: null, scores: [], tokens: 0, pending: 0, spoken: "" };

/** @param {Context} context */
function graphView(context) {
  const panel = new GraphPanel(context);
  panel.start();
  return { onkey: (/** @type {KeyboardEvent} */ event) => panel.onkey(event), onlost: () => panel.drawTools() };
}

class GraphPanel {
  /** @param {Context} context */
  constructor(context) {
    this.context = context;
    this.model = context.model;
    /** @type {Map<string, HTMLElement>} */
    this.cards = new Map();
    /** @type {Map<string, string>} Key and card to the card that it leads back to. */
    this.trail = new Map();
    /** The card that Tab reaches. */
    this.active = "";
    this.size = "";
    /** @type {{data: any, title: string} | null} The graph as it was, where a point of the history is looked at. */
    this.past = null;
    this.marks = new CardMarks(this);
    this.lines = make("svg:svg", { class: "tep-lines", "aria-hidden": "true" });
    this.world = make("div", { class: "tep-world", role: "listbox", "aria-label": "Nodes of the graph; arrow keys walk along the edges, Shift and arrows pan, + and − zoom, 0 fits", onkeydown: (/** @type {KeyboardEvent} */ e) => this.key(e) }, this.lines);
    this.port = new Port(this.world, () => this.scene);
    this.tag = new NameTag(this);
    this.find = new Finder(this);
    this.flow = new FlowPanel(this.context, this);
    this.onselect = (/** @type {string} */ _name) => {};
    /** The person left the graph as it was. */
    this.onback = () => {};
  }

  start() {
    this.build();
    follow(this.context, ["graph", "card"], (names) => this.draw(names));
    follow(this.context, ["selected", "status"], () => this.mark());
    follow(this.context, ["card", "digest", "selected", "status"], () => this.drawTools());
    this.port.watch(this.context);
    return {};
  }

  // --- what is shown

  get now() {
    return this.context.store.get("graph") || NO_GRAPH;
  }

  /** The drawing that is shown: as it is, with an example in it, or as it was. */
  get scene() {
    return this.past?.data || this.flow.drawing || this.now;
  }

  /** @param {string} name @returns {any} */
  cardOf(name) {
    const was = this.past && this.past.data.nodes.find((/** @type {any} */ one) => one.name === name);
    return was || this.context.store.get(`card/${name}`) || { ...NO_CARD, name };
  }

  /** @param {string} name */
  boxOf(name) {
    return this.scene.nodes.find((/** @type {any} */ one) => one.name === name);
  }

  get status() {
    return this.context.store.get("status") || {};
  }

  // --- the frame

  build() {
    this.freeze = make("button", { type: "button", class: "tep-button tep-quiet", hidden: true, onclick: () => this.sendFreeze() });
    const zoom = make(
      "div",
      { class: "tep-zoom", role: "group", "aria-label": "Zoom" },
      signButton("Fit the graph", "fit", { title: "Fit the graph (0)", onclick: () => this.port.refit(0) }),
      signButton("Zoom out", "−", { title: "Zoom out (−; or Ctrl and wheel)", onclick: () => this.port.zoom(1 / ZOOM.step) }),
      signButton("Zoom in", "+", { title: "Zoom in (+; or Ctrl and wheel)", onclick: () => this.port.zoom(ZOOM.step) }),
    );
    this.tools = make("div", { class: "tep-graph-tools", role: "group", "aria-label": "Graph tools" }, this.find.node, this.flow.chooser.node, make("span", { class: "tep-gap" }), this.freeze, zoom);
    this.alert = make("div", { class: "tep-alert", role: "alert", hidden: true });
    this.banner = make("div", { class: "tep-past", role: "status", hidden: true });
    this.none = make("p", { class: "tep-empty", text: "No agents yet: declare them with %%tep_agent." });
    this.panel = make("section", { class: "tep-graph", "aria-label": "Graph", tabindex: "-1", onkeydown: (/** @type {KeyboardEvent} */ e) => this.portKey(e) }, make("h3", { class: "tep-spoken", text: "Graph" }), this.tools, this.alert, this.banner, this.flow.line, this.port.node, this.none, this.flow.detail);
    this.context.root.append(this.panel);
  }

  // --- drawing

  /** @param {Set<string>} names what changed; empty for everything */
  draw(names) {
    if (names.has("graph")) this.leaveOld();
    if (!names.size || names.has("graph")) this.lay();
    else if (!this.past) for (const name of names) this.dress(name.slice("card/".length));
    if (this.find.words) this.find.draw();
  }

  /** Decisions move nothing: another drawing is another graph, of which neither the example nor the past is. */
  leaveOld() {
    this.flow.drop();
    if (this.past) this.back();
  }

  /** Everything anew: cards that stay keep their element, and with it focus and hover. */
  lay() {
    const { nodes, edges, width, height } = this.scene;
    const { name } = this.context.link;
    this.none.hidden = nodes.length > 0;
    this.port.node.hidden = this.tools.hidden = nodes.length === 0;
    this.lines.setAttribute("width", width);
    this.lines.setAttribute("height", height);
    this.world.style.width = `${width}px`;
    this.world.style.height = `${height}px`;
    fill(this.lines, arrowHeads(name), ...edges.map((/** @type {any} */ edge) => edgeNode(edge, name)));
    const before = this.cards;
    this.cards = new Map();
    for (const box of nodes) {
      const card = before.get(box.name) || this.frame(box.name);
      card.style.cssText = `left:${box.x}px;top:${box.y}px;width:${box.w}px;height:${box.h}px`;
      card.classList.toggle("tep-tall", box.h > TALL);
      this.cards.set(box.name, card);
      this.dress(box.name);
    }
    for (const [known, card] of before) if (!this.cards.has(known)) card.remove();
    for (const label of this.world.querySelectorAll(".tep-edge-label")) label.remove();
    const labels = edges.filter((/** @type {any} */ e) => e.label).map(labelNode);
    this.lines.after(...labels);
    // In the order of the graph, and without taking one out that stands where it should: that would cost it the focus.
    let last = labels[labels.length - 1] || this.lines;
    for (const card of this.cards.values()) {
      if (last.nextSibling !== card) last.after(card);
      last = card;
    }
    if (!this.cards.has(this.active)) this.active = nodes.length ? nodes[0].name : "";
    if (this.size !== `${width} ${height}`) {
      this.trail.clear();
      this.size = `${width} ${height}`;
      this.port.refit();
    }
    this.mark(true);
  }

  /** @param {string} name */
  frame(name) {
    const card = cardFrame(name);
    card.addEventListener("click", () => this.select(name));
    card.addEventListener("focus", () => {
      this.active = name;
      this.mark();
      // Not by a press: what moves under the pointer cannot be clicked.
      if (card.matches(":focus-visible")) this.reveal(name);
    });
    return card;
  }

  /** Draw one card's content. @param {string} name */
  dress(name) {
    const frame = this.cards.get(name);
    if (!frame) return;
    dressCard(frame, this.cardOf(name), this.past ? null : this.flow.of(name));
    const differs = Boolean(this.past?.data.changed?.includes(name));
    frame.classList.toggle("tep-since", differs);
    if (differs) frame.querySelector(".tep-facts")?.append(make("span", { class: "tep-state tep-mark-changed", text: "changed since" }));
    this.marks.flight(name);
  }

  mark(whole = false) {
    this.marks.draw(whole);
  }

  drawTools() {
    const card = this.context.store.get(`card/${this.model.get("selected")}`);
    const { session } = this.status;
    showIf(this.freeze, Boolean(session) && !this.past && card?.kind === "agent");
    const frozen = card?.state === "frozen";
    // No name of a prompt in the button's: one that is called so could not be told from Step or Edit.
    const name = `${frozen ? "Free" : "Freeze"} selected`;
    if (this.freeze.textContent !== name) this.freeze.textContent = name;
    const what = frozen ? "edits may be proposed for it again" : "no edit is proposed for it any more, one that waits is withdrawn";
    if (card) assign(this.freeze, "title", `${card.prompt || card.name}: ${what}`);
    disable(this.freeze, this.context.link.lost);
    this.flow.draw();
  }

  // --- selecting

  /** @param {string} name */
  select(name) {
    if (this.past) return;
    const next = this.model.get("selected") === name ? "" : name;
    this.choose(next);
    if (next) this.onselect(next);
  }

  /** @param {string} name */
  choose(name) {
    if (name) this.active = name;
    if (this.model.get("selected") !== name) {
      this.model.set("selected", name);
      this.model.save_changes();
    }
    this.mark();
  }

  /** Show a card, as the search does. @param {string} name */
  goTo(name) {
    this.active = name;
    if (!this.past) this.choose(name);
    this.port.centre(this.boxOf(name));
  }

  /** @param {string} name */
  reveal(name) {
    this.port.reveal(this.boxOf(name));
  }

  focus() {
    (this.cards.get(this.active) || this.panel).focus({ preventScroll: true });
  }

  async sendFreeze() {
    const card = this.cardOf(this.model.get("selected"));
    this.fail("");
    const reply = await this.context.link.command("freeze", { prompt: card.prompt || card.name, off: card.state === "frozen" });
    if (!reply.ok) this.fail(reply.error);
  }

  /** @param {string} text */
  fail(text) {
    this.alert.hidden = !text;
    this.alert.textContent = text;
  }

  // --- keys

  /** Keys of the whole studio, typed in no field. @param {KeyboardEvent} event */
  onkey(event) {
    if (isField(event.target) || this.tools.hidden) return;
    if (event.key === "/") this.find.open();
    else if (event.key === "i") this.flow.chooser.open();
    else if (event.key === "I" && this.flow.data) this.flow.again();
    else return;
    event.preventDefault();
  }

  /** Keys of the window onto the graph. @param {KeyboardEvent} event */
  portKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isField(event.target)) return;
    if (this.port.key(event)) event.preventDefault();
  }

  /** Keys of the cards. @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") this.select(this.active);
    else if (event.key === "Escape") this.choose("");
    else if (!event.shiftKey && (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End")) this.walk(event.key);
    else return;
    event.preventDefault();
  }

  /** @param {string} key */
  walk(key) {
    const to = this.trail.get(`${key} ${this.active}`) || stepFrom(this.scene, this.active, key);
    const card = to && this.cards.get(to);
    if (!card) return;
    // The way back is the way one came, also where several edges end.
    const back = { ArrowRight: "ArrowLeft", ArrowLeft: "ArrowRight" }[key];
    if (back) this.trail.set(`${back} ${to}`, this.active);
    card.focus({ preventScroll: true });
    this.port.walkTo(this.boxOf(to));
  }

  // --- the graph as it was

  /**
   * Show the graph as it was, in the same place, with nothing in it that acts; null goes back to now.
   * @param {any} data as `past_data` of Python makes it: places and cards together, and the names of the nodes that `changed` since
   * @param {string} [title]
   */
  showPast(data, title = "") {
    const was = Boolean(this.past);
    this.past = data ? { data, title } : null;
    this.banner.hidden = !data;
    this.panel.classList.toggle("tep-in-past", Boolean(data));
    const back = make("button", { type: "button", class: "tep-button", text: "Back to now", onclick: () => this.goBack() });
    if (data) fill(this.banner, make("strong", { text: title }), back);
    if (!data && !was) return;
    this.lay();
    this.find.draw();
    this.drawTools();
  }

  goBack() {
    this.back();
    this.focus();
  }

  back() {
    this.showPast(null);
    this.onback();
  }
}
