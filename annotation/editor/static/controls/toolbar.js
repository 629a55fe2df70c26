// The controls around the panes: buttons, sliders, the status line and the help.

/**
 * @import { Editor } from "../editor.js"
 * @import { ToolName } from "../tools/all_tools.js"
 * @import { Tool } from "../tools/tool.js"
 */

import { kept } from "../connection/storage.js";
import { find, findAll } from "../elements.js";
import { counting, switchable } from "../strokes/history.js";
import { positionOf, radiusAt } from "../tools/brush_size.js";
import { TOOLS } from "../tools/all_tools.js";
import { actNamed } from "./actions.js";
import { ICONS } from "./icons.js";
import { KEYS } from "./keys.js";

export class Toolbar {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    this.element = editor.element;
    for (const [name, tool] of Object.entries(editor.tools)) {
      this.find(tool.does ? ".retouching" : ".tools").append(toolButton(name, TOOLS[/** @type {ToolName} */ (name)]));
    }
    for (const place of findAll(this.element, "[data-icon]", HTMLElement)) place.innerHTML = iconOf(place) + wordOf(place.dataset.word);
    this.buttons = findAll(this.element, "[data-does]", HTMLButtonElement);
    for (const button of this.buttons) this.wire(button);
    this.size = this.slider(".size", value => editor.setRadius(radiusAt(value)));
    this.value = this.slider(".value", value => { editor.state.value = Math.round(2.55 * value); });
    this.opacity = this.slider(".opacity", value => editor.preferences.setOpacity(value / 100));
    this.colour = find(this.element, ".colour", HTMLInputElement);
    this.colour.oninput = () => { editor.preferences.setColour(this.colour.value); this.refresh(); };
    this.checker = find(this.element, ".checker", HTMLButtonElement);
    this.checker.onclick = () => { editor.preferences.setColour(null); this.refresh(); };
    this.dialog = find(this.element, "dialog", HTMLDialogElement);
    /** @type {number | undefined} */
    this.fade = undefined;
    this.fillHelp();
    this.trouble("");
    this.refresh();
  }

  /** @param {string} selector */
  find(selector) { return find(this.element, selector, HTMLElement); }

  /** @param {HTMLButtonElement} button */
  wire(button) {
    const does = actNamed(button.dataset.does), { value } = button.dataset;
    const keys = KEYS.find(row => row.does === does && (row.value === undefined || row.value === value));
    if (keys) {
      button.title = `${button.title || keys.text}  (${keys.keys[0]})`;
      button.setAttribute("aria-keyshortcuts", keys.keys[0].replace("Ctrl", "Control"));
    }
    button.addEventListener("click", () => {
      this.editor.actions.do(does, value);
      if (!button.closest("dialog")) this.editor.focus();
      this.refresh();
    });
  }

  /**
   * @param {string} selector
   * @param {(value: number) => void} set
   */
  slider(selector, set) {
    const slider = find(this.element, selector, HTMLInputElement);
    slider.oninput = () => { set(Number(slider.value)); this.refresh(); };
    return slider;
  }

  /** Show the editor's state. */
  refresh() {
    const { state, preferences, stage, history, uncertainty } = this.editor;
    this.press();
    this.size.value = String(positionOf(state.radius));
    this.find(".size-text").textContent = `${2 * state.radius + 1} px`;
    this.value.value = String(Math.round(state.value / 2.55));
    this.find(".value-text").textContent = `${this.value.value} %`;
    this.element.classList.toggle("paints-alpha", state.tool === "alpha");
    this.find(".for-edge").textContent = TOOLS[state.tool].label;
    this.element.classList.toggle("is-retouching", Boolean(this.editor.tool.does));
    this.opacity.value = String(Math.round(preferences.opacity * 100));
    this.colour.value = preferences.colour ?? this.colour.value;
    this.checker.setAttribute("aria-pressed", String(preferences.colour === null));
    this.find(".backdrop").classList.toggle("has-colour", preferences.colour !== null);
    this.element.dataset.shows = stage.isSplit ? "split" : stage.kind;
    this.element.classList.toggle("has-ring", this.editor.tool.hasRing);
    const { undo, redo } = switchable(history?.strokes ?? []);
    this.enable("undo", Boolean(undo));
    this.enable("redo", Boolean(redo));
    this.enable("nextPlace", uncertainty.places.length > 0);
    this.enable("toggleUnsure", uncertainty.layer !== null);
    this.find(".hint").textContent = this.hint();
    this.status();
  }

  /** What the chosen tool does; of the brush, what its label means. A finger sees no titles. */
  hint() {
    const { tool, label } = this.editor.state, [does, value] = tool === "brush" ? ["label", label] : ["tool", tool];
    return KEYS.find(row => row.does === does && row.value === value)?.text ?? "";
  }

  /** Which buttons are pressed. */
  press() {
    const { state, stage, uncertainty } = this.editor;
    const shown = stage.isSplit ? ["trimap", stage.result] : [stage.kind];
    /** @type {Record<string, (value: string) => boolean>} */
    const isPressed = {
      label: value => state.label === value && !this.editor.tool.does, tool: value => state.tool === value, show: value => shown.includes(value),
      split: () => stage.isSplit, toggleUnsure: () => uncertainty.isShown,
    };
    for (const button of this.buttons) {
      const { does = "", value = "" } = button.dataset;
      if (does in isPressed) button.setAttribute("aria-pressed", String(isPressed[does](value)));
    }
  }

  /**
   * @param {string} does
   * @param {boolean} isPossible
   */
  enable(does, isPossible) {
    find(this.element, `[data-does=${does}]`, HTMLButtonElement).disabled = !isPossible;
  }

  /** The line below the picture. */
  status() {
    const { painting, view } = this.editor;
    if (!painting) return;
    const { history, link, unknownShare } = painting, waiting = link.unsent.length;
    const saved = this.find(".saved");
    saved.dataset.state = waiting ? link.isOpen ? "saving" : "offline" : link.isOpen ? "saved" : "offline";
    saved.textContent = waiting
      ? link.isOpen ? "Storing…" : `No connection: ${strokes(waiting)} ${waiting === 1 ? "waits" : "wait"} in this ${kept.isLasting ? "browser" : "tab"}`
      : link.isOpen ? history.saved.length ? `Stored, ${strokes(counting(history.saved).length)}` : "Ready" : "No connection, trying again…";
    this.element.dataset.saved = waiting ? "" : String(history.saved.length);
    const count = counting(history.strokes).length;
    this.find(".numbers").textContent = [
      count > 1 ? duration(history.seconds) : "",
      unknownShare === null ? "" : `${(100 * unknownShare).toFixed(1)} % unknown`,
      `${Math.round(100 * view.zoom * (window.devicePixelRatio || 1))} %`,
    ].filter(Boolean).join(" · ");
  }

  /** @param {number} count how many tabs have the photo open */
  tabs(count) {
    this.find(".tabs").hidden = count < 2;
  }

  /**
   * Show why there is no connection (an empty text if there is one), and whether the browser's storage fails.
   * @param {string} text
   */
  trouble(text) {
    for (const place of findAll(this.element, ".trouble", HTMLElement)) place.textContent = text;
    this.element.classList.toggle("has-trouble", Boolean(text));
    this.find(".forgetful").hidden = kept.isLasting;
  }

  /** @param {string} text for a few seconds in the line below the picture */
  say(text) {
    const place = this.find(".message");
    place.textContent = text;
    clearTimeout(this.fade);
    if (text) this.fade = setTimeout(() => { place.textContent = ""; }, 8000);
  }

  help() {
    if (this.dialog.open) this.dialog.close();
    else {
      this.dialog.showModal();
      this.dialog.scrollTop = 0; // its button has the focus, and lies at the end
    }
  }

  fillHelp() {
    const lists = Object.entries(Object.groupBy(KEYS, row => row.group)).map(([group, rows = []]) => {
      const section = document.createElement("section");
      section.innerHTML = `<h4>${group}</h4><dl>${rows.map(({ keys, text }) =>
        `<dt>${keys.map(key => `<kbd>${key}</kbd>`).join(" ")}</dt><dd>${text}</dd>`).join("")}</dl>`;
      return section;
    });
    this.find("dialog .keys").replaceChildren(...lists);
    this.dialog.addEventListener("click", event => { if (event.target === this.dialog) this.help(); });
  }
}

/**
 * @param {string} name
 * @param {typeof Tool} tool
 */
function toolButton(name, { label, icon, word }) {
  const button = document.createElement("button");
  Object.assign(button.dataset, { does: "tool", value: name });
  button.type = "button";
  button.ariaLabel = label;
  button.innerHTML = icon + wordOf(word);
  return button;
}

/**
 * What is read below an icon where a finger shows no title.
 * @param {string} [word]
 */
const wordOf = (word = "") => word && `<span class="word">${word}</span>`;

/** @param {HTMLElement} place whose data-icon says which */
function iconOf({ dataset: { icon = "" } }) {
  if (!(icon in ICONS)) throw new TypeError(`wanted an icon of icons.js, got "${icon}"`);
  return ICONS[icon];
}

/** @param {number} count */
const strokes = count => count === 1 ? "1 stroke" : `${count} strokes`;
/** @param {number} seconds */
const duration = seconds => seconds < 60 ? `${Math.round(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
