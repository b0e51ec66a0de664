// Putting entries into a thread: in their order, once, with a line between days, and mail frames as high as the mail.
import { element } from "temas/http"
import { dayName } from "temas/ticker"

const MOST = 20000 // pixels: beyond this a frame scrolls

// Insert or replace; true when the entry was not there before.
export function put(list, id, html) {
  const entry = element(html)
  const known = list.querySelector(`[data-entry="${id}"]`)
  list.querySelector(`[data-waiting="${entry.dataset.message}"]`)?.remove()
  if (known) known.replaceWith(entry)
  else insert(list, entry, id)
  days(list)
  return !known
}

export function prepend(list, html) {
  const template = document.createElement("template")
  template.innerHTML = html
  list.querySelector("[data-entry]").before(...template.content.children)
  days(list)
}

// One line above the first entry of each of the reader's own days.
export function days(list) {
  let last = ""
  for (const line of list.querySelectorAll(".day")) line.remove()
  for (const entry of list.querySelectorAll("[data-entry]")) {
    const date = new Date(entry.dataset.when)
    const day = date.toDateString()
    if (day !== last) entry.before(Object.assign(document.createElement("li"), { className: "day", textContent: dayName(date) }))
    last = day
  }
}

// Show a mail as it was sent, or its text again.
export function toggleWhole(button) {
  const entry = button.closest("[data-entry]")
  const frame = entry.querySelector("iframe.mail"), text = entry.querySelector(".plain")
  const show = frame.hidden
  if (show && !frame.src) frame.src = frame.dataset.src
  frame.hidden = !show
  if (text) text.hidden = show
  tell(frame)
  button.setAttribute("aria-pressed", String(show))
}

// Load the mail once more, with its remote images.
export function showPictures(button) {
  const frame = button.closest("[data-entry]").querySelector("iframe.mail")
  frame.src = `${frame.src.split("?")[0]}?images=1`
  frame.focus()
}

// The frame knows what was taken out of the mail; the bar above it says so while the frame is shown.
function tell(frame) {
  const { said, more } = frame.contentDocument?.body?.dataset ?? {}
  const bar = frame.parentElement.querySelector(".pictures")
  if (!bar) return
  bar.querySelector("[role=status]").textContent = said ?? ""
  bar.hidden = !said || frame.hidden
  for (const button of bar.querySelectorAll("button")) button.hidden = more === undefined
}

export function fit(frame) {
  if (!frame.matches?.("iframe.mail") || !frame.contentDocument?.body) return
  tell(frame)
  const measure = () => {
    const height = Math.ceil(frame.contentDocument?.body?.getBoundingClientRect().height ?? 0)
    if (height) frame.height = Math.min(height, MOST)
  }
  measure()
  new ResizeObserver(measure).observe(frame.contentDocument.body)
}

function insert(list, entry, id) {
  const after = [...list.querySelectorAll("[data-entry]")].findLast(other => Number(other.dataset.entry) < id)
  if (after) after.after(entry)
  else list.prepend(entry)
}
