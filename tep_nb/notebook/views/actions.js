// What can be done with the proposal under review: buttons and keys, the reason, and the answer to each command.

/** Key, button, title, look, and what the list of keys says. @type {[string, string, string, string, string][]} */
const VERBS = [
  ["a", "Approve", "Apply the proposed text as it stands", "tep-go", "approve the proposal as it stands"],
  ["t", "Take", "Apply the checked hunks only", "", "take the checked hunks, leave the others"],
  ["e", "Edit", "Write the text yourself", "", "edit the text in place"],
  ["v", "Assess", "Buy evidence: run the text and compare", "", "assess: buy evidence for the text"],
  ["r", "Reject", "Leave the prompt; the editor will read the reason", "tep-no", "reject, with the reason"],
  ["s", "Skip", "Leave the prompt and tell nobody", "", "skip: not applied, nobody is told"],
  ["u", "Undo", "Take back the last decision", "", "undo the last decision"],
];
const WALKING = [
  ["j", "next proposal"],
  ["k", "previous proposal"],
  ["?", "this list"],
];
const SENT = { assess: "assessing", approve: "approving", take: "taking", edit: "saving", reject: "rejecting", skip: "skipping" };

class Actions {
  /** @param {Context} context @param {Review} review */
  constructor(context, review) {
    this.context = context;
    this.review = review;
    /** @type {Object<string, HTMLButtonElement>} */
    this.verbs = {};
    /** Verb that waits for an override reason. */
    this.wants = "";
    /** Reject was asked for and lacks its reason. */
    this.mute = false;
    this.build();
  }

  build() {
    const { name } = this.context.link;
    for (const [key, verb, title, look] of VERBS) this.verbs[verb] = button(verb, { key, title, class: look, onclick: () => this.act(verb) });
    this.reason = make("input", {
      class: "tep-reason",
      type: "text",
      "aria-label": "Reason",
      "aria-describedby": `${name}-hint`,
      autocomplete: "off",
      oninput: () => this.write(),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.reasonKey(event),
    });
    this.hint = make("span", { class: "tep-hint", id: `${name}-hint` });
    this.alert = make("div", { class: "tep-alert", role: "alert", hidden: true });
    this.help = make("dl", { class: "tep-help", hidden: true, id: `${name}-help` });
    for (const [key, what] of [...VERBS.map(([key, , , , what]) => [key, what]), ...WALKING]) {
      this.help.append(make("div", {}, make("dt", {}, make("kbd", { text: key })), make("dd", { text: what })));
    }
    const shape = { "aria-keyshortcuts": "?", "aria-expanded": "false", "aria-controls": `${name}-help`, onclick: () => this.toggleHelp() };
    /** @type {HTMLButtonElement} */
    this.questions = signButton("Keys", "?", shape);
    const { Approve, Take, Edit, Assess, Reject, Skip, Undo } = this.verbs;
    const label = make("label", { class: "tep-reason-label" }, make("span", { "aria-hidden": "true", text: "Reason" }), this.reason);
    const row = [Approve, Take, Edit, Assess, make("span", { class: "tep-gap" }), label, Reject, Skip, Undo, this.questions, this.hint];
    this.bar = make("div", { class: "tep-actions", role: "group", "aria-label": "Decision" }, ...row);
  }

  /** Another proposal is shown: what was half said of the last one is over. */
  reset() {
    this.wants = "";
    this.mute = false;
    this.fail("");
    this.reason.value = this.review.proposal ? this.review.draft.reason : "";
  }

  /** Switch on what can be done now, and say what speaks against it. */
  draw() {
    const { proposal } = this.review;
    const { lost } = this.context.link;
    const off = !proposal || Boolean(this.review.draft.sent) || lost;
    const editing = Boolean(proposal) && this.review.draft.text !== null;
    for (const name of ["Approve", "Reject", "Skip", "Edit"]) disable(this.verbs[name], off || editing);
    disable(this.verbs.Assess, off);
    disable(this.verbs.Take, off || editing || this.review.draft.checked.size === 0);
    disable(this.verbs.Undo, lost || !this.review.decisions.length);
    disable(this.reason, off);
    this.hintText();
  }

