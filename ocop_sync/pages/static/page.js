// Tells of what htmx could not send: without this it would be silent.
// A part that asks by itself says it in words of its own, and asks again, six times at most.
let isUnreachable = false;
document.addEventListener("htmx:sendError", ({ detail: { elt } }) => {
  const problem = document.getElementById("problem");
  const part = elt.closest("[data-unreachable]") ?? problem;
  problem.textContent = part.dataset.unreachable;
  problem.className = "notice is-wrong";
  isUnreachable = true;
  const lost = Number(part.dataset.lost ?? 0);
  if (part !== problem && lost < 6) {
    part.dataset.lost = lost + 1;
    setTimeout(() => htmx.trigger(part, "again"), 10000 * 2 ** lost);
  }
});
document.addEventListener("htmx:afterOnLoad", ({ detail }) => {
  if (!isUnreachable || !detail.successful) return;
  isUnreachable = false;
  const problem = document.getElementById("problem");
  problem.textContent = "";
  problem.className = "";
});
