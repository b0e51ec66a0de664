// The part of the composer that helps to write and to send: canned replies, and sending later.
import { Addressing } from "temas/addressing"
import * as picker from "temas/picker"

export class Helped extends Addressing {
  // --- canned replies

  // From the ticket, or by a semicolon where a word could begin; the semicolon comes back when none was chosen.
  findCanned() {
    picker.open({ number: this.numberValue, chosen: found => this.insert(found), left: () => this.focus() })
  }

  semicolon(event) {
    if (event.key !== ";" || event.ctrlKey || event.metaKey || event.altKey || this.letterBefore.trim()) return false
    event.preventDefault()
    picker.open({ number: this.numberValue, chosen: found => this.insert(found), left: () => this.insert({ html: ";", text: ";", files: [] }) })
    return true
  }

  get letterBefore() {
    const { activeElement: field } = document
    if (field === this.textTarget) return field.value.slice(0, field.selectionStart).at(-1) ?? ""
    if (!this.editor?.isFocused) return "x" // in another field of the composer
    const { $from } = this.editor.state.selection
    return $from.parent.textBetween(0, $from.parentOffset, " ", "x").at(-1) ?? ""
  }

  async insert({ html, text, files }) {
    await this.loadEditor()
    if (this.editor) this.editor.chain().focus().insertContent(html).run()
    else {
      this.textTarget.setRangeText(text, this.textTarget.selectionStart, this.textTarget.selectionEnd, "end")
      this.textTarget.focus()
    }
    if (files.length) this.uploads.set([...this.uploads.items, ...files])
    this.save()
  }

  // --- sending later

  // At nine of the agent's own morning, or whenever he says.
  sendLater({ params: { day }, currentTarget }) {
    const typed = currentTarget.closest(".menu").querySelector("input").value, at = day ? morning(day) : new Date(typed)
    if (Number.isNaN(at.getTime())) return currentTarget.closest(".menu").querySelector("input").focus()
    this.send({ params: { at: at.toISOString() }, currentTarget })
  }
}

function morning(day) {
  const at = new Date()
  at.setDate(at.getDate() + (day === "monday" ? (8 - at.getDay()) % 7 || 7 : 1))
  at.setHours(9, 0, 0, 0)
  return at
}
