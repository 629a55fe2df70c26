// The lasso: an outline that is filled when it closes. A drag closes at once; clicks set corners until one hits the first.

/**
 * @import { Point } from "../strokes/stroke.js"
 * @import { Press } from "./tool.js"
 */

import { icon } from "../controls/icons.js";
import { MAX_POINTS } from "../strokes/wire.js";
import { Tool } from "./tool.js";

const HIT = 10; // screen pixels between a click and the first corner that it hits

export class Lasso extends Tool {
  static label = "Lasso";
  static word = "Lasso";
  static help = "Lasso: drag around, or click corners";
  static key = "L";
  static icon = icon('<path d="M10 3.500c4 0 7 1.900 7 4.600s-3 4.600-7 4.600-7-1.900-7-4.600 3-4.600 7-4.600z" stroke-dasharray="2.600 2.600"/><path d="M6.500 12.200c-1.600.7-1.500 2.600 0 2.700 1.300.1 1.900-1.300 1-2.300M6.800 15c.2 1.200-.5 2-1.500 2.500"/>');

  /** @type {Point[]} */
  outline = [];
  /** The press that drew last. @type {Press} */
  last = { isErasing: false, isBeside: false };
  /** Whether that press set the first corner. */
  isFresh = false;

  /**
   * @param {Point} pixel
   * @param {Press} press
   */
  press(pixel, press) {
    this.last = press;
    this.isFresh = !this.outline.length;
    this.extend(pixel);
  }

  /** @param {Point} pixel */
  extend(pixel) {
    if (this.outline.length < MAX_POINTS) this.outline.push(pixel);
    this.editor.stage.redrawOutline(this.outline);
  }

  /**
   * @param {Point} _pixel
   * @param {Press} _press
   * @param {boolean} isClick
   */
  release(_pixel, _press, isClick) {
    const { outline } = this;
    if (this.isFresh && !isClick) return this.finish();
    if (outline.length < 4) return;
    const [firstX, firstY] = outline[0], [lastX, lastY] = outline[outline.length - 1];
    if (Math.hypot(firstX - lastX, firstY - lastY) * this.editor.view.zoom < HIT) this.finish();
  }

  /** Fill the outline; a press that still draws it ends. */
  finish() {
    const points = this.outline;
    this.drop();
    if (points.length > 2) this.editor.painting?.finish(this.stroke("polygon", points, this.last));
  }

  /** Take back the last corner. */
  undo() {
    const had = this.outline.pop() !== undefined;
    if (had) this.editor.stage.redrawOutline(this.outline);
    return had;
  }

  drop() {
    if (!this.outline.length) return;
    this.outline = [];
    this.editor.hand.end();
    this.editor.stage.redrawOutline(this.outline);
  }
}
