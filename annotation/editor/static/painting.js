// One open photo: its strokes, the trimap and alpha they make, and their way to the server and back.

/**
 * @import { Link } from "./connection/link.js"
 * @import { Patch, Unsaved } from "./connection/messages.js"
 * @import { Editor } from "./editor.js"
 * @import { History } from "./strokes/history.js"
 * @import { Box, Layer, Paint, Stroke } from "./strokes/stroke.js"
 */

import { fetchPlane } from "./connection/drafts.js";
import { switchable } from "./strokes/history.js";
import { common, isEmpty, paint, union, whole } from "./strokes/raster.js";
import { randomName } from "./strokes/wire.js";

const RETRY = 3000; // milliseconds after which a stroke that could not be stored is sent again

export class Painting {
  /**
   * @param {Editor} editor
   * @param {Link} link
   * @param {History} history
   * @param {Uint8Array} pixels the alpha so far
   */
  constructor(editor, link, history, pixels) {
    this.editor = editor;
    this.link = link;
    this.history = history;
    const { width, height } = history.trimap;
    /** @type {Layer} */
    this.alpha = { width, height, pixels };
    /** The share of unknown pixels, once counted. @type {number | null} */
    this.unknownShare = null;
    this.impose(whole(history.trimap));
  }

  /** Whether the photo is still the one that is open. */
  get isOpen() { return this.editor.painting === this; }

  // --- strokes of this tab --------------------------------------------------------------------------------------

  /**
   * Paint a piece of a stroke that is not finished.
   * @param {Paint} piece
   */
  paintLive(piece) {
    this.changed(paint(this.history.trimap, piece, this.history.below));
  }

  /**
   * Discard a half-painted stroke.
   * @param {Paint} stroke
   */
  takeBack(stroke) {
    this.changed(this.history.takeBack(stroke));
  }

  /**
   * A stroke is complete: it counts from now on and is sent.
   * @param {Paint} stroke
   */
  finish(stroke, target = "") {
    const complete = { ...stroke, target, id: randomName(), time: Date.now(), author: this.link.tab };
    this.changed(this.history.add(complete));
    this.link.paint(complete);
    this.editor.toolbar.refresh();
  }

  /** @param {"undo" | "redo"} kind */
  switch(kind) {
    const target = switchable(this.history.strokes)[kind];
    if (target) this.finish({ kind, label: "unknown", radius: 0, points: [] }, target);
  }

  // --- the server's messages ------------------------------------------------------------------------------------

  /**
   * A stroke under its number, this tab's own or another's.
   * @param {Stroke} stroke
   * @param {number} number
   */
  async receive(stroke, number) {
    const { history, editor } = this;
    if (!this.isOpen) return;
    if (stroke.kind === "start" && !history.starts.has(stroke.target)) {
      history.starts.set(stroke.target, await this.fetch(`start/${stroke.target}`));
      if (!this.isOpen) return;
    }
    if (number > history.saved.length + 1) return this.link.resync();
    if (stroke.kind === "start") editor.toolbar.say("");
    const box = history.receive(stroke, number);
    editor.refreshTools();
    this.repainted(box);
    editor.toolbar.refresh();
  }

  /**
   * The server could not keep a stroke: remove it if it never can, otherwise try again.
   * @param {Unsaved} news
   */
  unsaved({ id, reason, lasting }) {
    this.editor.toolbar.say(reason);
    if (lasting) this.repainted(this.history.forget(id));
    else setTimeout(() => this.link.resync(), RETRY);
  }

  /**
   * New alpha. RangeError if it is not for this photo.
   * @param {Patch} patch
   */
  patch({ left, top, right, bottom, pixels }) {
    const { width, height } = this.history.trimap, alpha = this.alpha.pixels, size = right - left;
    const fits = left >= 0 && top >= 0 && right <= width && bottom <= height && pixels.length === size * (bottom - top);
    if (!fits) throw new RangeError("a patch that does not fit the photo");
    for (let y = top; y < bottom; y++) alpha.set(pixels.subarray((y - top) * size, (y - top + 1) * size), y * width + left);
    this.impose(common({ left, top, right, bottom }, whole(this.history.trimap)));
    this.editor.redraw({ left, top, right, bottom });
  }

  /** The alpha as the server has it now. */
  async fetchAlpha() {
    const pixels = await this.fetch("alpha");
    if (!this.isOpen) return;
    this.alpha.pixels.set(pixels);
    this.impose(whole(this.history.trimap));
    this.editor.redraw();
  }

  /** @param {string} plane */
  fetch(plane) {
    return fetchPlane(this.link.root, this.link.draft, plane, this.history.automatic.length);
  }

  // --- the strokes' trimap --------------------------------------------------------------------------------------

  /**
   * The strokes were repainted in `box`: the half-painted stroke comes on top.
   * @param {Box} box
   */
  repainted(box) {
    const { half } = this.editor.tool;
    if (half && !isEmpty(box)) paint(this.history.trimap, half, this.history.below);
    this.changed(box);
  }

  /** @param {Box} box */
  changed(box) {
    if (isEmpty(box)) return;
    this.impose(box);
    this.history.stale = union(this.history.stale, box);
    this.editor.redraw(box);
  }

  /**
   * The alpha of known pixels is known at once.
   * @param {Box} box
   */
  impose(box) {
    const { width, pixels } = this.history.trimap, alpha = this.alpha.pixels;
    for (let y = box.top; y < box.bottom; y++)
      for (let at = y * width + box.left, end = y * width + box.right; at < end; at++)
        if (pixels[at] !== 128) alpha[at] = pixels[at];
  }

  /** Count the unknown pixels if they may have changed. */
  countUnknown() {
    if (isEmpty(this.history.stale)) return;
    this.unknownShare = this.history.countUnknown() / this.history.trimap.pixels.length;
    this.editor.toolbar.status();
  }
}
