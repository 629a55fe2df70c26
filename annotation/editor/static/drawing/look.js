// How things look, kept from visit to visit: the brush's size as a share of the photo's, the overlay, the backdrop.

import { kept } from "../connection/storage.js";

const KEY = "matting-studio-editor";
const BRUSH = 0.02; // the first radius, as a share of the photo's long side: the robot annotator's median on generated photos
const OPACITY = 0.45;

export class Look {
  /** `redraw` is called when the picture has to be drawn anew. */
  constructor(redraw) {
    this.redraw = redraw;
    const { brush, opacity, colour } = kept.read(KEY, {});
    this.brush = Number.isFinite(brush) ? brush : BRUSH;
    this.opacity = Number.isFinite(opacity) ? opacity : OPACITY;
    this.colour = typeof colour === "string" ? colour : null;
  }

  keep() {
    const { brush, opacity, colour } = this;
    kept.set(KEY, JSON.stringify({ brush, opacity, colour }));
  }

  setBrush(share) {
    this.brush = share;
    this.keep();
  }

  toggleOverlay() {
    this.setOpacity(this.opacity ? 0 : this.lastOpacity || OPACITY);
  }

  setOpacity(opacity) {
    if (this.opacity) this.lastOpacity = this.opacity;
    this.opacity = opacity;
    this.keep();
    this.redraw();
  }

  /** What is behind the cut-out; null for a checkerboard. */
  setColour(colour) {
    this.colour = colour;
    this.keep();
    this.redraw();
  }
}
