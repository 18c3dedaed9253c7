// Find a node: over names, roles and fields; Enter jumps to the first match, and again to the next.

class Finder {
  /** @param {GraphPanel} panel */
  constructor(panel) {
    this.panel = panel;
    /** @type {string[]} */
    this.found = [];
    /** The match that was jumped to. */
    this.at = -1;
    this.words = "";
    this.field = make("input", {
      class: "tep-find-field",
      type: "search",
      placeholder: "Find a node",
      "aria-label": "Find a node",
      "aria-keyshortcuts": "/",
      title: "By name, role or field; Enter goes to the next match, Shift+Enter to the one before, Esc leaves",
      autocomplete: "off",
      spellcheck: "false",
      oninput: () => this.look(),
      onkeydown: (/** @type {KeyboardEvent} */ e) => this.key(e),
    });
    this.said = make("span", { class: "tep-soft tep-found-count", role: "status" });
    this.node = make("div", { class: "tep-find" }, this.field, make("kbd", { "aria-hidden": "true", text: "/" }), this.said);
  }

  open() {
    this.field.focus();
    this.field.select();
  }

  look() {
    this.words = this.field.value.trim().toLowerCase();
    this.at = -1;
    this.draw();
  }

  /** The matches anew: a role may have changed, or another graph is shown. */
  draw() {
    const words = this.words.split(/\s+/).filter(Boolean);
    const here = this.found[this.at];
    const names = this.panel.scene.nodes.map((/** @type {any} */ box) => box.name);
    this.found = words.length ? names.filter((/** @type {string} */ name) => this.fits(name, words)) : [];
    // What is called so comes before what is only described so; else the order of the graph.
    this.found.sort((one, other) => this.rank(one) - this.rank(other));
    this.at = this.found.indexOf(here);
    this.say();
  }

  /** @param {string} name @param {string[]} words */
  fits(name, words) {
    const card = this.panel.cardOf(name);
    const text = [name, card.role, ...(card.fields || [])].join("\n").toLowerCase();
    return words.every((word) => text.includes(word));
  }

  /** @param {string} name */
  rank(name) {
    const at = name.toLowerCase().indexOf(this.words);
    return at === 0 ? 0 : at > 0 ? 1 : 2;
  }

  say() {
    const { found, at, words } = this;
    const line = !words ? "" : at < 0 ? (found.length ? `${found.length} found` : "none found") : `${at + 1} of ${found.length}`;
    if (this.said.textContent !== line) this.said.textContent = line;
    this.panel.mark();
  }

  /** @param {number} by */
  jump(by) {
    if (!this.found.length) return;
    this.at = this.at < 0 ? (by > 0 ? 0 : this.found.length - 1) : (this.at + by + this.found.length) % this.found.length;
    this.panel.goTo(this.found[this.at]);
    this.say();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter") this.jump(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") this.leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Back to the graph, where the search has led. */
  leave() {
    this.field.value = "";
    this.look();
    this.panel.focus();
  }
}
