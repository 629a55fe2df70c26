// The address names the tab and what is open in it, as #dataset/12: reload, Back and a shared link come back to it.

/**
 * @typedef {object} Component what Gradio gives the script of a gr.HTML
 * @property {{ value?: { show?: string, replaces?: boolean, ask?: string } | null }} props `show` comes from the server:
 *   what is open now; `ask` goes to it: what to open
 * @property {(name: "value", changed: () => void) => void} watch
 * @property {(name: string) => void} trigger
 */

/** @typedef {HTMLElement & { editor?: { open: (draft: string) => void } }} EditorElement */

/** @param {Component} component */
// biome-ignore lint/correctness/noUnusedVariables: address.py calls it
function followAddress({ props, watch, trigger }) {
  /** What is open in each tab. @type {Map<string, string>} */
  const open = new Map();
  const list = () => document.querySelector("[role=tablist]");
  /** @returns {HTMLElement[]} */
  const tabs = () => [...list()?.querySelectorAll("[role=tab]") ?? []].filter(one => one instanceof HTMLElement);
  /** @param {Element} tab */
  const slug = tab => tab.textContent.trim().toLowerCase().replaceAll(" ", "-");
  const current = () => slug(tabs().find(tab => tab.ariaSelected === "true") ?? document.body);

  /** @param {boolean} replaces whether Back passes over the address before */
  function write(replaces = false) {
    const tab = current(), id = open.get(tab), address = `#${tab}${id ? `/${id}` : ""}`;
    if (address === location.hash) return;
    history[replaces ? "replaceState" : "pushState"](null, "", address);
  }

  function read() {
    const [name, id = ""] = location.hash.slice(1).split("/"), tab = tabs().find(one => slug(one) === name);
    if (!tab) return write(true);
    const isOpen = open.get(name) === id;
    if (id) open.set(name, id);
    else open.delete(name);
    if (tab.ariaSelected !== "true") tab.click();
    if (!id || isOpen) return;
    if (name === "correct") return openDraft(id);
    props.value = { ask: `${name}/${id}` };
    trigger("asked");
  }

  /** @param {string} draft */
  function openDraft(draft, patience = 50) {
    /** @type {EditorElement | null} */
    const element = document.querySelector(".trimap-editor");
    if (element?.editor) element.editor.open(draft);
    else if (patience) setTimeout(openDraft, 100, draft, patience - 1);
  }

  /** The editor shows by its attributes what is open in it. */
  function watchEditor() {
    const element = document.querySelector(".trimap-editor");
    if (!(element instanceof HTMLElement) || element.dataset.state === "loading") return;
    const before = open.get("correct"), draft = element.dataset.state === "open" ? element.dataset.draft : undefined;
    if (draft) open.set("correct", draft);
    else if (!isWaiting(element)) open.delete("correct");
    if (before !== open.get("correct") && current() === "correct") write();
  }

  /** @param {EditorElement} element an editor that has not been told yet what to open */
  const isWaiting = element => !element.editor;

  watch("value", () => {
    const { show, replaces } = props.value ?? {};
    if (show === undefined) return;
    const [tab, id] = show.split("/");
    if (id) open.set(tab, id);
    else open.delete(tab);
    if (tab === current()) write(replaces);
  });
  const attributes = ["aria-selected", "data-state", "data-draft"];
  const start = () => {
    if (!list()) return setTimeout(start, 100);
    read();
    new MutationObserver(changes => {
      if (changes.some(change => change.attributeName !== "aria-selected")) watchEditor();
      if (changes.some(change => change.target.parentElement?.closest("[role=tablist]") === list())) write();
    }).observe(document.body, { subtree: true, attributeFilter: attributes });
    addEventListener("popstate", read);
  };
  start();
}
