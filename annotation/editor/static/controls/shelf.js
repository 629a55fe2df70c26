// "Continue where you left off": this browser's unfinished works.

import { get } from "../connection/link.js";

const UNITS = [["year", 31557600], ["month", 2629800], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];

/** "3 hours ago" in the visitor's language. */
function ago(time) {
  const seconds = (Date.now() - new Date(time)) / 1000;
  const words = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  const [unit, length] = UNITS.find(([, each]) => seconds >= each) ?? ["second", 1];
  return words.format(-Math.round(seconds / length), unit);
}

export class Shelf {
  constructor(element, root, open) {
    Object.assign(this, { element, root, open, list: element.querySelector("ul") });
  }

  say(text) {
    this.element.querySelector(".problem").textContent = text;
  }

  async refresh() {
    let works = [];
    try {
      works = await (await get(this.root, "correct/works")).json();
      if (!Array.isArray(works)) throw new Error("The server's answer is no list.");
      this.say("");
    } catch (error) {
      this.say(`The list of your unfinished photos cannot be reached: ${error.message}`);
    }
    this.element.classList.toggle("has-works", works.length > 0);
    this.list.replaceChildren(...works.map(work => this.card(work)));
  }

  card(work) {
    const item = document.createElement("li");
    item.innerHTML = `<button type="button" class="card"><img alt=""><span><strong></strong><small></small></span></button>
      <button type="button" class="remove" title="Take off this list" aria-label="Take off this list">×</button>`;
    const [card, remove] = item.querySelectorAll("button");
    card.querySelector("strong").textContent = work.name || "Untitled";
    const strokes = work.strokes === 1 ? "1 stroke" : `${work.strokes} strokes`;
    card.querySelector("small").textContent = `${work.width} × ${work.height} · ${strokes} · ${ago(work.changed)}`;
    card.onclick = () => this.open(work.id);
    remove.onclick = () => this.remove(work, item);
    this.picture(work, card.querySelector("img"));
    return item;
  }

  /** A card without a picture still opens. */
  async picture(work, image) {
    const response = await get(this.root, `correct/works/${work.id}/thumbnail`).catch(() => null);
    if (!response) return;
    image.src = URL.createObjectURL(await response.blob());
    image.onload = () => URL.revokeObjectURL(image.src);
  }

  async remove(work, item) {
    try {
      await get(this.root, `correct/works/${work.id}/close`, { method: "POST" });
    } catch (error) {
      return this.say(`This photo could not be taken off the list: ${error.message}`);
    }
    item.remove();
    this.element.classList.toggle("has-works", this.list.children.length > 0);
  }
}
