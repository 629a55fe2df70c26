// What lies below the pictures is opened from above them: one button for each fold.

document.addEventListener("click", event => {
  const button = event.target instanceof Element && event.target.closest(".shortcuts button");
  if (!button) return;
  const folds = [...document.querySelectorAll("button.label-wrap")];
  const fold = folds.find(each => each.textContent?.includes(button.textContent.trim()));
  if (!(fold instanceof HTMLElement)) return;
  if (!fold.classList.contains("open")) fold.click();
  fold.scrollIntoView({ behavior: "smooth" });
  fold.focus({ preventScroll: true });
});
