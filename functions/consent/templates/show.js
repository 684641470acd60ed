// Enhancements: without them the key stays hidden, and everything works.
const key = document.getElementById("apiKey");
const show = document.getElementById("show");
show.hidden = false;
show.addEventListener("click", () => {
  const isHidden = key.type === "password";
  key.type = isHidden ? "text" : "password";
  show.textContent = isHidden ? "Hide key" : "Show key";
});
// Browsers ignore autofocus in a frame of another origin.
document.getElementById("problem")?.focus();
