// Keys and buttons → what the editor does.

import { meaning } from "./keys.js";

/** What would move the picture away under a pointer that paints, or change the strokes that its stroke comes after. */
const WAITS_FOR_STROKE = ["fit", "actual", "zoom", "nextPlace", "split", "undo", "redo", "select"];

export class Actions {
  constructor(editor) {
    /** Keys that act while they are down: what event.code says of each, and what it does. @type {Map<string, string>} */
    this.held = new Map();
    this.editor = editor;
    const { element } = editor;
    element.addEventListener("keydown", event => this.press(event));
    window.addEventListener("keyup", event => this.letGo(event.code || event.key), { capture: true });
    window.addEventListener("blur", () => this.letGoAll());
    document.addEventListener("visibilitychange", () => this.letGoAll());
  }

  press(event) {
    const row = meaning(event);
    if (!row || (!this.editor.isReady && row.does !== "help")) return;
    if (row.does === "nextView" && !event.target.closest(".panes")) return; // elsewhere Tab moves the focus
    if (row.does !== "help" && event.target.closest("dialog")) return; // there Escape closes it
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat && !row.repeats) return;
    if (row.isHeld) this.held.set(event.code || event.key, row.does);
    this.do(row.does, row.value);
  }

  /** A key is up; one that acted while it was down stops, whatever it would mean by now. */
  letGo(code) {
    if (!this.held.delete(code)) return;
    const { editor } = this, does = [...this.held.values()];
    editor.state.isPanning = does.includes("isPanning");
    editor.stage.show(undefined, { isComparing: does.includes("compare") });
    editor.element.classList.toggle("is-panning", editor.state.isPanning);
  }

  letGoAll() {
    for (const code of [...this.held.keys()]) this.letGo(code);
  }

  /** Do what a row of keys.js or a button's data-does says; what is not named here is a method of the editor. */
  do(what, value) {
    const { editor } = this, { state, stage, tools } = editor;
    if (tools.isPainting && WAITS_FOR_STROKE.includes(what)) return;
    const act = {
      label: () => { state.label = value; editor.point(); },
      tool: () => { tools.abandon(); editor.setTool(value); },
      radius: () => editor.setRadius(value > 1 ? Math.ceil(state.radius * value + 0.01) : Math.floor(state.radius * value)),
      closeOutline: () => tools.closeOutline(),
      abandon: () => tools.abandon(),
      compare: () => stage.show(undefined, { isComparing: true }),
      isPanning: () => { state.isPanning = true; editor.element.classList.add("is-panning"); editor.point(null); },
      split: () => stage.show(undefined, { isSplit: !stage.isSplit }),
      overlay: () => editor.look.toggleOverlay(),
      nextView: () => stage.nextView(),
      toggleUnsure: () => editor.uncertainty.toggle(),
      nextPlace: () => editor.uncertainty.next(),
      help: () => { tools.pointers.interrupt(); editor.toolbar.help(); },
      zoom: () => editor.zoomAt(value),
      download: () => editor.clicks.prepare(true),
    }[what];
    if (act) act(); else editor[what](value);
    editor.toolbar.refresh();
  }
}
