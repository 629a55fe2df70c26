// Selecting by click: what the server needs first, and the dots that show the clicks, answered and waiting.

/**
 * @import { Readiness } from "../connection/messages.js"
 * @import { Editor } from "../editor.js"
 * @import { Point } from "../strokes/stroke.js"
 * @import { Press } from "./tool.js"
 */

import { icon, SPINNER } from "../controls/icons.js";
import { find, findAll } from "../elements.js";
import { clicked } from "../strokes/history.js";
import { randomName } from "../strokes/wire.js";
import { Tool } from "./tool.js";

export class Click extends Tool {
  static label = "Select by click";
  static word = "Click";
  static help = "Select an object by a click; with Background, Alt or the right button, take it away";
  static key = "S";
  static icon = icon('<path d="M8.500 8.500l2.600 8.500 1.700-3.300 3.400 3.300 1.300-1.300-3.400-3.300 3.200-1.800z"/><path d="M8 2.500v2.200M3.900 4.200l1.600 1.600M2.300 8.300h2.200M4.100 12.200l1.500-1.500M12.100 4.200l-1.500 1.600"/>');

  takesRightButton = true;
  /** How far the server is; "" where it was not asked. @type {Readiness["state"] | ""} */
  state = "";

  /** @param {Editor} editor */
  constructor(editor) {
    super(editor);
    this.notice = find(editor.element, ".clicking", HTMLElement);
    this.progress = find(this.notice, "progress", HTMLProgressElement);
    this.text = find(this.notice, "span", HTMLElement);
    this.download = find(this.notice, "[data-does=download]", HTMLButtonElement);
    this.buttons = findAll(this.notice, "button", HTMLButtonElement);
    this.reset();
  }

  get isChosen() { return this.editor.state.tool === "click"; }

  reset() {
    this.show("", 0, "");
  }

  chosen() {
    if (!["downloading", "encoding", "ready"].includes(this.state)) this.prepare();
  }

  connected() {
    if (this.isChosen) this.prepare();
    this.refresh();
  }

  /** Ask the server to get ready; it reports its progress. */
  prepare(download = false) {
    this.editor.link?.send({ type: "prepare", download });
  }

  /**
   * @param {Point} pixel
   * @param {Press} press
   * @param {boolean} isClick
   */
  release(pixel, { isBeside }, isClick) {
    if (isClick) this.add(pixel, isBeside ? "background" : "foreground");
  }

  /**
   * A click on a pixel, "foreground" on the thing or "background" beside it.
   * @param {Point} point
   * @param {"foreground" | "background"} label
   */
  add(point, label) {
    const [x, y] = point, { width, height } = this.editor.view;
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    if (!["encoding", "ready"].includes(this.state)) return this.prepare();
    this.editor.link?.ask({ type: "click", id: randomName(), point, label });
    this.refresh();
  }

  /** @param {Readiness} news */
  hear({ state, share, text }) {
    this.show(state, share, text);
  }

  /**
   * @param {Readiness["state"] | ""} state
   * @param {number} share
   * @param {string} text
   */
  show(state, share, text) {
    this.state = state;
    const sentences = {
      absent: `Selecting by click needs ${text}. Download?`, downloading: "Downloading MobileSAM…",
      encoding: "Looking at the photo, once. Clicks wait for it, painting does not.", ready: "", failed: text, "": "",
    };
    this.text.innerHTML = state === "encoding" ? SPINNER : "";
    this.text.append(sentences[state]);
    this.progress.hidden = state !== "downloading";
    this.progress.value = share;
    for (const button of this.buttons) button.hidden = !["absent", "failed"].includes(state);
    this.download.textContent = state === "failed" ? "Try again" : "Download";
    this.refresh();
  }

  /** Show the dots and the notice while the tool is chosen. */
  refresh() {
    const { editor, notice, isChosen } = this;
    notice.dataset.state = this.state;
    notice.hidden = !isChosen || ["", "ready"].includes(this.state);
    const done = editor.history ? clicked(editor.history.strokes) : [];
    const dots = done.map(({ points, label }) => ({ point: points[0], label, isPending: false }));
    for (const question of editor.link?.asked ?? []) {
      if (question.type === "click") dots.push({ point: question.point, label: question.label, isPending: true });
    }
    editor.stage.redrawDots(isChosen ? dots : []);
  }
}
