/**
 * @import { Kind } from "./compositor.js"
 *
 * @typedef {{ name: string, title: string }} Model
 *
 * @typedef {object} Choices
 * @property {Kind} kind what is behind the person
 * @property {string} colour as #rrggbb
 * @property {string} model
 * @property {number} lines the height of the camera's picture
 * @property {boolean} mirror
 */

import { kept } from "../../correct/static/connection/storage.js";
import { find } from "../../correct/static/elements.js";
import { cameras } from "./camera.js";

const STORED = "matting-live";

/** What is chosen below the picture; all but the camera is kept from visit to visit. */
export class Controls {
  /**
   * @param {HTMLElement} root
   * @param {Model[]} models
   */
  constructor(root, models) {
    this.root = root;
    this.colour = find(root, "input[type=color]", HTMLInputElement);
    this.model = find(root, ".live-model", HTMLSelectElement);
    this.camera = find(root, ".live-camera", HTMLSelectElement);
    this.lines = find(root, ".live-lines", HTMLSelectElement);
    this.mirror = find(root, ".live-mirror", HTMLInputElement);
    this.model.replaceChildren(...models.map(({ name, title }) => new Option(title, name)));
    this.restore();
  }

  /** @returns {Choices} */
  get choices() {
    const { value } = find(this.root, ".live-kinds input:checked", HTMLInputElement);
    return {
      kind: /** @type {Kind} */ (value), colour: this.colour.value,
      model: this.model.value, lines: Number(this.lines.value), mirror: this.mirror.checked,
    };
  }

  restore() {
    const stored = /** @type {Partial<Choices>} */ (kept.read(STORED) ?? {});
    const kind = this.root.querySelector(`.live-kinds input[value="${stored.kind}"]`);
    if (kind instanceof HTMLInputElement) kind.checked = true;
    if (stored.colour) this.colour.value = stored.colour;
    if (stored.model === "modnet") this.model.value = stored.model;
    if (stored.lines) this.lines.value = String(stored.lines);
    if (stored.mirror === false) this.mirror.checked = false;
  }

  keep() {
    kept.set(STORED, JSON.stringify(this.choices));
  }

  async listCameras() {
    const chosen = this.camera.value;
    const found = (await cameras()).map((one, at) => new Option(one.label || `Camera ${at + 1}`, one.deviceId));
    this.camera.replaceChildren(new Option("Default", ""), ...found);
    this.camera.value = chosen;
  }
}
