// A question before something is done: resolves to whether it was answered with yes.
export function sure(question) {
  const dialog = document.getElementById("sure")
  dialog.querySelector("p").textContent = question
  dialog.returnValue = "no"
  dialog.showModal()
  return new Promise(resolve => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }))
}
