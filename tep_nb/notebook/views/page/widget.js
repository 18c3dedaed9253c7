// The page side of every widget: its link to the kernel, its keys, its theme, its root.

/** What a command gets whose kernel is gone; the page says so elsewhere. @type {Reply} */
const NO_REPLY = { ok: false, error: "", note: "", data: null };
/** Milliseconds after which a page says that nobody answers. */
const HELLO = 5000;

/** Commands with ids to the kernel, and their answers. */
class Link {
  /** @param {Model} model @param {(verbs: string[]) => void} onbusy @param {() => void} onlost @param {() => number | undefined} session that is shown */
  constructor(model, onbusy, onlost, session) {
    this.model = model;
    this.onbusy = onbusy;
    this.onlost = onlost;
    this.session = session;
    this.lost = false;
    this.count = 0;
    // Two views of one model hear each other's answers: the id says whose it is.
    this.name = Math.random().toString(36).slice(2);
    /** @type {Map<string, {verb: string, quiet: boolean, done: (reply: Reply) => void}>} */
    this.waiting = new Map();
    this.hear = (/** @type {any} */ message) => this.answer(message);
    model.on("msg:custom", this.hear);
  }

  /** Verbs without an answer yet. */
  get busy() {
    return [...this.waiting.values()].filter((one) => !one.quiet && one.verb !== "hello").map((one) => one.verb);
  }

  /**
   * Send one command; the promise always resolves.
   * @param {string} verb
   * @param {Object<string, any>} [args]
   * @returns {Promise<Reply>}
   */
  command(verb, args = {}) {
    return this.ask(verb, args, false);
  }

  /** Ask what is answered at once: nothing is busy with it. @param {string} verb @param {Object<string, any>} [args] @returns {Promise<Reply>} */
  look(verb, args = {}) {
    return this.ask(verb, args, true);
  }

  /** @param {string} verb @param {Object<string, any>} args @param {boolean} quiet @returns {Promise<Reply>} */
  ask(verb, args, quiet) {
    const id = `${this.name}-${++this.count}`;
    return new Promise((done) => {
      try {
        if (this.lost) throw new Error("lost");
        this.waiting.set(id, { verb, quiet, done });
        this.model.send({ id, verb, args, session: this.session() });
        this.onbusy(this.busy);
      } catch {
        this.waiting.delete(id);
        this.lose();
        done(NO_REPLY);
      }
    });
  }

  /** @param {any} message */
  answer(message) {
    const one = message && this.waiting.get(message.id);
    if (!one) return;
    this.waiting.delete(message.id);
    this.onbusy(this.busy);
    one.done({ ok: Boolean(message.ok), error: String(message.error || ""), note: String(message.note || ""), data: message.data ?? null });
  }

  /** The comm is gone: nothing will be answered any more. */
  lose() {
    this.lost = true;
    for (const one of this.waiting.values()) one.done(NO_REPLY);
    this.waiting.clear();
    this.onbusy([]);
    this.onlost();
  }

  close() {
    this.model.off("msg:custom", this.hear);
  }
}

/**
 * Notice that the kernel behind the page is gone. ipywidgets tells of a restart by an event; a page that was opened from a file, with
 * no kernel that knows it, gets no answer to its first word.
 * @param {Context} context
 */
function watchKernel(context) {
  const { model, link } = context;
  const lose = () => !link.lost && link.lose();
  for (const event of ["comm_live_update", "comm:close"]) {
    model.on(event, lose);
    context.cleanup.push(() => model.off(event, lose));
  }
  // A kernel whose updates come in is there, though a busy cell may keep it from answering.
  const patience = setTimeout(() => context.silent(context.store.number < 0), HELLO);
  context.cleanup.push(() => clearTimeout(patience));
  link.command("hello").then((reply) => {
    clearTimeout(patience);
    if (reply.ok) context.silent(false);
  });
}

/**
 * Mark the root where the page is dark: JupyterLab and VS Code say so on the body, elsewhere the system does.
 * @param {Context} context
 */
