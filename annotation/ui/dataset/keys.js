// Keys press the buttons of the Dataset tab, but only while it is visible.

const BUTTONS = new Map([
  ["ArrowLeft", "previous"], ["ArrowRight", "next"], ["a", "approve"], ["r", "reject"], ["d", "done"], ["c", "correct"],
]);

document.addEventListener("keydown", event => {
  const isTyped = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
  if (isTyped || event.ctrlKey || event.metaKey || event.altKey) return;
  const name = BUTTONS.get(event.key), button = name && document.querySelector(`#sample-${name}`);
  if (!(button instanceof HTMLElement) || !button.offsetParent) return;
  event.preventDefault();
  event.stopPropagation(); // the gallery would move its own frame, too
  button.click();
}, { capture: true });
