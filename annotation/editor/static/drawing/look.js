// How things look, kept from visit to visit: the brush's size as a share of the photo's, the overlay, the backdrop.

/** @typedef {{ brush?: unknown, opacity?: unknown, colour?: unknown }} KeptLook as it is read back: anything may stand there */

import { kept } from "../connection/storage.js";

const KEY = "matting-studio-editor";
const BRUSH = 0.02; // the first radius, as a share of the photo's long side: the robot annotator's median on generated photos
const OPACITY = 0.45;

export class Look {
  /** @param {() => void} redraw called when the picture has to be drawn anew */
  constructor(redraw) {
    this.redraw = redraw;
    const { brush, opacity, colour } = /** @type {KeptLook} */ (kept.read(KEY) ?? {});
    this.brush = typeof brush === "number" ? brush : BRUSH;
    this.opacity = typeof opacity === "number" ? opacity : OPACITY;
    this.lastOpacity = this.opacity;
    this.colour = typeof colour === "string" ? colour : null;
  }

  keep() {
    const { brush, opacity, colour } = this;
    kept.set(KEY, JSON.stringify({ brush, opacity, colour }));
  }

  /** @param {number} share of the photo's long side */
  setBrush(share) {
    this.brush = share;
    this.keep();
  }

  toggleOverlay() {
    this.setOpacity(this.opacity ? 0 : this.lastOpacity || OPACITY);
  }

  /** @param {number} opacity of the trimap over the photo, 0 to 1 */
  setOpacity(opacity) {
    if (this.opacity) this.lastOpacity = this.opacity;
    this.opacity = opacity;
    this.keep();
    this.redraw();
  }

  /**
   * What is behind the cut-out.
   * @param {string | null} colour as #rrggbb; null for a checkerboard
   */
  setColour(colour) {
    this.colour = colour;
    this.keep();
    this.redraw();
  }
}
