// The controls around the panes: what is pressed, what the sliders say, the status line and the help.

import { switchable } from "../strokes/history.js";
import { ICONS } from "./icons.js";
import { KEYS } from "./keys.js";
import { kept } from "../connection/storage.js";

export class Toolbar {
  constructor(element, editor) {
    Object.assign(this, { element, editor });
    for (const place of element.querySelectorAll("[data-icon]")) place.innerHTML = ICONS[place.dataset.icon];
    element.querySelectorAll("[data-does]").forEach(button => this.wire(button));
    this.size = this.slider(".size", value => editor.setRadius(Math.round(sizeOf(value))));
    this.opacity = this.slider(".opacity", value => editor.look.setOpacity(value / 100));
    this.colour = element.querySelector(".colour");
    this.colour.oninput = () => { editor.look.setColour(this.colour.value); this.refresh(); };
    element.querySelector(".checker").onclick = () => { editor.look.setColour(null); this.refresh(); };
    this.fillHelp();
    this.trouble("");
    this.refresh();
  }

  find(selector) { return this.element.querySelector(selector); }

  wire(button) {
    const { does, value } = button.dataset;
    const keys = KEYS.find(row => row.does === does && (row.value === undefined || String(row.value) === value || row.value === Number(value)));
    if (keys) {
      button.title = `${button.title || keys.text}  (${keys.keys[0]})`;
      button.setAttribute("aria-keyshortcuts", keys.keys[0].replace("Ctrl", "Control"));
    }
    button.addEventListener("click", () => {
      if (does === "show") this.editor.show(value);
      else this.editor.actions.do(does, isNaN(value) ? value : Number(value));
      if (!button.closest("dialog")) this.editor.focus();
      this.refresh();
    });
  }

  slider(selector, set) {
    const slider = this.find(selector);
    slider.oninput = () => { set(Number(slider.value)); this.refresh(); };
    return slider;
  }

  /** Show the editor's state. */
  refresh() {
    const { editor } = this, { state, look, stage } = editor;
    if (!stage) return;
    for (const button of this.element.querySelectorAll("[data-does]")) {
      const { does, value } = button.dataset;
      const isOn = { label: state.label === value, tool: state.tool === value, show: this.isShown(value),
        split: stage.isSplit, toggleUnsure: editor.uncertainty.isShown }[does];
      if (isOn !== undefined) button.setAttribute("aria-pressed", isOn);
    }
    this.size.value = positionOf(state.radius);
    this.find(".size-text").textContent = `${2 * state.radius + 1} px`;
    this.opacity.value = Math.round(look.opacity * 100);
    this.colour.value = look.colour ?? this.colour.value;
    this.find(".checker").setAttribute("aria-pressed", look.colour === null);
    this.find(".backdrop").classList.toggle("has-colour", look.colour !== null);
    this.element.dataset.shows = stage.isSplit ? "split" : stage.kind;
    this.element.dataset.tool = state.tool;
    const { undo, redo } = editor.isReady ? switchable(editor.history.strokes) : {};
    this.find("[data-does=undo]").disabled = !undo;
    this.find("[data-does=redo]").disabled = !redo;
    this.find("[data-does=nextPlace]").disabled = !editor.uncertainty.places.length;
    this.find("[data-does=toggleUnsure]").disabled = !editor.uncertainty.layer;
    this.status();
  }

  isShown(kind) {
    const { stage } = this.editor;
    return stage.isSplit ? kind === "trimap" || kind === stage.result : kind === stage.kind;
  }

  /** The line below the picture. */
  status() {
    const { editor } = this;
    if (!editor.isReady) return;
    const { history, link, view } = editor, waiting = link.unsent.length;
    const saved = this.find(".saved");
    saved.dataset.state = waiting ? link.isOpen ? "saving" : "offline" : link.isOpen ? "saved" : "offline";
    saved.textContent = waiting
      ? link.isOpen ? "Saving…" : `No connection: ${strokes(waiting)} kept in this ${kept.isLasting ? "browser" : "tab"}`
      : link.isOpen ? history.saved.length ? `Saved, stroke ${history.saved.length}` : "Ready" : "No connection, trying again…";
    this.element.dataset.saved = waiting ? "" : history.saved.length;
    const count = history.strokes.length;
    this.find(".numbers").textContent = [
      count ? strokes(count) : "", count > 1 ? duration(history.seconds) : "",
      editor.unknownShare === undefined ? "" : `${(100 * editor.unknownShare).toFixed(1)} % unknown`,
      `${Math.round(100 * view.zoom * (window.devicePixelRatio || 1))} %`,
    ].filter(Boolean).join(" · ");
  }

  tabs(count) {
    this.find(".tabs").hidden = count < 2;
  }

  /** What keeps the connection away; an empty text where nothing does. And whether the browser keeps nothing. */
  trouble(text) {
    for (const place of this.element.querySelectorAll(".trouble")) place.textContent = text;
    this.element.classList.toggle("has-trouble", Boolean(text));
    this.find(".forgetful").hidden = kept.isLasting;
  }

  say(text) {
    const place = this.find(".message");
    place.textContent = text;
    clearTimeout(this.fade);
    if (text) this.fade = setTimeout(() => { place.textContent = ""; }, 8000);
  }

  help() {
    const dialog = this.find("dialog");
    if (dialog.open) dialog.close();
    else dialog.showModal();
  }

  fillHelp() {
    const lists = Object.entries(Object.groupBy(KEYS, row => row.group)).map(([group, rows]) => {
      const section = document.createElement("section");
      section.innerHTML = `<h4>${group}</h4><dl>${rows.map(({ keys, text }) =>
        `<dt>${keys.map(key => `<kbd>${key}</kbd>`).join(" ")}</dt><dd>${text}</dd>`).join("")}</dl>`;
      return section;
    });
    this.find("dialog .keys").replaceChildren(...lists);
    this.find("dialog").addEventListener("click", event => { if (event.target === this.find("dialog")) this.help(); });
  }
}

const strokes = count => count === 1 ? "1 stroke" : `${count} strokes`;
const duration = seconds => seconds < 60 ? `${Math.round(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;

/** The size slider is finer for small brushes: its position 0 … 100 is a square root. */
const sizeOf = position => 300 * (position / 100) ** 2;
const positionOf = radius => Math.round(100 * Math.sqrt(Math.min(radius, 300) / 300));
