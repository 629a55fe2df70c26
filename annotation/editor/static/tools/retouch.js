// The brushes that change the alpha itself, whatever the solver answers. The server knows what they do, and sends the
// alpha: annotation/strokes/retouching.py. In the trimap such a stroke is unknown.

/**
 * @import { Paint, Point } from "../strokes/stroke.js"
 * @import { Press } from "./tool.js"
 */

import { icon } from "../controls/icons.js";
import { Brush } from "./brush.js";

class Retouch extends Brush {
  /** @type {NonNullable<Paint["does"]>} */
  does = "alpha";

  /** What it changes is to be seen. */
  chosen() {
    const { stage } = this.editor;
    if (!stage.isSplit && (stage.kind === "trimap" || stage.kind === "photo")) stage.show("alpha");
  }

  /**
   * @param {Paint["kind"]} kind
   * @param {Point[]} points
   * @param {Press} press
   * @returns {Paint}
   */
  stroke(kind, points, press) {
    const stroke = super.stroke(kind, points, press);
    if (press.isErasing) return stroke;
    const value = this.does === "alpha" ? this.editor.state.value : 0;
    return { ...stroke, label: "unknown", does: this.does, value };
  }
}

export class PaintAlpha extends Retouch {
  static label = "Paint alpha";
  static word = "Alpha";
  static help = "Paint the alpha itself, with the chosen value";
  static key = "A";
  static icon = icon('<circle cx="10" cy="10" r="6.500"/><path d="M10 3.500a6.500 6.500 0 010 13z" fill="currentColor" stroke="none"/>');
}

export class Soften extends Retouch {
  static label = "Soften the edge";
  static word = "Soften";
  static help = "Soften the edge";
  static key = "M";
  static icon = icon('<path d="M3 14.500c3.500 0 4.500-9 14-9"/><path d="M3 17.500h14" stroke-dasharray="1.500 2"/>');
  does = /** @type {const} */ ("soften");
}

export class Sharpen extends Retouch {
  static label = "Sharpen the edge";
  static word = "Sharpen";
  static help = "Sharpen the edge";
  static key = "H";
  static icon = icon('<path d="M3 14.500h7v-9h7"/><path d="M3 17.500h14"/>');
  does = /** @type {const} */ ("sharpen");
}

export class Erase extends Retouch {
  static label = "Erase up to the edge";
  static word = "Erase";
  static help = "Erase what is under the stroke, up to the edge";
  static key = "X";
  static icon = icon('<path d="M12 2.500v15" stroke-dasharray="2 1.700"/><path d="M2.500 10H9M14.500 7.500l3.500 5M18 7.500l-3.500 5"/>');
  does = /** @type {const} */ ("erase");
}

export class Restore extends Retouch {
  static label = "Restore up to the edge";
  static word = "Restore";
  static help = "Restore what is under the stroke, up to the edge";
  static key = "R";
  static icon = icon('<path d="M12 2.500v15" stroke-dasharray="2 1.700"/><path d="M2.500 10H9M5.800 6.700v6.600M14.500 10H18"/>');
  does = /** @type {const} */ ("restore");
}
