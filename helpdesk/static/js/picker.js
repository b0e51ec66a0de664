// Finding a canned reply: opens at once, so that no key typed after it is lost; Enter waits for what was typed to be found.
import { send } from "temas/http"
import { size } from "temas/uploads"
import { complain, icon } from "temas/toast"
import { say } from "temas/words"

let now // what the open picker is for: { number, chosen, left }

const dialog = () => document.getElementById("canned-picker")
const part = selector => dialog().querySelector(selector)

// ``chosen`` gets what the server filled in; ``left`` is called when none was chosen.
export function open({ number, chosen, left = () => {} }) {
  const box = dialog(), field = part("input")
  now = { number, chosen, left, items: [], at: 0 }
  field.value = ""
  field.oninput = () => search()
  box.onkeydown = event => keyed(event)
  box.onclose = () => now && (now.left(), now = undefined)
  part("[role=listbox]").replaceChildren()
  clearPreview()
  box.showModal()
  field.focus()
  search()
}

function search() {
  const mine = now, typed = part("input").value
  mine.finding?.abort()
  mine.finding = new AbortController()
  mine.found = send("GET", `/canned-replies?q=${encodeURIComponent(typed)}`, undefined, { signal: mine.finding.signal })
    .then(({ items }) => { if (now === mine) show(items) })
    .catch(error => { if (error.name !== "AbortError") complain(error) })
}

function show(items) {
  now.items = items
  part("[role=listbox]").replaceChildren(...items.map(line))
  part("[data-said]").textContent = items.length ? "" : say("nothingFound")
  select(0)
}

function line(item, index) {
  const row = document.createElement("li")
  row.id = `picked-${item.id}`
  row.role = "option"
  row.append(Object.assign(document.createElement("span"), { textContent: item.name, className: "cut", dir: "auto" }))
  if (item.shortcut) row.append(Object.assign(document.createElement("kbd"), { textContent: `;${item.shortcut}` }))
  row.append(Object.assign(document.createElement("small"), { textContent: item.folder, dir: "auto" }))
  row.addEventListener("pointermove", () => now.at === index || select(index))
  row.addEventListener("click", () => use())
  return row
}

function select(index) {
  const rows = [...part("[role=listbox]").children]
  now.at = Math.max(0, Math.min(index, rows.length - 1))
  now.language = undefined
  rows.forEach((row, place) => row.ariaSelected = String(place === now.at))
  const field = part("input")
  if (rows[now.at]) field.setAttribute("aria-activedescendant", rows[now.at].id)
  else field.removeAttribute("aria-activedescendant")
  rows[now.at]?.scrollIntoView({ block: "nearest" })
  preview()
}

const address = (item, what = "") => `/tickets/${now.number}/canned-replies/${item.id}${what}${now.language ? `?language=${now.language}` : ""}`

async function preview() {
  const mine = now, item = now.items[now.at]
  if (!item) return clearPreview()
  mine.showing?.abort()
  mine.showing = new AbortController()
  const shown = await send("GET", address(item), undefined, { signal: mine.showing.signal }).catch(() => null) // the next one asks anew
  if (!shown || now !== mine) return
  part(".shown .prose").innerHTML = shown.html // cleaned by the server
  part(".wrongs").replaceChildren(...shown.problems.map(text => Object.assign(document.createElement("li"), { textContent: text })))
  part(".shown .files").replaceChildren(...shown.files.map(file))
  part(".tongues").hidden = shown.languages.length < 2
  part(".tongues").replaceChildren(...shown.languages.map(one => tongue(one, shown.language)))
}

function clearPreview() {
  for (const selector of [".shown .prose", ".wrongs", ".shown .files", ".tongues"]) part(selector).replaceChildren()
}

function file({ filename, size: bytes }) {
  const item = document.createElement("li")
  item.append(icon("clip", "12"), ` ${filename} · ${size(bytes)}`)
  return item
}

function tongue({ code, name }, current) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: name, lang: code })
  button.ariaPressed = String(code === current)
  button.addEventListener("click", () => { now.language = code; preview(); part("input").focus() })
  return button
}

function keyed(event) {
  if (event.isComposing) return
  const steps = { ArrowDown: 1, ArrowUp: -1 }
  if (event.key in steps) select(now.at + steps[event.key])
  else if (event.key === "Enter" && event.target === part("input")) use()
  else return
  event.preventDefault()
}

async function use() {
  const mine = now
  if (mine.using) return
  mine.using = true
  await mine.found
  const item = mine.items[mine.at]
  mine.using = false
  if (!item || now !== mine) return
  mine.using = true
  try {
    const found = await send("POST", address(item, "/uses"))
    now = undefined
    dialog().close()
    mine.chosen(found)
  } catch (error) {
    mine.using = false
    complain(error)
  }
}
