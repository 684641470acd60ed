// An enhancement: without it the key stays hidden, and everything works.
const key = document.getElementById("apiKey");
const show = document.getElementById("show");
show.hidden = false;
show.addEventListener("click", () => {
  const shown = key.type === "password";
  key.type = shown ? "text" : "password";
  show.setAttribute("aria-pressed", String(shown));
});
