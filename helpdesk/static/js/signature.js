// A signature as its readers will see it, while it is written; what cannot be filled in says why.
import { Controller } from "@hotwired/stimulus"
import { send } from "temas/http"

const LATER = 300

export default class Signature extends Controller {
  static targets = ["template", "shown"]
  static values = { own: Boolean }

  connect() { this.typed() }
  disconnect() { clearTimeout(this.timer) }

  typed() {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.show(), LATER)
  }

  async show() {
    const template = this.templateTarget.value
    this.shownTarget.hidden = !template.trim()
    if (!template.trim()) return
    const form = new FormData(), fields = this.element.closest("form")?.elements
    form.append("template", template)
    for (const name of ["name", "address"]) form.append(name, fields?.namedItem(name)?.value ?? "")
    if (this.ownValue) form.append("own", "1")
    const { text, problem } = await send("POST", "/signature", form).catch(error => ({ problem: error.message }))
    if (template !== this.templateTarget.value) return // more was typed meanwhile
    this.shownTarget.textContent = problem || text
    this.shownTarget.dataset.tone = problem ? "late" : "calm"
  }
}
