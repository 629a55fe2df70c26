// Where the solver is least certain: a layer over the picture, and the places one after the other.

export class Uncertainty {
  /** `editor` gives source, stage, toolbar and redraw(). */
  constructor(editor) {
    this.editor = editor;
    this.reset();
  }

  /** Another photo, or none. */
  reset() {
    Object.assign(this, { layer: null, places: [], at: -1 });
    this.editor.source.unsure = null;
  }

  get isShown() { return Boolean(this.editor.source.unsure); }

  /** The server's latest: the layer's {width, height, pixels}, and places [x, y] in image pixels, the worst first. */
  hear({ width, height, pixels, places }) {
    Object.assign(this, { layer: { width, height, pixels }, places, at: -1 });
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
