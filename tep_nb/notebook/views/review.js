// The review panel: one proposal at a time. What was decided comes from Python; the cursor, the boxes, a text being edited and the
// line of what was sent are the page's own.

/** Milliseconds for which a proposal that came by itself cannot be decided by key: the press was meant for the one before. */
const FRESH = 150;

/** @param {Context} context */
function reviewView(context) {
  return new Review(context).start();
}

class Review {
  /** @param {Context} context */
  constructor(context) {
    this.context = context;
    /** @type {Map<string, Draft>} */
    this.drafts = new Map();
    this.line = new Line();
    /** Proposal under review, agent that the queue is filtered by. */
    this.current = "";
    this.agent = "";
    /** The queue as it was last drawn: where the cursor was in it. @type {string[]} */
    this.known = [];
    this.slid = -FRESH;
    /** What the panel shows, to draw only what differs. @type {any[]} */
    this.drawn = [];
    this.onmove = (/** @type {any} */ _proposal) => {};
    this.onfail = (/** @type {string} */ _over) => {};
  }

  start() {
    this.build();
    follow(this.context, ["review", "proposal", "proof"], () => this.draw());
    follow(this.context, ["status"], () => {
      this.head.draw();
      if (!this.proposal) this.drawEmpty();
    });
    return { onkey: (/** @type {KeyboardEvent} */ event) => this.actions.key(event), onbusy: () => this.actions?.draw() };
  }

  get told() {
    return this.context.store.get("review") || {};
  }

  get decisions() {
    return this.told.decided || [];
  }

  /** A proposal with what was measured of it. @param {string} id */
  look(id) {
    const { store } = this.context;
    const proposal = store.get(`proposal/${id}`);
    return proposal ? { ...proposal, ...(store.get(`proof/${id}`) || { evidence: [], earlier: [] }) } : undefined;
  }

  /** Ids of what waits and was not sent: what came back first, then in topological order. @returns {string[]} */
  get waiting() {
    const open = (this.told.queue || []).filter((/** @type {string} */ id) => !this.line.holds(id) && this.context.store.get(`proposal/${id}`));
    const back = (/** @type {string} */ id) => this.line.back.has(id);
    return [...open.filter(back), ...open.filter((/** @type {string} */ id) => !back(id))];
  }

  /** Those of the agent that is chosen. */
  get queue() {
    return this.agent ? this.waiting.filter((id) => this.look(id)?.agents.includes(this.agent)) : this.waiting;
  }

  get at() {
    return this.queue.indexOf(this.current);
  }

  get proposal() {
    return this.current ? this.look(this.current) : undefined;
  }

  /** @returns {Draft} */
  get draft() {
    const id = this.current;
    if (!this.drafts.has(id)) this.drafts.set(id, new Draft(this.proposal));
    return /** @type {Draft} */ (this.drafts.get(id));
  }

  // --- the frame, made once so that focus survives every update

  build() {
    this.panel = make("section", { class: "tep-review", "aria-label": "Review", tabindex: "-1" });
    this.head = new QueueHead(this);
    this.verdict = make("ul", { class: "tep-verdict", role: "list", "aria-label": "Proposal" });
    this.note = make("div", { class: "tep-note", hidden: true });
    this.warnings = make("div", { class: "tep-warnings" });
    this.text = make("div", { class: "tep-text", role: "region", "aria-label": "Proposed text", tabindex: "0" });
    this.rationale = make("div", {});
    this.evidence = make("div", {});
    this.reasons = make("div", {});
    this.why = make("div", { class: "tep-why", role: "region", "aria-label": "Why, and what it does", tabindex: "0" }, this.rationale, this.evidence, this.reasons);
    this.box = new EvidenceBox(this.context);
    this.editor = new Editor(this);
    this.finder = new SpanFinder(this);
    this.body = make("div", { class: "tep-review-body" }, make("div", { class: "tep-text-side" }, this.text, this.editor.panel), this.why);
    this.empty = make("div", { class: "tep-empty" });
    this.decided = make("div", { class: "tep-decided" });
    const actions = new Actions(this.context, this);
    this.actions = actions;
    const title = make("h3", { class: "tep-spoken", text: "Review" });
    this.panel.append(title, this.head.node, this.verdict, this.note, this.warnings, this.body, this.empty, actions.bar, actions.more, actions.alert, actions.help, this.decided);
    this.context.root.append(this.panel);
    this.clock = new Clock(this.context, this.panel);
  }

  // --- drawing

  draw() {
    const all = this.told.queue || [];
    for (const id of this.drafts.keys()) if (!all.includes(id)) this.drafts.delete(id);
    const { queue } = this;
    if (!queue.includes(this.current)) {
      // What was decided elsewhere leaves: the next one moves up into its place, and no key that is under way may decide it.
      if (this.current || this.line.back.has(queue[0])) this.slid = performance.now();
      this.current = this.next(queue);
    }
    this.show();
  }

  /** The next one still there, in the order in which they were shown. @param {string[]} queue */
  next(queue) {
    const from = this.known.indexOf(this.current);
    return this.known.slice(from + 1).find((id) => queue.includes(id)) || queue[Math.max(0, Math.min(from, queue.length - 1))] || "";
  }

  /** Go on to the next one: this one was sent, and left the queue. */
  advance() {
    this.current = this.next(this.queue);
    this.show();
  }

