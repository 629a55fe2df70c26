// The editor as a Gradio component, whose value says which draft is open.

/**
 * @typedef {{ work?: string, secret?: string } | null} Value {work} asks for a draft, {work, secret} says that it is open
 *
 * @typedef {object} Component what Gradio gives the script of a gr.HTML
 * @property {HTMLElement} element holds editor.html
 * @property {{ value?: Value }} props
 * @property {(name: "value", changed: () => void) => void} watch
 * @property {() => void} opened triggers that event
 * @property {() => void} left
 */

import { Editor } from "./editor.js";
import { find } from "./elements.js";

/**
 * Bring the editor to life.
 * @param {Component} component
 * @param {string} root the app's address
 */
export function mount({ element, props, watch, opened, left }, root) {
  const editor = new Editor(find(element, ".trimap-editor", HTMLElement), root, value => {
    props.value = value;
    if (value) opened();
    else left();
  });
  const follow = () => { if (props.value?.work && !props.value.secret) editor.open(props.value.work); };
  watch("value", follow);
  follow();
}
