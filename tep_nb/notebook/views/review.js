// The review panel: one proposal at a time. All state but the cursor, the boxes and a text being edited comes from Python.

const KEYS = [
  ["a", "approve the proposal as it stands"],
  ["t", "take the checked hunks, leave the others"],
  ["e", "edit the text in place"],
  ["v", "assess: buy evidence for the text"],
  ["r", "reject, with the reason"],
  ["s", "skip: not applied, nobody is told"],
  ["u", "undo the last decision"],
  ["j", "next proposal"],
  ["k", "previous proposal"],
  ["?", "this list"],
];

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
    /** @type {Object<string, HTMLButtonElement>} */
    this.verbs = {};
    /** @type {HTMLButtonElement | undefined} */
    this.questions = undefined;
    this.at = 0;
    this.current = "";
    /** Verb that waits for an override reason. */
    this.wants = "";
    this.drawn = "";
    /** @type {string[]} */
    this.known = [];
    this.undoing = false;
    this.onmove = (/** @type {any} */ _proposal) => {};
    this.onfail = () => {};
  }

  start() {
    this.build();
    follow(this.context, ["review"], () => this.draw());
    follow(this.context, ["status"], () => !this.proposal && this.drawEmpty());
    return { onkey: (/** @type {KeyboardEvent} */ event) => this.key(event), onbusy: () => this.buttons() };
  }

  get queue() {
    return (this.model.get("review") || {}).queue || [];
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
    this.alert = make("div", { class: "tep-alert", role: "alert", hidden: true });
    this.warnings = make("div", { class: "tep-warnings" });
    this.text = make("div", { class: "tep-text", role: "region", "aria-label": "Proposed text", tabindex: "0" });
    this.why = make("div", { class: "tep-why", role: "region", "aria-label": "Why, and what it does", tabindex: "0" });
    this.body = make("div", { class: "tep-review-body" }, this.text, this.why);
    this.empty = make("div", { class: "tep-empty" });
    this.decided = make("div", { class: "tep-decided" });
    this.help = make("dl", { class: "tep-help", hidden: true, id: `${this.context.link.name}-help` });
    for (const [key, what] of KEYS) this.help.append(make("dt", {}, make("kbd", { text: key })), make("dd", { text: what }));
    this.panel = make("section", { class: "tep-review", "aria-label": "Review", tabindex: "-1" });
    this.panel.append(this.head, this.warnings, this.body, this.empty, this.actions(), this.alert, this.decided, this.help);
    this.context.root.append(this.panel);
  }

  actions() {
    const { verbs } = this;
    const add = (/** @type {string} */ name, /** @type {string} */ key, /** @type {string} */ title, extra = "") => {
      verbs[name] = button(name, { key, title, class: extra, onclick: () => this.act(name) });
      return verbs[name];
    };
    this.reason = make("input", {
      class: "tep-reason",
      type: "text",
      "aria-label": "Reason",
      "aria-describedby": `${this.context.link.name}-hint`,
      autocomplete: "off",
      oninput: () => this.proposal && (this.draft.reason = this.reason.value),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.reasonKey(event),
    });
    this.hint = make("span", { class: "tep-hint", id: `${this.context.link.name}-hint` });
    this.questions = signButton("Keys", "?", {
      "aria-keyshortcuts": "?",
      "aria-expanded": "false",
      "aria-controls": `${this.context.link.name}-help`,
      onclick: () => this.toggleHelp(),
    });
    return make(
      "div",
      { class: "tep-actions", role: "group", "aria-label": "Decision" },
      add("Approve", "a", "Apply the proposed text as it stands", "tep-go"),
      add("Take", "t", "Apply the checked hunks only"),
      add("Edit", "e", "Write the text yourself"),
      add("Assess", "v", "Buy evidence: run the text and compare"),
      make("span", { class: "tep-gap" }),
      make("label", { class: "tep-reason-label" }, make("span", { "aria-hidden": "true", text: "Reason" }), this.reason),
      add("Reject", "r", "Leave the prompt; the editor will read the reason", "tep-no"),
      add("Skip", "s", "Leave the prompt and tell nobody"),
      add("Undo", "u", "Take back the last decision"),
      this.questions,
      this.hint,
    );
  }

  // --- drawing

  draw() {
    const queue = this.queue;
    const ids = queue.map((/** @type {any} */ p) => p.id);
    for (const id of this.drafts.keys()) if (!ids.includes(id)) this.drafts.delete(id);
    const back = this.undoing ? ids.find((/** @type {string} */ id) => !this.known.includes(id)) : "";
    if (back) {
      // What was taken back is what the person wants to see.
      this.undoing = false;
      this.at = ids.indexOf(back);
    }
    this.known = ids;
    if (back) return this.show(true);
    const found = queue.findIndex((/** @type {any} */ p) => p.id === this.current);
    // A decided proposal leaves the queue: the next one moves up into its place.
    this.at = found >= 0 ? found : Math.min(this.at, Math.max(0, queue.length - 1));
    return this.show(Boolean(this.proposal) && this.proposal.id !== this.current);
  }

  /** @param {boolean} moved */
  show(moved) {
    const proposal = this.proposal;
    this.current = proposal ? proposal.id : "";
    for (const node of [this.head, this.warnings, this.body]) node.hidden = !proposal;
    this.empty.hidden = Boolean(proposal);
    if (!proposal) this.wants = "";
    if (proposal) this.drawProposal(proposal, moved);
    else this.drawEmpty();
    this.drawDecided();
    this.buttons();
    this.hintText();
    if (moved) this.onmove(proposal);
  }

  /** @param {any} proposal @param {boolean} moved */
  drawProposal(proposal, moved) {
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
    if (moved) {
      this.wants = "";
      this.text.scrollTop = this.why.scrollTop = 0;
      this.reason.value = this.draft.reason;
      this.context.say(spokenSummary(proposal, this.at, this.queue.length));
    }
  }

  /** @param {any} proposal */
  drawHead(proposal) {
    const { size } = proposal;
    const grown = size.new - size.old;
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
      make("span", { class: "tep-soft", text: `${count(proposal.hunks, "hunk")} · ${size.edited} tokens edited · ${size.old} → ${size.new} (${grown > 0 ? "+" : ""}${grown})` }),
      this.draft.sent && make("span", { class: "tep-chip tep-waiting", text: `${this.draft.sent} …` }),
    );
    if (had) this.head.querySelector(`[data-move="${had}"]`)?.focus();
  }

  drawEmpty() {
    const { notes } = this.model.get("review") || {};
    const status = this.model.get("status") || {};
    this.drawn = "";
    fill(
      this.empty,
      make("p", { text: emptyText(status) }),
      notes && notes.length > 0 && make("ul", { class: "tep-notes" }, ...notes.map((/** @type {any} */ n) => make("li", {}, make("strong", { text: n.prompt }), " ", make("span", { text: n.text })))),
    );
  }

  /** What Undo would take back. */
  drawDecided() {
    const last = ((this.model.get("review") || {}).decided || [])[0];
    this.decided.hidden = !last;
    if (!last) return;
    const reason = last.reason && make("span", { class: "tep-soft", text: ` — ${last.reason}` });
    fill(this.decided, make("span", { class: "tep-soft", text: `Last decision, step ${last.step}: ` }), make("span", { text: `${last.by} ${last.verdict} ` }), make("strong", { text: last.prompt }), reason);
  }

  buttons() {
    if (!this.verbs.Approve) return;
    const proposal = this.proposal;
    const off = !proposal || Boolean(this.draft.sent) || this.context.link.lost;
    const editing = Boolean(proposal) && this.draft.text !== null;
    for (const name of ["Approve", "Reject", "Skip"]) disable(this.verbs[name], off || editing);
    disable(this.verbs.Assess, off);
    disable(this.verbs.Edit, off || editing);
    disable(this.verbs.Take, off || editing || this.draft.checked.size === 0);
    disable(this.verbs.Undo, this.context.link.lost || !((this.model.get("review") || {}).decided || []).length);
    disable(this.reason, off);
  }

  hintText() {
    const proposal = this.proposal;
    const against = proposal ? objection(proposal, this.draft) : "";
    this.reason.placeholder = against ? "why reject it, or why apply it all the same" : "why reject it";
    let text = "";
    if (this.wants) text = `${this.wants} goes against ${against}: write the reason in Reason, then Enter (Esc leaves).`;
    else if (against) text = `Applying this goes against ${against}: the Reason field is then the override reason.`;
    this.hint.textContent = text;
    this.hint.classList.toggle("tep-strong", Boolean(this.wants));
  }

  ticked() {
    this.buttons();
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
      else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.saveEditor();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    const note = make("span", { class: "tep-soft", text: "Save applies it as your edit. Ctrl+Enter saves, Esc cancels." });
    const save = make("button", { type: "button", class: "tep-button tep-go", text: "Save", onclick: () => this.saveEditor() });
    const leave = make("button", { type: "button", class: "tep-button", text: "Cancel", onclick: () => this.leaveEditor() });
    fill(this.text, area, make("div", { class: "tep-edit-row" }, save, leave, note));
    this.area = area;
  }

  openEditor() {
    this.draft.text = this.proposal.after;
    this.show(false);
    this.area.focus();
    this.area.setSelectionRange(0, 0);
  }

  leaveEditor() {
    this.draft.text = null;
    this.show(false);
    this.verbs.Edit.focus();
  }

  saveEditor() {
    const text = this.draft.text;
    if (this.needsReason("Edit")) return;
    this.decide("edit", { text, ...this.override() });
  }

  // --- acting

  /** @param {KeyboardEvent} event */
  key(event) {
    if (isField(event.target)) return;
    const names = { a: "Approve", t: "Take", e: "Edit", v: "Assess", r: "Reject", s: "Skip", u: "Undo" };
    const name = names[/** @type {"a"} */ (event.key)];
    if (event.key === "j" || event.key === "k") this.move(event.key === "j" ? 1 : -1);
    else if (event.key === "?") this.toggleHelp();
    else if (name && !this.verbs[name].disabled) this.act(name);
    else return;
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  reasonKey(event) {
    if (event.key === "Enter" && !event.isComposing) {
      if (this.wants === "Edit") this.saveEditor();
      else this.act(this.wants || "Reject");
    } else if (event.key === "Escape") {
      this.wants = "";
      this.hintText();
      this.panel.focus();
    } else return;
    event.preventDefault();
  }

  toggleHelp() {
    this.help.hidden = !this.help.hidden;
    this.questions?.setAttribute("aria-expanded", String(!this.help.hidden));
  }

  /** @param {number} by */
  move(by) {
    const to = this.at + by;
    if (to < 0 || to >= this.queue.length) return this.context.say(by > 0 ? "This is the last one." : "This is the first one.");
    this.at = to;
    this.show(true);
  }

  /** Show the first pending proposal of an agent. @param {string} agent */
  jump(agent) {
    const to = this.queue.findIndex((/** @type {any} */ p) => p.agents.includes(agent));
    if (to < 0 || to === this.at || this.proposal.agents.includes(agent)) return;
    this.at = to;
    this.show(true);
  }

  /** @param {string} name */
  act(name) {
    if (name === "Undo") {
      this.undoing = true;
      return this.send("undo", {});
    }
    if (!this.proposal || this.draft.sent) return undefined;
    if (name === "Edit") return this.openEditor();
    if (name === "Assess") return this.decide("assess", this.draft.text === null ? {} : { text: this.draft.text });
    if (name === "Skip") return this.decide("skip", {});
    if (name === "Reject") return this.reject();
    if (this.needsReason(name)) return undefined;
    if (name === "Approve") return this.decide("approve", this.override());
    return this.decide("take", { hunks: [...this.draft.checked].sort((a, b) => a - b), ...this.override() });
  }

  reject() {
    if (this.reason.value.trim()) return this.decide("reject", { reason: this.reason.value });
    this.wants = "";
    this.hint.textContent = "A rejection needs a reason: the editor will read it. Write it in Reason, then Enter.";
    this.hint.classList.add("tep-strong");
    return this.reason.focus();
  }

  /** Whether the verb waits for an override reason; then the Reason field has the focus. @param {string} name */
  needsReason(name) {
    if (!objection(this.proposal, this.draft, name) || this.reason.value.trim()) return false;
    this.wants = name;
    this.hintText();
    this.reason.focus();
    return true;
  }

  /** The override argument, given only where there is something to override. */
  override() {
    return objection(this.proposal, this.draft) && this.reason.value.trim() ? { override: this.reason.value.trim() } : {};
  }

  /** @param {string} verb @param {Object<string, any>} args */
  decide(verb, args) {
    const draft = this.draft;
    draft.sent = { assess: "assessing", approve: "approving", take: "taking", edit: "saving", reject: "rejecting", skip: "skipping" }[verb] || verb;
    this.wants = "";
    // The focus must not stay on a control that is about to be switched off, or the keys would go to the notebook.
    this.panel.focus({ preventScroll: true });
    return this.send(verb, { proposal: this.proposal.id, ...args }, draft);
  }

  /** @param {string} verb @param {Object<string, any>} args @param {Draft} [draft] */
  async send(verb, args, draft) {
    this.fail("");
    this.show(false);
    const reply = await this.context.link.command(verb, args);
    if (draft) draft.sent = "";
    if (!reply.ok) this.fail(reply.error);
    else if (draft && verb === "edit") draft.text = null;
    if (reply.ok) this.context.say(reply.note || `${verb}: done`);
    this.show(false);
  }

  /** @param {string} text */
  fail(text) {
    this.alert.hidden = !text;
    this.alert.textContent = text;
    this.onfail();
  }
}
