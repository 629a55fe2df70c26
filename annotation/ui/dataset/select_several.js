// While several samples are being selected, each picture is a switch that is pressed or not: page.css shows it, and a
// screen reader says it. Which ones are pressed, the server says by a ✓ before the caption.
//
// While several samples are being selected, each click on a picture is told on its own. The gallery cannot do it: it
// tells that its frame moved, and a list that is shown again at that moment moves the frame back unsaid.

/**
 * @param {(index: number) => void} tell gets the place of the picture that was clicked
 */
// biome-ignore lint/correctness/noUnusedVariables: bulk.py calls it
function tellClicks(tell) {
  const gallery = () => document.querySelector("#dataset-pictures");
  const isSelecting = () => document.querySelector("#select-several input:checked") !== null;
  const mark = () => {
    for (const picture of gallery()?.querySelectorAll(".thumbnail-item") ?? []) {
      const isSelected = picture.querySelector(".caption-label")?.textContent.trim().startsWith("✓") ?? false;
      picture.ariaPressed = isSelecting() ? String(isSelected) : null;
    }
  };
  const captions = new MutationObserver(mark);
  document.addEventListener("change", event => {
    const pictures = gallery();
    if (!(event.target instanceof Element) || !event.target.closest("#select-several") || !pictures) return;
    captions.disconnect();
    captions.observe(pictures, { childList: true, subtree: true, characterData: true });
    mark();
  });
  document.addEventListener("click", event => {
    const picture = event.target instanceof Element && event.target.closest("#dataset-pictures .thumbnail-item");
    if (!picture || !isSelecting()) return;
    event.preventDefault();
    event.stopPropagation();
    tell([...document.querySelectorAll("#dataset-pictures .thumbnail-item")].indexOf(picture));
  }, { capture: true });
}
