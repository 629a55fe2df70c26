// One canvas that shows the picture in one of the VIEWS. Only the visible part of what changed is drawn, once a frame.

import { isEmpty, union, whole } from "../strokes/raster.js";

export const VIEWS = ["trimap", "alpha", "cutout", "photo"];
const COLOURS = { 0: [224, 49, 64], 128: [66, 99, 255], 255: [18, 184, 92] };

/** 256 colours as the 32-bit numbers of an ImageData, from a function value → [red, green, blue, alpha]. */
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

/** Values of the visible pixels as an ImageData: `layer` {width, pixels} looked up at each device pixel's centre. */
function sampled(layer, lookup, { scale, x, y }, area) {
  const width = area.right - area.left, height = area.bottom - area.top;
  const image = new ImageData(width, height), out = new Uint32Array(image.data.buffer);
  const rows = Math.round(layer.pixels.length / layer.width), columns = new Int32Array(width);
  for (let i = 0; i < width; i++) columns[i] = Math.floor((area.left + i + 0.5 - x) / scale);
  const first = columns.findIndex(column => column >= 0), last = columns.findLastIndex(column => column < layer.width);
  for (let j = 0; j < height; j++) {
    const row = Math.floor((area.top + j + 0.5 - y) / scale);
    if (row < 0 || row >= rows || first < 0) continue;
    const line = row * layer.width, to = j * width;
    for (let i = first; i <= last; i++) out[to + i] = lookup[layer.pixels[line + columns[i]]];
  }
  return image;
}

export class Pane {
  /** `source` gives photo, trimap, alpha and (or null) unsure, each {width, height, pixels}; `look` gives opacity and colour. */
  constructor(canvas, view, source, look) {
    Object.assign(this, { canvas, view, source, look, kind: "trimap", dirty: null, frame: 0 });
    this.context = canvas.getContext("2d");
    this.scratch = document.createElement("canvas");
    this.scratchContext = this.scratch.getContext("2d");
  }

  /** Draw `box` of the image (all when left out) at the next frame. */
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
    this[this.kind](area);
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

  /** The device pixels that `box` covers, clipped to the canvas. */
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

  trimap(area) {
    this.photo();
    this.lay(area, this.source.trimap, this.overlay());
    if (this.source.unsure) this.lay(area, this.source.unsure, PALETTES.unsure);
  }

  alpha(area) {
    this.lay(area, this.source.alpha, PALETTES.alpha);
  }

  cutout(area) {
    this.backdrop(area);
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

  /** Lay the colours `lookup` of a layer over what is drawn. */
  lay(area, layer, lookup) {
    if (!layer) return;
    this.scratchContext.putImageData(sampled(layer, lookup, this.transformFor(layer), area), area.left, area.top);
    this.copyScratch(this.scratch, area);
  }

  /** A layer smaller than the picture is stretched over it. */
  transformFor(layer) {
    const { scale, x, y } = this.transform;
    return { scale: scale * this.view.width / layer.width, x, y };
  }

  copyScratch(scratch, { left, top, right, bottom }) {
    this.context.drawImage(scratch, left, top, right - left, bottom - top, left, top, right - left, bottom - top);
  }

  overlay() {
    const { opacity } = this.look;
    if (this.lookupOpacity !== opacity) {
      this.lookupOpacity = opacity;
      this.lookup = palette(value => [...(COLOURS[value] ?? [0, 0, 0]), value in COLOURS ? 255 * opacity : 0]);
    }
    return this.lookup;
  }

  /** Checkerboard or plain colour below the cut-out, as large as the picture. */
  backdrop(area) {
    const { context } = this, { scale, x, y } = this.transform;
    context.save();
    context.beginPath();
    context.rect(x, y, this.view.width * scale, this.view.height * scale);
    context.clip();
    context.fillStyle = this.look.colour ?? this.checkerboard();
    context.fillRect(area.left, area.top, area.right - area.left, area.bottom - area.top);
    context.restore();
  }

  checkerboard() {
    if (!this.pattern) {
      const tile = document.createElement("canvas"), side = Math.round(10 * (window.devicePixelRatio || 1));
      tile.width = tile.height = 2 * side;
      const pad = tile.getContext("2d");
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
