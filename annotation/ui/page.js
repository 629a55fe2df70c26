// What Gradio's parts lack for people who see nothing or use no mouse: names, and keys for the before/after slider.

const STEP = 24; // pixels that an arrow key moves a slider

/** @type {[selector: string, mend: (element: HTMLElement) => void][]} */
const MENDS = [
  ["[aria-label]:is(button.upload-container)", element => element.removeAttribute("aria-label")], // its text says more
  [".thumbnail-item[aria-label]:has(.caption-label)", element => element.removeAttribute("aria-label")], // and its caption
  [".no-licence input:not([placeholder])", element => element.setAttribute("placeholder", "choose a licence")],
  [".any-of input:not([placeholder])", element => element.setAttribute("placeholder", "any")],
  [".empty[aria-label]", element => element.setAttribute("role", "img")],
  [".gallery-item:not([aria-label]):has(img[src])", element => { element.ariaLabel = nameOf(element); }],
  ["[data-testid=slider]:not([tabindex])", element => {
    Object.assign(element, { tabIndex: 0, role: "slider", ariaLabel: "Before and after", onkeydown: move });
    element.ariaValueNow = "0";
  }],
];

/** @param {HTMLElement} example */
function nameOf(example) {
  const path = example.querySelector("img")?.src ?? "";
  return `Example ${path.split("/").pop()?.split(".")[0]}`;
}

/**
 * Move the slider that has the focus, by the drag it listens to.
 * @param {KeyboardEvent} event
 */
function move(event) {
  const way = { ArrowLeft: -STEP, ArrowRight: STEP, Home: -1e5, End: 1e5 }[event.key], slider = event.currentTarget;
  if (!way || !(slider instanceof HTMLElement)) return;
  event.preventDefault();
  event.stopPropagation();
  const { left, width, top } = slider.getBoundingClientRect(), x = left + width / 2;
  /** @param {string} type @param {number} clientX */
  const mouse = (type, clientX) => new MouseEvent(type, { clientX, clientY: top + 1, view: window, bubbles: true });
  slider.dispatchEvent(mouse("mousedown", x));
  window.dispatchEvent(mouse("mousemove", x + way));
  window.dispatchEvent(mouse("mouseup", x + way));
  const frame = slider.parentElement?.getBoundingClientRect(), now = slider.getBoundingClientRect();
  if (frame) slider.ariaValueNow = String(Math.round(100 * (now.left + now.width / 2 - frame.left) / frame.width));
}

function mend() {
  for (const [selector, change] of MENDS) {
    for (const element of document.querySelectorAll(selector)) if (element instanceof HTMLElement) change(element);
  }
}

/** The second press of a double click would fall on what the first one brought, which nobody has looked at yet. */
document.addEventListener("click", event => {
  if (event.detail < 2 || !(event.target instanceof Element) || !event.target.closest(".single-click")) return;
  event.preventDefault();
  event.stopPropagation();
}, { capture: true });

new MutationObserver(mend).observe(document.body, { childList: true, subtree: true, attributeFilter: ["aria-label", "src"] });
mend();
