// Adds keys to the buttons of `texts review`: one key for each answer, E to correct the text. The page is whole without it.
const text = document.getElementById("text");
const buttons = new Map();
for (const button of document.querySelectorAll("button[data-key]")) buttons.set(button.dataset.key, button);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (event.target === text) {
    if (event.key === "Escape") text.blur();
    else if (event.key === "Enter" && !event.shiftKey) press(event, "Enter");
  } else if (event.key === "Enter" && event.target instanceof HTMLElement && event.target.closest("a, button")) {
    // A button or link that somebody chose with the tab key is theirs.
  } else if (event.key.toLowerCase() === "e" && text) {
    event.preventDefault();
    text.focus();
    text.setSelectionRange(text.value.length, text.value.length);
  } else press(event, event.key === "Enter" ? "Enter" : event.key.toLowerCase());
});
function press(event, key) {
  const button = buttons.get(key);
  if (!button) return;
  event.preventDefault();
  for (const one of buttons.values()) one.setAttribute("aria-disabled", "true"); // one press, one answer
  button.form.requestSubmit(button);
}
