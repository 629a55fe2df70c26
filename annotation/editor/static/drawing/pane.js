// One canvas that shows the picture in one of the VIEWS. Only the visible part of what changed is drawn, once a frame.

/**
 * @import { Box, Layer } from "../strokes/stroke.js"
 * @import { Preferences } from "./preferences.js"
 * @import { Photo } from "./photo.js"
 * @import { View } from "./view.js"
 *
 * @typedef {"trimap" | "alpha" | "cutout" | "photo"} ViewName
 * @typedef {{ scale: number, x: number, y: number }} Transform device pixels per image pixel, and where the corner is
 *
 * @typedef {object} Source what is shown; null while no photo is open
 * @property {Photo | null} photo
 * @property {Layer | null} trimap
 * @property {Layer | null} alpha
 * @property {Layer | null} unsure laid over the trimap, or null
 */

import { given } from "../elements.js";
import { isEmpty, union, whole } from "../strokes/raster.js";

/** @type {ViewName[]} */
export const VIEWS = ["trimap", "alpha", "cutout", "photo"];
/** @type {Map<number, [red: number, green: number, blue: number]>} */
const COLOURS = new Map([[0, [224, 49, 64]], [128, [66, 99, 255]], [255, [18, 184, 92]]]);

/**
 * 256 colours as the 32-bit numbers of an ImageData.
 * @param {(value: number) => [red: number, green: number, blue: number, alpha: number]} colour
 */
function palette(colour) {
  const bytes = new Uint8ClampedArray(1024);
  for (let value = 0; value < 256; value++) bytes.set(colour(value), value * 4);
  return new Uint32Array(bytes.buffer);
}

const PALETTES = {
  alpha: palette(value => [value, value, value, 255]),
  cutout: palette(value => [0, 0, 0, value]),
  unsure: palette(value => [255, 176, 0, Math.min(150, value)]),
};

/**
 * The colours `lookup` of a layer at each device pixel's centre.
 * @param {Layer} layer
 * @param {Uint32Array} lookup
 * @param {Transform} transform
 * @param {Box} area device pixels
 */
function sampled(layer, lookup, { scale, x, y }, area) {
  const width = area.right - area.left, height = area.bottom - area.top;
  const image = new ImageData(width, height), out = new Uint32Array(image.data.buffer);
  const columns = new Int32Array(width);
  for (let i = 0; i < width; i++) columns[i] = Math.floor((area.left + i + 0.5 - x) / scale);
  const first = columns.findIndex(column => column >= 0), last = columns.findLastIndex(column => column < layer.width);
  for (let j = 0; j < height; j++) {
    const row = Math.floor((area.top + j + 0.5 - y) / scale);
    if (row < 0 || row >= layer.height || first < 0) continue;
    const line = row * layer.width, to = j * width;
    for (let i = first; i <= last; i++) out[to + i] = lookup[layer.pixels[line + columns[i]]];
  }
  return image;
}

export class Pane {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {View} view
   * @param {Source} source
   * @param {Preferences} preferences
   */
  constructor(canvas, view, source, preferences) {
    this.canvas = canvas;
    this.view = view;
    this.source = source;
    this.preferences = preferences;
    /** @type {ViewName} */
    this.kind = "trimap";
    /** What has to be drawn anew, in image pixels. @type {Box | null} */
    this.dirty = null;
    this.frame = 0;
    this.context = given(canvas.getContext("2d"));
    this.scratch = document.createElement("canvas");
    this.scratchContext = given(this.scratch.getContext("2d"));
    /** The checkerboard, once it was drawn for this screen. @type {CanvasPattern | null} */
    this.pattern = null;
    /** The trimap's colours at an opacity. @type {{ opacity: number, lookup: Uint32Array } | null} */
    this.colours = null;
  }

  /**
   * Draw `box` of the image (null: all of it) at the next frame.
   * @param {Box | null} box
   */
  draw(box = null) {
    const all = { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity };
    this.dirty = this.dirty ? union(this.dirty, box ?? all) : box ?? all;
    this.frame ||= requestAnimationFrame(() => this.paint());
  }

  paint() {
    this.frame = 0;
    this.fitCanvas();
    const area = this.areaOf(this.dirty ?? whole(this.view));
    this.dirty = null;
    if (isEmpty(area)) return;
    const { context } = this;
    context.save();
    context.beginPath();
    context.rect(area.left, area.top, area.right - area.left, area.bottom - area.top);
    context.clip();
    context.clearRect(area.left, area.top, area.right - area.left, area.bottom - area.top);
    if (this.kind === "photo") this.photo();
    else this[this.kind](area);
    context.restore();
  }

