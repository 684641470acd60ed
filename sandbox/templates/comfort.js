// Comfort only: every page works without it.

// A button with data-copy="id" copies that element's text.
for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  if (!source || !navigator.clipboard) continue;
  button.hidden = false;
  const label = button.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}

// An element with an id and data-live="seconds" is refreshed in its place; what is unfolded or ticked in it stays so.
for (const { id, dataset } of document.querySelectorAll("[data-live]")) {
  setInterval(async () => {
    if (document.hidden) return;
    const answer = await fetch(location.href).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(id);
    const shown = document.getElementById(id);
    if (!fresh || !shown) return;
    for (const open of shown.querySelectorAll("details[open][id]")) {
      fresh.querySelector("#" + CSS.escape(open.id))?.setAttribute("open", "");
    }
    if (fresh.innerHTML === shown.innerHTML) return;
    for (const { id: ticked } of shown.querySelectorAll("input:checked[id]")) {
      const box = fresh.querySelector("#" + CSS.escape(ticked));
      if (box) box.checked = true;
    }
    const focused = document.activeElement?.closest("[data-live] [id]")?.id;
    shown.replaceChildren(...fresh.childNodes);
    const again = focused && document.getElementById(focused);
    (again?.matches("details") ? again.querySelector("summary") : again)?.focus();
  }, Number(dataset.live) * 1000);
}
