// One short sentence at the bottom of the screen, with at most one button. Errors stay until they are dismissed.
import { say } from "temas/words"

export function toast(text, { tone = "calm", action, label, seconds = 6 } = {}) {
  const place = document.getElementById("toasts")
  if (!place) return null
  const box = document.createElement("div")
  box.className = "toast"
  box.dataset.tone = tone
  const words = document.createElement("span")
  words.textContent = text
  box.append(icon(tone === "late" ? "alert" : "check"), words)
  if (action) box.append(button(label, () => { box.remove(); action() }))
  if (tone === "late") box.append(button(say("dismiss"), () => box.remove()))
  else setTimeout(() => box.remove(), seconds * 1000)
  place.replaceChildren(box)
  return box
}

export const complain = error => toast(error.message, { tone: "late" })

export function icon(name, size = "") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  svg.setAttribute("class", `i ${size && `i--${size}`}`)
  svg.setAttribute("aria-hidden", "true")
  const use = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "use"))
  use.setAttribute("href", `#i-${name}`)
  return svg
}

function button(label, action) {
  const made = document.createElement("button")
  made.className = "btn btn--small"
  made.type = "button"
  made.textContent = label
  made.addEventListener("click", action)
  return made
}
