// The review panel: one proposal at a time. All state but the cursor, the boxes and a text being edited comes from Python.

/** What the panel says of where it stands, kept per proposal so that walking the queue loses nothing. */
class Draft {
  /** @param {any} proposal */
  constructor(proposal) {
    /** @type {Set<number>} */
    this.checked = new Set(Array.from({ length: proposal.hunks }, (_, index) => index + 1));
    /** @type {string | null} */
    this.text = null;
    this.reason = "";
    /** Verb whose answer is awaited. */
    this.sent = "";
  }
}

/** @param {Context} context */
function reviewView(context) {
  return new Review(context).start();
}

class Review {
  /** @param {Context} context */
  constructor(context) {
    this.context = context;
    this.model = context.model;
    /** @type {Map<string, Draft>} */
    this.drafts = new Map();
    this.at = 0;
    this.current = "";
    this.drawn = "";
    /** @type {string[]} */
    this.known = [];
    this.undoing = false;
    this.onmove = (/** @type {any} */ _proposal) => {};
    this.onfail = (/** @type {string} */ _over) => {};
  }

  start() {
    this.build();
    follow(this.context, ["review"], () => this.draw());
    follow(this.context, ["status"], () => !this.proposal && this.drawEmpty());
    return { onkey: (/** @type {KeyboardEvent} */ event) => this.actions.key(event), onbusy: () => this.actions?.draw() };
  }

  get queue() {
    return (this.context.store.get("review") || {}).queue || [];
  }

  get decisions() {
    return (this.context.store.get("review") || {}).decided || [];
  }

  get proposal() {
    return this.queue[this.at];
  }

  /** @returns {Draft} */
  get draft() {
    const proposal = this.proposal;
    if (!this.drafts.has(proposal.id)) this.drafts.set(proposal.id, new Draft(proposal));
    return /** @type {Draft} */ (this.drafts.get(proposal.id));
  }

  // --- the frame, made once so that focus survives every update

  build() {
    this.head = make("div", { class: "tep-review-head" });
    this.warnings = make("div", { class: "tep-warnings" });
    this.text = make("div", { class: "tep-text", role: "region", "aria-label": "Proposed text", tabindex: "0" });
    this.why = make("div", { class: "tep-why", role: "region", "aria-label": "Why, and what it does", tabindex: "0" });
    this.body = make("div", { class: "tep-review-body" }, this.text, this.why);
    this.empty = make("div", { class: "tep-empty" });
    this.decided = make("div", { class: "tep-decided" });
    this.panel = make("section", { class: "tep-review", "aria-label": "Review", tabindex: "-1" });
    const actions = new Actions(this.context, this);
    this.actions = actions;
    this.panel.append(this.head, this.warnings, this.body, this.empty, actions.bar, actions.alert, actions.help, this.decided);
    this.context.root.append(this.panel);
  }

  // --- drawing

  draw() {
    const queue = this.queue;
    const ids = queue.map((/** @type {any} */ p) => p.id);
    for (const id of this.drafts.keys()) if (!ids.includes(id)) this.drafts.delete(id);
    const back = this.undoing ? ids.findIndex((/** @type {string} */ id) => !this.known.includes(id)) : -1;
    const found = ids.indexOf(this.current);
    // What was taken back is what the person wants to see. A decided proposal leaves the queue: the next one moves up into its place.
    if (back >= 0) this.at = back;
    else this.at = found >= 0 ? found : Math.min(this.at, Math.max(0, queue.length - 1));
    if (back >= 0) this.undoing = false;
    this.known = ids;
    this.show();
  }

  /** Draw where the cursor is; whoever calls it, a proposal that was not shown before is begun anew. */
  show() {
    const proposal = this.proposal;
    const id = proposal ? proposal.id : "";
    const moved = id !== this.current;
    this.current = id;
    for (const node of [this.head, this.warnings, this.body]) node.hidden = !proposal;
    this.empty.hidden = Boolean(proposal);
    if (moved) this.actions.reset();
    if (proposal) this.drawProposal(proposal);
    else this.drawEmpty();
    this.drawDecided();
    this.actions.draw();
    if (!moved || !proposal) return;
    this.text.scrollTop = this.why.scrollTop = 0;
    this.context.say(spokenSummary(proposal, this.at, this.queue.length));
    this.onmove(proposal);
  }

  /** @param {any} proposal */
  drawProposal(proposal) {
    const focused = this.text.contains(document.activeElement) ? document.activeElement : null;
    const hunk = focused?.getAttribute("data-hunk");
    this.drawHead(proposal);
    fill(this.warnings, ...proposal.warnings.map(warningLine));
    const same = JSON.stringify(proposal.segments) + proposal.id + (this.draft.text === null);
    if (same !== this.drawn) {
      this.drawn = same;
      if (this.draft.text === null) fill(this.text, ...diffNodes(proposal, this.draft, () => this.ticked()));
      else this.drawEditor();
      if (hunk) this.text.querySelector(`[data-hunk="${Number(hunk)}"]`)?.focus();
    }
    fill(this.why, ...whyNodes(proposal));
  }

