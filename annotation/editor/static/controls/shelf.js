// "Continue where you left off": this browser's unfinished works.

/** @typedef {{ id: string, name: string, width: number, height: number, strokes: number, changed: string }} Work as listed */

import { get } from "../connection/requests.js";
import { find, messageOf } from "../elements.js";

/** @type {[unit: Intl.RelativeTimeFormatUnit, seconds: number][]} */
const UNITS = [["year", 31557600], ["month", 2629800], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];

/**
 * "3 hours ago" in the visitor's language.
 * @param {string} time as ISO 8601 writes it
 */
function ago(time) {
  const seconds = (Date.now() - new Date(time).getTime()) / 1000;
  const words = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  const [unit, length] = UNITS.find(([, each]) => seconds >= each) ?? ["second", 1];
  return words.format(-Math.round(seconds / length), unit);
}

export class Shelf {
  /**
   * @param {HTMLElement} element the .shelf of editor.html
   * @param {string} root the app's address
   * @param {(work: string) => void} open
   */
  constructor(element, root, open) {
    this.element = element;
    this.root = root;
    this.open = open;
    this.list = find(element, "ul", HTMLUListElement);
  }

  /** @param {string} text */
  say(text) {
    find(this.element, ".problem", HTMLElement).textContent = text;
  }

  async refresh() {
    /** @type {Work[]} */
    let works = [];
    try {
      works = await (await get(this.root, "correct/works")).json();
      if (!Array.isArray(works)) throw new Error("The server's answer is no list.");
      this.say("");
    } catch (error) {
      works = [];
      this.say(`The list of your unfinished photos cannot be reached: ${messageOf(error)}`);
    }
    this.element.classList.toggle("has-works", works.length > 0);
    this.list.replaceChildren(...works.map(work => this.card(work)));
  }

  /** @param {Work} work */
  card(work) {
    const item = document.createElement("li");
    item.innerHTML = `<button type="button" class="card"><img alt=""><span><strong></strong><small></small></span></button>
      <button type="button" class="remove" title="Take off this list" aria-label="Take off this list">×</button>`;
    const card = find(item, ".card", HTMLButtonElement), remove = find(item, ".remove", HTMLButtonElement);
    find(card, "strong", HTMLElement).textContent = work.name || "Untitled";
    const strokes = work.strokes === 1 ? "1 stroke" : `${work.strokes} strokes`;
    find(card, "small", HTMLElement).textContent = `${work.width} × ${work.height} · ${strokes} · ${ago(work.changed)}`;
    card.onclick = () => this.open(work.id);
    remove.onclick = () => this.remove(work, item);
    this.picture(work, find(card, "img", HTMLImageElement));
    return item;
  }

  /**
   * A card without a picture still opens.
   * @param {Work} work
   * @param {HTMLImageElement} image
   */
  async picture(work, image) {
    const response = await get(this.root, `correct/works/${work.id}/thumbnail`).catch(() => null);
    if (!response) return;
    image.src = URL.createObjectURL(await response.blob());
    image.onload = () => URL.revokeObjectURL(image.src);
  }

  /**
   * @param {Work} work
   * @param {HTMLElement} item
   */
  async remove(work, item) {
    try {
      await get(this.root, `correct/works/${work.id}/close`, { method: "POST" });
    } catch (error) {
      return this.say(`This photo could not be taken off the list: ${messageOf(error)}`);
    }
    item.remove();
    this.element.classList.toggle("has-works", this.list.children.length > 0);
  }
}
