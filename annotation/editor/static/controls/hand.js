// Passes a press to the chosen tool; the middle button, or space, moves the photo instead.

/**
 * @import { Editor } from "../editor.js"
 * @import { Place } from "../drawing/view.js"
 * @import { Point } from "../strokes/stroke.js"
 * @import { Spread } from "./pointers.js"
 * @import { Press } from "../tools/tool.js"
 */

import { clampCoordinate } from "../strokes/wire.js";
import { Pointers } from "./pointers.js";

const SLIP = 4; // screen pixels a pointer may slip and still click

export class Hand {
  /**
   * @param {HTMLElement[]} surfaces what is listened on; all show the same
   * @param {Editor} editor
   */
  constructor(surfaces, editor) {
    this.editor = editor;
    this.surface = surfaces[0];
    /** What the press does. @type {"tool" | "pan" | null} */
    this.act = null;
    /** @type {Press} */
    this.how = { isErasing: false, isBeside: false };
    /** Where the press began. @type {Place} */
    this.from = [0, 0];
    /** Where it was last. @type {Place} */
    this.last = this.from;
    /** The last pixel that the tool was given. @type {Point} */
    this.lastPixel = [0, 0];
    this.pointers = new Pointers(surfaces, this);
    for (const surface of surfaces) {
      surface.addEventListener("dblclick", () => this.editor.tool.finish());
      surface.addEventListener("wheel", event => this.wheel(event, surface), { passive: false });
    }
  }

  get isReady() { return this.editor.isReady; }

  /** Whether a stroke, a corner or a click is on its way: until it is done, nothing else may change the picture or the strokes. */
  get isPainting() { return this.act === "tool"; }

  /**
   * The mouse's right button counts only for tools that use it; a pen paints with its own button held, too.
   * @param {PointerEvent} event
   */
  takes({ pointerType, button }) {
    return button !== 2 || pointerType !== "mouse" || this.editor.tool.takesRightButton;
  }

  /**
   * @param {MouseEvent} event
   * @returns {Point}
   */
  pixel(event) {
    const [x, y] = this.editor.view.pixelAt(...at(event, this.surface));
    return [clampCoordinate(x), clampCoordinate(y)];
  }

  /**
   * @param {PointerEvent} event
   * @param {HTMLElement} surface
   * @param {boolean} isErasing
   */
  press(event, surface, isErasing) {
    const { state, tool } = this.editor;
    this.surface = surface;
    this.from = this.last = at(event, surface);
    this.editor.focus();
    this.act = event.button === 1 || state.isPanning ? "pan" : "tool";
    this.how = { isErasing, isBeside: event.button === 2 || event.altKey || isErasing || state.label === "background" };
    this.lastPixel = this.pixel(event);
    if (this.act === "tool") tool.press(this.lastPixel, this.how);
  }

  /** @param {PointerEvent} event */
  drag(event) {
    if (this.act === "pan") return this.pan(event);
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) this.extend(this.pixel(each));
  }

  /** @param {PointerEvent} event */
  pan(event) {
    const [x, y] = at(event, this.surface), [lastX, lastY] = this.last;
    this.last = [x, y];
    this.editor.pan(x - lastX, y - lastY);
  }

  /** @param {Point} pixel */
  extend(pixel) {
    if (this.act !== "tool" || (this.lastPixel[0] === pixel[0] && this.lastPixel[1] === pixel[1])) return;
    this.lastPixel = pixel;
    this.editor.tool.extend(pixel);
  }

  /** @param {PointerEvent} event */
  release(event) {
    const { act } = this, [x, y] = at(event, this.surface);
    this.act = null;
    const isClick = Math.hypot(x - this.from[0], y - this.from[1]) <= SLIP;
    if (act === "tool") this.editor.tool.release(this.pixel(event), this.how, isClick);
  }

  /** The press does nothing more. */
  end() {
    if (this.act === "tool") this.act = null;
  }

  /** Discard what is half done, an outline too; its pointers do nothing more until they are pressed again. */
  abandon() {
    this.pointers.forget();
    this.editor.tool.drop();
  }

  /** Discard the press. */
  drop() {
    this.act = null;
    this.editor.tool.drop();
  }

  /** The press is interrupted: a brush stroke counts up to here, an outline stays open. */
  settle() {
    this.act = null;
    this.editor.tool.settle();
  }

  /** Another photo: a stroke counts up to here, an outline is discarded. */
  leave() {
    this.pointers.interrupt();
    this.editor.tool.drop();
  }

  /**
   * @param {PointerEvent | null} event null where the pointer left
   * @param {HTMLElement} surface
   */
  hover(event, surface) {
    this.editor.point(event && at(event, surface));
  }

  /**
   * @param {Spread} before
   * @param {Spread} now
   * @param {HTMLElement} surface
   */
  pinch(before, now, surface) {
    const { left, top } = surface.getBoundingClientRect();
    this.editor.pan(now.x - before.x, now.y - before.y);
    this.editor.zoomAt(now.size / before.size, now.x - left, now.y - top);
  }

  /**
   * @param {WheelEvent} event
   * @param {HTMLElement} surface
   */
  wheel(event, surface) {
    if (!this.editor.isReady) return;
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    const step = event.ctrlKey ? 6 * unit : unit; // so a pinch on a touchpad comes, in small steps
    this.editor.zoomAt(Math.exp(-Math.max(-400, Math.min(400, event.deltaY * step)) * 0.0016), ...at(event, surface));
  }
}

/**
 * Where an event is on `surface`.
 * @param {MouseEvent} event
 * @param {HTMLElement} surface
 * @returns {Place}
 */
function at(event, surface) {
  const { left, top } = surface.getBoundingClientRect();
  return [event.clientX - left, event.clientY - top];
}
