// The graph: cards over drawn edges. Python places everything; the page pans, zooms and walks.

const ZOOM = { least: 0.25, readable: 0.55, most: 2, step: 1.2 };
/** The corner that the zoom buttons take. */
const TOOLS = { width: 110, height: 26 };
const GRAPH_HEIGHT = { least: 90, most: 560 };

/** @param {Context} context */
function graphView(context) {
  return new GraphPanel(context).start();
}

class GraphPanel {
  /** @param {Context} context */
  constructor(context) {
    this.context = context;
    this.model = context.model;
    this.scale = 1;
    this.x = 0;
    this.y = 0;
    /** How small it may be made to fit: by itself it stays readable and may need panning, the button shows as much as can be. */
    this.least = ZOOM.readable;
    /** A person moved or zoomed: updates keep the view as it is. */
    this.held = false;
    this.size = "";
    /** @type {Map<string, HTMLElement>} */
    this.cards = new Map();
    /** @type {Map<string, string>} Key and card to the card that it leads back to. */
    this.trail = new Map();
    /** The card that Tab reaches. */
    this.active = "";
    this.onselect = (/** @type {string} */ _name) => {};
  }

  start() {
    this.build();
    follow(this.context, ["graph"], () => this.draw());
    follow(this.context, ["selected", "status"], () => this.mark());
    const sight = new ResizeObserver(() => !this.held && this.fit());
    sight.observe(this.port);
    this.context.cleanup.push(() => sight.disconnect());
    return {};
  }

  get data() {
    return this.context.store.get("graph") || { nodes: [], edges: [], width: 0, height: 0 };
  }

  build() {
    this.lines = make("svg:svg", { class: "tep-lines", "aria-hidden": "true" });
    this.world = make("div", { class: "tep-world", role: "listbox", "aria-label": "Nodes of the graph; arrow keys walk along the edges", onkeydown: (/** @type {KeyboardEvent} */ e) => this.key(e) }, this.lines);
    this.port = make("div", { class: "tep-port" }, this.world);
    this.port.addEventListener("wheel", (/** @type {WheelEvent} */ e) => this.wheel(e), { passive: false });
    this.port.addEventListener("pointerdown", (/** @type {PointerEvent} */ e) => this.drag(e));
    this.tools = make(
      "div",
      { class: "tep-zoom", role: "group", "aria-label": "Zoom" },
      signButton("Fit the graph", "fit", { onclick: () => this.refit(ZOOM.least) }),
      signButton("Zoom out", "−", { onclick: () => this.zoom(1 / ZOOM.step) }),
      signButton("Zoom in", "+", { onclick: () => this.zoom(ZOOM.step) }),
    );
    this.none = make("p", { class: "tep-empty", text: "No agents yet: declare them with %%tep_agent." });
    this.context.root.append(make("section", { class: "tep-graph", "aria-label": "Graph" }, this.port, this.tools, this.none));
  }

  draw() {
    const { nodes, edges, width, height } = this.data;
    const focus = this.cards.get(this.active)?.contains(document.activeElement);
    this.none.hidden = nodes.length > 0;
    this.port.hidden = this.tools.hidden = nodes.length === 0;
    this.lines.setAttribute("width", width);
    this.lines.setAttribute("height", height);
    this.world.style.width = `${width}px`;
    this.world.style.height = `${height}px`;
    fill(this.lines, arrowHeads(this.context.link.name), ...edges.map((/** @type {any} */ edge) => edgeNode(edge, this.context.link.name)));
    this.cards = new Map(nodes.map((/** @type {any} */ node) => [node.name, this.card(node)]));
    const labels = edges.filter((/** @type {any} */ e) => e.label).map(labelNode);
    fill(this.world, this.lines, ...labels, ...this.cards.values());
    if (!this.cards.has(this.active)) this.active = nodes.length ? nodes[0].name : "";
    if (this.size !== `${width} ${height}`) {
      this.trail.clear();
      this.size = `${width} ${height}`;
      this.refit();
    }
    this.mark();
    if (focus) this.cards.get(this.active)?.focus({ preventScroll: true });
  }

