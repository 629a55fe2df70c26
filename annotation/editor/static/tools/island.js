// The island: a click gives the chosen label to the unknown pixels that are connected to it.

/**
 * @import { Point } from "../strokes/stroke.js"
 * @import { Press } from "./tool.js"
 */

import { icon } from "../controls/icons.js";
import { Tool } from "./tool.js";

export class Island extends Tool {
  static label = "Fill an unknown island";
  static word = "Fill";
  static help = "Fill: click in an unknown island";
  static key = "G";
  static icon = icon('<path d="M9 2.800l6.700 6.700-5.500 5.500a1.600 1.600 0 01-2.300 0L3.500 10.600a1.600 1.600 0 010-2.300z"/><path d="M2.900 9.500h12.600M7 2.500l3 3"/><path d="M17.500 13.200c.9 1.400 1.200 2 1.200 2.600a1.200 1.200 0 01-2.400 0c0-.6.300-1.200 1.200-2.600z" fill="currentColor" stroke="none"/>');

  /**
   * @param {Point} pixel
   * @param {Press} press
   * @param {boolean} isClick
   */
  release(pixel, press, isClick) {
    if (isClick) this.editor.painting?.finish(this.stroke("island", [pixel], press));
  }
}
