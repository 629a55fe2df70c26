// Keys and buttons → what the editor does.

import { meaning } from "./keys.js";

export class Actions {
  constructor(editor) {
    this.editor = editor;
    const { element } = editor;
    element.addEventListener("keydown", event => this.press(event));
    element.addEventListener("keyup", event => { if (meaning(event)?.isHeld) this.letGo(); });
    window.addEventListener("blur", () => this.letGo());
  }

  press(event) {
    const row = meaning(event);
    if (!row || (!this.editor.isReady && row.does !== "help")) return;
    if (row.does === "nextView" && !event.target.closest(".panes")) return; // elsewhere Tab moves the focus
    if (row.does !== "help" && event.target.closest("dialog")) return; // there Escape closes it
    event.preventDefault();
    event.stopPropagation();
    if (row.isHeld && event.repeat) return;
    this.do(row.does, row.value);
  }

  /** A key that acts while it is held is released. */
  letGo() {
    const { editor } = this;
    editor.state.isPanning = false;
    editor.stage.show(undefined, { isComparing: false });
    editor.element.classList.remove("is-panning");
  }

  /** Do what a row of keys.js or a button's data-does says; what is not named here is a method of the editor. */
  do(what, value) {
    const { editor } = this, { state, stage, tools } = editor;
    const act = {
      label: () => { state.label = value; editor.point(); },
      tool: () => { tools.forEach(tool => tool.abandon()); editor.setTool(value); },
      radius: () => editor.setRadius(value > 1 ? Math.ceil(state.radius * value + 0.01) : Math.floor(state.radius * value)),
      closeOutline: () => tools.forEach(tool => tool.closeOutline()),
      abandon: () => tools.forEach(tool => tool.abandon()),
      compare: () => stage.show(undefined, { isComparing: true }),
      isPanning: () => { state.isPanning = true; editor.element.classList.add("is-panning"); editor.point(null); },
      split: () => stage.show(undefined, { isSplit: !stage.isSplit }),
      overlay: () => editor.toggleOverlay(),
      nextView: () => stage.nextView(),
      toggleUnsure: () => editor.uncertainty.toggle(),
      nextPlace: () => editor.uncertainty.next(),
      help: () => editor.toolbar.help(),
      zoom: () => editor.zoomAt(value),
    }[what];
    if (act) act(); else editor[what](value);
    editor.toolbar.refresh();
  }
}
