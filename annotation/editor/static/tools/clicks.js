// Selecting by click: what the server must have first, and the dots that show the clicks, answered and waiting.

import { clicked } from "../strokes/history.js";
import { randomName } from "../strokes/wire.js";

const SPINNER = `<svg class="spinner" viewBox="0 0 20 20" width="18" height="18" aria-hidden="true"><circle cx="10" cy="10" r="8"/><path d="M10 2a8 8 0 018 8"><animateTransform attributeName="transform" type="rotate" from="0 10 10" to="360 10 10" dur="0.8s" repeatCount="indefinite"/></path></svg>`;

export class Clicks {
  /** `notice` is the .clicking element of editor.html. */
  constructor(notice, editor) {
    Object.assign(this, { notice, editor });
    this.hear({ state: "" });
  }

  /** Another photo, or none. */
  reset() {
    this.hear({ state: "" });
  }

  /** Ask the server to make itself ready; it tells how far it is. */
  prepare(download = false) {
    this.editor.link?.send({ type: "prepare", download });
  }

  /** The connection is there, for the first time or again. */
  reconnected() {
    if (this.editor.state.tool === "click") this.prepare();
    this.refresh();
  }

  /** A click on a pixel, "foreground" on the thing or "background" beside it. */
  add([x, y], label) {
    const { width, height } = this.editor.view;
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    if (!["encoding", "ready"].includes(this.state)) return this.prepare();
    this.editor.link.ask({ type: "click", id: randomName(), point: [x, y], label });
    this.refresh();
  }

  /** How far the server is: {state, share, text} as annotation/correction/clicking.py tells. */
  hear({ state, share = 0, text = "" }) {
    this.state = state;
    const { notice } = this, progress = notice.querySelector("progress"), says = notice.querySelector("span");
    says.innerHTML = state === "encoding" ? SPINNER : "";
    says.append({
      absent: `Selecting by click needs ${text}. Download?`, downloading: "Downloading MobileSAM…",
      encoding: "Looking at the photo, once. Clicks wait for it, painting does not.", failed: text,
    }[state] ?? "");
    progress.hidden = state !== "downloading";
    progress.value = share;
    const offers = ["absent", "failed"].includes(state);
    notice.querySelectorAll("button").forEach(button => { button.hidden = !offers; });
    notice.querySelector("[data-does=download]").textContent = state === "failed" ? "Try again" : "Download";
    this.refresh();
  }

  /** Show the dots and the notice while the tool is chosen. */
  refresh() {
    const { editor, notice } = this, isChosen = editor.state.tool === "click";
    notice.dataset.state = this.state;
    notice.hidden = !isChosen || ["", "ready"].includes(this.state);
    if (!editor.stage) return;
    const done = editor.isReady ? clicked(editor.history.strokes) : [];
    const waiting = (editor.link?.asked ?? []).filter(({ type }) => type === "click");
    const dots = [...done.map(({ points, label }) => ({ point: points[0], label, isPending: false })),
      ...waiting.map(({ point, label }) => ({ point, label, isPending: true }))];
    editor.stage.redrawPoints(isChosen ? dots : []);
  }
}
