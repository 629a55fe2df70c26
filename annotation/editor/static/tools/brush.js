// The brush: a drag is a stroke, painted while it goes.

/**
 * @import { Paint, Point } from "../strokes/stroke.js"
 * @import { Press } from "./tool.js"
 */

import { icon } from "../controls/icons.js";
import { MAX_POINTS } from "../strokes/wire.js";
import { Tool } from "./tool.js";

export class Brush extends Tool {
  static label = "Brush";
  static word = "Brush";
  static help = "Brush";
  static key = "P";
  static icon = icon('<path d="M16.8 3.2c-3.6 1.7-6.7 4.6-8.6 7.8l1.8 1.8c3.2-1.9 6.100-5 7.800-8.600z"/><path d="M7 12.200c-2 .2-2.800 1.400-3 3-.1 1-.6 1.500-1.200 1.800 2.700.7 5.900.2 6-2.900"/>');

  hasRing = true;

  /**
   * @param {Point} pixel
   * @param {Press} press
   */
  press(pixel, press) {
    this.half = this.stroke("brush", [pixel], press);
    this.editor.painting?.paintLive({ ...this.half, points: [pixel] });
  }

  /** @param {Point} pixel */
  extend(pixel) {
    if (!this.half) return;
    const stroke = this.half.points.length < MAX_POINTS ? this.half : this.goOn(this.half);
    const last = stroke.points[stroke.points.length - 1];
    stroke.points.push(pixel);
    this.editor.painting?.paintLive({ ...stroke, points: [last, pixel] });
  }

  /**
   * Continue a stroke of the greatest length as another, from its last point.
   * @param {Paint} stroke
   */
  goOn(stroke) {
    this.settle();
    this.half = { ...stroke, points: stroke.points.slice(-1) };
    return this.half;
  }

  release() {
    this.settle();
  }

  settle() {
    const stroke = this.half;
    this.half = null;
    if (stroke) this.editor.painting?.finish(stroke);
  }

  drop() {
    const stroke = this.half;
    this.half = null;
    if (stroke) this.editor.painting?.takeBack(stroke);
  }
}
