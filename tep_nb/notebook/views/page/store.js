// What the page knows: named values from the kernel, and who wants to hear of their changes.

/** Milliseconds after which a page asks for everything once more: on a slow link many updates pass before the answer. */
const LACKING = 1000;

/**
 * What the page shows, by name, as the kernel last said: `word`, or `word/more` where one of many changes by itself. Nothing of it is a
 * synced trait but the first picture, because traits are saved into notebooks.
 */
class Store {
  /** @param {Model} model @param {() => void} onlack called when something was missed */
  constructor(model, onlack) {
    this.model = model;
    this.onlack = onlack;
    /** Number of the last update; -1 before the first whole one. */
    this.number = -1;
    /** When it was last asked for everything. */
    this.asked = -Infinity;
    /** @type {Map<string, any>} */
    this.values = new Map(Object.entries(model.get("first") || {}));
    /** @type {Set<(names: string[]) => void>} */
    this.listeners = new Set();
    this.hear = (/** @type {any} */ message) => message && typeof message.paint === "number" && this.take(message);
    model.on("msg:custom", this.hear);
  }

  /** @param {string} name @returns {any} */
  get(name) {
    return this.values.get(name);
  }

  /** All values `word/…`, by what follows the word. @param {string} word @returns {Map<string, any>} */
  under(word) {
    const found = new Map();
    for (const [name, value] of this.values) if (name.startsWith(`${word}/`)) found.set(name.slice(word.length + 1), value);
    return found;
  }

  /** @param {{paint: number, whole: boolean, set: Object<string, any>, drop: string[]}} message */
  take({ paint, whole, set, drop }) {
    if (!whole && paint !== this.number + 1) {
      // An update went missing with the connection, or came before the first whole one.
      if (paint > this.number && performance.now() - this.asked > LACKING) {
        this.asked = performance.now();
        this.onlack();
      }
      return;
    }
    if (whole) this.asked = -Infinity;
    const names = Object.keys(set);
    const gone = whole ? [...this.values.keys()].filter((name) => !(name in set)) : drop;
    const before = whole ? new Map(this.values) : null;
    for (const name of gone) this.values.delete(name);
    for (const name of names) this.values.set(name, set[name]);
    this.number = paint;
    // What is told again unchanged needs no drawing.
    const changed = before ? names.filter((name) => JSON.stringify(before.get(name)) !== JSON.stringify(set[name])) : names;
    this.tell([...changed, ...gone]);
    this.model.send({ seen: paint });
  }

  /** @param {string[]} names */
  tell(names) {
    if (names.length) for (const listener of [...this.listeners]) listener(names);
  }

  close() {
    this.model.off("msg:custom", this.hear);
  }
}

/**
 * Call `draw` now and whenever one of the named values changes (`word` stands for `word/…` too), at most once a frame, with the names
 * that changed since the last time.
 * @param {Context} context @param {string[]} words @param {(names: Set<string>) => void} draw
 */
function follow(context, words, draw) {
  let due = 0;
  const names = new Set();
  const soon = (/** @type {string[]} */ changed) => {
    const ours = changed.filter((name) => words.includes(name.split("/", 1)[0]));
    if (!ours.length) return;
    for (const name of ours) names.add(name);
    due ||= requestAnimationFrame(() => {
      due = 0;
      const found = new Set(names);
      names.clear();
      draw(found);
    });
  };
  context.store.listeners.add(soon);
  context.cleanup.push(() => {
    cancelAnimationFrame(due);
    context.store.listeners.delete(soon);
  });
  draw(new Set());
}
