// A press → a stroke: brush, lasso, island or click; the middle button, or space, moves the photo.

import { Pointers } from "./pointers.js";
import { clampCoordinate, MAX_POINTS } from "../strokes/wire.js";

const CLICK = 4; // screen pixels a pointer may slip and still click

export class Tools {
  /**
   * `editor` gives view, state {tool, label, radius, isPanning}, redraw(), clicks, paintLive(stroke), takeBack(stroke)
   * and finish(stroke). Listens on `surfaces`, which show the same.
   */
  constructor(surfaces, editor) {
    Object.assign(this, { editor, act: null, current: null, outline: [], surface: surfaces[0] });
    this.pointers = new Pointers(surfaces, {
      isReady: () => editor.isReady, takes: event => this.takes(event),
      press: (...how) => this.press(...how), drag: event => this.drag(event), release: event => this.release(event),
      drop: () => this.drop(), settle: () => this.settle(), pinch: (...how) => this.pinch(...how),
      hover: (event, surface) => editor.point(event && at(event, surface)),
    });
    for (const surface of surfaces) {
      surface.addEventListener("dblclick", () => this.closeOutline());
      surface.addEventListener("wheel", event => this.wheel(event, surface), { passive: false });
    }
  }

  /** Whether a stroke, a corner or a click is on its way: until it is done nothing else may change what it is part of. */
  get isPainting() { return this.act !== null && this.act !== "pan"; }

  /** The right button is a mouse's only for clicks; a pen paints with its own button held, too. */
  takes({ pointerType, button }) {
    return button !== 2 || pointerType !== "mouse" || this.editor.state.tool === "click";
  }

  pixel(event) {
    return this.editor.view.pixelAt(...at(event, this.surface)).map(clampCoordinate);
  }

  press(event, surface, isEraser) {
    const { state } = this.editor;
    Object.assign(this, { surface, from: at(event, surface), last: at(event, surface), isEraser });
    this.editor.focus();
    this.act = event.button === 1 || state.isPanning ? "pan" : state.tool;
    this.isBeside = event.button === 2 || event.altKey || isEraser || state.label === "background";
    if (this.act === "brush") this.beginBrush(this.pixel(event));
    else if (this.act === "lasso") this.addCorner(this.pixel(event));
  }

  /** A fresh stroke as the state says, or as the end of the pen does. */
  stroke(kind, points) {
    const { label, radius } = this.editor.state;
    return { kind, label: this.isEraser ? "automatic" : label, radius: kind === "brush" ? radius : 0, points };
  }

  beginBrush(pixel) {
    this.current = this.stroke("brush", [pixel]);
    this.editor.paintLive({ ...this.current, points: [pixel] });
  }

  addCorner(pixel) {
    this.startedFresh = !this.outline.length;
    if (this.outline.length < MAX_POINTS) this.outline.push(pixel);
    this.editor.redrawOutline(this.outline);
  }

  drag(event) {
    if (this.act === "pan") return this.pan(event);
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) this.extend(this.pixel(each));
  }

  pan(event) {
    const [x, y] = at(event, this.surface), [lastX, lastY] = this.last;
    this.last = [x, y];
    this.editor.pan(x - lastX, y - lastY);
  }

  extend(pixel) {
    const points = this.act === "brush" ? this.current.points : this.act === "lasso" ? this.outline : null;
    const last = points?.at(-1);
    if (!last || (last[0] === pixel[0] && last[1] === pixel[1])) return;
    if (this.act === "brush") this.extendBrush(last, pixel);
    else if (points.length < MAX_POINTS) {
      points.push(pixel);
      this.editor.redrawOutline(points);
    }
  }

  /** A stroke longer than one may be goes on as another. */
  extendBrush(last, pixel) {
    if (this.current.points.length >= MAX_POINTS) {
      const { label, radius } = this.current;
      this.finishBrush();
      this.current = { kind: "brush", label, radius, points: [last] };
    }
    this.current.points.push(pixel);
    this.editor.paintLive({ ...this.current, points: [last, pixel] });
  }

  release(event) {
    const { act } = this;
    this.act = null;
    if (act === "brush") this.finishBrush();
    else if (act === "lasso") this.endOutlinePiece(event);
    else if (act === "click" && !this.slipped(event)) this.editor.clicks.add(this.pixel(event), this.isBeside ? "background" : "foreground");
    else if (act === "island" && !this.slipped(event)) this.editor.finish(this.stroke("island", [this.pixel(event)]));
  }

  slipped(event) {
    const [x, y] = at(event, this.surface);
    return Math.hypot(x - this.from[0], y - this.from[1]) > CLICK;
  }

  finishBrush() {
    const stroke = this.current;
    this.current = null;
    this.editor.finish(stroke);
  }

  /** A drag closes at once; clicks go on until one hits the first corner. */
  endOutlinePiece(event) {
    if (this.startedFresh && this.slipped(event)) return this.closeOutline();
    if (this.outline.length < 4) return;
    const { view } = this.editor, [first] = this.outline, last = this.outline.at(-1);
    if (Math.hypot(first[0] - last[0], first[1] - last[1]) * view.zoom < 10) this.closeOutline();
  }

  /** Fill the outline; a press that still draws it ends. */
  closeOutline() {
    const points = this.outline;
    this.dropOutline();
    if (points.length > 2) this.editor.finish(this.stroke("polygon", points));
  }

  /** Take back the outline's last corner; whether there was one. */
  dropCorner() {
    const had = this.outline.pop() !== undefined;
    if (had) this.editor.redrawOutline(this.outline);
    return had;
  }

  dropOutline() {
    this.outline = [];
    if (this.act === "lasso") this.act = null;
    this.editor.redrawOutline(this.outline);
  }

  /** Forget what is half painted, an outline too; the pointers that painted it do nothing more until they are down again. */
  abandon() {
    this.pointers.forget();
    if (this.outline.length) this.dropOutline();
  }

  /** The press never was meant. */
  drop() {
    const { current } = this;
    Object.assign(this, { current: null, act: null });
    if (current) this.editor.takeBack(current);
    if (this.outline.length) this.dropOutline();
  }

  /** The press is broken off: a brush stroke counts as far as it came, an outline stays open. */
  settle() {
    this.act = null;
    if (this.current) this.finishBrush();
  }

  /** Another photo: a stroke counts as far as it came, an outline does not go along. */
  leave() {
    this.pointers.interrupt();
    this.dropOutline();
  }

  pinch(before, now, surface) {
    const { left, top } = surface.getBoundingClientRect();
    this.editor.pan(now.x - before.x, now.y - before.y);
    this.editor.zoomAt(now.size / before.size, now.x - left, now.y - top);
  }

  wheel(event, surface) {
    if (!this.editor.isReady) return;
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    const step = event.ctrlKey ? 6 * unit : unit; // so a pinch on a touchpad comes, in small steps
    this.editor.zoomAt(Math.exp(-Math.max(-400, Math.min(400, event.deltaY * step)) * 0.0016), ...at(event, surface));
  }
}

/** Where an event is on `surface`, in CSS pixels. */
function at(event, surface) {
  const { left, top } = surface.getBoundingClientRect();
  return [event.clientX - left, event.clientY - top];
}
