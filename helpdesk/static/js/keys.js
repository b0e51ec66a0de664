// The keyboard. A key presses the button that carries it (data-key), so that only what is on the screen can be done;
// moving in the queue and going elsewhere are events of their own. Off while typing, during IME and when switched off.
import { page } from "temas/words"

const SEQUENCE = 1500 // milliseconds in which the second key of "G U" must come
const MOVES = { j: "next", k: "previous", ArrowDown: "next", ArrowUp: "previous", Enter: "open", "[": "queue", "]": "context" }
let leading = 0

export function start() {
  document.addEventListener("keydown", pressed)
}

export const enabled = () => localStorage.getItem("temas:keys") !== "off"
export const setEnabled = on => on ? localStorage.removeItem("temas:keys") : localStorage.setItem("temas:keys", "off")

function pressed(event) {
  if (event.defaultPrevented || event.isComposing || event.keyCode === 229 || !enabled()) return
  if (event.key === "Escape") return void fire("leave", event)
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
  if (document.querySelector("dialog[open]")) return
  if (act(event)) event.preventDefault()
}

function act(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  if (Date.now() - leading < SEQUENCE) return go(key)
  if (key === "g") return Boolean(leading = Date.now())
  if (key in MOVES) return !isControl(event) && move(key, event)
  return press(event.key === "?" ? "?" : key)
}

function move(key, event) {
  if (key.startsWith("Arrow") && !event.target.closest?.(".rows")) return false
  return fire(MOVES[key], event)
}

function go(key) {
  leading = 0
  const target = page().go?.[key]
  if (target) window.Turbo.visit(target.url)
  return Boolean(target)
}

function press(key) {
  const buttons = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)]
  const button = buttons.find(one => !one.disabled && isReachable(one))
  button?.click()
  return Boolean(button)
}

const fire = (name, event) =>
  !document.dispatchEvent(new CustomEvent("temas:key", { cancelable: true, detail: { name, event } }))

// On the screen, or in a menu that would open on it.
export const isReachable = button =>
  button.checkVisibility() || (button.closest("[popover]")?.parentElement?.checkVisibility() ?? false)

// Enter and arrows belong to a focused control.
const isControl = event =>
  ["Enter", "ArrowDown", "ArrowUp"].includes(event.key) && event.target.closest?.("button, a:not(.row-link), summary, [popover], select")

export function isTyping(target) {
  return Boolean(target?.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable=true]"))
}