  /** As many device pixels as the canvas covers on the screen. */
  fitCanvas() {
    const ratio = window.devicePixelRatio || 1, { width, height } = this.canvas.getBoundingClientRect();
    const size = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
    if (this.canvas.width === size[0] && this.canvas.height === size[1]) return;
    [this.canvas.width, this.canvas.height] = [this.scratch.width, this.scratch.height] = size;
    this.dirty = null;
  }

  get transform() {
    const ratio = window.devicePixelRatio || 1;
    return { scale: this.view.zoom * ratio, x: this.view.x * ratio, y: this.view.y * ratio };
  }

  /**
   * The device pixels that `box` covers, clipped to the canvas.
   * @param {Box} box
   * @returns {Box}
   */
  areaOf(box) {
    const { scale, x, y } = this.transform;
    return {
      left: Math.max(0, Math.floor(box.left * scale + x) - 1), top: Math.max(0, Math.floor(box.top * scale + y) - 1),
      right: Math.min(this.canvas.width, Math.ceil(box.right * scale + x) + 1),
      bottom: Math.min(this.canvas.height, Math.ceil(box.bottom * scale + y) + 1),
    };
  }

  photo() {
    const { scale, x, y } = this.transform;
    this.source.photo?.draw(this.context, scale, x, y);
  }

  /** @param {Box} area device pixels, as of the views below */
  trimap(area) {
    this.photo();
    this.lay(area, this.source.trimap, this.overlay());
    this.lay(area, this.source.unsure, PALETTES.unsure);
  }

  /** @param {Box} area */
  alpha(area) {
    this.lay(area, this.source.alpha, PALETTES.alpha);
  }

  /** @param {Box} area */
  cutout(area) {
    this.backdrop(area);
    if (!this.source.alpha) return;
    const { scratch, scratchContext: scratchPad } = this, { scale, x, y } = this.transform;
    scratchPad.putImageData(sampled(this.source.alpha, PALETTES.cutout, this.transform, area), area.left, area.top);
    scratchPad.save();
    scratchPad.beginPath();
    scratchPad.rect(area.left, area.top, area.right - area.left, area.bottom - area.top);
    scratchPad.clip();
    scratchPad.globalCompositeOperation = "source-in";
    this.source.photo?.draw(scratchPad, scale, x, y);
    scratchPad.restore();
    this.copyScratch(scratch, area);
  }

  /**
   * Lay the colours `lookup` of a layer over what is drawn.
   * @param {Box} area
   * @param {Layer | null} layer
   * @param {Uint32Array} lookup
   */
  lay(area, layer, lookup) {
    if (!layer) return;
    this.scratchContext.putImageData(sampled(layer, lookup, this.transformFor(layer), area), area.left, area.top);
    this.copyScratch(this.scratch, area);
  }

  /**
   * A layer smaller than the picture is stretched over it.
   * @param {Layer} layer
   * @returns {Transform}
   */
  transformFor(layer) {
    const { scale, x, y } = this.transform;
    return { scale: scale * this.view.width / layer.width, x, y };
  }

  /**
   * @param {HTMLCanvasElement} scratch
   * @param {Box} area
   */
  copyScratch(scratch, { left, top, right, bottom }) {
    this.context.drawImage(scratch, left, top, right - left, bottom - top, left, top, right - left, bottom - top);
  }

  overlay() {
    const { opacity } = this.preferences;
    if (this.colours?.opacity !== opacity) {
      const lookup = palette(value => [...(COLOURS.get(value) ?? [0, 0, 0]), COLOURS.has(value) ? 255 * opacity : 0]);
      this.colours = { opacity, lookup };
    }
    return this.colours.lookup;
  }

  /**
   * Checkerboard or plain colour below the cut-out, as large as the picture.
   * @param {Box} area
   */
  backdrop(area) {
    const { context } = this, { scale, x, y } = this.transform;
    context.save();
    context.beginPath();
    context.rect(x, y, this.view.width * scale, this.view.height * scale);
    context.clip();
    context.fillStyle = this.preferences.colour ?? this.checkerboard() ?? "#fff";
    context.fillRect(area.left, area.top, area.right - area.left, area.bottom - area.top);
    context.restore();
  }

  checkerboard() {
    if (!this.pattern) {
      const tile = document.createElement("canvas"), side = Math.round(10 * (window.devicePixelRatio || 1));
      tile.width = tile.height = 2 * side;
      const pad = given(tile.getContext("2d"));
      pad.fillStyle = "#fff";
      pad.fillRect(0, 0, 2 * side, 2 * side);
      pad.fillStyle = "#d4d4d8";
      pad.fillRect(0, 0, side, side);
      pad.fillRect(side, side, side, side);
      this.pattern = this.context.createPattern(tile, "repeat");
    }
    return this.pattern;
  }
}
