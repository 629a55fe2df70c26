// What keys and buttons do in the editor.

/**
 * @import { ViewName } from "../drawing/pane.js"
 * @import { Editor } from "../editor.js"
 * @import { Label } from "../strokes/stroke.js"
 * @import { ToolName } from "../tools/all_tools.js"
 *
 * @typedef {keyof typeof ACTS} ActName
 */

import { scaled } from "../tools/brush_size.js";
import { meaning } from "./keys.js";

/**
 * What is done, by the `does` of a key or a button's data-does; `value` is the key's, or the button's data-value.
 * @satisfies {Record<string, (editor: Editor, value: string) => void>}
 */
const ACTS = {
  label: (editor, value) => editor.setLabel(/** @type {Label} */ (value)),
  tool: (editor, value) => editor.setTool(/** @type {ToolName} */ (value)),
  radius: (editor, value) => editor.setRadius(scaled(editor.state.radius, Number(value))),
  finish: editor => editor.tool.finish(),
  abandon: editor => editor.hand.abandon(),
  undo: editor => editor.undo(),
  redo: editor => editor.redo(),
  select: editor => editor.select(),
  download: editor => editor.tools.click.prepare(true),
  show: (editor, value) => editor.stage.show(/** @type {ViewName} */ (value)),
  nextView: editor => editor.stage.nextView(),
  compare: editor => editor.stage.show(undefined, { isComparing: true }),
  split: editor => editor.stage.show(undefined, { isSplit: !editor.stage.isSplit }),
  overlay: editor => editor.preferences.toggleOverlay(),
  toggleUnsure: editor => editor.uncertainty.toggle(),
  nextPlace: editor => editor.uncertainty.next(),
  isPanning: editor => { editor.setPanning(true); editor.point(null); },
  fit: editor => editor.fit(),
  actual: editor => editor.actual(),
  zoom: (editor, value) => editor.zoomAt(Number(value)),
  leave: editor => editor.leave(),
  help: editor => { editor.hand.pointers.interrupt(); editor.toolbar.help(); },
};

/**
 * What would move the picture away under a pointer that paints, or change the strokes that its stroke comes after.
 * @type {ActName[]}
 */
const WAITS_FOR_STROKE = ["fit", "actual", "zoom", "nextPlace", "split", "undo", "redo", "select"];

/**
 * The action that a button's data-does names. TypeError if there is none of that name.
 * @param {string | undefined} name
 */
export function actNamed(name) {
  if (name === undefined || !Object.hasOwn(ACTS, name)) throw new TypeError(`wanted what a button does, got ${name}`);
  return /** @type {ActName} */ (name);
}

export class Actions {
  /** @param {Editor} editor */
  constructor(editor) {
    /** Keys that act while they are down: what event.code says of each, and what it does. @type {Map<string, ActName>} */
    this.held = new Map();
    this.editor = editor;
    editor.element.addEventListener("keydown", event => this.press(event));
    window.addEventListener("keyup", event => this.letGo(event.code || event.key), { capture: true });
    window.addEventListener("blur", () => this.letGoAll());
    document.addEventListener("visibilitychange", () => this.letGoAll());
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const row = meaning(event), { target } = event;
    if (!row || !(target instanceof Element) || (!this.editor.isReady && row.does !== "help")) return;
    if (row.does !== "help" && target.closest("dialog")) return; // there Escape closes it
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat && !row.repeats) return;
    if (row.isHeld) this.held.set(event.code || event.key, row.does);
    this.do(row.does, row.value);
  }

  /**
   * A key is up; an action that lasts while it is down stops, whatever the key means now.
   * @param {string} code
   */
  letGo(code) {
    if (!this.held.delete(code)) return;
    const { editor } = this, does = [...this.held.values()];
    editor.setPanning(does.includes("isPanning"));
    editor.stage.show(undefined, { isComparing: does.includes("compare") });
  }

  letGoAll() {
    for (const code of [...this.held.keys()]) this.letGo(code);
  }

  /** @param {ActName} what */
  do(what, value = "") {
    const { editor } = this;
    if (editor.hand.isPainting && WAITS_FOR_STROKE.includes(what)) return;
    ACTS[what](editor, value);
    editor.toolbar.refresh();
  }
}
