// The autopilot: a policy in words, Start, what it has decided, and why it ended. Nothing starts without a press; the bar's Stop ends it.

class Autopilot {
  /** @param {Context} context @param {(agent: string, unasked: boolean) => void} onask shows the proposal in question */
  constructor(context, onask) {
    this.context = context;
    this.onask = onask;
    /** Name of the policy that was started here and runs. */
    this.name = "";
    this.since = 0;
    /** What the last run that was started here came to. */
    this.own = { ended: "", text: "" };
    this.build();
    follow(context, ["status", "mark", "meter", "run"], () => this.draw());
  }

  get status() {
    return this.context.store.get("status") || {};
  }

  build() {
    const choice = (/** @type {string} */ label, /** @type {[string, string][]} */ items) => make("select", { class: "tep-choice", "aria-label": label, onchange: () => this.draw() }, ...items.map(([value, text]) => make("option", { value, text })));
    const figure = (/** @type {string} */ label, /** @type {Object<string, any>} */ props) => make("input", { type: "number", class: "tep-figure", "aria-label": label, oninput: () => this.draw(), ...props });
    this.label = choice("Least label of the evidence", [["no worse", "no worse"], ["proven", "proven"]]);
    this.gain = figure("Least gain, in points", { min: 0, max: 100, step: "any", value: 0 });
    this.clean = make("input", { type: "checkbox", checked: true, onchange: () => this.draw() });
    this.otherwise = choice("Otherwise", [["ask", "ask me"], ["reject", "reject"]]);
    this.until = choice("Until", [["done", "equilibrium"], ["nudged", "the nudged phase"]]);
    this.steps = figure("Steps at most", { min: 1, step: 1, placeholder: "any" });
    this.code = make("code");
    this.hint = make("p", { class: "tep-soft" });
    this.go = button("Start", { key: "p", class: "tep-go", title: "Step and decide by this policy", onclick: () => this.start() });
    this.ahead = make("span", { class: "tep-soft" });
    this.so = make("p", { class: "tep-so", role: "status" });
    this.jump = button("Show it", { onclick: () => this.onask(this.context.store.get("run").question, false) });
    this.alert = make("div", { class: "tep-alert", role: "alert", hidden: true });
    this.short = make("span", { class: "tep-soft" });
    const words = make(
      "p",
      { class: "tep-policy" },
      "Approve when the evidence is ",
      this.label,
      " and improves by at least ",
      make("span", { class: "tep-way" }, this.gain, " points"),
      ", ",
      make("label", {}, this.clean, " with no warning"),
      "; otherwise ",
      this.otherwise,
      ". Go on until ",
      this.until,
      ", at most ",
      make("span", { class: "tep-way" }, this.steps, " steps"),
      ".",
    );
    this.box = make(
      "details",
      {},
      make("summary", {}, make("strong", { text: "Autopilot" }), " ", this.short),
      words,
      make("p", { class: "tep-soft" }, "Each of its decisions is signed ", this.code, "."),
      this.hint,
      make("div", { class: "tep-ways" }, this.go, this.ahead),
      this.alert,
      make("div", { class: "tep-ways" }, this.so, this.jump),
    );
    this.section = make("section", { class: "tep-autopilot", "aria-label": "Autopilot" }, this.box);
    this.context.root.append(this.section);
  }

  /** The gain as a part of one, or null where the field holds no number from 0 to 100. */
  get least() {
    const points = this.gain.value.trim() === "" ? 0 : Number(this.gain.value);
    return Number.isFinite(points) && points >= 0 && points <= 100 ? Number((points / 100).toPrecision(6)) : null;
  }

  /** The policy as it will be recorded. */
  get policy() {
    const parts = [this.label.value, this.least ? `gain=${this.least}` : "", this.clean.checked ? "" : "warnings", this.otherwise.value === "reject" ? "reject" : ""];
    return `approve_if:${parts.filter(Boolean).join(",")}`;
  }

