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
