// The base class of every tool. To add one: a file here with a class of its own, and its line in all_tools.js.

/**
 * @import { Editor } from "../editor.js"
 * @import { Paint, Point } from "../strokes/stroke.js"
 *
 * @typedef {object} Press how the pointer that is down was pressed
 * @property {boolean} isErasing with the other end of a pen
 * @property {boolean} isBeside not on the subject but beside it: right button, Alt, eraser or background
 */

/** Methods do nothing here; each tool overrides those it needs. Pixels are bounded, and may lie beside the photo. */
export class Tool {
  /** The name of its button. */
  static label = "";
  /** The word of `label` that is read below its icon on a phone. */
  static word = "";
  /** What it does, in the list of keys. */
  static help = "";
  /** The key that chooses it, as keys.js writes it. */
  static key = "";
  /** An SVG of icons.js. */
  static icon = "";

  /** Whether the pointer carries a ring of the brush's size. */
  hasRing = false;
  /** Whether it uses the right button of a mouse. */
  takesRightButton = false;
  /** What it does to the alpha itself; null for a tool of the trimap. @type {Paint["does"] | null} */
  does = null;
  /** The stroke that is being painted. @type {Paint | null} */
  half = null;

  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
  }

  /**
   * A press begins.
   * @param {Point} _pixel
   * @param {Press} _press
   */
  press(_pixel, _press) {}

  /**
   * The pointer is at another pixel.
   * @param {Point} _pixel
   */
  extend(_pixel) {}

  /**
   * The press ends.
   * @param {Point} _pixel
   * @param {Press} _press
   * @param {boolean} _isClick whether the pointer did not slip since the press began
   */
  release(_pixel, _press, _isClick) {}

  /** The press is interrupted: what it did so far counts if possible. */
  settle() {}

  /** Discard what is half done. */
  drop() {}

  /** Complete what spans several presses: Enter, or a double click. */
  finish() {}

  /** Undo the last step of what spans several presses; whether there was one. */
  undo() { return false; }

  /** It was chosen. */
  chosen() {}

  /** The connection is there, for the first time or again. */
  connected() {}

  /** Another photo, or none. */
  reset() {}

  /** Redraw its own marks: another tool was chosen, or the strokes changed. */
  refresh() {}

  /**
   * A new stroke with the editor's label and radius, or the eraser's with the other end of a pen.
   * @param {Paint["kind"]} kind
   * @param {Point[]} points
   * @param {Press} press
   * @returns {Paint}
   */
  stroke(kind, points, { isErasing }) {
    const { label, radius } = this.editor.state;
    return { kind, label: isErasing ? "automatic" : label, radius: kind === "brush" ? radius : 0, points };
  }
}
