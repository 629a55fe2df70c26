// The browser's storage for this page. If it is forbidden or full, values last as long as the page.

class Kept {
  /** @param {"localStorage" | "sessionStorage"} name */
  constructor(name) {
    this.name = name;
    /** What the browser did not take. @type {Map<string, string>} */
    this.memory = new Map();
    this.isAllowed = true;
    this.set("matting-studio-probe", "");
    this.remove("matting-studio-probe");
  }

  /** Whether values survive a reload. */
  get isLasting() { return this.memory.size === 0 && this.isAllowed; }

  /** @param {string} key */
  get(key) {
    const text = this.memory.get(key);
    if (text !== undefined) return text;
    try { return window[this.name].getItem(key); } catch { return null; }
  }

  /**
   * @param {string} key
   * @param {string} text
   */
  set(key, text) {
    try {
      window[this.name].setItem(key, text);
      this.memory.delete(key);
      this.isAllowed = true;
    } catch {
      this.memory.set(key, text);
      this.isAllowed = false;
    }
  }

  /** @param {string} key */
  remove(key) {
    this.memory.delete(key);
    try { window[this.name].removeItem(key); } catch { /* then it is not there either */ }
  }

  /**
   * A value stored as JSON; null if there is none, or if it is not JSON. It may have changed meanwhile.
   * @param {string} key
   * @returns {unknown}
   */
  read(key) {
    try { return JSON.parse(this.get(key) ?? "null"); } catch { return null; }
  }
}

export const kept = new Kept("localStorage");
export const keptInTab = new Kept("sessionStorage");
