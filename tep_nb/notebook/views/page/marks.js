// Words that a warning or a critic quotes, marked where they stand in the text. Marks are the browser's highlights: they change
// no element, so that neither focus nor reading is disturbed. A browser without them shows none.

/** Words of a quotation that are looked for; a longer one is found by its beginning. */
const QUOTED = 60;

/**
 * What finds these words whatever the white space and the letters' case; null where there are none.
 * @param {string} quotation
 */
function patternOf(quotation) {
  const words = (quotation.match(/[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]/gu) || []).slice(0, QUOTED);
  const letter = /[\p{L}\p{N}_]/u;
  if (!words.some((word) => letter.test(word))) return null;
  const exact = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const before = letter.test(words[0]) ? "(?<![\\p{L}\\p{N}_])" : "";
  const after = letter.test(words[words.length - 1]) ? "(?![\\p{L}\\p{N}_])" : "";
  return new RegExp(`${before}${exact.join("\\s*")}${after}`, "giu");
}

/**
 * Ranges in which these words stand in a text.
 * @param {Element} root @param {string[]} quotations
 * @returns {Range[]}
 */
function rangesOf(root, quotations) {
  if (!quotations.length) return [];
  const { text, places } = written(root);
  const patterns = quotations.map(patternOf).filter((pattern) => pattern !== null);
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => rangeAt(places, match.index || 0, match[0].length)));
}

/**
 * The new text as it stands on the page: without what is removed, and without the boxes and words for screen readers.
 * @param {Element} root
 */
function written(root) {
  /** @type {{at: number, node: Text}[]} */
  const places = [];
  let text = "";
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) =>
    node instanceof Element && node.matches("del, .tep-spoken, .tep-hunk, .tep-hunk-mark, .tep-fold")
      ? NodeFilter.FILTER_REJECT
      : NodeFilter.FILTER_ACCEPT,
  );
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (!(node instanceof Text)) continue;
    places.push({ at: text.length, node });
    text += node.data;
  }
  return { text, places };
}

/** @param {{at: number, node: Text}[]} places @param {number} start @param {number} length */
function rangeAt(places, start, length) {
  const range = new Range();
  const place = (/** @type {number} */ at) => {
    let [low, high] = [0, places.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (places[middle].at <= at) low = middle;
      else high = middle - 1;
    }
    return places[low];
  };
  const [first, last] = [place(start), place(start + length - 1)];
  range.setStart(first.node, start - first.at);
  range.setEnd(last.node, start + length - last.at);
  return range;
}

/** The marks of one panel under one name; others of that name are left alone. */
class Marks {
  /** @param {string} name */
  constructor(name) {
    this.name = name;
    /** @type {Range[]} */
    this.ranges = [];
  }

  /** @param {Range[]} ranges */
  set(ranges) {
    const css = /** @type {any} */ (CSS);
    if (!css.highlights) return;
    if (!css.highlights.has(this.name)) css.highlights.set(this.name, new /** @type {any} */ (window).Highlight());
    const shared = css.highlights.get(this.name);
    for (const range of this.ranges) shared.delete(range);
    for (const range of ranges) shared.add(range);
    this.ranges = ranges;
  }
}

/** Shows in the text what is quoted beside it. */
class SpanFinder {
  /** @param {Context} context @param {Sheet} sheet */
  constructor(context, sheet) {
    this.context = context;
    this.sheet = sheet;
    this.warned = new Marks("tep-warned");
    this.found = new Marks("tep-found");
    const mark = (/** @type {Event} */ event) => {
      const about = event.target instanceof Element && event.target.closest("[data-about]")?.getAttribute("data-about");
      this.found.set(about ? rangesOf(sheet.text, [about]) : []);
    };
    for (const kind of ["mouseover", "focusin"]) sheet.why.addEventListener(kind, mark);
    for (const kind of ["mouseleave", "focusout"]) sheet.why.addEventListener(kind, () => this.found.set([]));
    context.cleanup.push(() => [this.warned, this.found].forEach((marks) => marks.set([])));
  }

  /** Mark what the warnings quote. @param {any[]} warnings */
  warn(warnings) {
    this.warned.set(rangesOf(this.sheet.text, warnings.flatMap((warning) => warning.words)));
  }

  /** What shows where a span stands; null where it does not stand in the new text. @param {string} about */
  shower(about) {
    return patternOf(about)?.test(this.sheet.review.proposal.after) ? () => this.show(about) : null;
  }

  /** @param {string} about */
  show(about) {
    const { sheet } = this;
    const { text } = sheet;
    let ranges = rangesOf(text, [about]);
    if (!ranges.length && !sheet.review.draft.whole) {
      sheet.toggleWhole();
      ranges = rangesOf(text, [about]);
    }
    this.found.set(ranges);
    if (!ranges.length) return;
    text.scrollTop += ranges[0].getBoundingClientRect().top - text.getBoundingClientRect().top - text.clientHeight / 3;
    this.context.say(`${count(ranges.length, "place")} in the text`);
  }
}
