// The field in which a row is chosen, and the list of those that fit.

/** Milliseconds without a key after which the rows are asked for. */
const TYPED = 150;

/** The field in which a row is chosen: a number, or words that stand in it. */
class RowChooser {
  /** @param {Context} context @param {(row: number) => void} onrow */
  constructor(context, onrow) {
    this.context = context;
    this.onrow = onrow;
    /** @type {any[]} */
    this.rows = [];
    this.at = -1;
    this.asked = 0;
    /** What was looked for to get the rows that are listed. */
    this.found = "";
    /** Enter was pressed before its rows had come. */
    this.eager = false;
    /** @type {any} */
    this.timer = 0;
    const list = `${context.link.name}-rows`;
    this.field = make("input", {
      class: "tep-row-field",
      type: "text",
      role: "combobox",
      placeholder: "Row: 17, or words",
      "aria-label": "Row",
      "aria-keyshortcuts": "i",
      "aria-expanded": "false",
      "aria-controls": list,
      "aria-autocomplete": "list",
      title: "Follow one example through the graph",
      autocomplete: "off",
      spellcheck: "false",
      oninput: () => this.soon(),
      onfocus: () => this.ask(),
      onblur: () => this.close(),
      onkeydown: (/** @type {KeyboardEvent} */ e) => this.key(e),
    });
    this.list = make("div", { class: "tep-row-list", role: "listbox", "aria-label": "Rows", id: list, tabindex: "-1" });
    this.note = make("div", { class: "tep-soft tep-row-note", role: "status" });
    this.popup = make("div", { class: "tep-row-popup", hidden: true }, this.list, this.note);
    // A press on the list must not take the focus from the field, or the list would be gone before the click.
    this.popup.addEventListener("pointerdown", (/** @type {Event} */ e) => e.preventDefault());
    this.popup.addEventListener("mousedown", (/** @type {Event} */ e) => e.preventDefault());
    this.node = make("div", { class: "tep-row-chooser" }, this.field, make("kbd", { "aria-hidden": "true", text: "i" }), this.popup);
    context.cleanup.push(() => clearTimeout(this.timer));
  }

  open() {
    this.field.focus();
    this.field.select();
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), TYPED);
  }

  async ask() {
    const asked = ++this.asked;
    const find = this.field.value;
    clearTimeout(this.timer);
    const reply = await this.context.link.look("rows", { find });
    if (asked !== this.asked || !this.field.matches(":focus")) return;
    this.found = find;
    this.rows = (reply.ok && reply.data.rows) || [];
    this.at = this.rows.length ? 0 : -1;
    const nodes = this.rows.map((row, index) => this.option(row, index));
    fill(this.list, ...nodes);
    this.note.textContent = reply.ok ? rowsNote(reply.data) : reply.error;
    this.popup.hidden = false;
    this.field.setAttribute("aria-expanded", "true");
    this.mark();
    if (this.eager) this.pick(this.at);
    this.eager = false;
  }

  /** @param {any} row @param {number} index */
  option(row, index) {
    return make(
      "div",
      { role: "option", class: "tep-row", id: `${this.list.id}-${index}`, "aria-selected": "false", onclick: () => this.pick(index) },
      make("b", { text: row.id }),
      make("span", { class: "tep-soft", text: row.split }),
      make("span", { class: "tep-row-text", text: row.text }),
      make("span", { class: "tep-soft", text: row.calls ? `at most ${count(row.calls, "call")}` : "no call" }),
    );
  }

  mark() {
    for (const [index, node] of [...this.list.children].entries()) {
      node.setAttribute("aria-selected", String(index === this.at));
      if (index === this.at) node.scrollIntoView({ block: "nearest" });
    }
    if (this.at >= 0) this.field.setAttribute("aria-activedescendant", `${this.list.id}-${this.at}`);
    else this.field.removeAttribute("aria-activedescendant");
  }

  close() {
    clearTimeout(this.timer);
    this.asked++;
    this.eager = false;
    this.popup.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }

  /** @param {number} index */
  pick(index) {
    const row = this.rows[index];
    if (!row) return;
    this.field.value = String(row.id);
    this.close();
    this.onrow(row.id);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.isComposing) return undefined;
    const shut = this.popup.hidden;
    // A list that scrolls would be the next stop of Tab, and is gone once the field is left: the focus would be nowhere.
    if (event.key === "Tab") return this.close();
    if (event.key === "Enter" && !shut && this.found === this.field.value) this.pick(this.at);
    else if (event.key === "Enter") {
      this.eager = true;
      this.ask();
    } else if (event.key === "ArrowDown" && shut) this.ask();
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const by = event.key === "ArrowDown" ? 1 : -1;
      this.at = Math.max(0, Math.min(this.rows.length - 1, this.at + by));
      this.mark();
    } else if (event.key === "Escape") {
      if (shut) this.field.closest(".tep-graph").focus({ preventScroll: true });
      this.close();
    } else return undefined;
    event.preventDefault();
    event.stopPropagation();
    return undefined;
  }
}

/** @param {any} data */
function rowsNote(data) {
  const more = data.after ? `${data.after} more: type words that stand in the row, or its number. ` : "";
  const none = data.rows.length ? "" : "No row of train or validation has that. ";
  return `${none}${more}Calls are those of following the row through the graph; what is recorded is not paid again.`;
}
