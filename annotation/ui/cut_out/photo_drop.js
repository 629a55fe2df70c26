// A photo that is dropped beside its place: the browser would leave the page for it. In Cut out it is taken, wherever it
// falls; elsewhere it cannot be dropped.

const PLACES = "button.upload-container:not(.hidden), input[type=file]";

/** The field of Cut out's photo; null unless that tab is shown. */
function photoField() {
  const field = document.querySelector(".given input[type=file]");
  return field instanceof HTMLInputElement && field.closest(".cut-out")?.checkVisibility() ? field : null;
}

/**
 * The field of the place for files that is under the pointer, if any.
 * @param {DragEvent} event
 */
function fieldBelow({ target }) {
  const place = target instanceof Element ? target.closest(PLACES) : null;
  const field = place?.matches("input") ? place : place?.querySelector("input");
  return field instanceof HTMLInputElement ? field : null;
}

/**
 * @param {File} photo
 * @param {HTMLInputElement} field
 */
function give(photo, field) {
  const given = new DataTransfer();
  given.items.add(photo);
  field.files = given.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

/**
 * @param {(count: number) => void} tell gets how many files were dropped, if only the first of them is taken
 */
// biome-ignore lint/correctness/noUnusedVariables: photo_drop.py calls it
function takeDrops(tell) {
  document.addEventListener("dragover", event => {
    if (!event.dataTransfer?.types.includes("Files") || fieldBelow(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = photoField() ? "copy" : "none";
  }, { capture: true });
  document.addEventListener("drop", event => {
    const files = [...event.dataTransfer?.files ?? []], below = fieldBelow(event), field = below ?? photoField();
    if (!files.length) return;
    if (!below) {
      event.preventDefault();
      event.stopPropagation();
      if (field) give(files[0], field);
    }
    if (files.length > 1 && field && !field.multiple) tell(files.length);
  }, { capture: true });
}
