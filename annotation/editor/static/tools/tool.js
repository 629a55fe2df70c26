// What every tool is. To add one: a file here with a class of its own, and its line in index.js.

/**
 * @import { Editor } from "../editor.js"
 * @import { Paint, Point } from "../strokes/stroke.js"
 *
 * @typedef {object} Press how the pointer that is down was pressed
 * @property {boolean} isErasing with the other end of a pen
 * @property {boolean} isBeside not on the subject but beside it: right button, Alt, eraser or background
 */

/** A tool does nothing here; each overrides what it needs. Pixels are bounded, and may lie beside the photo. */
export class Tool {
  /** What its button is called. */
  static label = "";
  /** What it does, in the list of keys. */
  static help = "";
  /** The key that chooses it, as keys.js writes it. */
  static key = "";
  /** An SVG of icons.js. */
  static icon = "";

  /** Whether the pointer carries a ring of the brush's size. */
  hasRing = false;
  /** Whether the right button of a mouse means something. */
  takesRightButton = false;
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

  /** The press is broken off: what it did so far counts, where it can. */
  settle() {}

  /** What is half done never was meant. */
  drop() {}

  /** Complete what goes on from press to press: Enter, or a double click. */
  finish() {}

  /** Take back the last step of what goes on from press to press; whether there was one. */
  undo() { return false; }

  /** It was chosen. */
  chosen() {}

  /** The connection is there, for the first time or again. */
  connected() {}

  /** Another photo, or none. */
  reset() {}

  /** Show again what it shows: another tool was chosen, or the strokes changed. */
  refresh() {}

  /**
   * A fresh stroke as the editor's state says, or as the end of the pen does.
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
