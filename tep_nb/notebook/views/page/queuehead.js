// Where the proposal stands in the queue and whose proposals are reviewed, above it; what is under way and what Undo takes back, below,
// where nothing that is being read moves when it changes.

class QueueHead {
  /** @param {Review} review */
  constructor(review) {
    this.review = review;
    const move = (/** @type {number} */ by, /** @type {string} */ name, /** @type {string} */ key, /** @type {string} */ look) =>
      signButton(name, look, { "aria-keyshortcuts": key, "data-move": key, onclick: () => review.move(by) });
    this.count = make("span", { class: "tep-count" });
    this.pager = make("span", { class: "tep-pager" }, move(-1, "Previous", "k", "‹ k"), this.count, move(1, "Next", "j", "j ›"));
    this.agent = make("select", { class: "tep-select", "aria-label": "Agent", onchange: () => review.filter(this.agent.value) });
    this.chooser = make("label", { class: "tep-agent" }, make("span", { "aria-hidden": "true", text: "Agent" }), this.agent);
    this.line = make("span", { class: "tep-sent" });
    /** That another one came back: it is first in the queue, and does not push away what is being read. */
    this.returned = make("span", { class: "tep-badge tep-returned" });
    /** A prompt that was frozen here, and can be freed here. */
    this.frozen = "";
    this.thaw = make("span", {}, make("span"), make("button", { type: "button", class: "tep-link", text: "free it", onclick: () => review.actions.free(this.frozen) }));
    this.decided = make("span", { class: "tep-decided" });
    this.node = make("div", { class: "tep-queue" }, this.pager, this.chooser);
    this.news = make("div", { class: "tep-news" }, this.returned, this.line, this.thaw, this.decided);
    this.options = "";
  }

  draw() {
    const { review } = this;
    const { queue, at, line, told } = review;
    const counted = `${at + 1} / ${queue.length}`;
    if (this.count.textContent !== counted) this.count.textContent = counted;
    this.pager.hidden = at < 0;
    const text = line.text(review.context.store.get("status") || {});
    this.line.hidden = !text;
    this.line.classList.toggle("tep-waiting", Boolean(text));
    if (this.line.textContent !== text) this.line.textContent = text;
    const back = review.waiting.filter((id) => line.back.has(id) && id !== review.current);
    this.returned.hidden = !back.length;
    const reasons = new Set(back.map((id) => line.back.get(id) || ""));
    // Why they came back is said here too: each proposal's own words are seen only once it is reached.
    const said = [...reasons].filter((why) => why.startsWith("Came back: ")).map((why) => why.slice("Came back: ".length));
    const same = back.length > 1 && said.length ? ` (${said.slice(0, 2).join("; ")})` : "";
    const came = back.length ? `back in the queue: ${back.map((id) => review.look(id)?.prompt).slice(0, NAMED).join(", ")}${same}` : "";
    if (this.returned.textContent !== came) this.returned.textContent = came;
    const frozen = this.frozen && (told.frozen || []).includes(this.frozen) ? this.frozen : "";
    this.thaw.hidden = !frozen;
    this.thaw.firstChild.textContent = `${frozen} is frozen, its proposal was withdrawn: `;
    this.drawAgents();
    this.drawDecided();
    this.node.hidden = !review.waiting.length;
  }

  /** What Undo would take back. */
  drawDecided() {
    const { line, decisions } = this.review;
    const last = line.undoable(decisions);
    this.decided.hidden = !last;
    if (!last) return;
    const { waits, by, verb, verdict, reason, step } = /** @type {any} */ (last);
    const words = waits ? `Undo takes back, once it is done: ${SAID[verb][0]} ` : `Last decision, step ${step}: ${by} ${verdict} `;
    const also = !waits && this.review.told.since?.length ? `; Undo takes back what came after it, too: ${this.review.told.since.join(", ")}` : "";
    const said = JSON.stringify([words, last.prompt, reason, also]);
    if (said === this.decided.dataset.said) return;
    this.decided.dataset.said = said;
    fill(this.decided, make("span", { class: "tep-soft", text: words }), make("strong", { text: last.prompt }), reason && make("span", { class: "tep-soft", text: ` — ${reason}` }), also && make("span", { class: "tep-soft", text: also }));
    this.decided.title = reason || "";
  }

  /** All, then each agent that has proposals, with how many. */
  drawAgents() {
    const { review } = this;
    const { waiting, agent } = review;
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const id of waiting) for (const name of review.look(id)?.agents || []) counts.set(name, (counts.get(name) || 0) + 1);
    if (agent && !counts.has(agent)) counts.set(agent, 0);
    this.chooser.hidden = counts.size < 2;
    const said = JSON.stringify([waiting.length, [...counts]]);
    if (said !== this.options) {
      this.options = said;
      const option = (/** @type {string} */ value, /** @type {string} */ text) => make("option", { value, text });
      fill(this.agent, option("", `all (${waiting.length})`), ...[...counts].map(([name, n]) => option(name, `${name} (${n})`)));
    }
    if (this.agent.value !== agent) this.agent.value = agent;
  }
}