  /** @param {any} node */
  card(node) {
    const card = cardNode(node);
    card.addEventListener("click", () => this.select(node.name));
    card.addEventListener("focus", () => (this.active = node.name));
    return card;
  }

  /** Show what is selected, what runs, and which card Tab reaches. */
  mark() {
    const selected = this.model.get("selected");
    const running = ((this.context.store.get("status") || {}).progress || {}).running || {};
    for (const [name, card] of this.cards) {
      card.setAttribute("aria-selected", String(name === selected));
      card.tabIndex = name === this.active ? 0 : -1;
      card.classList.toggle("tep-running", Boolean(running[name]));
    }
    for (const line of this.lines.querySelectorAll("[data-ends]")) {
      const ends = (line.getAttribute("data-ends") || "").split(" ");
      line.classList.toggle("tep-touched", Boolean(selected) && ends.includes(selected));
    }
  }

  /** @param {string} name */
  select(name) {
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

  // --- walking

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === "Enter" || event.key === " ") this.select(this.active);
    else if (event.key === "Escape") this.choose("");
    else if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") this.walk(event.key);
    else return;
    event.preventDefault();
  }

  /** @param {string} key */
  walk(key) {
    const to = this.trail.get(`${key} ${this.active}`) || stepFrom(this.data, this.active, key);
    const card = to && this.cards.get(to);
    if (!card) return;
    // The way back is the way one came, also where several edges end.
    const back = { ArrowRight: "ArrowLeft", ArrowLeft: "ArrowRight" }[key];
    if (back) this.trail.set(`${back} ${to}`, this.active);
    this.active = to;
    this.mark();
    card.focus({ preventScroll: true });
    this.reveal(to);
  }

  /** Pan just enough to show a card. @param {string} name */
  reveal(name) {
    const node = this.data.nodes.find((/** @type {any} */ n) => n.name === name);
    const { clientWidth, clientHeight } = this.port;
    if (!node || !clientWidth) return;
    const shift = (/** @type {number} */ at, /** @type {number} */ size, /** @type {number} */ room) => Math.max(8 - at, Math.min(0, room - 8 - at - size));
    const dx = shift(this.x + node.x * this.scale, node.w * this.scale, clientWidth);
    const dy = shift(this.y + node.y * this.scale, node.h * this.scale, clientHeight);
    if (dx || dy) this.place(this.scale, this.x + dx, this.y + dy, true);
  }

  // --- pan and zoom

  refit(least = ZOOM.readable) {
    this.held = false;
    this.least = least;
    this.fit();
  }

  fit() {
    const { width, height } = this.data;
    const room = this.port.clientWidth;
    if (!width || !room) return;
    const scale = Math.max(this.least, Math.min(1, room / width, GRAPH_HEIGHT.most / height));
    const under = this.data.nodes.some((/** @type {any} */ n) => (n.x + n.w) * scale > room - TOOLS.width && (n.y + n.h) * scale > height * scale - TOOLS.height);
    const tall = Math.min(GRAPH_HEIGHT.most, Math.max(GRAPH_HEIGHT.least, Math.ceil(height * scale) + (under ? TOOLS.height : 0)));
    this.port.style.height = `${tall}px`;
    this.place(scale, Math.max(0, (room - width * scale) / 2), under ? 0 : Math.max(0, (tall - height * scale) / 2), false);
  }

  /** @param {number} scale @param {number} x @param {number} y @param {boolean} held */
  place(scale, x, y, held) {
    this.scale = scale;
    this.x = x;
    this.y = y;
    this.held = held;
    this.world.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
  }

  /** @param {number} by @param {number} [cx] @param {number} [cy] */
  zoom(by, cx = this.port.clientWidth / 2, cy = this.port.clientHeight / 2) {
    const scale = Math.min(ZOOM.most, Math.max(ZOOM.least, this.scale * by));
    const k = scale / this.scale;
    this.place(scale, cx - (cx - this.x) * k, cy - (cy - this.y) * k, true);
  }

  /** Only with Ctrl: else the notebook could not be scrolled past the graph. @param {WheelEvent} event */
  wheel(event) {
    if (!event.ctrlKey) return;
    event.preventDefault();
    event.stopPropagation();
    const box = this.port.getBoundingClientRect();
    this.zoom(Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
  }

  /** @param {PointerEvent} event */
  drag(event) {
    if (event.button !== 0 || (event.target instanceof Element && event.target.closest(".tep-card"))) return;
    const from = { x: event.clientX - this.x, y: event.clientY - this.y };
    const move = (/** @type {PointerEvent} */ e) => this.place(this.scale, e.clientX - from.x, e.clientY - from.y, true);
    const end = () => {
      this.port.removeEventListener("pointermove", move);
      this.port.classList.remove("tep-dragged");
    };
    this.port.setPointerCapture(event.pointerId);
    this.port.classList.add("tep-dragged");
    this.port.addEventListener("pointermove", move);
    this.port.addEventListener("pointerup", end, { once: true });
    this.port.addEventListener("pointercancel", end, { once: true });
  }
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

/** @param {any} node */
function cardNode(node) {
  const tool = node.kind === "tool";
  const facts = tool
    ? [make("span", { class: "tep-soft tep-options", title: node.options || null, text: node.options || "tool" })]
    : [
        make("span", { class: "tep-score", title: "critic's score, mean over criteria and rows" }, make("b", { text: node.score ?? "–" }), " / 10"),
        make("span", { class: "tep-soft", title: "words and punctuation marks of the prompt", text: `${node.tokens} tok` }),
        node.pending > 0 && make("span", { class: "tep-badge", text: `${node.pending} pending` }),
      ];
  const state = node.state && make("span", { class: `tep-state tep-state-${node.state}`, title: node.rule || null, text: node.state });
  return make(
    "div",
    { class: `tep-card tep-card-${node.kind}${node.guard ? " tep-guarded" : ""}${node.state ? ` tep-is-${node.state}` : ""}`, role: "option", "aria-selected": "false", tabindex: "-1", "data-node": node.name, style: `left:${node.x}px;top:${node.y}px;width:${node.w}px;height:${node.h}px` },
    make("div", { class: "tep-card-top" }, tool && make("span", { class: "tep-glyph", "aria-hidden": "true", text: "ƒ" }), make("span", { class: "tep-card-name", title: node.name, text: node.name }), state),
    make("div", { class: "tep-role", title: node.role || null, text: node.role }),
    node.guard && make("div", { class: "tep-guard", title: node.guard, text: `when ${node.guard}` }),
    make("div", { class: "tep-facts" }, ...facts),
    spoken(node.spoken),
  );
}

/** @param {any} edge @param {string} id */
function edgeNode(edge, id) {
  return make("svg:path", { class: `tep-edge${edge.guard ? " tep-edge-guard" : ""}`, d: edge.path, "data-ends": `${edge.source} ${edge.target}`, "marker-end": `url(#${id}-arrow)` });
}

/** @param {any} edge */
function labelNode(edge) {
  return make("div", { class: "tep-edge-label", style: `left:${edge.lx}px;top:${edge.ly}px;max-width:${edge.lw}px`, title: edge.label, text: edge.label });
}

/** @param {string} id */
function arrowHeads(id) {
  const head = make("svg:path", { d: "M0,0.8 L7,4 L0,7.2 z", class: "tep-arrow" });
  return make("svg:defs", {}, make("svg:marker", { id: `${id}-arrow`, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 9, markerHeight: 9, markerUnits: "userSpaceOnUse", orient: "auto" }, head));
}
