// Half-typed replies: on this device at once, on the server half a second later. Saves of one ticket go one after
// another with a counter, so that a late save never brings back what was sent or deleted.
import { send } from "temas/http"
import { say } from "temas/words"

const KEY = "temas:draft:", LATER = 500
const timers = new Map(), running = new Map()

export function load(number) {
  try {
    return JSON.parse(localStorage.getItem(KEY + number))
  } catch {
    return null // not ours, or half written: as good as none
  }
}

export function keep(number, draft) {
  const sequence = (load(number)?.sequence ?? 0) + 1
  localStorage.setItem(KEY + number, JSON.stringify({ ...draft, sequence, at: Date.now() }))
  // What is meant for a third party stays on this device: elsewhere it would open as an answer to the customer.
  if (draft.kind !== "side") later(number, () => send("PUT", `/tickets/${number}/draft`, { ...draft, sequence }))
  tell(number)
}

export function drop(number) {
  const sequence = (load(number)?.sequence ?? 0) + 1
  if (!localStorage.getItem(KEY + number)) return
  localStorage.removeItem(KEY + number)
  later(number, () => send("DELETE", `/tickets/${number}/draft?sequence=${sequence}`), 0)
  tell(number)
}

// What was sent is no draft any more; what was typed since then is.
export function sent({ number, html, text }) {
  const draft = load(number)
  if (draft?.html === html && draft?.text === text) drop(number)
}

// "Draft: …" in the row instead of the last line.
export function mark(row) {
  const line = row.querySelector(".last")
  const draft = load(row.dataset.number)
  if (!line) return
  line.querySelector(".draft")?.remove()
  line.toggleAttribute("data-draft", Boolean(draft?.text))
  if (!draft?.text) return
  const shown = document.createElement("span")
  shown.className = "draft"
  shown.append(Object.assign(document.createElement("b"), { textContent: say("draft") }), ` ${draft.text.slice(0, 120)}`)
  line.prepend(shown)
}

function later(number, save, wait = LATER) {
  clearTimeout(timers.get(number))
  timers.set(number, setTimeout(() => {
    const last = running.get(number) ?? Promise.resolve()
    running.set(number, last.then(save).catch(() => null)) // the device has it; the next save brings it again
  }, wait))
}

const tell = number => document.dispatchEvent(new CustomEvent("temas:draft", { detail: { number } }))
