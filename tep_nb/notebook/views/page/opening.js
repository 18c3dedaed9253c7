// Before there is a session: the sessions beside the notebook, each to be resumed with one press.

class Opening {
  /** @param {Context} context */
  constructor(context) {
    this.context = context;
    this.asked = false;
    this.list = make("ul", { class: "tep-files" });
    this.alert = make("div", { class: "tep-alert", role: "alert", hidden: true });
    this.box = make("section", { class: "tep-opening", "aria-label": "Sessions to resume", hidden: true }, make("p", { class: "tep-soft", text: "Sessions in this folder:" }), this.list, this.alert);
    context.root.append(this.box);
    follow(context, ["status"], () => this.draw());
  }

  draw() {
    const { session } = this.context.store.get("status") || {};
    if (session) {
      this.asked = false;
      this.box.hidden = true;
    } else if (!this.asked) {
      this.asked = true;
      this.ask();
    }
  }

  async ask() {
    const { ok, data } = await this.context.link.look("files");
    if (!ok || !this.asked) return;
    fill(this.list, ...data.map((/** @type {any} */ file) => this.line(file)));
    this.box.hidden = data.length === 0;
  }

  /** @param {{name: string, when: string}} file */
  line({ name, when }) {
    const press = make("button", { type: "button", class: "tep-button", "aria-label": `Resume ${name}`, onclick: () => this.resume(press, name) }, "Resume");
    return make("li", {}, press, make("strong", { text: name }), make("span", { class: "tep-soft", text: `last written ${new Date(when).toLocaleString()}` }));
  }

  /** @param {HTMLButtonElement} press @param {string} path */
  async resume(press, path) {
    disable(press, true);
    const reply = await this.context.link.command("resume", { path });
    disable(press, false);
    this.alert.hidden = reply.ok || !reply.error;
    fill(this.alert, reply.error);
  }
}
