// Mice, pens and fingers → one press at a time, or a pinch. What a press does is for hand.js.
//
// A press begins with the first button and ends when that button is up; other buttons meanwhile change nothing. Two
// fingers pinch until both are up. A pen comes before fingers: what touches the screen beside it is a palm.

const PEN_STAYS = 500; // milliseconds after which a hovering pen that sends no events counts as gone
const ERASER = 5;
const BITS = new Map([[0, 1], [1, 4], [2, 2], [ERASER, 32]]); // PointerEvent.button: its bit in PointerEvent.buttons

/**
 * @typedef {object} Pointer one that is down and counts
 * @property {string} type "mouse", "pen" or "touch"
 * @property {number} button which began the press
 * @property {HTMLElement} surface
 * @property {number} x in the window, as y
 * @property {number} y
 *
 * @typedef {{ x: number, y: number, size: number }} Spread the middle of two fingers in the window, and their distance
 *
 * @typedef {object} Acts what becomes of it
 * @property {boolean} isReady
 * @property {(event: PointerEvent) => boolean} takes whether a press may begin
 * @property {(event: PointerEvent, surface: HTMLElement, isErasing: boolean) => void} press
 * @property {(event: PointerEvent) => void} drag
 * @property {(event: PointerEvent) => void} release
 * @property {() => void} drop what the press did
 * @property {() => void} settle what it did so far
 * @property {(before: Spread, now: Spread, surface: HTMLElement) => void} pinch
 * @property {(event: PointerEvent | null, surface: HTMLElement) => void} hover null where the pointer left
 */

export class Pointers {
  /**
   * @param {HTMLElement[]} surfaces what is listened on
   * @param {Acts} acts
   */
  constructor(surfaces, acts) {
    this.acts = acts;
    /** The pointer that is pressing. @type {number | null} */
    this.lead = null;
    this.isPinching = false;
    /** @type {Spread | null} */
    this.spread = null;
    this.penHeard = -Infinity;
    /** By pointerId; a palm, or what was dropped, is not among them. @type {Map<number, Pointer>} */
    this.down = new Map();
    for (const surface of surfaces) this.listen(surface);
    const first = { capture: true };
    window.addEventListener("pointermove", event => this.move(event), first);
    window.addEventListener("pointerup", event => this.up(event), first);
    window.addEventListener("pointercancel", event => this.up(event, () => acts.drop()), first);
    window.addEventListener("blur", event => { if (event.target === window) this.interrupt(); }, first);
    window.addEventListener("pagehide", () => this.interrupt(), first);
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.interrupt(); });
  }

  /** @param {HTMLElement} surface */
  listen(surface) {
    surface.addEventListener("pointerdown", event => this.press(event, surface));
    surface.addEventListener("pointermove", event => this.hover(event, surface));
    surface.addEventListener("pointerleave", event => this.left(event, surface));
    surface.addEventListener("lostpointercapture", event => { if (event.pointerId === this.lead) this.interrupt(); });
    surface.addEventListener("contextmenu", event => event.preventDefault());
  }

  /** Whether a press is on its way. */
  get isPressed() { return this.lead !== null; }

  get fingers() { return [...this.down.values()].filter(({ type }) => type === "touch"); }

  /**
   * @param {PointerEvent} event
   * @param {HTMLElement} surface
   */
  press(event, surface) {
    const { pointerId: id, pointerType: type, button, clientX: x, clientY: y } = event;
    if (!this.acts.isReady || !BITS.has(button) || !this.acts.takes(event)) return;
    event.preventDefault();
    if (id === this.lead) this.interrupt(); // its pointerup never came
    if (type === "pen") this.dismissFingers();
    if (!this.counts(type)) return;
    capture(surface, id);
    this.down.set(id, { type, button, surface, x, y });
    if (this.isPressed || this.isPinching) return this.beginPinch();
    this.lead = id;
    this.acts.press(event, surface, isEraser(event));
  }

  /**
   * Whether one more pointer counts: beside another only a finger does, and none beside a pen.
   * @param {string} type
   */
  counts(type) {
    if (type === "touch" && performance.now() - this.penHeard < PEN_STAYS) return false;
    return [...this.down.values()].every(other => type === "touch" && other.type === "touch");
  }

  /** The hand that holds a pen touches the screen before the pen does. */
  dismissFingers() {
    if (this.fingers.length) this.forget();
  }

  beginPinch() {
    if (this.isPressed) this.acts.drop();
    this.lead = null;
    this.isPinching = true;
    this.spread = this.measure();
  }

  /** @param {PointerEvent} event */
  move(event) {
    const pointer = this.down.get(event.pointerId);
    if (event.pointerType === "pen" && !pointer) this.penHeard = performance.now();
    if (!pointer) return;
    pointer.x = event.clientX;
    pointer.y = event.clientY;
    if (this.isPinching) this.pinch();
    else if (pointer.type === "mouse" && !isHeld(event, pointer.button)) this.up(event);
    else this.acts.drag(event);
  }

  /**
   * @param {PointerEvent} event
   * @param {HTMLElement} surface
   */
  hover(event, surface) {
    if (this.down.has(event.pointerId) || (event.pointerType !== "touch" && !this.down.size)) this.acts.hover(event, surface);
  }

  /**
   * @param {PointerEvent} event
   * @param {HTMLElement} surface
   */
  left(event, surface) {
    if (event.pointerType === "pen") this.penHeard = -Infinity;
    this.acts.hover(null, surface);
  }

  /**
   * A pointer is up, or its button: what it did counts, unless `end` drops it.
   * @param {PointerEvent} event
   * @param {() => void} [end]
   */
  up(event, end = () => this.acts.release(event)) {
    if (!this.down.delete(event.pointerId)) return;
    if (event.pointerId === this.lead) {
      this.lead = null;
      end();
    } else {
      this.isPinching = this.fingers.length > 0;
      this.spread = this.measure();
    }
  }

  /** The window loses the pointer, or the page the window: what the press did so far counts, the rest does not. */
  interrupt() {
    const { isPressed } = this;
    this.ignoreAll();
    if (isPressed) this.acts.settle();
  }

  /** Discard what is half done; its pointers do nothing more until they are pressed again. */
  forget() {
    const { isPressed } = this;
    this.ignoreAll();
    if (isPressed) this.acts.drop();
  }

  ignoreAll() {
    this.down.clear();
    this.lead = null;
    this.isPinching = false;
  }

  /**
   * Of the first two fingers; null where there are fewer.
   * @returns {Spread | null}
   */
  measure() {
    const [one, other] = this.fingers;
    if (!other) return null;
    const size = Math.max(8, Math.hypot(other.x - one.x, other.y - one.y));
    return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2, size };
  }

  pinch() {
    const before = this.spread, now = this.measure();
    this.spread = now;
    if (before && now) this.acts.pinch(before, now, this.fingers[0].surface);
  }
}

/**
 * Moves outside the surface come to it, too. A pointer that is up again by now, or was made by a script, has none.
 * @param {HTMLElement} surface
 * @param {number} id
 */
function capture(surface, id) {
  try { surface.setPointerCapture(id); } catch { /* its moves are heard on the window */ }
}

/**
 * Whether the other end of a pen touches.
 * @param {PointerEvent} event
 */
function isEraser(event) {
  return event.button === ERASER || isHeld(event, ERASER);
}

/**
 * @param {PointerEvent} event
 * @param {number} button
 */
function isHeld({ buttons }, button) {
  return Boolean(buttons & (BITS.get(button) ?? 0));
}
