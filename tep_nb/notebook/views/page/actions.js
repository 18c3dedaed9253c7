// What can be done with the proposal under review: buttons and keys, the reason, and the commands that they send. No key waits for
// an answer: the command is put in the kernel's line, and the next proposal is shown.

/** Key, button, title, look, and what the list of keys says. @type {[string, string, string, string, string][]} */
const VERBS = [
  ["a", "Approve", "Apply the proposed text as it stands", "tep-go", "approve the proposal as it stands"],
  ["t", "Take", "Apply the checked hunks only", "", "take the checked hunks, leave the others"],
  ["e", "Edit", "Write the text yourself", "", "edit the text in place"],
  ["v", "Assess", "Buy evidence: run the text and compare", "", "assess: buy evidence for the text"],
  ["r", "Reject", "Leave the prompt; the editor will read the reason", "tep-no", "reject, with the reason"],
  ["s", "Skip", "Leave the prompt and tell nobody", "", "skip: not applied, nobody is told"],
  ["u", "Undo", "Take back the last decision", "", "undo the last decision"],
  ["n", "Another", "Ask the editor for another proposal; the Reason says what is wrong with this one", "", "ask for another proposal"],
  ["V", "Metric", "Buy the metric before and after, on the validation rows: in the free phase Assess buys the critic's score", "", "assess by the metric, in the free phase too"],
  ["f", "Freeze", "Ask for no edit of this prompt any more; its proposal is withdrawn", "", "freeze this prompt"],
];
/** Buttons of the second row. */
const SECOND = ["Another", "Metric", "Freeze"];
const WALKING = [
  ["1–5", "a recent reason into Reason; after r, reject with it"],
  ["w", "whole text, or unchanged stretches folded"],
  ["j", "next proposal"],
  ["k", "previous proposal"],
  ["?", "this list"],
];

class Actions {
  /** @param {Context} context @param {Review} review */
  constructor(context, review) {
    this.context = context;
    this.review = review;
    /** @type {Object<string, HTMLButtonElement>} */
    this.verbs = {};
    this.reason = new ReasonField(this);
    this.build();
  }

  build() {
    const { name } = this.context.link;
    for (const [key, verb, title, look] of VERBS) this.verbs[verb] = button(verb, { key, title, class: look, onclick: () => this.act(verb) });
    this.alert = make("div", { class: "tep-alert", role: "alert", hidden: true });
    this.help = make("dl", { class: "tep-help", hidden: true, id: `${name}-help` });
    this.explain([...VERBS.map(([key, , , , what]) => [key, what]), ...WALKING]);
    const shape = { "aria-keyshortcuts": "?", "aria-expanded": "false", "aria-controls": `${name}-help`, onclick: () => this.toggleHelp() };
    /** @type {HTMLButtonElement} */
    this.questions = signButton("Keys", "?", shape);
    const { Approve, Take, Edit, Assess, Reject, Skip, Undo } = this.verbs;
    const { label, hint, recent } = this.reason;
    const row = [Approve, Take, Edit, Assess, make("span", { class: "tep-gap" }), label, Reject, Skip, Undo, this.questions, hint];
    this.bar = make("div", { class: "tep-actions", role: "group", "aria-label": "Decision" }, ...row);
    this.more = make("div", { class: "tep-more", role: "group", "aria-label": "More" }, ...SECOND.map((verb) => this.verbs[verb]), this.review.head.news, recent);
  }

  /** Keys and what they do, for the list of keys; the studio adds those of its other views. @param {string[][]} keys */
  explain(keys) {
    for (const [key, what] of keys) this.help.append(make("div", {}, make("dt", {}, make("kbd", { text: key })), make("dd", { text: what })));
  }

  /** Another proposal is shown: what was half said of the last one is over. */
  reset() {
    this.fail("");
    this.reason.reset();
  }

  /** Switch on what means something now, and say what speaks against it. */
  draw() {
    const { proposal, line, decisions } = this.review;
    const off = !proposal || this.context.link.lost;
    const draft = proposal && this.review.draft;
    const editing = Boolean(draft) && draft.text !== null;
    for (const name of ["Approve", "Reject", "Skip", "Edit", "Freeze"]) disable(this.verbs[name], off || editing);
    for (const name of ["Assess", "Metric"]) disable(this.verbs[name], off || line.has("assess", this.review.current));
    disable(this.verbs.Take, off || editing || draft.checked.size === 0);
    disable(this.verbs.Another, off || editing || !proposal.critiques.length);
    const last = line.undoable(decisions);
    disable(this.verbs.Undo, this.context.link.lost || !last);
    this.verbs.Undo.title = last ? `Take back: ${last.waits ? SAID[last.verb][0] : /** @type {any} */ (last).verdict} ${last.prompt}` : "Nothing to take back";
    const part = Boolean(draft) && draft.checked.size < proposal.hunks;
    this.verbs.Take.classList.toggle("tep-go", part);
    this.verbs.Approve.classList.toggle("tep-go", !part);
    for (const verb of SECOND) this.verbs[verb].hidden = !proposal || (verb === "Metric" && proposal.phase !== "free");
    this.reason.draw(off);
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
    else if (event.key === "?" || (event.key === "Escape" && !this.help.hidden)) this.toggleHelp();
    else if (event.key === "w" && this.review.proposal) this.review.sheet.toggleWhole();
    else if (this.reason.digit(event.key) >= 0) this.reason.pick(this.reason.digit(event.key));
    else if (name && !isOff(this.verbs[name])) this.press(name, event);
    else return;
    event.preventDefault();
  }