  /** @param {any} proposal */
  drawHead(proposal) {
    const { size } = proposal;
    const grown = size.new - size.old;
    const change = grown ? ` (${grown > 0 ? "+" : "−"}${Math.abs(grown)})` : "";
    const agents = proposal.agents.join(", ");
    const shared = agents === proposal.prompt ? null : make("span", { class: "tep-soft", text: `used by ${agents}` });
    const move = (/** @type {number} */ by, /** @type {string} */ name, /** @type {string} */ key, /** @type {string} */ look) =>
      signButton(name, look, { "aria-keyshortcuts": key, "data-move": key, onclick: () => this.move(by) });
    const had = this.head.contains(document.activeElement) && document.activeElement?.getAttribute("data-move");
    fill(
      this.head,
      make("span", { class: "tep-pager" }, move(-1, "Previous", "k", "‹ k"), make("span", { class: "tep-count", text: `${this.at + 1} / ${this.queue.length}` }), move(1, "Next", "j", "j ›")),
      make("strong", { class: "tep-name", text: proposal.prompt }),
      shared,
      make("span", { class: "tep-chip", text: `${proposal.phase}, step ${proposal.step}` }),
      make("span", { class: "tep-chip", text: proposal.by === "editor" ? "by the editor" : `by ${proposal.by}` }),
      make("span", { class: "tep-soft", text: `${count(proposal.hunks, "hunk")} · ${count(size.edited, "token")} edited · ${size.old} → ${size.new}${change}` }),
      this.draft.sent && make("span", { class: "tep-chip tep-waiting", text: `${this.draft.sent} …` }),
    );
    if (had) this.head.querySelector(`[data-move="${had}"]`)?.focus();
  }

  drawEmpty() {
    const { notes = [] } = this.context.store.get("review") || {};
    const status = this.context.store.get("status") || {};
    const said = notes.map((/** @type {any} */ n) => make("li", {}, make("strong", { text: `${n.prompt}:` }), " ", make("span", { text: n.text })));
    this.drawn = "";
    fill(this.empty, make("p", { text: emptyText(status) }), said.length > 0 && make("ul", { class: "tep-notes" }, ...said));
  }

  /** What Undo would take back. */
  drawDecided() {
    const [last] = this.decisions;
    this.decided.hidden = !last;
    if (!last) return;
    const reason = last.reason && make("span", { class: "tep-soft", text: ` — ${last.reason}` });
    fill(this.decided, make("span", { class: "tep-soft", text: `Last decision, step ${last.step}: ` }), make("span", { text: `${last.by} ${last.verdict} ` }), make("strong", { text: last.prompt }), reason);
    this.decided.title = last.reason || "";
  }

  ticked() {
    this.actions.draw();
    const { checked } = this.draft;
    this.context.say(`${checked.size} of ${count(this.proposal.hunks, "hunk")} checked`);
  }

  // --- editing in place

  drawEditor() {
    const draft = this.draft;
    const area = make("textarea", { class: "tep-edit", "aria-label": "New text", spellcheck: "false", oninput: () => (draft.text = area.value) });
    area.value = draft.text;
    area.rows = Math.min(24, Math.max(6, area.value.split("\n").length + 2));
    area.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Escape") this.leaveEditor();
      else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.actions.save();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    const note = make("span", { class: "tep-soft", text: "Save applies it as your edit. Ctrl+Enter saves, Esc cancels." });
    const save = make("button", { type: "button", class: "tep-button tep-go", text: "Save", onclick: () => this.actions.save() });
    const leave = make("button", { type: "button", class: "tep-button", text: "Cancel", onclick: () => this.leaveEditor() });
    fill(this.text, area, make("div", { class: "tep-edit-row" }, save, leave, note));
    this.area = area;
  }

  openEditor() {
    this.draft.text = this.proposal.after;
    this.show();
    this.area.focus();
    this.area.setSelectionRange(0, 0);
  }

  leaveEditor() {
    this.draft.text = null;
    this.actions.fail("");
    this.show();
    this.actions.verbs.Edit.focus();
  }

  // --- walking

  /** @param {number} by */
  move(by) {
    const to = this.at + by;
    if (to < 0 || to >= this.queue.length) return this.context.say(by > 0 ? "This is the last one." : "This is the first one.");
    this.at = to;
    this.show();
  }

  /** Show the first pending proposal of an agent. @param {string} agent */
  jump(agent) {
    const to = this.queue.findIndex((/** @type {any} */ p) => p.agents.includes(agent));
    if (to < 0 || to === this.at || this.proposal.agents.includes(agent)) return;
    this.at = to;
    this.show();
  }
}
