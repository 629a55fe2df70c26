// Where the solver is least certain: a layer over the picture, and the places one by one.

/**
 * @import { Unsure } from "../connection/messages.js"
 * @import { Editor } from "../editor.js"
 * @import { Layer, Point } from "../strokes/stroke.js"
 */

export class Uncertainty {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** @type {Layer | null} */
    this.layer = null;
    /** The worst first. @type {Point[]} */
    this.places = [];
    this.at = -1;
  }

  /** Another photo, or none. */
  reset() {
    this.layer = null;
    this.places = [];
    this.at = -1;
    this.editor.source.unsure = null;
  }

  get isShown() { return Boolean(this.editor.source.unsure); }

  /** @param {Unsure} news the server's latest */
  hear({ width, height, pixels, places }) {
    this.layer = { width, height, pixels };
    this.places = places;
    this.at = -1;
    if (this.isShown) this.toggle(true);
    this.editor.toolbar.refresh();
  }

  toggle(isOn = !this.isShown) {
    this.editor.source.unsure = isOn ? this.layer : null;
    this.editor.toolbar.refresh();
    this.editor.redraw();
  }

  /** Look at the next place, close enough to paint there. */
  next() {
    if (!this.places.length) return;
    this.at = (this.at + 1) % this.places.length;
    const [x, y] = this.places[this.at], { view, stage } = this.editor;
    if (view.zoom < 2 * view.fitZoom()) view.zoom = Math.min(8, 3 * view.fitZoom());
    view.fitted = false;
    view.centre(x, y);
    this.editor.redraw();
    stage.pulse(x, y);
  }
}
