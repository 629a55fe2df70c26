// Pointers → strokes. One finger or the left button paints; the middle button, or space, moves; two fingers zoom.

import { clampCoordinate, MAX_POINTS } from "./wire.js";

const CLICK = 4; // screen pixels a pointer may slip and still click

/** A fresh unpainted stroke as `state` (label, radius, tool) says. */
function begin(kind, { label, radius }, points) {
  return { kind, label, radius: kind === "brush" ? radius : 0, points };
}

export class Tools {
  /**
   * `editor` gives view, state {tool, label, radius, isPanning}, redraw(), clicks, paintLive(stroke), takeBack(stroke)
   * and finish(stroke). Listens on `surface`.
   */
  constructor(surface, editor) {
    Object.assign(this, { surface, editor, pointers: new Map(), act: null, current: null, outline: [] });
    const on = (name, hear) => surface.addEventListener(name, hear, { passive: false });
    on("pointerdown", event => this.down(event));
    on("pointermove", event => this.move(event));
    on("pointerup", event => this.up(event));
    on("pointercancel", event => this.cancel(event));
    on("dblclick", () => this.closeOutline());
    on("contextmenu", event => event.preventDefault());
    on("wheel", event => this.wheel(event));
    on("pointerleave", () => editor.point(null));
  }

  at(event) {
    const { left, top } = this.surface.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  pixel(event) {
    return this.editor.view.pixelAt(...this.at(event)).map(clampCoordinate);
  }

  down(event) {
    if (!this.editor.isReady || (event.pointerType === "mouse" && event.button === 2 && this.editor.state.tool !== "click")) return;
    event.preventDefault();
    this.editor.focus();
    this.surface.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, this.at(event));
    if (this.pointers.size === 2) return this.beginPinch();
    if (this.pointers.size > 2) return;
    this.from = this.at(event);
    if (event.button === 1 || this.editor.state.isPanning) this.act = "pan";
    else this.beginTool(event);
  }

  beginTool(event) {
    const { state } = this.editor, pixel = this.pixel(event);
    this.act = state.tool;
    this.isBeside = event.button === 2 || event.altKey || state.label === "background";
    if (state.tool === "brush") {
      this.current = begin("brush", state, [pixel]);
      this.editor.paintLive({ ...this.current, points: [pixel] });
    } else if (state.tool === "lasso") {
      this.startedFresh = !this.outline.length;
      this.outline.push(pixel);
      this.editor.redrawOutline(this.outline);
    }
  }

  move(event) {
    this.editor.point(this.at(event));
    if (!this.pointers.has(event.pointerId)) return;
    const before = this.pointers.get(event.pointerId), now = this.at(event);
    this.pointers.set(event.pointerId, now);
    if (this.act === "pinch") return this.pinch();
    if (this.act === "pan") return this.editor.pan(now[0] - before[0], now[1] - before[1]);
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) this.extend(this.pixel(each));
  }

  extend(pixel) {
    const points = this.act === "brush" ? this.current.points : this.act === "lasso" ? this.outline : null;
    if (!points || points.length >= MAX_POINTS) return;
    const last = points.at(-1);
    if (last[0] === pixel[0] && last[1] === pixel[1]) return;
    points.push(pixel);
    if (this.act === "brush") this.editor.paintLive({ ...this.current, points: [last, pixel] });
    else this.editor.redrawOutline(this.outline);
  }

  up(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    const { act } = this;
    if (this.pointers.size === 0) this.act = null;
    if (act === "brush") this.finish(this.current);
    else if (act === "lasso") this.endOutlinePiece(event);
    else if (act === "click" && !this.slipped(event)) this.editor.clicks.add(this.pixel(event), this.isBeside ? "background" : "foreground");
    else if (act === "island" && !this.slipped(event)) this.finish(begin("island", this.editor.state, [this.pixel(event)]));
  }

  slipped(event) {
    const [x, y] = this.at(event);
    return Math.hypot(x - this.from[0], y - this.from[1]) > CLICK;
  }

  finish(stroke) {
    this.current = null;
    this.editor.finish(stroke);
  }

  /** A drag closes at once; clicks go on until one hits the first corner. */
  endOutlinePiece(event) {
    if (this.startedFresh && this.slipped(event)) return this.closeOutline();
    const { view } = this.editor, [first] = this.outline, last = this.outline.at(-1);
    const gap = Math.hypot(first[0] - last[0], first[1] - last[1]) * view.zoom;
    if (this.outline.length > 3 && gap < 10) this.closeOutline();
  }

  closeOutline() {
    const points = this.outline;
    this.dropOutline();
    if (points.length > 2) this.editor.finish(begin("polygon", this.editor.state, points));
  }

  /** Take back the outline's last corner; whether there was one. */
  dropCorner() {
    const had = this.outline.pop() !== undefined;
    if (had) this.editor.redrawOutline(this.outline);
    return had;
  }

  dropOutline() {
    this.outline = [];
    this.act = this.act === "lasso" ? null : this.act;
    this.editor.redrawOutline(this.outline);
  }

  cancel(event) {
    this.pointers.delete(event.pointerId);
    this.abandon();
    if (!this.pointers.size) this.act = null;
  }

  /** Forget what is half painted. */
  abandon() {
    if (this.current) this.editor.takeBack(this.current);
    this.current = null;
    if (this.outline.length) this.dropOutline();
  }

  beginPinch() {
    this.abandon();
    this.act = "pinch";
    this.spread = this.measure();
  }

  measure() {
    const [[x0, y0], [x1, y1]] = this.pointers.values();
    return { x: (x0 + x1) / 2, y: (y0 + y1) / 2, size: Math.max(8, Math.hypot(x1 - x0, y1 - y0)) };
  }

  pinch() {
    if (this.pointers.size < 2) return;
    const now = this.measure(), { spread } = this;
    this.spread = now;
    this.editor.pan(now.x - spread.x, now.y - spread.y);
    this.editor.zoomAt(now.size / spread.size, now.x, now.y);
  }

  wheel(event) {
    if (!this.editor.isReady) return;
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    const step = event.ctrlKey ? 6 * unit : unit; // so a pinch on a touchpad comes, in small steps
    this.editor.zoomAt(Math.exp(-Math.max(-400, Math.min(400, event.deltaY * step)) * 0.0016), ...this.at(event));
  }
}
