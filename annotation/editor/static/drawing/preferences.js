// What a person has set in the editor, kept from visit to visit: brush size, opacity of the overlay, background.

/** @typedef {{ brush?: unknown, opacity?: unknown, colour?: unknown }} KeptPreferences as read back: may hold anything */

import { kept } from "../connection/storage.js";
import { FIRST_RADIUS } from "../tools/brush_size.js";

const KEY = "matting-studio-editor";
const OPACITY = 0.45;

export class Preferences {
  /** @param {() => void} redraw called when the picture has to be redrawn */
  constructor(redraw) {
    this.redraw = redraw;
    const { brush, opacity, colour } = /** @type {KeptPreferences} */ (kept.read(KEY) ?? {});
    this.brush = typeof brush === "number" ? brush : FIRST_RADIUS;
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
   * Set the background of the cut-out.
   * @param {string | null} colour as #rrggbb; null for a checkerboard
   */
  setColour(colour) {
    this.colour = colour;
    this.keep();
    this.redraw();
  }
}
