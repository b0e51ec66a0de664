// A provider's servers, filled into the inbox form by one click; without script the link loads them instead.
import { Controller } from "@hotwired/stimulus"

export default class Presets extends Controller {
  static targets = ["help"]

  fill(event) {
    event.preventDefault()
    const { values, help } = event.params
    for (const [name, value] of Object.entries(values)) {
      const field = this.element.elements.namedItem(name)
      if (field) field.value = value
    }
    this.element.dispatchEvent(new Event("change"))
    for (const link of event.currentTarget.parentElement.children) link.removeAttribute("aria-current")
    event.currentTarget.setAttribute("aria-current", "true")
    if (help) this.helpTarget.textContent = help
  }
}