  hintText() {
    const { proposal } = this.review;
    const against = proposal ? objection(proposal, this.review.draft) : "";
    if (!proposal) this.wants = "";
    this.reason.placeholder = against ? "why reject it, or why apply it all the same" : "why reject it";
    let text = "";
    if (this.mute) text = "A rejection needs a reason: the editor will read it. Write it in Reason, then Enter.";
    else if (this.wants) text = `${this.wants} goes against ${against}: write the reason in Reason, then Enter (Esc leaves).`;
    else if (against) text = `Applying this goes against ${against}: the Reason field is then the override reason.`;
    this.hint.textContent = text;
    this.hint.classList.toggle("tep-strong", Boolean(this.mute || this.wants));
  }

  write() {
    if (this.review.proposal) this.review.draft.reason = this.reason.value;
  }

  toggleHelp() {
    this.help.hidden = !this.help.hidden;
    this.questions.setAttribute("aria-expanded", String(!this.help.hidden));
  }

  // --- keys

  /** @param {KeyboardEvent} event */
  key(event) {
    if (isField(event.target)) return;
    const [, name = ""] = VERBS.find(([key]) => key === event.key) || [];
    if (event.key === "j" || event.key === "k") this.review.move(event.key === "j" ? 1 : -1);
    else if (event.key === "?") this.toggleHelp();
    else if (name && !this.verbs[name].disabled) this.act(name);
    else return;
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  reasonKey(event) {
    if (event.key === "Enter" && !event.isComposing) {
      if (this.wants === "Edit") this.save();
      else this.act(this.wants || "Reject");
    } else if (event.key === "Escape") {
      this.wants = "";
      this.mute = false;
      this.hintText();
      this.review.panel.focus();
    } else return;
    event.preventDefault();
  }

  // --- acting

  /** @param {string} name */
  act(name) {
    const { review } = this;
    if (name === "Undo") {
      review.undoing = true;
      return this.send("undo", {});
    }
    if (!review.proposal || review.draft.sent) return undefined;
    const { draft } = review;
    if (name === "Edit") return review.openEditor();
    if (name === "Assess") return this.decide("assess", draft.text === null ? {} : { text: draft.text });
    if (name === "Skip") return this.decide("skip", {});
    if (name === "Reject") return this.reject();
    if (this.needsReason(name)) return undefined;
    if (name === "Approve") return this.decide("approve", this.override());
    return this.decide("take", { hunks: [...draft.checked].sort((a, b) => a - b), ...this.override() });
  }

  /** Apply the text that is being edited. */
  save() {
    if (this.needsReason("Edit")) return;
    this.decide("edit", { text: this.review.draft.text, ...this.override() });
  }

  reject() {
    if (this.reason.value.trim()) return this.decide("reject", { reason: this.reason.value });
    this.wants = "";
    this.mute = true;
    this.hintText();
    return this.reason.focus();
  }

  /** Whether the verb waits for an override reason; then the Reason field has the focus. @param {string} name */
  needsReason(name) {
    if (!objection(this.review.proposal, this.review.draft, name) || this.reason.value.trim()) return false;
    this.wants = name;
    this.mute = false;
    this.hintText();
    this.reason.focus();
    return true;
  }

  /** The override argument, given only where there is something to override. */
  override() {
    const reason = this.reason.value.trim();
    return objection(this.review.proposal, this.review.draft) && reason ? { override: reason } : {};
  }

  /** @param {string} verb @param {Object<string, any>} args */
  decide(verb, args) {
    const { draft, proposal, panel } = this.review;
    draft.sent = SENT[/** @type {"edit"} */ (verb)];
    this.wants = "";
    this.mute = false;
    // The focus must not stay on a control that is about to be switched off, or the keys would go to the notebook.
    panel.focus({ preventScroll: true });
    return this.send(verb, { proposal: proposal.id, ...args }, draft);
  }

  /** @param {string} verb @param {Object<string, any>} args @param {Draft} [draft] */
  async send(verb, args, draft) {
    this.fail("");
    this.review.show();
    const reply = await this.context.link.command(verb, args);
    if (draft) draft.sent = "";
    if (reply.ok && draft && verb === "edit") draft.text = null;
    if (reply.ok) this.context.say(reply.note || `${verb}: done`);
    // The new state came before this answer, but is perhaps not drawn yet.
    this.review.draw();
    if (!reply.ok) this.fail(reply.error);
  }

  /** Show a failure, or with no text take away the one that is shown. @param {string} text */
  fail(text) {
    const before = this.alert.textContent;
    if (text === before) return;
    this.alert.hidden = !text;
    this.alert.textContent = text;
    this.review.onfail(before);
  }
}
