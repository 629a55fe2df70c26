// Which character of KEYS a keyboard event means, whatever the keyboard's layout.
//
// The character that the key types counts, so that Z is where the keycap says Z on AZERTY, QWERTZ and Dvorak, and [ is
// AltGr+8 in German. If it is a letter or digit of another script, the key's place on a US keyboard counts.

/** By KeyboardEvent.code. */
const PLACES = new Map([["BracketLeft", "["], ["BracketRight", "]"], ["Minus", "-"], ["Equal", "="]]);
const SHIFTED = new Map([["Slash", "?"], ["Equal", "+"]]);
const OTHER_SCRIPT = /^(?!\p{Script=Latin})[\p{L}\p{M}\p{Nd}]/u;
const isMac = /^Mac|^iP/.test(navigator.platform);

/**
 * Whether AltGr, or on a Mac the option key, took part in typing the event's character, and so is no shortcut's.
 * @param {KeyboardEvent} event
 */
export function isComposed(event) {
  if (event.getModifierState("AltGraph")) return true;
  return isMac && event.altKey && !event.ctrlKey && !event.metaKey && /^[!-/:-@[-`{-~]$/.test(event.key);
}

/**
 * The character as a key of KEYS is written, "F", "[", "Space", or the name of a key without one, "Escape".
 * @param {KeyboardEvent} event
 */
export function character(event) {
  const { key } = event;
  if (key === " ") return "Space";
  if (key === "؟") return "?";
  const isForeign = key.charCodeAt(0) > 127 ? OTHER_SCRIPT.test(key) : ["Process", "Unidentified"].includes(key);
  if (isForeign && !isComposed(event)) return place(event) ?? key;
  return key.length === 1 ? key.toUpperCase() : key;
}

/**
 * The character of the key on a US keyboard; undefined for keys without a use here.
 * @param {KeyboardEvent} event
 */
function place({ code, shiftKey }) {
  const name = code.match(/^(?:Key|Digit|Numpad)([A-Z0-9])$/)?.[1];
  return name ?? (shiftKey ? SHIFTED : PLACES).get(code);
}
