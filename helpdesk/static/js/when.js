// Parts of a form that only make sense with some value of another field; without script all of them are shown.
import { Controller } from "@hotwired/stimulus"

export default class When extends Controller {
  connect() {
    this.show()
  }

  show() {
    for (const part of this.element.querySelectorAll("[data-when]"))
      part.hidden = !part.dataset.is.split(" ").includes(this.element.elements.namedItem(part.dataset.when)?.value)
  }
}
