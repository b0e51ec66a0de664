// A customer's timeline: moves each entry under the day that it is for its reader; the server only knows days in UTC.
import { Controller } from "@hotwired/stimulus"
import { dayName } from "temas/ticker"

export default class Life extends Controller {
  connect() {
    const entries = [...this.element.querySelectorAll("li[data-when]")]
    if (!entries.length) return
    const end = this.element.querySelector(".older")
    for (const old of this.element.querySelectorAll("h2, ol")) old.remove()
    let last, list
    for (const entry of entries) {
      const day = dayName(new Date(entry.dataset.when))
      if (day !== last) {
        list = document.createElement("ol")
        this.element.insertBefore(Object.assign(document.createElement("h2"), { textContent: day }), end)
        this.element.insertBefore(list, end)
      }
      list.append(entry)
      last = day
    }
  }
}
