// Long stretches of a text, folded so that what changed is seen at once.

/** Words, and characters, of context that stay on each side of a change. */
const CONTEXT = 60;
const CONTEXT_CHARS = 480;
/** Characters of a piece of a long text. */
const PIECE = 4000;
/** Characters of one change up to which it is shown whole. */
const CHANGE_CHARS = 3000;

/**
 * Where the first words of a text end.
 * @param {string} text @param {number} words @param {number} chars at most
 */
function headEnd(text, words, chars) {
  const find = /\S+/g;
  let end = 0;
  for (let n = 0; n < words; n++) {
    const match = find.exec(text);
    if (!match) return text.length;
    if (find.lastIndex > chars) return end || chars;
    end = find.lastIndex;
  }
  return end;
}

/** Where the last words of a text begin. @param {string} text @param {number} words @param {number} chars */
function tailStart(text, words, chars) {
  let at = text.length;
  let begin = text.length;
  for (let n = 0; n < words; n++) {
    while (at > 0 && /\s/.test(text[at - 1])) at--;
    if (at === 0) return begin;
    while (at > 0 && !/\s/.test(text[at - 1]) && text.length - at < chars) at--;
    if (text.length - at >= chars) return begin < text.length ? begin : text.length - chars;
    begin = at;
  }
  return begin;
}

/**
 * A kept stretch, its middle folded where it is long; at the ends of the prompt only the side of the change stays.
 * @param {string} text @param {boolean} first @param {boolean} last
 * @returns {Node[]}
 */
function keptNodes(text, first, last) {
  const head = first ? 0 : headEnd(text, CONTEXT, CONTEXT_CHARS);
  const tail = last ? text.length : tailStart(text, CONTEXT, CONTEXT_CHARS);
  const words = head < tail ? countWords(text.slice(head, tail)) : 0;
  if (tail - head < CONTEXT_CHARS / 2 && words < CONTEXT / 2) return [make("span", { text })];
  const fold = foldOf(text.slice(head, tail), "unchanged");
  return [head > 0 && make("span", { text: text.slice(0, head) }), fold, tail < text.length && make("span", { text: text.slice(tail) })].filter(Boolean);
}

/** A button in the place of nodes, which it makes when they are asked for. @param {string} label @param {() => Node[]} nodes @returns {HTMLElement} */
function foldButton(label, nodes) {
  const unfold = () => {
    const focused = document.activeElement === fold;
    /** @type {HTMLElement | null} */
    const host = fold.closest(".tep-text");
    fold.replaceWith(...nodes());
    if (focused) host?.focus({ preventScroll: true });
  };
  const fold = make("button", { type: "button", class: "tep-fold", text: label, onclick: unfold });
  return fold;
}

/** A button in the place of a text, which it shows. @param {string} text @param {string} what */
const foldOf = (text, what) => foldButton(`… ${amount(countWords(text), text.length)} ${what}, show`, () => textNodes(text));

/**
 * A text as it is. A long one is made in pieces of whole lines: what is out of sight is not laid out, and the page waits for none of it.
 * @param {string} text @returns {Node[]}
 */
function textNodes(text) {
  const nodes = [];
  let begin = text.length > 2 * PIECE ? text.indexOf("\n") + 1 : 0;
  if (begin > 0) nodes.push(make("span", { text: text.slice(0, begin) }));
  // The line that goes on behind the text stays in the last part.
  while (begin > 0) {
    const end = text.indexOf("\n", begin + PIECE) + 1;
    if (end === 0) break;
    nodes.push(make("span", { class: "tep-piece", text: text.slice(begin, end) }));
    begin = end;
  }
  nodes.push(make("span", { text: text.slice(begin) }));
  return nodes;
}

/** One side of a change, or a text without any, its middle folded where it is very long. @param {string} text @param {string} [what] @returns {Node[]} */
function changedNodes(text, what = "more of this change") {
  if (text.length <= CHANGE_CHARS) return [make("span", { text })];
  const half = CHANGE_CHARS / 2;
  const fold = foldOf(text.slice(half, text.length - half), what);
  return [make("span", { text: text.slice(0, half) }), fold, make("span", { text: text.slice(text.length - half) })];
}

/** @param {string} text */
const countWords = (text) => (text.match(/\S+/g) || []).length;

/** @param {number} words @param {number} chars */
const amount = (words, chars) => (words > 1 ? `${words.toLocaleString("en")} words` : `${chars.toLocaleString("en")} characters`);
