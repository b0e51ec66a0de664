// Naming colleagues in a note: "@" and a few letters offer who may see the ticket; arrows choose, Enter or Tab names.
import { send } from "temas/http"
import { say } from "temas/words"

const TYPED = /(?:^|\s)@([\p{L}\p{M}\d._-]*(?: [\p{L}\p{M}\d._-]*)?)$/u
const plain = text => text.replace(/[Iıİ]/g, "i").toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "")

export class Mentions {
  constructor(editor, number) {
    Object.assign(this, { editor, number, found: [], at: 0 })
    this.list = Object.assign(document.createElement("ul"), { className: "menu naming", role: "listbox", id: `naming-${number}`, ariaLabel: say("mentionWhom"), hidden: true })
    editor.options.element.after(this.list)
  }

  get isOpen() { return !this.list.hidden }

  // After each change: offers people while an "@" is being typed.
  async look() {
    const typed = this.typed()
    if (typed === undefined) return this.close()
    this.people ??= send("GET", `/tickets/${this.number}/people`).then(({ people }) => people).catch(() => (this.people = undefined, []))
    const people = await this.people, now = this.typed()
    if (now === undefined) return this.close()
    this.found = people.filter(({ name }) => ` ${plain(name)}`.includes(` ${plain(now)}`)).slice(0, 8)
    this.at = 0
    this.draw()
  }

  typed() {
    const { $from, empty } = this.editor.state.selection
    return empty ? TYPED.exec($from.parent.textBetween(0, $from.parentOffset, " ", "\ufffc"))?.[1] : undefined
  }

  close() {
    this.list.hidden = true
    this.editor.view.dom.removeAttribute("aria-activedescendant")
  }

  draw() {
    this.list.hidden = !this.found.length
    this.list.replaceChildren(...this.found.map((person, index) => this.line(person, index)))
    if (this.isOpen) this.editor.view.dom.setAttribute("aria-activedescendant", `${this.list.id}-${this.at}`)
    else this.close()
  }

  line({ name }, index) {
    const row = Object.assign(document.createElement("li"), { id: `${this.list.id}-${index}`, role: "option", textContent: name, dir: "auto" })
    row.ariaSelected = String(index === this.at)
    row.addEventListener("pointerdown", event => { event.preventDefault(); this.at = index; this.name() })
    return row
  }

  // True when the key was for the list.
  keyed(event) {
    if (!this.isOpen) return false
    const steps = { ArrowDown: 1, ArrowUp: -1 }
    if (event.key in steps) {
      this.at = (this.at + steps[event.key] + this.found.length) % this.found.length
      this.draw()
    } else if (event.key === "Enter" || event.key === "Tab") this.name()
    else if (event.key === "Escape") this.close()
    else return false
    event.preventDefault()
    event.stopPropagation()
    return true
  }

  name() {
    const { id, name } = this.found[this.at], to = this.editor.state.selection.from
    const from = to - this.typed().length - 1
    this.editor.chain().focus().insertContentAt({ from, to }, [{ type: "mention", attrs: { ref: id, name } }, { type: "text", text: " " }]).run()
    this.close()
  }
}
