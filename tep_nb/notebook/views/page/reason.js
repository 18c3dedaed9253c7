// The Reason field: why a proposal is rejected, or applied against what speaks against it; recent reasons by one digit; and the line
// below that says what is wanted.

/** Recent reasons that have a digit. */
const RECENT = 5;
/** What is in line is used after all that was decided. */
const LATER = 1e9;

class ReasonField {
  /** @param {Actions} actions */
  constructor(actions) {
    this.actions = actions;
    this.review = actions.review;
    const { name } = actions.context.link;
    /**
     * What a second press, or Enter, is for: "Reject" lacks its reason, "all" is an approval although hunks are left out, "stray" a
     * reason that was begun for another proposal; any other verb lacks the reason that overrides what speaks against it.
     */
    this.wants = "";
    this.field = make("input", {
      class: "tep-reason",
      type: "text",
      "aria-label": "Reason",
      "aria-describedby": `${name}-hint`,
      autocomplete: "off",
      oninput: () => this.write(),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.key(event),
    });
    this.label = make("label", { class: "tep-reason-label" }, make("span", { "aria-hidden": "true", text: "Reason" }), this.field);
    this.hint = make("span", { class: "tep-hint", id: `${name}-hint` });
    this.recent = make("div", { class: "tep-recent", role: "group", "aria-label": "Given lately" });
    this.drawn = "";
  }

  /** What was written, empty where it is only white space. */
  get said() {
    return this.field.value.trim();
  }

  /** What this person gave as reasons, each in its place, also what is still in line: as Python will place it. @returns {{text: string, said: string, used: number}[]} */
  get reasons() {
    const { line, told } = this.review;
    const found = [...(told.reasons || [])];
    for (const [index, one] of line.sent.filter(({ verb }) => verb === "reject").entries()) {
      let at = found.findIndex(({ text }) => text === one.reason);
      if (at < 0) at = found.length < RECENT ? found.length : found.indexOf(found.reduce((a, b) => (b.used < a.used ? b : a)));
      const said = found[at]?.text === one.reason ? found[at].said : one.reason;
      found[at] = { text: one.reason, said, used: LATER + index };
    }
    return found;
  }

  /** Another proposal is shown; a reason that is being written when it comes by itself stays, and belongs to nobody yet. */
  reset() {
    const { proposal } = this.review;
    const writing = Boolean(proposal) && document.activeElement === this.field && Boolean(this.said) && performance.now() < this.review.deaf;
    this.wants = writing ? "stray" : "";
    if (writing) this.review.draft.reason = this.field.value;
    else this.field.value = proposal ? this.review.draft.reason : "";
  }

  /** @param {boolean} off */
  draw(off) {
    disable(this.field, off);
    this.drawRecent();
    this.drawHint();
  }

  /** Recent reasons as buttons, each with its digit. */
  drawRecent() {
    const { reasons } = this;
    const said = JSON.stringify(reasons.map((reason) => reason.text));
    if (this.drawn === said) return;
    this.drawn = said;
    const { name } = this.actions.context.link;
    // The words describe the button and are not its name: a reason that says "edit" could not be told from Edit.
    const one = (/** @type {any} */ reason, /** @type {number} */ index) => {
      const id = `${name}-lately-${index + 1}`;
      const digit = make("button", { type: "button", class: "tep-digit", "aria-keyshortcuts": index + 1, "aria-describedby": id }, make("kbd", { text: index + 1 }));
      return make("span", { class: "tep-button tep-quiet tep-recent-one", title: reason.said, onclick: () => this.pick(index) }, digit, make("span", { id, text: reason.said }));
    };
    this.recent.hidden = !reasons.length;
    fill(this.recent, reasons.length > 0 && make("span", { class: "tep-soft", text: "lately" }), ...reasons.map(one));
  }

  drawHint() {
    const { proposal } = this.review;
    const verb = ["Approve", "Take", "Edit"].find((one) => one === this.wants) || "";
    const against = proposal ? objection(proposal, this.review.draft, verb) : "";
    if (!proposal) this.wants = "";
    this.field.placeholder = against ? "why reject it, or why apply it all the same" : "why reject it";
    const text = proposal ? this.hintText(proposal, against) : "";
    if (this.hint.textContent !== text) this.hint.textContent = text;
    this.hint.classList.toggle("tep-strong", Boolean(this.wants) || this.review.loose);
  }

  /** @param {any} proposal @param {string} against */
  hintText(proposal, against) {
    if (this.review.loose) return GONE;
    const digits = this.reasons.length ? ` 1 to ${this.reasons.length}: a recent one.` : "";
    if (this.wants === "stray") return `${proposal.prompt} came while you were writing of another one: Enter twice rejects it with this reason.`;
    if (this.wants === "all" && !this.review.draft.checked.size) return "No hunk is checked: Reject or Skip leaves the prompt; Approve once more applies all of them.";
    if (this.wants === "all") return "Not all hunks are checked: Take (t) applies those that are; Approve once more applies all.";
    if (this.wants === "Reject") return `A rejection needs a reason: the editor will read it. Write it in Reason, then Enter.${digits}`;
    if (this.wants) return `${this.wants} goes against ${against}: write the reason in Reason, then Enter (Esc leaves).`;
    return against ? `Applying this goes against ${against}: the Reason field is then the override reason.` : "";
  }

  /** From now on something more is wanted. @param {string} what */
  want(what) {
    this.wants = what;
    this.drawHint();
    if (what === "all") this.actions.context.say(this.hint.textContent || "");
    else this.field.focus();
  }

  /** Whether the verb waits for an override reason; then the field has the focus. @param {string} verb */
  lacks(verb) {
    if (!objection(this.review.proposal, this.review.draft, verb) || this.said) return false;
    this.want(verb);
    return true;
  }

  write() {
    if (this.review.proposal) this.review.draft.reason = this.field.value;
  }

  /** Which recent reason a key stands for, -1 for none. @param {string} key */
  digit(key) {
    const n = /^[1-5]$/.test(key) ? Number(key) - 1 : -1;
    return n < this.reasons.length && this.review.proposal ? n : -1;
  }

  /** A recent reason into the field; where a rejection waits for one, it has it. @param {number} index */
  pick(index) {
    if (!this.review.proposal) return;
    this.field.value = this.reasons[index].text;
    this.write();
    if (this.wants === "Reject") this.actions.act("Reject");
    else this.actions.context.say(`Reason: ${this.reasons[index].said}`);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === "Enter" && !event.isComposing) this.enter();
    else if (event.key === "Escape") {
      this.wants = "";
      this.drawHint();
      this.review.panel.focus();
    } else if (this.wants === "Reject" && !this.field.value && !event.repeat && this.digit(event.key) >= 0) this.pick(this.digit(event.key));
    else return;
    event.preventDefault();
  }

  enter() {
    if (this.wants === "stray") this.want("Reject");
    else if (this.wants === "Edit") this.actions.save();
    else this.actions.act(["", "all"].includes(this.wants) ? "Reject" : this.wants);
  }
}
