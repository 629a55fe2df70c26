// Elements of a page by their selectors, with their types.

/**
 * The first element in `place` that matches `selector`. TypeError if there is none, or if it is not a `type`.
 * @template {Element} T
 * @param {ParentNode} place
 * @param {string} selector
 * @param {{ new (): T }} type as HTMLInputElement
 * @returns {T}
 */
export function find(place, selector, type) {
  const found = place.querySelector(selector);
  if (!(found instanceof type)) throw new TypeError(`wanted a ${type.name} at "${selector}", got ${found}`);
  return found;
}

/**
 * All elements in `place` that match `selector` and are a `type`.
 * @template {Element} T
 * @param {ParentNode} place
 * @param {string} selector
 * @param {{ new (): T }} type
 * @returns {T[]}
 */
export function findAll(place, selector, type) {
  /** @param {Element} one @returns {one is T} */
  const isRight = one => one instanceof type;
  return [...place.querySelectorAll(selector)].filter(isRight);
}

/**
 * The context of a canvas; an Error if the browser has no memory for one more.
 * @template T
 * @param {T | null} context
 * @returns {T}
 */
export function given(context) {
  if (!context) throw new Error("The browser gives no canvas to draw on; close other tabs and reload the page.");
  return context;
}

/**
 * The message of an error.
 * @param {unknown} error whatever was thrown
 */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
