// Elements of a page by their selectors, as what they are.

/**
 * The first element in `place` that `selector` means. TypeError where there is none, or where it is no `type`.
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
 * All elements in `place` that `selector` means; those that are no `type` are left out.
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
 * The context of a canvas; an Error where the browser has no memory for one more.
 * @template T
 * @param {T | null} context
 * @returns {T}
 */
export function given(context) {
  if (!context) throw new Error("The browser gives no canvas to draw on; close other tabs and reload the page.");
  return context;
}

/**
 * What is wrong, in words.
 * @param {unknown} error whatever was thrown
 */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
