// The proposal under review as it lies before the person: verdict, warnings, text, reasons. Made once; what differs is drawn.

class Sheet {
  /** @param {Review} review */
  constructor(review) {
    this.review = review;
    /** What is drawn: proposal, its parts, and how. @type {any[]} */
    this.drawn = [];
    this.verdict = make("ul", { class: "tep-verdict", role: "list", "aria-label": "Proposal" });
    this.note = make("div", { class: "tep-note", hidden: true });
    // Beside the text and not above it: what a mouse decides with would move with each warning.
    this.warnings = make("div", { class: "tep-warnings" });
    this.text = make("div", { class: "tep-text", role: "region", "aria-label": "Proposed text", tabindex: "0" });
    this.rationale = make("div", {});
    this.evidence = make("div", {});
    this.reasons = make("div", {});
    this.why = make("div", { class: "tep-why", role: "region", "aria-label": "Why, and what it does", tabindex: "0" }, this.warnings, this.rationale, this.evidence, this.reasons);
    this.box = new EvidenceBox(review.context);
    this.editor = new Editor(review);
    this.finder = new SpanFinder(review.context, this);
    this.body = make("div", { class: "tep-review-body" }, make("div", { class: "tep-text-side" }, this.text, this.editor.panel), this.why);
    this.empty = make("div", { class: "tep-empty" });
    this.nodes = [this.note, this.body, this.empty];
  }

  /** @param {any} proposal @param {boolean} moved it was not shown before */
  draw(proposal, moved) {
    for (const node of [this.verdict, this.body]) node.hidden = !proposal;
    this.empty.hidden = Boolean(proposal);
    if (moved) this.box.clear();
    if (proposal) {
      fill(this.empty);
      this.drawProposal(proposal);
    } else this.drawEmpty();
    if (moved) this.text.scrollTop = this.why.scrollTop = 0;
  }

  /** @param {any} proposal */
  drawProposal(proposal) {
    const { draft, current, line } = this.review;
    const { store } = this.review.context;
    const [id, made, proof, edited, whole, back] = this.drawn;
    const now = [current, store.get(`proposal/${current}`), store.get(`proof/${current}`), draft.text !== null, draft.whole, line.back.get(current)];
    this.drawn = now;
    const anew = id !== current || made !== now[1];
    if (anew || proof !== now[2]) {
      fill(this.verdict, ...verdictNodes(proposal).filter(Boolean).map((node) => make("li", {}, node)));
      keepFocus(this.evidence, this.why, () => fill(this.evidence, ...evidenceNodes(proposal, this.box), ...earlierNodes(proposal)));
      fill(this.warnings, ...proposal.warnings.map(warningLine));
    }
    if (anew || back !== now[5]) this.drawNote(now[5]);
    if (anew || edited !== now[3] || whole !== now[4]) this.drawText(proposal);
    if (!anew) return;
    fill(this.rationale, ...rationaleNodes(proposal));
    fill(this.reasons, ...reasonNodes(proposal, (about) => this.finder.shower(about)));
  }

  /** @param {any} proposal */
  drawText(proposal) {
    const hunk = this.text.contains(document.activeElement) && document.activeElement?.getAttribute("data-hunk");
    const { draft } = this.review;
    if (draft.text === null) fill(this.text, ...diffNodes(proposal, draft, () => this.ticked()));
    else fill(this.text, ...this.editor.nodes());
    if (hunk) this.text.querySelector(`[data-hunk="${Number(hunk)}"]`)?.focus();
    this.finder.warn(draft.text === null ? proposal.warnings : []);
    this.editor.draw();
  }

  /** @param {string | undefined} why it came back */
  drawNote(why) {
    this.note.hidden = !why;
    fill(this.note, why && make("span", { text: why }));
  }

  drawEmpty() {
    const { told, waiting, agent, line, context } = this.review;
    const { notes = [] } = told;
    const others = waiting.length;
    const said = notes.map((/** @type {any} */ n) => make("li", {}, make("strong", { text: `${n.prompt}:` }), " ", make("span", { text: n.text })));
    this.drawn = [""];
    this.note.hidden = true;
    fill(this.warnings);
    this.finder.warn([]);
    const sent = line.sent.length ? "All is sent: what cannot be applied comes back here." : emptyText(context.store.get("status") || {});
    const text = agent && others ? `Nothing waits for ${agent}; of other agents, ${count(others, "proposal")}.` : sent;
    fill(this.empty, make("p", { text }), said.length > 0 && make("h4", { text: "No proposal, because" }), said.length > 0 && make("ul", { class: "tep-notes" }, ...said));
  }

  ticked() {
    const { actions, draft, proposal, context } = this.review;
    if (actions.reason.wants === "all") actions.reason.wants = "";
    draft.weighed = null;
    actions.draw();
    context.say(`${draft.checked.size} of ${count(proposal.hunks, "hunk")} checked`);
    this.editor.draw();
    if (this.editor.partial) this.editor.weigh();
  }

  /** Show or fold long unchanged stretches. */
  toggleWhole() {
    this.review.draft.whole = !this.review.draft.whole;
    this.review.show();
  }
}

/** Draw, and give the focus back to what had it, or to its region where it is gone. @param {Element} node @param {HTMLElement} region @param {() => void} draw */
function keepFocus(node, region, draw) {
  const focused = node.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
  draw();
  if (focused) (focused.isConnected ? focused : region).focus({ preventScroll: true });
}