  /** Draw where the cursor is; whoever calls it, a proposal that was not shown before is begun anew. */
  show() {
    const { proposal } = this;
    const moved = this.drawn[0] !== this.current;
    for (const node of [this.verdict, this.body]) node.hidden = !proposal;
    this.empty.hidden = Boolean(proposal);
    if (moved) {
      this.actions.reset();
      this.box.clear();
      this.clock.turn(proposal ? this.draft : null);
    }
    if (proposal) this.drawProposal(proposal);
    else this.drawEmpty();
    this.known = this.queue;
    this.head.draw();
    this.drawDecided();
    this.actions.draw();
    if (!moved || !proposal) return;
    this.text.scrollTop = this.why.scrollTop = 0;
    const back = this.line.back.get(this.current);
    this.context.say(`${back ? `${back}. ` : ""}${spokenSummary(proposal, this.at, this.queue.length)}`);
    this.onmove(proposal);
  }

  /** @param {any} proposal */
  drawProposal(proposal) {
    const { draft, current } = this;
    const [id, made, proof, edited, whole, back] = this.drawn;
    const now = [current, this.context.store.get(`proposal/${current}`), this.context.store.get(`proof/${current}`), draft.text !== null, draft.whole, this.line.back.get(current)];
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
    if (this.draft.text === null) fill(this.text, ...diffNodes(proposal, this.draft, () => this.ticked()));
    else fill(this.text, ...this.editor.nodes());
    if (hunk) this.text.querySelector(`[data-hunk="${Number(hunk)}"]`)?.focus();
    this.finder.warn(this.draft.text === null ? proposal.warnings : []);
    this.editor.draw();
  }

  /** @param {string | undefined} why it came back */
  drawNote(why) {
    this.note.hidden = !why;
    fill(this.note, why && make("span", { text: why }));
  }

  drawEmpty() {
    const { notes = [] } = this.told;
    const status = this.context.store.get("status") || {};
    const others = this.waiting.length;
    const said = notes.map((/** @type {any} */ n) => make("li", {}, make("strong", { text: `${n.prompt}:` }), " ", make("span", { text: n.text })));
    this.drawn = [""];
    this.note.hidden = true;
    fill(this.warnings);
    this.finder.warn([]);
    const text = this.agent && others ? `Nothing waits for ${this.agent}; of other agents, ${count(others, "proposal")}.` : this.line.sent.length ? "All is sent: what cannot be applied comes back here." : emptyText(status);
    fill(this.empty, make("p", { text }), said.length > 0 && make("ul", { class: "tep-notes" }, ...said));
  }

  /** What Undo would take back. */
  drawDecided() {
    const last = this.line.undoable(this.decisions);
    this.decided.hidden = !last;
    if (!last) return;
    const { waits, by, verb, verdict, reason, step } = /** @type {any} */ (last);
    const words = waits ? `Undo takes back, once it is done: ${SAID[verb][0]} ` : `Last decision, step ${step}: ${by} ${verdict} `;
    fill(this.decided, make("span", { class: waits ? "" : "tep-soft", text: words }), make("strong", { text: last.prompt }), reason && make("span", { class: "tep-soft", text: ` — ${reason}` }));
    this.decided.title = reason || "";
  }

  ticked() {
    this.actions.draw();
    const { checked } = this.draft;
    this.context.say(`${checked.size} of ${count(this.proposal.hunks, "hunk")} checked`);
    this.draft.weighed = null;
    this.editor.draw();
    if (this.editor.partial) this.editor.weigh();
  }

  /** Show or fold long unchanged stretches. */
  toggleWhole() {
    this.draft.whole = !this.draft.whole;
    this.show();
  }

  // --- walking

  /** @param {number} by */
  move(by) {
    const to = this.at + by;
    if (to < 0 || to >= this.queue.length) return this.context.say(by > 0 ? "This is the last one." : "This is the first one.");
    this.current = this.queue[to];
    this.show();
  }

  /** Review the proposals of one agent only, or of all. @param {string} agent empty for all */
  filter(agent) {
    this.agent = agent;
    if (!this.queue.includes(this.current)) this.current = this.queue[0] || "";
    this.show();
  }

  /** Show the first pending proposal of an agent. @param {string} agent */
  jump(agent) {
    const of = (/** @type {string} */ id) => this.look(id)?.agents.includes(agent);
    const to = this.waiting.find(of);
    if (to && !of(this.current)) this.jumpTo(to);
  }

  /** Show this one, whatever the filter. @param {string} id */
  jumpTo(id) {
    if (this.agent && !this.look(id)?.agents.includes(this.agent)) this.agent = "";
    this.current = id;
    this.show();
  }

  // --- answers

  /** What was sent was answered. @param {Sent} one @param {Reply} reply */
  answered(one, reply) {
    // What a person stopped did not happen either.
    const why = reply.ok ? reply.note : reply.error || (this.context.link.lost ? "the kernel is gone" : "it failed");
    this.line.end(one, why);
    const there = (this.told.queue || []).includes(one.id);
    if (!why) {
      if (one.verb === "again" && reply.data) this.line.back.set(reply.data.id, "Another one, as you asked, in the place of the one before");
      if (one.verb === "undo" && there) this.jumpTo(one.id);
      this.context.say(`${SAID[one.verb][1]}: ${one.prompt}`);
    } else {
      this.onfail(why); // it is said here, and not again above
      const kept = DECISIONS.includes(one.verb) && there && one.id !== this.current;
      if (kept) this.context.say(`${one.prompt} came back: ${why}`);
      else if (!one.moot) this.actions.fail(DECISIONS.includes(one.verb) && there ? "" : `${one.prompt}: ${why}`);
    }
    // The new state came before this answer, but is perhaps not drawn yet.
    this.draw();
  }
}

/** Draw, and give the focus back to what had it, or to its region where it is gone. @param {Element} node @param {HTMLElement} region @param {() => void} draw */
function keepFocus(node, region, draw) {
  const focused = node.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
  draw();
  if (focused) (focused.isConnected ? focused : region).focus({ preventScroll: true });
}
