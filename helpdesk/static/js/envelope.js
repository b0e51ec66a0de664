// To, Cc and Bcc of one composer, as chips that are typed, pasted and removed. Untouched, the server chooses the usual
// people; our own addresses are refused with a sentence.
import { icon, toast } from "temas/toast"
import { say } from "temas/words"

export const FIELDS = ["to", "cc", "bcc"]
const PARTS = /(?:"[^"]*"|[^,;\n"])+/g, NAMED = /^\s*"?([^"<>]*?)"?\s*<([^<>]+)>\s*$/, ADDRESS = /^[^\s@<>",;]+@[^\s@<>",;]+$/

export class Envelope {
  constructor(place, own, changed) {
    Object.assign(this, { place, changed, own: new Set(own.map(stem)), people: { to: [], cc: [], bcc: [] }, touched: false })
    for (const input of place.querySelectorAll("input[data-field]")) {
      input.addEventListener("keydown", event => this.keyed(event, input))
      input.addEventListener("blur", () => this.take(input))
      input.addEventListener("paste", event => this.pasted(event, input))
    }
  }

  // The people as they were chosen, or as they usually are.
  set(people, { touched = false } = {}) {
    this.touched = touched
    for (const field of FIELDS) this.people[field] = [...people?.[field] ?? []]
    this.draw()
  }

  // Everything typed is a chip afterwards; false when something of it is no address.
  finish() { return [...this.place.querySelectorAll("input[data-field]")].every(input => this.take(input)) }

  get chosen() { return this.touched ? Object.fromEntries(FIELDS.map(field => [field, this.people[field].map(written)])) : {} }
  get kept() { return this.touched ? structuredClone(this.people) : undefined }

  keyed(event, input) {
    if (event.isComposing) return
    const ends = ["Enter", ",", ";"].includes(event.key) && !event.ctrlKey && !event.metaKey && !inQuotes(input.value)
    if (ends) {
      event.preventDefault()
      this.take(input)
    } else if (event.key === "Backspace" && !input.value) {
      this.remove(input.dataset.field, this.people[input.dataset.field].at(-1))
    }
  }

  pasted(event, input) {
    const text = event.clipboardData?.getData("text") ?? ""
    if (!/[,;\n<]/.test(text)) return
    event.preventDefault()
    event.stopPropagation()
    input.value += text
    this.take(input)
  }

  take(input) {
    const wrong = []
    for (const part of input.value.match(PARTS) ?? []) if (part.trim() && !this.add(input.dataset.field, part)) wrong.push(part.trim())
    input.value = wrong.join(", ")
    input.setAttribute("aria-invalid", String(wrong.length > 0))
    return !wrong.length
  }

  add(field, text) {
    const [, name = "", typed = text] = text.match(NAMED) ?? []
    const address = typed.trim().replace(/^mailto:/i, "").toLowerCase()
    if (!ADDRESS.test(address)) return refused("noAddress", text)
    if (this.own.has(stem(address))) return refused("ownAddress", address)
    if (!this.people[field].some(person => person.address === address)) this.people[field].push({ address, name: name.trim() })
    this.moved()
    return true
  }

  remove(field, person) {
    if (!person) return
    this.people[field] = this.people[field].filter(other => other !== person)
    this.moved()
  }

  moved() {
    this.touched = true
    this.draw()
    this.changed()
  }

  draw() {
    for (const field of FIELDS) {
      const list = this.place.querySelector(`ul[data-field="${field}"]`)
      list.replaceChildren(...this.people[field].map(person => this.chip(field, person)))
    }
  }

  chip(field, person) {
    const chip = Object.assign(document.createElement("li"), { className: "chip", title: written(person) })
    const name = Object.assign(document.createElement("span"), { className: "cut", dir: "auto", textContent: person.name || person.address })
    const remove = Object.assign(document.createElement("button"), { type: "button", className: "btn btn--quiet btn--icon btn--small" })
    remove.ariaLabel = say("removePerson", { name: written(person) })
    remove.append(icon("x", "12"))
    remove.addEventListener("click", () => {
      this.remove(field, person)
      this.place.querySelector(`input[data-field="${field}"]`).focus()
    })
    chip.append(name, remove)
    return chip
  }
}

const written = ({ address, name }) => name ? `"${name.replaceAll('"', "")}" <${address}>` : address
const stem = address => address.replace(/\+[^@]*(?=@)/, "")
const inQuotes = text => (text.match(/"/g) ?? []).length % 2 === 1

function refused(key, address) {
  toast(say(key, { address: address.trim() }), { tone: "late" })
  return false
}
