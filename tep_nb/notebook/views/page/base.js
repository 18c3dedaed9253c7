// Shared by all views: each view's module is this text, then its own. Nothing here, or in any view, writes HTML: every text of a
// stranger reaches the page through textContent.

/**
 * @typedef {{get: (name: string) => any, set: (name: string, value: any) => void, save_changes: () => void,
 *   on: (event: string, handler: Function) => void, off: (event: string, handler?: Function) => void,
 *   send: (content: any) => void}} Model
 * @typedef {{ok: boolean, error: string, note: string, data: any}} Reply
 * @typedef {{model: Model, store: Store, root: HTMLElement, link: Link, say: (text: string) => void, silent: (yes: boolean) => void, cleanup: (() => void)[]}} Context
 */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element. `on*` properties are listeners, `text` is textContent, `class` the class; all else are attributes, left out when null or false.
 * @param {string} tag
 * @param {Object<string, any>} [props]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {any}
 */
function make(tag, props = {}, ...children) {
  const svg = tag.startsWith("svg:");
  const node = svg ? document.createElementNS(SVG, tag.slice(4)) : document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "text") node.append(revealed(String(value)));
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) {
    if (child || child === "") node.append(child);
  }
  return node;
}

/**
 * A text with its made-visible characters set apart; Python wrote them as code points in white brackets.
 * @param {string} text
 * @returns {DocumentFragment}
 */
function revealed(text) {
  const out = document.createDocumentFragment();
  for (const [index, part] of text.split(/(⟦U\+[0-9A-F]{4,6}⟧)/).entries()) {
    if (!part) continue;
    if (index % 2 === 0) {
      out.append(part);
      continue;
    }
    const mark = document.createElement("span");
    mark.className = "tep-hidden-char";
    mark.title = "a character that does not show";
    mark.textContent = part.slice(1, -1);
    out.append(mark);
  }
  return out;
}

/** Words for screen readers only. @param {string} text */
const spoken = (text) => make("span", { class: "tep-spoken", text });

/**
 * A button that shows a sign and is called by a name.
 * @param {string} name @param {string} look @param {Object<string, any>} props
 * @returns {HTMLButtonElement}
 */
function signButton(name, look, props) {
  const shape = { type: "button", class: "tep-button tep-quiet", title: name, ...props };
  return make("button", shape, spoken(name), make("span", { "aria-hidden": "true", text: look }));
}

/** "1 hunk", "2 hunks". @param {number} n @param {string} noun */
const count = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;

/** Replace the children of a node. @param {Element} node @param {...any} children */
function fill(node, ...children) {
  node.replaceChildren(...children.filter((child) => child || child === ""));
}

/**
 * A button whose accessible name is exactly `name`; the key is printed on it and announced as a shortcut.
 * @param {string} name
 * @param {{key?: string, class?: string, title?: string, onclick: () => void}} options
 * @returns {HTMLButtonElement}
 */
function button(name, { key = "", class: extra = "", title = "", onclick }) {
  return make(
    "button",
    { type: "button", class: `tep-button ${extra}`, "aria-keyshortcuts": key || null, title: title || null, onclick },
    name,
    key && make("kbd", { "aria-hidden": "true", text: key }),
  );
}

/**
 * Switch a control on or off. One that is switched off would lose the focus to nobody, and the next key would edit the notebook: a
 * button keeps it, does nothing and says that it is off until the focus leaves it; a field gives it to the view.
 * @param {HTMLButtonElement | HTMLInputElement} node @param {boolean} off
 */
function disable(node, off) {
  const focused = off && document.activeElement === node;
  const held = focused && node instanceof HTMLButtonElement;
  node.disabled = off && !held;
  if (held && !isOff(node)) node.addEventListener("blur", () => disable(node, isOff(node)), { once: true });
  node.ariaDisabled = held ? "true" : null;
  if (focused && !held) /** @type {HTMLElement | null} */ (node.closest(".tep"))?.focus({ preventScroll: true });
}

/** Whether a control is switched off. @param {HTMLButtonElement | HTMLInputElement} node */
const isOff = (node) => node.disabled || node.ariaDisabled === "true";

/** Keep presses from buttons that are off and have the focus. @param {HTMLElement} root */
function guardPresses(root) {
  const guard = (/** @type {Event} */ event) => {
    if (!(event.target instanceof Element) || event.target.closest("button")?.ariaDisabled !== "true") return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  root.addEventListener("click", guard, true);
}

/** Whether keys typed at this target are text. @param {EventTarget | null} target */
function isField(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}