  get limit() {
    const steps = Number(this.steps.value);
    return this.steps.value.trim() === "" ? null : Number.isInteger(steps) && steps > 0 ? steps : NaN;
  }

  draw() {
    const { status } = this;
    const lost = this.context.link.lost;
    const running = status.running === "run" || Boolean(this.name);
    this.section.hidden = !status.session;
    const sound = this.least !== null && !Number.isNaN(this.limit);
    this.code.textContent = sound ? this.policy : "–";
    this.hint.textContent = sound ? this.fine() : "The gain is a number from 0 to 100, the steps are a whole number from 1.";
    disable(this.go, lost || !sound || !status.session || status.phase === "done" || Boolean(status.running) || Boolean(this.name));
    const { next } = this.context.store.get("meter") || {};
    const ahead = next ? `the next step takes about ${next.likely} calls, ${next.most} at most` : "";
    this.ahead.textContent = running ? "Stop, in the bar above, ends it; what was decided stays." : ahead;
    const { ended, question } = this.context.store.get("run") || { ended: "", question: "" };
    const last = this.own.ended === ended ? this.own.text : ended && `The last run ended: ${ended}.`;
    const line = !running || lost ? last : this.name ? this.sofar() : "A run that was started elsewhere goes on.";
    if (this.so.textContent !== line) this.so.textContent = line;
    this.jump.hidden = running || !question;
    this.short.textContent = running ? this.so.textContent : "is off: nothing is decided without you";
  }

  /** What the policy means in the phase that the session is in. */
  fine() {
    const { phase } = this.status;
    const gate = this.label.value === "no worse" ? " In the nudged phase an edit that is only no worse passes where the critic's score rose or the prompt became shorter." : "";
    if (phase !== "free") return `The gain is of the metric on the gate rows.${gate}`;
    const score = `In the free phase the evidence is the critic's score, 0 to 10${this.least ? `: it has to rise by ${this.least}` : ""}.`;
    if (this.label.value !== "proven") return `${score}${gate}`;
    return `${score} That is never “proven”: each proposal of the free phase will ${this.otherwise.value === "ask" ? "come to you" : "be rejected"}.`;
  }

  get taken() {
    return [...this.context.store.under("mark").values()].filter((mark) => mark.kind === "decision" && mark.by === this.name && mark.seq > this.since);
  }

  sofar() {
    const { taken, status } = this;
    const no = taken.filter((mark) => mark.verdict === "reject").length;
    return `${this.name} runs: step ${status.step}, ${status.phase}; ${taken.length - no} approved, ${no} rejected.`;
  }

  async start() {
    if (isOff(this.go)) return;
    const { policy, limit } = this;
    this.name = policy;
    this.since = Math.max(0, ...[...this.context.store.under("mark").values()].map((mark) => mark.seq));
    this.alert.hidden = true;
    this.draw();
    const reply = await this.context.link.command("run", { auto: policy, until: this.until.value, ...(limit ? { steps: limit } : {}) });
    const { taken } = this;
    const no = taken.filter((mark) => mark.verdict === "reject").length;
    this.name = "";
    this.alert.hidden = reply.ok;
    this.alert.textContent = reply.error;
    const ended = reply.data?.ended || (reply.ok ? "stopped" : "");
    this.own = { ended, text: `${policy} ended${ended ? `: ${ended}` : ""}. ${taken.length - no} approved, ${no} rejected.` };
    this.context.say(""); // what was said of a proposal is over, and how the run ended is said below
    this.draw();
    if (reply.data?.question) this.onask(reply.data.question, true);
  }

  /** `p` opens it; once it is open, `p` starts. @param {KeyboardEvent} event */
  key(event) {
    if (event.key !== "p" || isField(event.target)) return false;
    if (this.box.open) this.start();
    else {
      this.box.open = true;
      this.go.focus();
    }
    event.preventDefault();
    return true;
  }
}
