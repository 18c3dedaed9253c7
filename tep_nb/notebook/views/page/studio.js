// The studio: the four views under one bar, and one keyboard.

/** @param {Context} context */
function studioView(context) {
  const bar = new Bar(context);
  new Opening(context);
  const autopilot = new Autopilot(context, (agent, unasked) => review.jump(agent, unasked));
  const graph = new GraphPanel(context);
  const review = new Review(context);
  // Where the cursor of the review is, the graph shows it; a card that is chosen brings its proposal.
  graph.onselect = (name) => review.jump(name);
  review.onmove = (proposal) => {
    graph.choose(proposal.agents[0]);
    graph.reveal(proposal.agents[0]);
  };
  // One failure is said once, beside the buttons that asked.
  bar.elsewhere = () => review.actions?.alert.textContent || "";
  review.onfail = (over) => bar.forget(over);
  graph.start();
  const parts = review.start();
  review.actions.explain([
    ["/", "find a node of the graph"],
    ["i", "follow an example through the graph; I asks again"],
    ["p", "autopilot: open it, then start"],
  ]);
  const foot = make("div", { class: "tep-foot" });
  context.root.append(foot);
  const history = historyView({ ...context, root: foot }, (data, title) => graph.showPast(data, title));
  graph.onback = () => history.back();
  meterView({ ...context, root: foot });
  return {
    onkey: (/** @type {KeyboardEvent} */ event) => {
      if (!parts.hears(event)) return;
      graph.onkey(event);
      if (!event.defaultPrevented && !autopilot.key(event)) parts.onkey(event);
    },
    onbusy: (/** @type {string[]} */ verbs) => {
      bar.busy(verbs);
      parts.onbusy();
    },
    onlost: () => {
      bar.draw();
      graph.drawTools();
    },
  };
}

/** Step and Stop, where the session stands, what runs, and what went wrong outside of a review. */
class Bar {
  /** @param {Context} context */
  constructor(context) {
    this.context = context;
    /** @type {string[]} */
    this.verbs = [];
    this.failed = "";
    /** How the last command that was sent here ended, where a person stopped it. */
    this.stopped = "";
    this.closed = "";
    this.elsewhere = () => "";
    this.where = make("div", { class: "tep-where" });
    this.step = button("Step", { class: "tep-go", title: "Make the next proposals", onclick: () => this.send("step") });
    this.stop = button("Stop", { class: "tep-no", title: "Stop what runs; what was recorded is kept", onclick: () => this.send("stop") });
    this.work = make("div", { class: "tep-work" });
    this.share = make("progress", { class: "tep-share", max: 1, value: 0, hidden: true, "aria-label": "calls of this command that are answered" });
    /** What a screen reader hears: that work began and ended, not each call. */
    this.spokenWork = make("div", { class: "tep-spoken", role: "status", "aria-live": "polite" });
    this.spin = make("span", { class: "tep-spin", "aria-hidden": "true" });
    this.error = make("span");
    const close = signButton("Dismiss", "✕", { onclick: () => this.dismiss() });
    this.alert = make("div", { class: "tep-alert", role: "alert", hidden: true }, this.error, close);
    context.root.append(make("section", { class: "tep-bar", "aria-label": "Session" }, this.where, make("div", { class: "tep-running-line" }, this.spin, this.work, this.share, this.spokenWork), make("div", { class: "tep-drive" }, this.step, this.stop)), this.alert);
    follow(context, ["status"], () => this.draw());
  }

  get status() {
    return this.context.store.get("status") || {};
  }

  /** @param {string} verb */
  async send(verb) {
    this.failed = "";
    if (verb !== "stop") this.stopped = "";
    this.closed = this.status.error || "";
    this.draw();
    const reply = await this.context.link.command(verb);
    if (!reply.ok) this.failed = reply.error;
    if (verb !== "stop" && reply.ok && reply.note) this.context.say((this.stopped = reply.note));
    if (reply.ok && verb === "step" && this.status.news) this.context.say(this.status.news);
    this.draw();
  }

  dismiss() {
    this.failed = "";
    this.forget(this.status.error || "");
  }

  /** An error that was said elsewhere, or read here, is not said again. @param {string} error */
  forget(error) {
    this.closed = error || this.closed;
    this.draw();
  }

  /** @param {string[]} verbs */
  busy(verbs) {
    this.verbs = verbs;
    this.draw();
  }

  draw() {
    const { status, verbs } = this;
    if (status.error !== this.closed) this.closed = "";
    const running = status.running || verbs.find((verb) => verb !== "stop") || "";
    const lost = this.context.link.lost;
    fill(this.where, ...whereNodes(status));
    // With proposals pending, the next thing to do is to decide: Step would only say so.
    this.step.classList.toggle("tep-go", !status.pending);
    disable(this.step, lost || !status.session || status.phase === "done" || Boolean(running));
    disable(this.stop, lost || !running);
    this.spin.hidden = !running || lost;
    const line = lost ? "" : workText(status, running) || (status.pending ? "" : this.stopped);
    if (this.work.textContent !== line) this.work.textContent = line;
    const { planned = 0, done = 0, recorded = 0 } = status.progress || {};
    this.share.hidden = !running || lost || !planned;
    this.share.value = planned ? (done + recorded) / planned : 0;
    const said = running && !lost ? `${running} is running` : "";
    if (this.spokenWork.textContent !== said) this.spokenWork.textContent = said;
    // While an answer is awaited, an error is most likely the one that the answer brings.
    const known = [this.closed, this.elsewhere()].includes(status.error) || verbs.some((verb) => verb !== "stop");
    const error = this.failed || (known ? "" : status.error) || "";
    this.alert.hidden = !error;
    if (this.error.textContent !== error) this.error.textContent = error;
  }
}

/** @param {any} status */
function whereNodes(status) {
  if (!status.session) return [make("strong", { text: "No session" }), make("span", { class: "tep-soft", text: "drafts only" })];
  const waits = status.pending ? `${status.pending} pending` : "nothing pending";
  const said = [
    make("strong", { text: status.file || "session" }),
    make("span", { class: `tep-chip tep-phase-${status.phase}`, text: status.phase }),
    make("span", { text: `step ${status.step}` }),
    status.beta && make("span", { class: "tep-soft", title: "the nudge, annealed", text: `β ${status.beta}` }),
    make("span", { class: status.pending ? "tep-badge" : "tep-soft", text: waits }),
    status.models && make("span", { class: "tep-soft", text: status.models }),
  ];
  return said.filter(Boolean).flatMap((node, index) => (index ? [spoken(", "), node] : [node]));
}

/** @param {any} status @param {string} running */
function workText(status, running) {
  if (!running) return "";
  const { progress } = status;
  if (!progress) return `${running} …`;
  const nodes = Object.keys(progress.running || {});
  const where = nodes.length ? `in flight: ${nodes.slice(0, 3).join(", ")}${nodes.length > 3 ? ` and ${nodes.length - 3} more` : ""}` : "";
  const answered = progress.done + progress.recorded;
  const calls = progress.planned ? `${answered} / about ${count(progress.planned, "call")}` : count(answered, "call");
  const recorded = progress.recorded ? `${progress.recorded} from the record` : "";
  return [`${running}: ${progress.purpose || "working"}`, calls, recorded, progress.left, where].filter(Boolean).join(" · ");
}
