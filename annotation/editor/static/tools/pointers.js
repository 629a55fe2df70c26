// Mice, pens and fingers → one press at a time, or a pinch. What a press does is for tools.js.
//
// A press begins with the first button and ends when that button is up; other buttons meanwhile change nothing. Two
// fingers pinch until both are up. A pen comes before fingers: what touches the screen beside it is a palm.

const PEN_STAYS = 500; // milliseconds after which a hovering pen that is not heard any more counts as gone
const ERASER = 5;
const BITS = { 0: 1, 1: 4, 2: 2, [ERASER]: 32 }; // PointerEvent.button: its bit in PointerEvent.buttons

/**
 * @typedef {object} Pointer one that is down and counts
 * @property {string} type "mouse", "pen" or "touch"
 * @property {number} button which began the press
 * @property {HTMLElement} surface
 * @property {number} x in the window, as y
 * @property {number} y
 */

export class Pointers {
  /**
   * @param {HTMLElement[]} surfaces what is listened on
   * @param acts isReady(), takes(event) whether a press may begin, press(event, surface, isEraser), drag(event),
   *   release(event), drop() what the press did, settle() what it did so far, pinch(before, now, surface) with the
   *   middle {x, y} in the window and the size of each, hover(event or null, surface)
   */
  constructor(surfaces, acts) {
    Object.assign(this, { acts, lead: null, isPinching: false, penHeard: -Infinity });
    /** @type {Map<number, Pointer>} by pointerId; a palm, or what was dropped, is not among them */
    this.down = new Map();
    for (const surface of surfaces) this.listen(surface);
    const anywhere = (name, hear) => window.addEventListener(name, hear, { capture: true });
    anywhere("pointermove", event => this.move(event));
    anywhere("pointerup", event => this.up(event));
    anywhere("pointercancel", event => this.up(event, () => acts.drop()));
    anywhere("blur", event => { if (event.target === window) this.interrupt(); });
    anywhere("pagehide", () => this.interrupt());
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.interrupt(); });
  }

  listen(surface) {
    const on = (name, hear) => surface.addEventListener(name, hear);
    on("pointerdown", event => this.press(event, surface));
    on("pointermove", event => this.hover(event, surface));
    on("pointerleave", event => this.left(event, surface));
    on("lostpointercapture", event => { if (event.pointerId === this.lead) this.interrupt(); });
    on("contextmenu", event => event.preventDefault());
  }

  /** Whether a press is on its way. */
  get isPressed() { return this.lead !== null; }

  get fingers() { return [...this.down.values()].filter(({ type }) => type === "touch"); }

  /** @param {PointerEvent} event */
  press(event, surface) {
    const { pointerId: id, pointerType: type, button, clientX: x, clientY: y } = event;
    if (!this.acts.isReady() || !(button in BITS) || !this.acts.takes(event)) return;
    event.preventDefault();
    if (id === this.lead) this.interrupt(); // nobody told that it went up
    if (type === "pen") this.dismissFingers();
    if (!this.counts(type)) return;
    capture(surface, id);
    this.down.set(id, { type, button, surface, x, y });
    if (this.isPressed || this.isPinching) return this.beginPinch();
    this.lead = id;
    this.acts.press(event, surface, isEraser(event));
  }

  /** Whether one more pointer of `type` means anything: beside another only a finger does, and none beside a pen. */
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
    Object.assign(this, { lead: null, isPinching: true, spread: this.measure() });
  }

  /** @param {PointerEvent} event */
  move(event) {
    const pointer = this.down.get(event.pointerId);
    if (event.pointerType === "pen" && !pointer) this.penHeard = performance.now();
    if (!pointer) return;
    Object.assign(pointer, { x: event.clientX, y: event.clientY });
    if (this.isPinching) this.pinch();
    else if (pointer.type === "mouse" && !(event.buttons & BITS[pointer.button])) this.up(event);
    else this.acts.drag(event);
  }

  hover(event, surface) {
    if (this.down.has(event.pointerId) || (event.pointerType !== "touch" && !this.down.size)) this.acts.hover(event, surface);
  }

  left(event, surface) {
    if (event.pointerType === "pen") this.penHeard = -Infinity;
    this.acts.hover(null, surface);
  }

  /** A pointer is up, or its button: what it did counts, unless `end` says otherwise. */
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

  /** What is half done is dropped; the pointers that did it do nothing more until they are down again. */
  forget() {
    const { isPressed } = this;
    this.ignoreAll();
    if (isPressed) this.acts.drop();
  }

  ignoreAll() {
    this.down.clear();
    Object.assign(this, { lead: null, isPinching: false });
  }

  /** The middle and the size of the first two fingers; null where there are fewer. */
  measure() {
    const [one, other] = this.fingers;
    if (!other) return null;
    const size = Math.max(8, Math.hypot(other.x - one.x, other.y - one.y));
    return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2, size };
  }

  pinch() {
    const before = this.spread, now = this.spread = this.measure();
    if (before && now) this.acts.pinch(before, now, this.fingers[0].surface);
  }
}

/** Moves outside the surface come to it, too. A pointer that is up again by now, or was made by a script, has none. */
function capture(surface, id) {
  try { surface.setPointerCapture(id); } catch { /* its moves are heard on the window */ }
}

/** Whether the other end of a pen touches. */
function isEraser({ button, buttons }) {
  return button === ERASER || Boolean(buttons & BITS[ERASER]);
}
