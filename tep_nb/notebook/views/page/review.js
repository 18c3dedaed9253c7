// The review panel: one proposal at a time. What was decided comes from Python; the cursor, the boxes, a text being edited and the
// line of what was sent are the page's own.

/** Milliseconds for which a proposal that came by itself cannot be decided by key: the press was meant for the one before. */
const FRESH = 150;
/** The same where the person was writing: each further letter counts anew. */
const WRITING = 1000;
/** What is said while typed letters are no keys. */
const GONE = "The field that you were writing in is gone: Esc, then keys decide again.";
/** How an override is given elsewhere; here there is a field for it. */
const HOW_IN_CELLS = "(--override, override=)";

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
    /** Until when keys decide nothing, and how long the hand must rest. */
    this.deaf = 0;
    this.rest = FRESH;
    /** The field that a person was writing in has just gone: what is typed on is no key. */
    this.loose = false;
    /** What the panel shows: the draft of a proposal, null for none. @type {Draft | null | undefined} */
    this.shown = undefined;
    this.onmove = (/** @type {any} */ _proposal) => {};
    this.onfail = (/** @type {string} */ _over) => {};
  }

  start() {
    this.build();
    follow(this.context, ["review", "proposal", "proof"], () => this.draw());
    follow(this.context, ["status"], () => {
      this.head.draw();
      if (!this.proposal) this.sheet.drawEmpty();
    });
    this.context.root.addEventListener("pointerdown", () => this.tighten());
    const hears = (/** @type {KeyboardEvent} */ event) => this.hears(event);
    return { hears, onkey: (/** @type {KeyboardEvent} */ event) => this.hears(event) && this.actions.key(event), onbusy: () => this.actions?.draw() };
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

  /** Whether the focus is where no key of the review is heard: outside, or on what is hidden and loses it next. */
  get adrift() {
    const { activeElement } = document;
    return !activeElement || !this.panel.contains(activeElement) || !activeElement.checkVisibility();
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
    const { proposal } = this;
    if (proposal && this.drafts.get(id)?.after !== proposal.after) this.drafts.set(id, new Draft(proposal));
    return /** @type {Draft} */ (this.drafts.get(id));
  }

  // --- the frame, made once so that focus survives every update

  build() {
    this.panel = make("section", { class: "tep-review", "aria-label": "Review", tabindex: "-1" });
    this.head = new QueueHead(this);
    this.sheet = new Sheet(this);
    const actions = new Actions(this.context, this);
    this.actions = actions;
    const title = make("h3", { class: "tep-spoken", text: "Review" });
    const top = make("div", { class: "tep-top" }, this.head.node, this.sheet.verdict);
    this.panel.append(title, top, ...this.sheet.nodes, actions.bar, actions.alert, actions.more, actions.help);
    this.context.root.append(this.panel);
    this.clock = new Clock(this.context, this.panel);
  }

  get editor() {
    return this.sheet.editor;
  }

  // --- drawing

  draw() {
    const all = this.told.queue || [];
    const { queue, current } = this;
    const text = this.drafts.get(current)?.text;
    for (const kept of [this.drafts, this.line.back]) for (const id of kept.keys()) if (!all.includes(id)) kept.delete(id);
    if (queue.includes(current)) return this.show();
    // What was decided elsewhere leaves: the next one moves up into its place, and no key that is under way may decide it.
    const field = isField(document.activeElement) && this.panel.contains(document.activeElement);
    if (current || this.line.back.has(queue[0])) this.hush(field ? WRITING : FRESH);
    this.current = this.next(queue);
    this.show();
    if (field && this.adrift) this.panel.focus({ preventScroll: true });
    this.loose ||= field && !isField(document.activeElement);
    this.actions.reason.drawHint();
    if (typeof text === "string") this.actions.fail(`${this.became(current)}. What you wrote: ${text}`);
  }

  /** What became of a proposal that is gone, in words. @param {string} id */
  became(id) {
    const one = this.decisions.find((/** @type {any} */ decided) => decided.id === id);
    return one ? `${one.prompt} was ${one.verdict} by ${one.by} meanwhile` : "The proposal that you edited was decided elsewhere";
  }

  /** Keys are keys again. */
  tighten() {
    if (!this.loose) return;
    this.loose = false;
    this.deaf = 0;
    this.actions.reason.drawHint();
  }

  /** Whether a key is one: not while a person goes on typing into a field that has gone; Esc, Tab, an arrow or the mouse ends that. @param {KeyboardEvent} event */
  hears(event) {
    if (!this.loose || isField(event.target)) return true;
    const leaves = event.key === "Escape" || event.key === "Tab" || event.key.startsWith("Arrow");
    if (leaves) this.tighten();
    if (leaves && event.key !== "Escape") return true;
    event.preventDefault();
    if (!leaves) this.context.say(GONE);
    return false;
  }

  /** Whether a person is in the middle of something here. */
  get writing() {
    const { activeElement } = document;
    return (isField(activeElement) && this.panel.contains(activeElement)) || Boolean(this.proposal && (this.draft.text !== null || this.draft.reason));
  }

  /** For a moment keys decide nothing. @param {number} rest milliseconds */
  hush(rest) {
    this.rest = rest;
    this.deaf = performance.now() + rest;
  }

  /** Whether a key that decides comes too soon after what it is about to decide. */
  tooSoon() {
    const soon = performance.now() < this.deaf;
    if (soon && this.rest === WRITING) this.hush(WRITING);
    return soon;
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
    const draft = proposal ? this.draft : null;
    const moved = this.shown !== draft;
    this.shown = draft;
    const had = this.panel.contains(document.activeElement);
    if (moved) {
      this.actions.reset();
      this.clock.turn(draft);
    }
    this.sheet.draw(proposal, moved);
    this.known = this.queue;
    this.head.draw();
    this.actions.draw();
    // What had the focus went with the proposal that it was of: the next key is still for the review.
    if (had && this.adrift) this.panel.focus({ preventScroll: true });
    if (!moved || !proposal) return;
    const back = this.line.back.get(this.current);
    this.context.say(`${back ? `${back}. ` : ""}${spokenSummary(proposal, this.at, this.queue.length)}`);
    this.onmove(proposal);
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

  /** Show the first pending proposal of an agent. @param {string} agent @param {boolean} [unasked] nobody's hand is on it */
  jump(agent, unasked = false) {
    const of = (/** @type {string} */ id) => this.look(id)?.agents.includes(agent);
    const to = this.waiting.find(of);
    if (!to || of(this.current) || (unasked && this.writing)) return;
    if (unasked) this.hush(FRESH);
    this.jumpTo(to);
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
    const said = reply.ok ? reply.note : reply.error || (this.context.link.lost ? "the kernel is gone" : "it failed");
    const why = said.replace(HOW_IN_CELLS, "in Reason");
    this.line.end(one, why);
    const there = (this.told.queue || []).includes(one.id);
    if (!why) {
      if (one.verb === "again" && reply.data) this.line.back.set(reply.data.id, "Another one, as you asked, in the place of the one before");
      if (one.verb === "undo" && there) this.takenBack(one);
      this.context.say(`${SAID[one.verb][1]}: ${one.prompt}`);
    } else {
      this.onfail(said); // it is said here, and not again above
      const kept = DECISIONS.includes(one.verb) && there && one.id !== this.current;
      if (kept) this.context.say(`${one.prompt} came back: ${why}`);
      else if (!one.moot) this.actions.fail(DECISIONS.includes(one.verb) && there ? "" : `${one.prompt}: ${why}`);
    }
    // The new state came before this answer, but is perhaps not drawn yet.
    this.draw();
  }

  /** What was taken back is shown, unless the person has gone on meanwhile: then it is the first of the queue. @param {Sent} one */
  takenBack(one) {
    if (one.at === this.current && !isField(document.activeElement)) this.jumpTo(one.id);
    else this.line.back.set(one.id, "Taken back: decide it anew.");
  }
}