  /** A key decides what was shown when it was pressed: not what a held key or a proposal that came by itself slides under it. @param {string} name @param {KeyboardEvent} event */
  press(name, event) {
    if (event.repeat) return undefined;
    const decides = !["Edit", "Assess", "Metric", "Undo"].includes(name) && (name !== "Reject" || this.reason.said);
    if (decides && this.review.tooSoon()) return this.context.say("Another proposal has just come: press again to decide this one.");
    return this.act(name);
  }

  // --- acting

  /** @param {string} name */
  act(name) {
    const { review } = this;
    if (name === "Undo") return this.undo();
    if (!review.proposal) return undefined;
    const { draft, proposal } = review;
    const { said } = this.reason;
    if (name === "Edit") return review.editor.open();
    if (name === "Assess") return this.assess();
    if (name === "Metric") return this.assess({ kind: "metric" });
    if (name === "Skip") return this.decide("skip", {});
    if (name === "Reject") return this.reject();
    if (name === "Another") return this.decide("again", said ? { reason: said } : {});
    if (name === "Freeze") return this.freeze(proposal);
    if (this.reason.lacks(name)) return undefined;
    if (name === "Approve" && draft.checked.size < proposal.hunks && this.reason.wants !== "all") return this.reason.want("all");
    if (name === "Approve") return this.decide("approve", this.override(name));
    return this.decide("take", { hunks: [...draft.checked].sort((a, b) => a - b), ...this.override(name) });
  }

  undo() {
    const last = this.review.line.undoable(this.review.decisions);
    if (!last) return undefined;
    const also = !last.waits && this.review.told.since?.length ? ` (and ${this.review.told.since.join(", ")})` : "";
    return this.send("undo", { id: last.id, prompt: `${last.prompt}${also}` }, { proposal: last.id });
  }

  /** Evidence of the text as it stands: the edit, the selection, or the proposal. @param {{kind?: string}} [how] */
  async assess(how = {}) {
    const { draft, proposal, editor } = this.review;
    let args = draft.text === null ? {} : { text: draft.text };
    if (draft.text === null && editor.partial) {
      const weighed = await editor.weighNow();
      if (!weighed || weighed.faults.length) return this.fail(weighed ? weighed.faults.join("; ") : "The kernel does not answer.");
      args = { text: weighed.text };
    }
    return this.send("assess", proposal, { proposal: proposal.id, ...how, ...args });
  }

  /** Apply the text that is being edited. */
  async save() {
    const { review } = this;
    const { draft, current } = review;
    const { text } = draft;
    const weighed = await review.editor.weighNow();
    if (current !== review.current || draft.text !== text) return undefined;
    if (weighed && weighed.faults.length) return this.fail(weighed.faults.join("; "));
    if (this.reason.lacks("Edit")) return undefined;
    return this.decide("edit", { text, ...this.override("Edit") });
  }

  reject() {
    const { said } = this.reason;
    return said ? this.decide("reject", { reason: said }) : this.reason.want("Reject");
  }

  /** @param {any} proposal */
  freeze(proposal) {
    this.review.head.frozen = proposal.prompt;
    return this.send("freeze", proposal, { prompt: proposal.prompt });
  }

  /** Ask for edits of a prompt again. @param {string} prompt */
  free(prompt) {
    this.review.panel.focus({ preventScroll: true });
    return this.send("free", { id: "", prompt }, { prompt, off: true });
  }

  /** The override argument, given only where there is something to override. @param {string} verb */
  override(verb) {
    const { said } = this.reason;
    return objection(this.review.proposal, this.review.draft, verb) && said ? { override: said } : {};
  }

  /** @param {string} verb @param {Object<string, any>} args */
  decide(verb, args) {
    const { draft, proposal, clock } = this.review;
    return this.send(verb, proposal, { proposal: proposal.id, ...args, seconds: clock.seconds(draft) });
  }

  /** Put a command in the line; where it settles a proposal, the next one is shown at once. @param {string} verb @param {{id: string, prompt: string}} what @param {Object<string, any>} args */
  async send(verb, what, args) {
    const { review } = this;
    this.fail("");
    // The focus must not stay in a field that is about to belong to another proposal, or the next key would be text.
    if (isField(document.activeElement) && review.panel.contains(document.activeElement) && verb !== "assess") review.panel.focus({ preventScroll: true });
    const one = review.line.add(verb, what.id, what.prompt);
    if (verb === "reject") one.reason = args.reason;
    const answer = this.context.link.command(verb === "free" ? "freeze" : verb, args);
    if (review.queue.includes(review.current)) review.show();
    else review.advance();
    one.at = review.current;
    review.answered(one, await answer);
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
