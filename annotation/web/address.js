// The address names the tab and what is open in it, as #dataset/12?page=2: reload, Back and a shared link come back to it.

/**
 * @typedef {{ what: string, turn: number }} Wish what a tab is to show, "" for nothing, and the number of the wish
 *
 * @typedef {object} Component what Gradio gives the script of a gr.HTML, and how to ask each tab
 * @property {{ value?: Wish & { show: string } | null }} props what the tab `show` shows since that wish
 * @property {(name: "value", changed: () => void) => void} watch
 * @property {Record<string, (wish: Wish) => void>} asks
 *
 * @typedef {HTMLElement & { editor?: { open: (draft: string) => void, leave: () => void } }} EditorElement
 */

const TYPED = ["text", "assigned"];

/**
 * Whether one address follows from the other by typing on: then Back does not go through every letter.
 * @param {string} before
 * @param {string} after
 */
function isTypedOn(before, after) {
  const [from, to] = [before, after].map(address => address.split("?"));
  const [old, now] = [from, to].map(([, query]) => new URLSearchParams(query));
  const isBegun = TYPED.some(name => old.has(name) && old.get(name) !== now.get(name));
  for (const name of TYPED) for (const each of [old, now]) each.delete(name);
  return isBegun && from[0] === to[0] && old.toString() === now.toString();
}

/** @param {Component} component */
// biome-ignore lint/correctness/noUnusedVariables: address.py calls it
function followAddress({ props, watch, asks }) {
  /** What is open in each tab. @type {Map<string, string>} */
  const open = new Map();
  /** How often each tab was asked for something. @type {Map<string, number>} */
  const turns = new Map();
  /** The tabs that have not shown yet what they were asked for. @type {Set<string>} */
  const asked = new Set();
  /** Whether the editor is not there yet, to be told what to open. */
  let isWaiting = false;
  const list = () => document.querySelector("[role=tablist]");
  /** @returns {HTMLElement[]} */
  const tabs = () => [...list()?.querySelectorAll("[role=tab]") ?? []].filter(one => one instanceof HTMLElement);
  /** @param {Element} tab */
  const slug = tab => tab.textContent.trim().toLowerCase().replaceAll(" ", "-");
  const current = () => slug(tabs().find(tab => tab.ariaSelected === "true") ?? document.body);
  /** @returns {EditorElement | null} */
  const editor = () => document.querySelector(".trimap-editor");

  /** @param {boolean} replaces whether Back passes over the address before */
  function write(replaces = false) {
    const tab = current(), what = open.get(tab) ?? "";
    const address = `#${tab}${what && !what.startsWith("?") ? "/" : ""}${what}`;
    if (address === location.hash) return;
    history[replaces || isTypedOn(location.hash, address) ? "replaceState" : "pushState"](null, "", address);
  }

  /**
   * What a tab shows now; the first after a wish, which Back goes to again, stands in its place.
   * @param {string} tab
   * @param {string} what
   */
  function shows(tab, what) {
    const isAnswer = asked.delete(tab);
    open.set(tab, what);
    if (tab === current()) write(isAnswer);
  }

  function read() {
    const [, name, what] = location.hash.match(/^#([^/?]*)\/?(.*)$/) ?? [], tab = tabs().find(one => slug(one) === name);
    if (!tab) return write(true);
    const isOpen = (open.get(name) ?? "") === what, turn = (turns.get(name) ?? 0) + 1;
    open.set(name, what);
    if (tab.ariaSelected !== "true") tab.click();
    if (isOpen) return;
    asked.add(name);
    if (name === "correct") return openDraft(what);
    turns.set(name, turn);
    asks[name]?.({ what, turn });
  }

  /** @param {string} draft "" is none */
  function openDraft(draft, patience = 50) {
    const mounted = editor()?.editor;
    isWaiting = !mounted && patience > 0;
    if (isWaiting) setTimeout(openDraft, 100, draft, patience - 1);
    else if (draft) mounted?.open(draft);
    else mounted?.leave();
  }

  /** The editor shows by its attributes what is open in it. */
  function watchEditor() {
    const element = editor(), { state, draft } = element?.dataset ?? {};
    if (element?.editor && !isWaiting && state !== "loading") shows("correct", state === "open" && draft || "");
  }

  /** A tab comes to the front. If the editor is about to show a photo there, it tells so itself. */
  function arrive(patience = 50) {
    const element = current() === "correct" ? editor() : null;
    if (current() === "correct" && !element?.editor && patience) setTimeout(arrive, 100, patience - 1);
    else if (element?.dataset.state !== "loading") write();
  }

  watch("value", () => {
    const { show, what, turn } = props.value ?? {};
    if (show !== undefined && what !== undefined && turn === (turns.get(show) ?? 0)) shows(show, what);
  });
  const attributes = ["aria-selected", "data-state", "data-draft"];
  const start = () => {
    if (!list()) return setTimeout(start, 100);
    read();
    new MutationObserver(changes => {
      if (changes.some(change => change.attributeName !== "aria-selected")) watchEditor();
      if (changes.some(change => change.target.parentElement?.closest("[role=tablist]") === list())) arrive();
    }).observe(document.body, { subtree: true, attributeFilter: attributes });
    addEventListener("popstate", read);
  };
  start();
}