function followTheme(context) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const look = () => {
    const { body } = document;
    const said = body.dataset.jpThemeLight;
    const dark = said ? said === "false" : body.classList.contains("vscode-dark") || (!body.classList.contains("vscode-light") && system.matches);
    context.root.classList.toggle("tep-dark", dark);
  };
  const sight = new MutationObserver(look);
  sight.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
  system.addEventListener("change", look);
  context.cleanup.push(() => {
    sight.disconnect();
    system.removeEventListener("change", look);
  });
  look();
}

/**
 * Keep keys typed in the view from the notebook's single-key shortcuts (`x` would cut the cell). JupyterLab listens further out, when the
 * event has passed by: stopping it there helps. Notebook 7 listens before the view does: only a mark on the focused element itself
 * helps, set before it looks. Ctrl and Meta pass, for save and copy.
 * @param {HTMLElement} root @param {(event: KeyboardEvent) => void} onkey
 * @returns {() => void}
 */
function guardKeys(root, onkey) {
  const ours = (/** @type {KeyboardEvent} */ event) => !event.ctrlKey && !event.metaKey;
  const mark = (/** @type {KeyboardEvent} */ event) => {
    const { target } = event;
    if (target instanceof Element && root.contains(target)) target.toggleAttribute("data-lm-suppress-shortcuts", ours(event));
  };
  const listen = (/** @type {KeyboardEvent} */ event) => {
    if (!ours(event)) return;
    event.stopPropagation();
    if (!event.altKey && !event.defaultPrevented && !event.isComposing) onkey(event);
  };
  window.addEventListener("keydown", mark, true);
  root.addEventListener("keydown", listen);
  return () => {
    window.removeEventListener("keydown", mark, true);
    root.removeEventListener("keydown", listen);
  };
}

/**
 * The page side of every widget: a root, a link, and the part that draws.
 * @param {string} name root class
 * @param {(context: Context) => {onkey?: (event: KeyboardEvent) => void, onbusy?: (verbs: string[]) => void, onlost?: () => void}} view
 */
function widget(name, view) {
  /** @param {{model: Model, el: HTMLElement}} given */
  return function render({ model, el }) {
    const root = make("div", { class: `tep ${name}`, tabindex: "-1" });
    const lost = make("div", { class: "tep-lost", role: "alert", hidden: true });
    el.append(root);
    /** @type {any} */
    let parts = {};
    const link = new Link(
      model,
      (verbs) => parts.onbusy?.(verbs),
      () => {
        root.classList.add("tep-dead");
        lost.hidden = false;
        const said = `The kernel was restarted: ${remedy(store)}. What was decided is in the file; this page shows the last it heard.`;
        fill(lost, make("span", { text: said }), reviveButton(model, store, el));
        parts.onlost?.();
      },
      () => store.get("status")?.session,
    );
    const silent = (/** @type {boolean} */ yes) => {
      if (link.lost) return;
      lost.hidden = !yes;
      fill(lost, yes && `No answer from the kernel: it is busy, or it no longer knows this page; then ${remedy(store)}.`);
    };
    const store = new Store(model, () => link.command("hello"));
    const onselected = () => store.tell(["selected"]);
    model.on("change:selected", onselected);
    const live = make("div", { class: "tep-spoken", role: "status", "aria-live": "polite" });
    const context = { model, store, root, link, silent, say: (/** @type {string} */ text) => (live.textContent = text), cleanup: [() => link.close(), () => store.close(), () => model.off("change:selected", onselected)] };
    const trouble = make("div", { class: "tep-alert", role: "alert", hidden: true });
    root.append(lost, trouble);
    follow(context, ["trouble"], () => {
      const text = store.get("trouble") || "";
      trouble.hidden = !text;
      trouble.textContent = text;
    });
    parts = view(context) || {};
    root.append(live);
    guardPresses(root);
    context.cleanup.push(guardKeys(root, (event) => parts.onkey?.(event)));
    followTheme(context);
    watchKernel(context);
    return () => context.cleanup.forEach((undo) => undo());
  };
}

/** @param {Store} store */
function remedy(store) {
  const file = store.get("revive")?.file || store.get("status")?.file;
  return file ? `resume the session, or run the cells above again with %tep resume ${file} in the place of %tep start` : "run the cells again";
}
