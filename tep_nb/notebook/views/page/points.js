// A point of the history: the prompts as they were, and the ways on from there.

class PointPanel {
  /** @param {Context} context @param {{past: (data: any, title: string) => void, compare: (one: number, other: number | null, calls: number) => void, closed: (had: boolean) => void}} told */
  constructor(context, told) {
    this.context = context;
    this.told = told;
    this.panel = make("section", { class: "tep-point", "aria-label": "Point of the history", tabindex: "-1", hidden: true });
    /** @type {any} */
    this.data = null;
    this.turn = 0;
    this.alert = make("div", { class: "tep-alert", role: "alert", hidden: true });
    this.note = make("div", { class: "tep-soft", role: "status" });
    this.head = make("div", {});
    this.list = make("div", {});
    /** What is drawn of each prompt: told anew, a text that is still the same stays as it was unfolded. @type {Map<string, {of: string, box: HTMLElement}>} */
    this.boxes = new Map();
    /** All of many prompts were asked for. */
    this.all = false;
    this.panel.append(this.head, this.list);
    this.panel.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      this.close();
    });
  }

  /** @param {any} mark */
  async show(mark) {
    const turn = ++this.turn;
    const reply = await this.context.link.look("point", { seq: mark.seq });
    if (turn !== this.turn) return;
    const anew = reply.data?.seq !== this.data?.seq;
    if (anew) {
      this.boxes.clear();
      this.all = false;
    }
    this.data = reply.data;
    this.panel.hidden = false;
    this.fail(reply.error);
    this.note.textContent = "";
    if (!reply.data) {
      fill(this.head, make("div", { class: "tep-point-head" }, this.closer()), this.alert);
      fill(this.list);
      return;
    }
    this.draw();
    this.told.past(reply.data.graph, `As it was ${reply.data.title}`);
    if (anew) this.context.say(`As it was ${reply.data.title}`);
  }

  close() {
    this.turn++;
    const had = this.panel.contains(document.activeElement);
    this.panel.hidden = true;
    this.boxes.clear();
    fill(this.list);
    if (this.data) this.told.past(null, "");
    this.data = null;
    this.told.closed(had);
  }

  /** @param {string} error */
  fail(error) {
    this.alert.hidden = !error;
    this.alert.textContent = error;
  }

  closer() {
    return signButton("Close this point", "✕", { onclick: () => this.close() });
  }

  draw() {
    const { data } = this;
    const changed = data.prompts.filter((/** @type {any} */ one) => !one.same);
    const same = data.prompts.length - changed.length;
    const lead = changed.length ? `${count(changed.length, "prompt")} changed since: what went since is struck out, what came since is underlined.` : "All prompts are as they are now.";
    fill(
      this.head,
      make("div", { class: "tep-point-head" }, make("strong", { text: `As it was ${data.title}` }), this.closer()),
      make("div", { class: "tep-ways" }, this.rewinding(), ...this.forking(), this.comparing()),
      data.later > 0 && make("p", { class: "tep-soft", text: `Step ${data.step} is taken as it was complete, with the ${count(data.later, "decision")} of it that came after this one.` }),
      this.alert,
      this.note,
      make("p", { class: "tep-soft", text: `${lead}${same && changed.length ? ` The other ${same === 1 ? "one is" : `${same} are`} the same.` : ""}` }),
    );
    listPrompts(this.list, data.prompts, (one, at) => this.box(one, at), this.all, () => (this.all = true));
  }

  /** @param {any} one @param {number} at @returns {HTMLElement} */
  box(one, at) {
    const known = this.boxes.get(one.prompt);
    if (known && known.of === one.of) return known.box;
    const box = promptBox(one, { class: "tep-then", note: one.same ? "as now" : "changed since", open: !one.same && at < OPEN }, [{ which: "", name: "then and now" }]);
    this.boxes.set(one.prompt, { of: one.of, box });
    return box;
  }

  /** Rewinding asks for one more press, and says before it what will be left behind. */
  rewinding() {
    const { rewind, step } = this.data;
    if (!rewind) return make("span", { class: "tep-soft", text: "A rewind to here would leave nothing behind." });
    // No "step" in a button's name: it could not be told from Step.
    const name = `Rewind to ${step ? "here" : "the start"}`;
    let sure = false;
    const words = make("span", { text: name });
    const press = async () => {
      if (!sure) {
        sure = true;
        words.textContent = `Yes, ${name.toLowerCase()}`;
        this.note.textContent = `This leaves ${rewind.left} behind; the journal keeps all of it. Press once more.`;
        return;
      }
      if (!(await this.send("rewind", { to: step }))) return;
      this.close();
      this.context.say(`Back at ${step ? `step ${step}` : "the start"}: ${rewind.left} left behind; the journal keeps all of it.`);
    };
    const undo = () => {
      sure = false;
      words.textContent = name;
      if (this.note.textContent?.startsWith("This leaves")) this.note.textContent = "";
    };
    const node = make("button", { type: "button", class: "tep-button tep-no", title: step ? `to step ${step}` : null, onclick: press, onblur: undo }, words);
    return node;
  }

  forking() {
    const { step, fork } = this.data;
    const name = make("input", { class: "tep-file", type: "text", "aria-label": "File of the fork", spellcheck: "false" });
    name.value = fork;
    const press = async () => {
      if (!(await this.send("fork", { path: name.value, at: step }))) return;
      this.note.textContent = `Forked into ${name.value}: %tep resume ${name.value} goes on there; this session stays the current one.`;
      const next = await this.context.link.look("point", { seq: this.data.seq });
      if (next.data) name.value = next.data.fork; // the next one must not be called the same
    };
    name.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => event.key === "Enter" && press());
    return [button(`Fork from ${step ? "here" : "the start"}`, { title: step ? `from step ${step}` : "", onclick: press }), name];
  }

  comparing() {
    const { step, calls, complete } = this.data;
    const choice = make("select", { class: "tep-choice", "aria-label": "Compare with" }, make("option", { value: "now", text: "now" }));
    for (let other = complete; other >= 0; other--) if (other !== step) choice.append(make("option", { value: other, text: other ? `step ${other}` : "the start" }));
    const press = () => this.told.compare(step, choice.value === "now" ? null : Number(choice.value), calls);
    return make("span", { class: "tep-way" }, button("Compare with …", { onclick: press }), choice);
  }

  /** @param {string} verb @param {Object<string, any>} args @returns {Promise<boolean>} */
  async send(verb, args) {
    this.fail("");
    this.note.textContent = "";
    const reply = await this.context.link.command(verb, args);
    this.fail(reply.error);
    return reply.ok && !reply.note;
  }
}
