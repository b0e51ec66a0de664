// Says that the connection is gone and since when the screen is old; disappears by itself.
import { Controller } from "@hotwired/stimulus"
import * as live from "temas/live"
import { timeOfDay } from "temas/ticker"
import { say } from "temas/words"

const PATIENCE = 1500 // milliseconds: a blip is not worth a sentence

export default class extends Controller {
  static targets = ["title", "text", "since"]

  connect() {
    this.changed = () => this.draw()
    document.addEventListener("temas:connection", this.changed)
    this.draw()
  }

  disconnect() {
    document.removeEventListener("temas:connection", this.changed)
    clearTimeout(this.waiting)
  }

  retry() { live.retryNow() }

  draw() {
    clearTimeout(this.waiting)
    if (live.status().state !== "lost") this.element.hidden = true
    else this.waiting = setTimeout(() => this.show(), PATIENCE)
  }

  show() {
    const { state, lostAt } = live.status()
    this.element.hidden = state !== "lost"
    this.titleTarget.textContent = navigator.onLine ? say("lost") : say("offline")
    this.textTarget.textContent = navigator.onLine ? say("retrying") : say("offlineHint")
    this.sinceTarget.textContent = lostAt ? say("asOf", { time: timeOfDay(new Date(lostAt)) }) : ""
  }
}
