// The window onto the graph: fit, pan and zoom.

/**
 * `far`: below it, cards show their names only, in letters that can be read. `named`: below it no letter could be read, and cards are
 * marks on a map; each axis then stays as large as there is room, up to this.
 */
const ZOOM = { least: 0.1, readable: 0.55, far: 0.4, farther: 0.24, named: 0.15, close: 0.9, most: 2, step: 1.2 };
/**
 * Pixels on the screen that letters of names keep from afar as long as the cards have room for them, and the sizes that they have in the
 * drawing. Few, because another size lays out every card anew, which a turn of the wheel would not wait for.
 */
const FAR_LETTERS = { seen: 9, sizes: [24, 30, 37, 46] };
/** Of lines in the drawing, and on the screen at least: from afar they would vanish. */
const STROKE = { drawn: 1.3, seen: 0.5 };
/** `share`: of the window's height, so that the page can be scrolled past the graph; `map`: the least where a name stands beside its card. */
const PORT_HEIGHT = { least: 90, map: 130, most: 560, share: 0.7, low: 240 };
const PAN = 60;
/** Above and below a card that was jumped to. */
const ROOM = 8;

class Port {
  /** @param {HTMLElement} world @param {() => any} data the drawing in it */
  constructor(world, data) {
    this.world = world;
    this.data = data;
    this.scale = 1;
    /** Of each axis: more than the scale only on a map. */
    this.sx = this.sy = 1;
    this.x = 0;
    this.y = 0;
    /** How small it may be made to fit: by itself it stays readable and may need panning, the button shows as much as can be. */
    this.least = ZOOM.readable;
    /** A person moved or zoomed: updates keep the view as it is. */
    this.held = false;
    /** The drawing lies elsewhere now. */
    this.onplace = () => {};
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
    let size = "";
    const look = () => {
      const now = `${this.node.clientWidth} ${this.tallest}`;
      if (now === size) return;
      size = now;
      if (!this.held) this.fit();
    };
    const sight = new ResizeObserver(look);
    sight.observe(this.node);
    window.addEventListener("resize", look);
    context.cleanup.push(() => sight.disconnect(), () => window.removeEventListener("resize", look));
  }

  get tallest() {
    return Math.min(PORT_HEIGHT.most, Math.max(PORT_HEIGHT.low, Math.round(window.innerHeight * PORT_HEIGHT.share)));
  }

  /** The scale at which all of the drawing is in sight, at most 1. */
  get whole() {
    const { width, height } = this.data();
    return Math.min(1, this.node.clientWidth / width, this.tallest / height);
  }

  refit(least = ZOOM.readable) {
    this.held = false;
    this.least = least;
    this.fit();
  }

  fit() {
    const { width, height, nodes } = this.data();
    const room = this.node.clientWidth;
    if (!width || !room) return;
    const scale = Math.max(this.least, this.whole);
    const { x, y } = this.axes(scale);
    const tall = Math.min(this.tallest, Math.max(scale < ZOOM.far ? PORT_HEIGHT.map : PORT_HEIGHT.least, Math.ceil(height * y)));
    this.node.style.height = `${tall}px`;
    // What has no room shows its beginning, that is the first node.
    this.place(scale, Math.max(0, (room - width * x) / 2), middled((nodes[0].y + nodes[0].h / 2) * y, height * y, tall), false);
  }

  /** @param {number} scale */
  axes(scale) {
    const { named } = ZOOM;
    if (scale >= named) return { x: scale, y: scale };
    const { width, height } = this.data();
    return { x: Math.max(scale, Math.min(named, this.node.clientWidth / width)), y: Math.max(scale, Math.min(named, this.tallest / height)) };
  }

