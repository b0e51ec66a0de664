// The key sheet: every key of this screen, read from its own buttons, and the switch that turns the keys off.
import { enabled, isReachable, setEnabled } from "temas/keys"
import { page, say } from "temas/words"

const FIXED = [["J", "next"], ["K", "previous"], ["↵", "open"], ["[  ]", "sides"], ["Ctrl ↵", "send"], ["Ctrl ⇧ ↵", "sendClose"], ["Esc", "leave"]]

export function show() {
  const dialog = document.getElementById("key-sheet")
  dialog.querySelector("ul").replaceChildren(...lines().map(line))
  const box = dialog.querySelector("input")
  box.checked = enabled()
  box.onchange = () => setEnabled(box.checked)
  dialog.showModal()
}

function lines() {
  const own = [...document.querySelectorAll("[data-key]")].filter(isReachable)
    .map(button => [button.dataset.key.toUpperCase(), button.dataset.keyLabel ?? button.ariaLabel ?? [...button.childNodes].filter(node => node.nodeType === 3).map(node => node.textContent).join(" ").trim()])
  const going = Object.entries(page().go ?? {}).map(([key, { label }]) => [`G ${key.toUpperCase()}`, label])
  const moves = document.querySelector(".rows") ? FIXED.map(([key, word]) => [key, say(word)]) : []
  return [...new Map([...moves, ...own, ...going]).entries()]
}

function line([key, label]) {
  const item = document.createElement("li")
  for (const part of key.split(" ")) if (part) item.append(Object.assign(document.createElement("kbd"), { textContent: part }))
  item.append(Object.assign(document.createElement("span"), { textContent: label }))
  return item
}
