// Something arrived while the reply was being written: it is shown, and its author decides.
export function ask(html, wanted) {
  const dialog = document.getElementById("stale")
  const template = document.createElement("template")
  template.innerHTML = html
  const news = [...template.content.querySelectorAll("[data-entry]")].filter(entry => wanted.has(entry.dataset.entry))
  dialog.querySelector("[data-news]").replaceChildren(...news)
  dialog.returnValue = "edit"
  dialog.showModal()
  return new Promise(resolve => dialog.addEventListener("close", () => resolve(dialog.returnValue || "edit"), { once: true }))
}