  /** @param {number} scale @param {number} x @param {number} y @param {boolean} held */
  place(scale, x, y, held) {
    const [sx, sy] = [this.sx, this.sy];
    this.x = x;
    this.y = y;
    this.held = held;
    ({ x: this.sx, y: this.sy } = this.axes(scale));
    this.world.style.transform = `translate(${x}px, ${y}px) scale(${this.sx}, ${this.sy})`;
    if (scale !== this.scale || sx !== this.sx || sy !== this.sy) this.detail(scale);
    this.onplace();
  }

  /** What can be read at this scale. @param {number} scale */
  detail(scale) {
    this.scale = scale;
    const { classList, style } = this.world;
    classList.toggle("tep-far", scale < ZOOM.far);
    classList.toggle("tep-farther", scale < ZOOM.farther);
    classList.toggle("tep-map", scale < ZOOM.named);
    const { seen, sizes } = FAR_LETTERS;
    const far = sizes.find((size) => size * scale >= seen) || sizes[sizes.length - 1];
    const thicker = Math.max(0, Math.ceil(Math.log2(STROKE.seen / STROKE.drawn / Math.max(this.sx, this.sy))));
    for (const [name, size] of [["--tep-far-size", far], ["--tep-stroke", STROKE.drawn * 2 ** thicker]]) {
      if (style.getPropertyValue(name) !== `${size}px`) style.setProperty(name, `${size}px`);
    }
  }

  /** @param {number} by @param {number} [cx] @param {number} [cy] */
  zoom(by, cx = this.node.clientWidth / 2, cy = this.node.clientHeight / 2) {
    if (!this.node.clientWidth) return;
    const scale = Math.min(ZOOM.most, Math.max(Math.min(ZOOM.least, this.whole), this.scale * by));
    const { x, y } = this.axes(scale);
    this.place(scale, cx - ((cx - this.x) * x) / this.sx, cy - ((cy - this.y) * y) / this.sy, true);
  }

  /** A card's place on the screen, in the port. @param {any} box */
  seen(box) {
    return { left: this.x + box.x * this.sx, top: this.y + box.y * this.sy, width: box.w * this.sx, height: box.h * this.sy };
  }

  /** Pan just enough to show a card, or of a tall one what stands on it. @param {any} box */
  reveal(box) {
    const { clientWidth, clientHeight } = this.node;
    if (!box || !clientWidth) return;
    const shift = (/** @type {number} */ at, /** @type {number} */ size, /** @type {number} */ room) => Math.max(8 - at, Math.min(0, room - 8 - at - size));
    const { left, top, width, height } = this.seen(box);
    const words = Math.min(height, TALL * this.sy);
    const [dx, dy] = [shift(left, width, clientWidth), shift(top + (height - words) / 2, words, clientHeight)];
    if (dx || dy) this.place(this.scale, this.x + dx, this.y + dy, this.held);
  }

  /** Bring a card into the middle, large enough to be read. @param {any} box */
  centre(box) {
    const { clientWidth } = this.node;
    if (!box || !clientWidth) return;
    const scale = Math.max(this.scale, ZOOM.close);
    const { width, height } = this.data();
    // A window that fits the graph from afar is lower than one card from near.
    const tall = Math.min(this.tallest, Math.max(this.node.clientHeight, Math.ceil(box.h * scale) + 2 * ROOM));
    this.node.style.height = `${tall}px`;
    this.place(scale, middled((box.x + box.w / 2) * scale, width * scale, clientWidth), middled((box.y + box.h / 2) * scale, height * scale, tall), true);
  }

  /** Show a card that was walked to: where only its name could be read, larger. @param {any} box */
  walkTo(box) {
    if (this.scale < ZOOM.far) this.centre(box);
    else this.reveal(box);
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
    else if (event.key === "0") this.refit(0);
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

/**
 * Where a drawing begins so that one place of it is in the middle; no further than to its ends, beyond which nothing is to be seen.
 * @param {number} at @param {number} size @param {number} room
 */
const middled = (at, size, room) => (size <= room ? (room - size) / 2 : Math.min(0, Math.max(room - size, room / 2 - at)));
