// Messages that wait for the server's acknowledgement, kept over a reload.

import { kept } from "./storage.js";

/**
 * The messages under one key of the browser's storage. Tabs share it: each changes only its own.
 * @template {{ id: string }} T
 */
export class Outbox {
  /** @param {string} key */
  constructor(key) {
    this.key = key;
  }

  /** @returns {T[]} */
  read() {
    const items = kept.read(this.key);
    return Array.isArray(items) ? items.filter(item => item?.id) : [];
  }

  /** @param {T} item */
  add(item) {
    this.write([...this.read(), item]);
  }

  /** @param {string | null} id */
  remove(id) {
    const items = this.read();
    if (items.some(item => item.id === id)) this.write(items.filter(item => item.id !== id));
  }

  /** @param {T[]} waiting */
  write(waiting) {
    if (waiting.length) kept.set(this.key, JSON.stringify(waiting));
    else kept.remove(this.key);
  }
}
