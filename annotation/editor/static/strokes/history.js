// The strokes of one picture and the trimap they make: what annotation/correction/session.py is on the server.
// `saved` are numbered by the server, in order; `pending` are painted here and not acknowledged yet, and come after them.

/** @import { Box, Layer, Paint, Stroke } from "./stroke.js" */

import { bounds, common, EMPTY, isEmpty, paint, whole } from "./raster.js";

/** @param {Paint} stroke */
const isSwitch = stroke => stroke.kind === "undo" || stroke.kind === "redo";

/**
 * The strokes that count: without undo and redo themselves, and without what they leave switched off.
 * @param {Stroke[]} strokes
 */
export function counting(strokes) {
  const off = new Set();
  for (const stroke of strokes) {
    if (stroke.kind === "undo") off.add(stroke.target);
    if (stroke.kind === "redo") off.delete(stroke.target);
  }
  return strokes.filter(stroke => !isSwitch(stroke) && !off.has(stroke.id));
}

/**
 * What Ctrl+Z and Ctrl+Shift+Z would switch: ids or undefined. A new stroke ends what can be redone.
 * @param {Stroke[]} strokes
 * @returns {{ undo?: string, redo?: string }}
 */
export function switchable(strokes) {
  /** @type {string[]} */
  const done = [], undone = /** @type {string[]} */ ([]);
  for (const stroke of strokes) {
    if (stroke.kind === "undo") take(done, stroke.target, undone);
    else if (stroke.kind === "redo") take(undone, stroke.target, done);
    else {
      done.push(stroke.id);
      undone.length = 0;
    }
  }
  return { undo: done.at(-1), redo: undone.at(-1) };
}

/**
 * Move the last `id` of one list to the end of the other.
 * @param {string[]} from
 * @param {string} id
 * @param {string[]} to
 */
function take(from, id, to) {
  const at = from.lastIndexOf(id);
  if (at < 0) return;
  from.splice(at, 1);
  to.push(id);
}

/**
 * The clicks that made the trimap below `strokes`; none if it came from elsewhere.
 * @param {Stroke[]} strokes
 */
export function clicked(strokes) {
  const starts = counting(strokes).filter(stroke => stroke.kind === "start");
  return starts.slice(starts.findLastIndex(stroke => !stroke.points.length) + 1);
}

export class History {
  /**
   * @param {number} width
   * @param {number} height
   * @param {Uint8Array} automatic the first trimap
   * @param {Map<string, Uint8Array>} [starts] later ones by their names
   */
  constructor(width, height, automatic, starts = new Map()) {
    /** @type {Layer} */
    this.trimap = { width, height, pixels: automatic.slice() };
    this.automatic = automatic;
    this.starts = starts;
    /** @type {Stroke[]} */
    this.saved = [];
    /** @type {Stroke[]} */
    this.pending = [];
    /** Where `countUnknown` has to count anew. @type {Box} */
    this.stale = whole(this.trimap);
    this.unknownRows = new Int32Array(height);
  }

  get strokes() { return [...this.saved, ...this.pending]; }

  /**
   * The trimap below the strokes `paints`. An Error if it was not fetched.
   * @param {Stroke[]} paints
   */
  base(paints) {
    const start = paints.findLast(stroke => stroke.kind === "start");
    const base = start ? this.starts.get(start.target) : this.automatic;
    if (!base) throw new Error(`wanted the trimap "${start?.target}" below the strokes, but it was not fetched`);
    return base;
  }

  /** The trimap below the strokes as they are. */
  get below() { return this.base(counting(this.strokes)); }

  /**
   * A stroke painted here; gives the box of pixels it may have changed.
   * @param {Stroke} stroke
   */
  add(stroke) {
    const before = this.strokes;
    this.pending.push(stroke);
    return this.apply(stroke, before);
  }

  /**
   * A stroke that the server numbered `number`, painted here or elsewhere; gives the box it may have changed.
   * @param {Stroke} stroke
   * @param {number} number
   */
  receive(stroke, number) {
    if (number <= this.saved.length) return this.forget(stroke.id);
    if (number > this.saved.length + 1) throw new Error("a stroke is missing");
    if (this.pending[0]?.id === stroke.id) {
      this.pending.shift();
      this.saved.push(stroke);
      return EMPTY;
    }
    const before = this.strokes;
    const order = this.pending.length;
    this.pending = this.pending.filter(other => other.id !== stroke.id);
    this.saved.push(stroke);
    return order ? this.replayAll() : this.apply(stroke, before);
  }

  /**
   * Drop a pending stroke: the server has it already, or refuses it.
   * @param {string | null} id
   */
  forget(id) {
    const had = this.pending.length;
    this.pending = this.pending.filter(stroke => stroke.id !== id);
    return had === this.pending.length ? EMPTY : this.replayAll();
  }

  /**
   * @param {Stroke} stroke the last of `strokes`
   * @param {Stroke[]} before those without it
   */
  apply(stroke, before) {
    if (isSwitch(stroke) || stroke.kind === "start") return this.switch(counting(before));
    return paint(this.trimap, stroke, this.base(counting(before)));
  }

  /** @param {Stroke[]} before what counted until now */
  switch(before) {
    const after = counting(this.strokes);
    const had = new Set(before.map(({ id }) => id)), has = new Set(after.map(({ id }) => id));
    const changed = [...before.filter(other => !has.has(other.id)), ...after.filter(other => !had.has(other.id))];
    if (!changed.length) return EMPTY;
    if ([...changed, ...after].some(other => other.kind === "island" || other.kind === "start")) return this.replayAll();
    return this.repaint(common(bounds(changed[0]), whole(this.trimap)), after);
  }

  /**
   * Repaint the pixels of `box` from the trimap below and the strokes `paints`.
   * @param {Box} box
   * @param {Stroke[]} [paints]
   */
  repaint(box, paints = counting(this.strokes)) {
    if (isEmpty(box)) return EMPTY;
    const { width, pixels } = this.trimap, base = this.base(paints);
    for (let y = box.top; y < box.bottom; y++)
      pixels.set(base.subarray(y * width + box.left, y * width + box.right), y * width + box.left);
    for (const stroke of paints) paint(this.trimap, stroke, base, box);
    return box;
  }

  replayAll() {
    const paints = counting(this.strokes), base = this.base(paints);
    this.trimap.pixels.set(base);
    for (const stroke of paints) paint(this.trimap, stroke, base);
    return whole(this.trimap);
  }

  /**
   * Take back a stroke that is only half painted and was never added.
   * @param {Paint} stroke
   */
  takeBack(stroke) {
    const paints = counting(this.strokes);
    if (paints.some(other => other.kind === "island")) return this.replayAll();
    return this.repaint(common(bounds(stroke), whole(this.trimap)), paints);
  }

  /** Time spent painting in seconds, pauses over 30 seconds counted as 30. */
  get seconds() {
    const times = this.strokes.map(stroke => stroke.time / 1000);
    return times.slice(1).reduce((sum, time, at) => sum + Math.min(30, Math.max(0, time - times[at])), 0);
  }

  /** How many pixels are unknown: only the `stale` rows are counted again. */
  countUnknown() {
    const { width, pixels } = this.trimap, { top, bottom } = this.stale;
    for (let y = top; y < bottom; y++) {
      let unknown = 0;
      for (let at = y * width, end = at + width; at < end; at++) if (pixels[at] === 128) unknown++;
      this.unknownRows[y] = unknown;
    }
    this.stale = EMPTY;
    return this.unknownRows.reduce((sum, unknown) => sum + unknown, 0);
  }
}
