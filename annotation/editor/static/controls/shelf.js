// This browser's unfinished drafts: "Continue where you left off" while none is open, else a strip above the open one.

/** @typedef {{ id: string, name: string, width: number, height: number, strokes: number, changed: string }} Draft as listed */

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

/** @param {number} strokes */
const counted = strokes => strokes === 1 ? "1 stroke" : `${strokes} strokes`;

export class Shelf {
  /**
   * @param {HTMLElement} element the .shelf of editor.html
   * @param {string} root the app's address
   * @param {(draft: string) => void} open
   */
  constructor(element, root, open) {
    this.element = element;
    this.root = root;
    this.open = open;
    this.list = find(element, "ul", HTMLUListElement);
    /** By the draft's id. @type {Map<string, HTMLButtonElement>} */
    this.cards = new Map();
    /** @type {string | null} */
    this.marked = null;
  }

  /** @param {string} text */
  say(text) {
    find(this.element, ".problem", HTMLElement).textContent = text;
  }

  async refresh() {
    /** @type {Draft[]} */
    let drafts = [];
    try {
      drafts = await (await get(this.root, "correct/works")).json();
      if (!Array.isArray(drafts)) throw new Error("The server's answer is not a list.");
      this.say("");
    } catch (error) {
      drafts = [];
      this.say(`The list of your unfinished photos cannot be reached: ${messageOf(error)}`);
    }
    this.element.classList.toggle("has-drafts", drafts.length > 0);
    this.cards.clear();
    this.list.replaceChildren(...drafts.map(draft => this.card(draft)));
    this.mark(this.marked);
  }

  /**
   * Mark the draft that is open, null for none.
   * @param {string | null} draft
   */
  mark(draft) {
    this.marked = draft;
    for (const [each, card] of this.cards) card.ariaCurrent = each === draft ? "true" : null;
    const card = this.cards.get(draft ?? "");
    if (card) this.list.scrollLeft = card.offsetLeft - (this.list.clientWidth - card.offsetWidth) / 2;
  }

  /**
   * The marked draft is this browser's now: it joins the list, before the photo is shown, so that nothing moves under the
   * pointer afterwards. Those on the list keep their places if it is there already.
   */
  async join() {
    if (this.marked === null || this.cards.has(this.marked)) return;
    await this.refresh();
  }

  /** @param {Draft} draft */
  card(draft) {
    const item = document.createElement("li");
    item.innerHTML = `<button type="button" class="card"><img alt=""><span><strong></strong><small></small></span></button>
      <button type="button" class="remove" title="Remove from this list" aria-label="Remove from this list">×</button>`;
    const card = find(item, ".card", HTMLButtonElement), remove = find(item, ".remove", HTMLButtonElement);
    find(card, "strong", HTMLElement).textContent = draft.name || "Untitled";
    find(card, "small", HTMLElement).textContent = `${draft.width} × ${draft.height} · ${counted(draft.strokes)} · ${ago(draft.changed)}`;
    card.title = draft.name;
    card.onclick = () => this.open(draft.id);
    this.cards.set(draft.id, card);
    remove.onclick = () => this.remove(draft, item);
    this.picture(draft, find(card, "img", HTMLImageElement));
    return item;
  }

  /**
   * A card without a picture still opens.
   * @param {Draft} draft
   * @param {HTMLImageElement} image
   */
  async picture(draft, image) {
    const response = await get(this.root, `correct/works/${draft.id}/thumbnail`).catch(() => null);
    if (!response) return;
    image.src = URL.createObjectURL(await response.blob());
    image.onload = () => URL.revokeObjectURL(image.src);
  }

  /**
   * @param {Draft} draft
   * @param {HTMLElement} item
   */
  async remove(draft, item) {
    const { name, strokes } = draft, painted = `What you painted (${counted(strokes)}) is lost unless you saved or downloaded the result.`;
    if (strokes && !confirm(`Remove “${name}” from this list? ${painted}`)) return;
    try {
      await get(this.root, `correct/works/${draft.id}/close`, { method: "POST" });
    } catch (error) {
      return this.say(`This photo could not be removed from the list: ${messageOf(error)}`);
    }
    item.remove();
    this.cards.delete(draft.id);
    this.element.classList.toggle("has-drafts", this.list.children.length > 0);
  }
}
