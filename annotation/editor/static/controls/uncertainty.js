// Where a stroke helps most: a layer over the picture, and the places one by one.

/**
 * @import { Unsure } from "../connection/messages.js"
 * @import { Editor } from "../editor.js"
 * @import { Layer, Point } from "../strokes/stroke.js"
 */

const SAME_PLACE = 0.03; // places nearer than this share of the long side are one

export class Uncertainty {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** @type {Layer | null} */
    this.layer = null;
    /** The most helpful first. @type {Point[]} */
    this.places = [];
    this.at = -1;
    /** Places that were looked at. They come last after a stroke, so that nobody is led there again and again. @type {Point[]} */
    this.seen = [];
  }

  /** Another photo, or none. */
  reset() {
    this.layer = null;
    this.places = [];
    this.at = -1;
    this.seen = [];
    this.editor.source.unsure = null;
  }

  get isShown() { return Boolean(this.editor.source.unsure); }

  /** @param {Unsure} news the server's latest */
  hear({ width, height, pixels, places }) {
    this.layer = { width, height, pixels };
    this.places = [...places.filter(place => !this.wasSeen(place)), ...places.filter(place => this.wasSeen(place))];
    this.at = -1;
    if (this.isShown) this.toggle(true);
    this.editor.toolbar.refresh();
  }

  /** @param {Point} place */
  wasSeen([x, y]) {
    const { width, height } = this.editor.view;
    return this.seen.some(([left, top]) => Math.hypot(x - left, y - top) <= SAME_PLACE * Math.max(width, height));
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
    this.seen.push([x, y]);
    if (view.zoom < 2 * view.fitZoom()) view.zoom = Math.min(8, 3 * view.fitZoom());
    view.fitted = false;
    view.centre(x, y);
    this.editor.redraw();
    stage.pulse(x, y);
  }
}
