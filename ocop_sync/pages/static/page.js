// Tells of what htmx could not send: without this it would be silent.
document.addEventListener("htmx:sendError", () => {
  const problem = document.getElementById("problem");
  problem.textContent = problem.dataset.unreachable;
  problem.className = "notice is-wrong";
});
