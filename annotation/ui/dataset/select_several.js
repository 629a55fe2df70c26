// While several samples are being selected, each click on a picture is told on its own. The gallery cannot do it: it
// tells that its frame moved, and a list that is shown again at that moment moves the frame back unsaid.

/**
 * @param {(index: number) => void} tell gets the place of the picture that was clicked
 */
// biome-ignore lint/correctness/noUnusedVariables: bulk.py calls it
function tellClicks(tell) {
  document.addEventListener("click", event => {
    const picture = event.target instanceof Element && event.target.closest("#dataset-pictures .thumbnail-item");
    if (!picture || !document.querySelector("#select-several input:checked")) return;
    event.preventDefault();
    event.stopPropagation();
    tell([...document.querySelectorAll("#dataset-pictures .thumbnail-item")].indexOf(picture));
  }, { capture: true });
}
