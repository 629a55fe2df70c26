// What each key does, in one table: it drives the keyboard and the help.

/**
 * @import { ActName } from "./actions.js"
 *
 * @typedef {object} Key
 * @property {"Paint" | "View"} group
 * @property {string[]} keys the first is shown on buttons
 * @property {ActName} does
 * @property {string} [value]
 * @property {string} text
 * @property {boolean} [repeats] whether it acts again while the key stays down
 * @property {boolean} [isHeld] whether it acts as long as the key is down
 */

import { TOOLS } from "../tools/all_tools.js";
import { character, isComposed } from "./keyboard_layout.js";

/** @type {Key[]} */
const CHOOSING = Object.entries(TOOLS).map(([value, { key, help }]) => (
  { group: "Paint", keys: [key], does: "tool", value, text: help }
));

/** @type {Key[]} */
export const KEYS = [
  { group: "Paint", keys: ["F"], does: "label", value: "foreground", text: "Foreground: what is surely subject; for hair, choose Unknown" },
  { group: "Paint", keys: ["B"], does: "label", value: "background", text: "Background: what is surely not subject; for hair, choose Unknown" },
  { group: "Paint", keys: ["U"], does: "label", value: "unknown", text: "Unknown: hair, fur and other soft edges, which are worked out" },
  { group: "Paint", keys: ["E"], does: "label", value: "automatic", text: "Eraser: back to the automatic trimap" },
  ...CHOOSING,
  { group: "Paint", keys: ["["], does: "radius", value: "0.8", repeats: true, text: "Smaller brush" },
  { group: "Paint", keys: ["]"], does: "radius", value: "1.25", repeats: true, text: "Larger brush" },
  { group: "Paint", keys: ["Enter"], does: "finish", text: "Close the outline" },
  { group: "Paint", keys: ["Escape"], does: "abandon", text: "Discard what is half painted" },
  { group: "Paint", keys: ["Ctrl+Z"], does: "undo", repeats: true, text: "Undo; of an outline, the last corner" },
  { group: "Paint", keys: ["Ctrl+Shift+Z", "Ctrl+Y"], does: "redo", repeats: true, text: "Redo" },
  { group: "View", keys: ["V"], does: "nextView", text: "Next view: trimap, alpha, cut-out, photo" },
  { group: "View", keys: ["C"], does: "compare", isHeld: true, text: "Hold: the photo, to compare" },
  { group: "View", keys: ["D"], does: "split", text: "Trimap and result side by side" },
  { group: "View", keys: ["O"], does: "overlay", text: "Overlay on and off" },
  { group: "View", keys: ["N"], does: "nextPlace", text: "Next place where a stroke helps most" },
  { group: "View", keys: ["Space"], does: "isPanning", isHeld: true, text: "Hold and drag: move the photo" },
  { group: "View", keys: ["0"], does: "fit", text: "Whole photo" },
  { group: "View", keys: ["1"], does: "actual", text: "One photo pixel on one screen pixel" },
  { group: "View", keys: ["+", "="], does: "zoom", value: "1.25", repeats: true, text: "Zoom in" },
  { group: "View", keys: ["-"], does: "zoom", value: "0.8", repeats: true, text: "Zoom out" },
  { group: "View", keys: ["?"], does: "help", text: "This list" },
];

/**
 * How an event would be written in KEYS.
 * @param {KeyboardEvent} event
 */
function written(event) {
  const key = character(event);
  if (isComposed(event)) return key;
  const shift = event.shiftKey && (event.ctrlKey || event.metaKey) ? "Shift+" : "";
  return (event.ctrlKey || event.metaKey ? "Ctrl+" : "") + shift + key;
}

/** Keys that a focused button uses itself. */
const BUTTON_KEYS = ["Enter", "Space"];

/**
 * The row of KEYS an event means, or undefined. Keys typed into a field stay the browser's.
 * @param {KeyboardEvent} event
 */
export function meaning(event) {
  /** @param {string} selector */
  const isIn = selector => event.target instanceof Element && event.target.closest(selector) !== null;
  const isTyped = isIn("input:not([type=range]):not([type=color]), textarea, select, [contenteditable]");
  if (isTyped || (event.altKey && !isComposed(event))) return undefined;
  const name = written(event);
  if (BUTTON_KEYS.includes(name) && isIn("button, input[type=color]")) return undefined;
  return KEYS.find(row => row.keys.includes(name));
}
