// What cards show of selection, search and work: drawn on the cards that are there, and only where it differs.

class CardMarks {
  /** @param {GraphPanel} panel */
  constructor(panel) {
    this.panel = panel;
    /** What was drawn last. */
    this.last = { selected: "", active: "", at: "", found: new Set(), running: new Map() };
  }

  draw(whole = false) {
    const { panel, last } = this;
    const { progress } = panel.status;
    const running = new Map(panel.past ? [] : Object.entries((progress && progress.running) || {}));
    const next = { selected: panel.model.get("selected") || "", active: panel.active, at: panel.find.found[panel.find.at] || "", found: new Set(panel.find.found), running };
    this.last = next;
    const names = [last.selected, next.selected, last.active, next.active, last.at, next.at, ...last.found, ...next.found];
    for (const name of whole ? panel.cards.keys() : new Set(names)) this.card(name);
    for (const name of whole ? panel.cards.keys() : new Set([...last.running.keys(), ...running.keys()])) {
      if (whole || last.running.get(name) !== running.get(name)) this.flight(name);
    }
    panel.world.classList.toggle("tep-searched", next.found.size > 0);
    if (whole || last.selected !== next.selected) this.lines();
    panel.tag.draw();
  }

  /** Selected, reached by Tab, found. @param {string} name */
  card(name) {
    const card = this.panel.cards.get(name);
    if (!card) return;
    const { selected, active, at, found } = this.last;
    assign(card, "aria-selected", String(name === selected && !this.panel.past));
    assign(card, "tabindex", name === active ? "0" : "-1");
    card.classList.toggle("tep-found", found.has(name));
    card.classList.toggle("tep-at", name === at);
  }

  /** Calls in flight, in a number: the pulse alone would not be seen by everybody. @param {string} name */
  flight(name) {
    const card = this.panel.cards.get(name);
    if (!card) return;
    const calls = this.last.running.get(name) || 0;
    card.classList.toggle("tep-running", calls > 0);
    card.querySelector(".tep-flight")?.remove();
    if (calls > 0) card.append(make("span", { class: "tep-flight", text: `${calls} in flight` }));
  }

  /** The lines of the selected card. */
  lines() {
    const { selected } = this.last;
    for (const line of this.panel.lines.querySelectorAll("[data-ends]")) {
      const ends = (line.getAttribute("data-ends") || "").split(" ");
      line.classList.toggle("tep-touched", Boolean(selected) && ends.includes(selected));
    }
  }
}

/** From afar a card's name and what else it says, beside the card that the pointer or the focus is on: letters on it are too small. */
class NameTag {
  /** @param {GraphPanel} panel */
  constructor(panel) {
    this.panel = panel;
    const { port, world } = panel;
    this.hovered = this.focused = "";
    this.name = make("strong");
    this.said = make("span", { class: "tep-soft" });
    this.frame = make("div", { class: "tep-tag-frame", hidden: true });
    this.node = make("div", { class: "tep-tag", "aria-hidden": "true", hidden: true }, this.name, this.said);
    port.node.append(this.frame, this.node);
    port.onplace = () => this.draw();
    const cardOf = (/** @type {Event} */ event) => (event.target instanceof Element && event.target.closest(".tep-card")?.getAttribute("data-node")) || "";
    const set = (/** @type {"hovered" | "focused"} */ what, /** @type {string} */ name) => {
      if (this[what] === name) return;
      this[what] = name;
      this.draw();
    };
    world.addEventListener("pointerover", (/** @type {Event} */ event) => set("hovered", cardOf(event)));
    world.addEventListener("pointerleave", () => set("hovered", ""));
    world.addEventListener("focusin", (/** @type {Event} */ event) => set("focused", cardOf(event)));
    world.addEventListener("focusout", () => set("focused", ""));
  }

  draw() {
    const { panel } = this;
    const name = this.hovered || this.focused;
    const box = panel.port.scale < ZOOM.far ? name && panel.boxOf(name) : null;
    this.node.hidden = this.frame.hidden = !box;
    if (!box) return;
    fill(this.name, revealed(name));
    fill(this.said, revealed(this.words(name).filter(Boolean).join(" · ")));
    this.lie(panel.port.seen(box));
  }

  /** What a card says that is shown by its colour only, or not at all. @param {string} name */
  words(name) {
    const { panel } = this;
    const flow = !panel.past && panel.flow.of(name);
    if (flow) return [flow.state !== "new" && flow.state];
    const card = panel.cardOf(name);
    const calls = panel.marks.last.running.get(name);
    const since = panel.past?.data.changed?.includes(name) && "changed since";
    return [card.kind === "tool" ? "tool" : card.state, card.score && `${card.score} / 10`, card.pending > 0 && `${card.pending} pending`, calls && `${calls} in flight`, since];
  }

  /** Beside the card, inside of the port. @param {{left: number, top: number, width: number, height: number}} card */
  lie({ left, top, width, height }) {
    const { clientWidth, clientHeight } = this.panel.port.node;
    Object.assign(this.frame.style, { left: `${left - 2}px`, top: `${top - 2}px`, width: `${width + 4}px`, height: `${height + 4}px` });
    const { offsetWidth, offsetHeight } = this.node;
    const x = Math.max(4, Math.min(clientWidth - offsetWidth - 4, left + width / 2 - offsetWidth / 2));
    const below = top + height + 6;
    const y = below + offsetHeight <= clientHeight ? below : Math.max(4, Math.min(top - 6, clientHeight) - offsetHeight);
    Object.assign(this.node.style, { left: `${x}px`, top: `${y}px` });
  }
}
