// Copies a field for whoever presses the button beside it. Without scripts there is no
// button, and the field is there to be copied from by hand.
for (const button of document.querySelectorAll("button[data-copies]")) {
  const field = document.getElementById(button.dataset.copies);
  const told = document.getElementById(`${button.dataset.copies}-told`);
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    let copied = false;
    try {
      await navigator.clipboard.writeText(field.value);
      copied = true;
    } catch {
      copied = document.execCommand("copy"); // over http there is no clipboard
    }
    told.textContent = copied ? button.dataset.copied : button.dataset.failed;
  });
}
