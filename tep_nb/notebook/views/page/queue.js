// What was sent and is not answered yet, what came back, and what a person left half done: keys never wait for the kernel.

/** What each verb is called while it is under way, and when it is done. @type {Object<string, [string, string]>} */
const SAID = {
  approve: ["approving", "approved"],
  take: ["taking hunks of", "hunks taken of"],
  edit: ["saving the edit of", "edited"],
  reject: ["rejecting", "rejected"],
  skip: ["skipping", "skipped"],
  again: ["asking again for", "another proposal for"],
  freeze: ["freezing", "frozen"],
  free: ["freeing", "free again"],
  assess: ["assessing", "assessed"],
  undo: ["taking back", "taken back"],
};
/** Verbs that are decisions, which Undo takes back. */
const DECISIONS = ["approve", "take", "edit", "reject", "skip", "again"];
/** Entries of the line that are named; the others are counted. */
const NAMED = 4;

/**
 * One command in the line. `moot`: what it takes back was never done. `at`: proposal that was shown when it had been sent. `reason`:
 * of a rejection.
 * @typedef {{id: string, prompt: string, verb: string, moot: boolean, at: string, reason: string}} Sent
 */

/** Commands in the order in which the kernel takes them. */
class Line {
  constructor() {
    /** @type {Sent[]} */
    this.sent = [];
    /** Proposals that came back to the top, by id, the latest last: why. @type {Map<string, string>} */
    this.back = new Map();
  }

  /** @param {string} verb @param {string} id @param {string} prompt @returns {Sent} */
  add(verb, id, prompt) {
    const one = { id, prompt, verb, moot: false, at: "", reason: "" };
    this.sent.push(one);
    return one;
  }

  /** @param {Sent} one @param {string} why empty where all went well */
  end(one, why) {
    this.sent = this.sent.filter((other) => other !== one);
    if (DECISIONS.includes(one.verb) || one.verb === "freeze") this.back.delete(one.id);
    if (!why) return;
    for (const other of this.sent) if (other.verb === "undo" && other.id === one.id) other.moot = true;
    if (DECISIONS.includes(one.verb)) this.back.set(one.id, `Came back: ${why}`);
  }

  /** Whether a proposal has left the queue, as far as this page knows. @param {string} id */
  holds(id) {
    return this.sent.some((one) => one.id === id && one.verb !== "assess" && one.verb !== "undo");
  }

  /** Whether a command for it is under way. @param {string} verb @param {string} id */
  has(verb, id) {
    return this.sent.some((one) => one.verb === verb && one.id === id);
  }

  /**
   * What Undo would take back: the last decision that was sent, else that was made, and is not being taken back already.
   * @param {any[]} decided newest first
   * @returns {{id: string, prompt: string, waits: boolean, verb: string} | null}
   */
  undoable(decided) {
    const undone = new Set(this.sent.filter((one) => one.verb === "undo").map((one) => one.id));
    for (const one of [...this.sent].reverse()) {
      if (DECISIONS.includes(one.verb) && !undone.has(one.id)) return { ...one, waits: true };
    }
    const last = decided.find((one) => !undone.has(one.id));
    return last ? { ...last, waits: false } : null;
  }

  /** The line in words. @param {any} status */
  text(status) {
    if (!this.sent.length) return "";
    const words = this.sent.slice(0, NAMED).map((one, index) => `${SAID[one.verb][0]} ${one.prompt}${index ? "" : doing(one, status)}`);
    const more = this.sent.length > NAMED ? `, and ${this.sent.length - NAMED} more` : "";
    return `${this.sent.length} in line: ${words.join(", ")}${more}`;
  }
}

/** What the first of the line does now. @param {Sent} one @param {any} status */
function doing(one, status) {
  const { running, progress } = status;
  if (!progress || running !== one.verb || !(progress.done || progress.recorded)) return "";
  return ` (${["approve", "take", "edit"].includes(one.verb) ? "buying evidence, " : ""}${count(progress.done + progress.recorded, "call")})`;
}

/** What a person did with one proposal so far, so that walking the queue loses nothing. */
class Draft {
  /** @param {any} proposal */
  constructor(proposal) {
    /** The text that it is about: another session may call another proposal the same. @type {string} */
    this.after = proposal.after;
    /** @type {Set<number>} */
    this.checked = new Set(Array.from({ length: proposal.hunks }, (_, index) => index + 1));
    /** @type {string | null} */
    this.text = null;
    this.reason = "";
    /** Whether long unchanged stretches are shown. */
    this.whole = false;
    /** How the text that would be applied weighs, as Python last said. @type {any} */
    this.weighed = null;
    /** Milliseconds that it was before the person. */
    this.seen = 0;
  }
}

/** How long each proposal is before the person: shown, on screen, in a tab that is visible. */
class Clock {
  /** @param {Context} context @param {Element} panel */
  constructor(context, panel) {
    /** @type {Draft | null} */
    this.draft = null;
    this.since = 0;
    this.near = true;
    const look = () => this.turn(this.draft);
    const sight = new IntersectionObserver(([entry]) => {
      this.near = entry.isIntersecting;
      look();
    });
    sight.observe(panel);
    document.addEventListener("visibilitychange", look);
    context.cleanup.push(() => {
      sight.disconnect();
      document.removeEventListener("visibilitychange", look);
    });
  }

  /** From now on this one is looked at. @param {Draft | null} draft */
  turn(draft) {
    const now = performance.now();
    if (this.draft && this.since) this.draft.seen += now - this.since;
    this.draft = draft;
    this.since = draft && this.near && document.visibilityState === "visible" ? now : 0;
  }

  /** Seconds so far. @param {Draft} draft */
  seconds(draft) {
    if (draft === this.draft) this.turn(draft);
    return Math.round(draft.seen / 100) / 10;
  }
}
