// The window onto the graph: fit, pan and zoom.

/** `far`: below it, cards show their names only, in letters that can be read. */
const ZOOM = { least: 0.1, readable: 0.55, far: 0.4, farther: 0.24, close: 0.9, most: 2, step: 1.2 };
/** Pixels on the screen that letters of names keep from afar, as long as the cards have room for them. */
const FAR_LETTERS = { size: 9, least: 24, most: 46 };
const PORT_HEIGHT = { least: 90, most: 560 };
const PAN = 60;

class Port {
  /** @param {HTMLElement} world @param {() => any} data the drawing in it */
  constructor(world, data) {
    this.world = world;
    this.data = data;
    this.scale = 1;
    this.x = 0;
    this.y = 0;
    /** How small it may be made to fit: by itself it stays readable and may need panning, the button shows as much as can be. */
    this.least = ZOOM.readable;
    /** A person moved or zoomed: updates keep the view as it is. */
    this.held = false;
    this.node = make("div", { class: "tep-port" }, world);
    this.node.addEventListener("wheel", (/** @type {WheelEvent} */ e) => this.wheel(e), { passive: false });
    this.node.addEventListener("pointerdown", (/** @type {PointerEvent} */ e) => this.drag(e));
    this.node.addEventListener("scroll", () => this.scrolled());
  }

  /** The browser brings what it finds into view by scrolling: here that is a pan. */
  scrolled() {
    const { scrollLeft, scrollTop } = this.node;
    if (!scrollLeft && !scrollTop) return;
    this.node.scrollTo(0, 0);
    this.place(this.scale, this.x - scrollLeft, this.y - scrollTop, this.held);
  }

  /** @param {Context} context */
  watch(context) {
    let width = 0;
    const sight = new ResizeObserver(() => {
      if (this.node.clientWidth === width) return;
      width = this.node.clientWidth;
      if (!this.held) this.fit();
    });
    sight.observe(this.node);
    context.cleanup.push(() => sight.disconnect());
  }

  refit(least = ZOOM.readable) {
    this.held = false;
    this.least = least;
    this.fit();
  }

  fit() {
    const { width, height } = this.data();
    const room = this.node.clientWidth;
    if (!width || !room) return;
    const scale = Math.max(this.least, Math.min(1, room / width, PORT_HEIGHT.most / height));
    const tall = Math.min(PORT_HEIGHT.most, Math.max(PORT_HEIGHT.least, Math.ceil(height * scale)));
    this.node.style.height = `${tall}px`;
    this.place(scale, Math.max(0, (room - width * scale) / 2), Math.max(0, (tall - height * scale) / 2), false);
  }

  /** @param {number} scale @param {number} x @param {number} y @param {boolean} held */
  place(scale, x, y, held) {
    this.scale = scale;
    this.x = x;
    this.y = y;
    this.held = held;
    this.world.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    this.world.classList.toggle("tep-far", scale < ZOOM.far);
    this.world.classList.toggle("tep-farther", scale < ZOOM.farther);
    const { size, least, most } = FAR_LETTERS;
    this.world.style.setProperty("--tep-far-size", `${Math.round(Math.min(most, Math.max(least, size / scale)))}px`);
  }

  /** @param {number} by @param {number} [cx] @param {number} [cy] */
  zoom(by, cx = this.node.clientWidth / 2, cy = this.node.clientHeight / 2) {
    const scale = Math.min(ZOOM.most, Math.max(ZOOM.least, this.scale * by));
    const k = scale / this.scale;
    this.place(scale, cx - (cx - this.x) * k, cy - (cy - this.y) * k, true);
  }

  /** Pan just enough to show a card. @param {any} box */
  reveal(box) {
    const { clientWidth, clientHeight } = this.node;
    if (!box || !clientWidth) return;
    const shift = (/** @type {number} */ at, /** @type {number} */ size, /** @type {number} */ room) => Math.max(8 - at, Math.min(0, room - 8 - at - size));
    const dx = shift(this.x + box.x * this.scale, box.w * this.scale, clientWidth);
    const dy = shift(this.y + box.y * this.scale, box.h * this.scale, clientHeight);
    if (dx || dy) this.place(this.scale, this.x + dx, this.y + dy, this.held);
  }

  /** Bring a card into the middle, large enough to be read. @param {any} box */
  centre(box) {
    const { clientWidth, clientHeight } = this.node;
    if (!box || !clientWidth) return;
    const scale = Math.max(this.scale, ZOOM.close);
    const { width, height } = this.data();
    // No further than to the graph's ends: beyond them is nothing to see.
    const middle = (/** @type {number} */ at, /** @type {number} */ size, /** @type {number} */ room) => (size <= room ? (room - size) / 2 : Math.min(0, Math.max(room - size, room / 2 - at)));
    this.place(scale, middle((box.x + box.w / 2) * scale, width * scale, clientWidth), middle((box.y + box.h / 2) * scale, height * scale, clientHeight), true);
  }

  /** Only with Ctrl: else the notebook could not be scrolled past the graph. @param {WheelEvent} event */
  wheel(event) {
    if (!event.ctrlKey) return;
    event.preventDefault();
    event.stopPropagation();
    const box = this.node.getBoundingClientRect();
    this.zoom(Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
  }

  /** Keys of a graph that has the focus. @param {KeyboardEvent} event @returns {boolean} whether it was one */
  key(event) {
    const pans = { ArrowLeft: [PAN, 0], ArrowRight: [-PAN, 0], ArrowUp: [0, PAN], ArrowDown: [0, -PAN] };
    const pan = event.shiftKey && Object.hasOwn(pans, event.key) && pans[/** @type {"ArrowLeft"} */ (event.key)];
    if (pan) this.place(this.scale, this.x + pan[0], this.y + pan[1], true);
    else if (event.key === "+") this.zoom(ZOOM.step);
    else if (event.key === "-") this.zoom(1 / ZOOM.step);
    else if (event.key === "0") this.refit(ZOOM.least);
    else return false;
    return true;
  }

  /** @param {PointerEvent} event */
  drag(event) {
    if (event.button !== 0 || (event.target instanceof Element && event.target.closest(".tep-card"))) return;
    const from = { x: event.clientX - this.x, y: event.clientY - this.y };
    const move = (/** @type {PointerEvent} */ e) => this.place(this.scale, e.clientX - from.x, e.clientY - from.y, true);
    const end = () => {
      this.node.removeEventListener("pointermove", move);
      this.node.classList.remove("tep-dragged");
    };
    this.node.setPointerCapture(event.pointerId);
    this.node.classList.add("tep-dragged");
    this.node.addEventListener("pointermove", move);
    this.node.addEventListener("pointerup", end, { once: true });
    this.node.addEventListener("pointercancel", end, { once: true });
  }
}
