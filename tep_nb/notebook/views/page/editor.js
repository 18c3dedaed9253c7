// Editing a proposal in place, and what a text weighs that is not the proposal's own: an edit, or some of its hunks.

/** Milliseconds after the last stroke when the text is weighed. */
const PAUSE = 250;

class Editor {
  /** @param {Review} review */
  constructor(review) {
    this.review = review;
    this.due = 0;
    this.panel = make("div", { class: "tep-weigh", role: "status", "aria-live": "polite", hidden: true });
    review.context.cleanup.push(() => clearTimeout(this.due));
  }

  /** The field and its buttons. @returns {Node[]} */
  nodes() {
    const { review } = this;
    const { draft } = review;
    const write = () => {
      draft.text = area.value;
      draft.weighed = null;
      this.weigh();
    };
    const area = make("textarea", { class: "tep-edit", "aria-label": "New text", spellcheck: "false", oninput: write });
    area.value = draft.text;
    area.rows = Math.min(24, Math.max(6, area.value.split("\n").length + 2));
    area.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Escape") this.leave();
      else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) review.actions.save();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    this.area = area;
    const save = make("button", { type: "button", class: "tep-button tep-go", text: "Save", onclick: () => review.actions.save() });
    const leave = make("button", { type: "button", class: "tep-button", text: "Cancel", onclick: () => this.leave() });
    const note = make("span", { class: "tep-soft", text: "Save applies it as your edit. Ctrl+Enter saves, Esc cancels." });
    return [area, make("div", { class: "tep-edit-row" }, save, leave, note)];
  }

  open() {
    const { review } = this;
    review.draft.text = review.proposal.after;
    review.draft.weighed = null;
    review.show();
    this.area.focus();
    this.area.setSelectionRange(0, 0);
    this.weigh(0);
  }

  leave() {
    const { review } = this;
    clearTimeout(this.due);
    review.draft.text = null;
    review.draft.weighed = null;
    review.actions.fail("");
    review.show();
    review.actions.verbs.Edit.focus();
    if (this.partial) this.weigh(0);
  }

  /** Whether some hunks are taken and some left. */
  get partial() {
    const { proposal, draft } = this.review;
    return draft.checked.size > 0 && draft.checked.size < proposal.hunks;
  }

  /** Weigh the text, or the selection, when the hand rests. */
  weigh(wait = PAUSE) {
    clearTimeout(this.due);
    this.due = setTimeout(() => this.weighNow(), wait);
  }

  /**
   * Ask Python what the text in question weighs, and show it.
   * @returns {Promise<any>} with `faults` that forbid it, or null where nobody answers
   */
  async weighNow() {
    clearTimeout(this.due);
    const { review } = this;
    if (!review.proposal) return null;
    const { draft, current } = review;
    const asked = draft.text === null ? { hunks: [...draft.checked].sort((a, b) => a - b) } : { text: draft.text };
    const reply = await review.context.link.look("weigh", { proposal: current, ...asked });
    const now = draft.text === null ? !asked.text : asked.text === draft.text;
    if (reply.ok && now) draft.weighed = reply.data;
    if (current === review.current) {
      this.draw();
      review.actions.reason.drawHint();
    }
    return reply.ok ? reply.data : null;
  }

  draw() {
    const { review } = this;
    const weighed = review.proposal && review.draft.weighed;
    const shown = Boolean(weighed) && (review.draft.text !== null || this.partial);
    this.panel.hidden = !shown;
    if (!shown) return;
    const what = review.draft.text === null ? `${review.draft.checked.size === 1 ? "Hunk" : "Hunks"} ${[...review.draft.checked].sort((a, b) => a - b).join(", ")} only` : "This text";
    fill(
      this.panel,
      make("strong", { text: `${what}: ` }),
      make("span", { text: weighed.same ? "the prompt as it stands" : weighed.lines.map(weighedLine).join(" · ") }),
      ...weighed.faults.map((/** @type {string} */ text) => make("div", { class: "tep-over", text: `Cannot be applied: ${text}` })),
      ...weighed.cautions.map(warningLine),
    );
  }
}

/** @param {any} line */
const weighedLine = (line) => `${line.name} ${line.value}${line.limit ? ` of ${line.limit}` : ""}${line.kept ? "" : " (too much)"}`;
