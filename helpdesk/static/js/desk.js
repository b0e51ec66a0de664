// The inbox as a whole: which ticket is open, which pane is shown where there is room for one, and the keys that move.
import { Controller } from "@hotwired/stimulus"
import { send } from "temas/http"
import { complain, toast } from "temas/toast"
import { say } from "temas/words"

const NARROW = matchMedia("(width < 760px)")

export default class extends Controller {
  static targets = ["frame", "queue"]
  static values = { view: String, ticket: Number }

  connect() {
    this.on = new AbortController()
    const listen = (name, handler) => document.addEventListener(name, handler, { signal: this.on.signal })
    listen("temas:key", event => this.key(event))
    listen("temas:done", ({ detail }) => this.advance(detail.number))
    listen("temas:open", ({ detail }) => this.open(detail.number))
    listen("temas:reload", ({ detail }) => detail.number === this.ticketValue && this.retry())
    listen("turbo:frame-load", ({ target }) => target === this.frameTarget && this.opened())
    listen("turbo:fetch-request-error", ({ target }) => target === this.frameTarget && this.failed())
    listen("turbo:frame-missing", event => event.target === this.frameTarget && this.missing(event))
    if (this.ticketValue) requestAnimationFrame(() => this.tellOpened())
  }

  disconnect() { this.on.abort() }

  get queue() {
    return this.hasQueueTarget ? this.application.getControllerForElementAndIdentifier(this.queueTarget, "queue") : null
  }

  // --- opening

  follow(event) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return
    event.preventDefault()
    this.open(Number(event.currentTarget.closest("[data-number]").dataset.number))
  }

  open(number) {
    if (!number) return
    if (number === this.ticketValue) return this.show("conversation")
    this.ticketValue = number
    this.show("conversation")
    this.tellOpened()
    const address = `/inbox?view=${this.viewValue}&ticket=${number}`
    if (NARROW.matches) return window.Turbo.visit(address, { frame: "ticket", action: "advance" })
    history.replaceState(history.state, "", address)
    this.frameTarget.src = address
  }

  opened() {
    this.frameTarget.querySelector("[data-focus-first]")?.focus({ preventScroll: true })
  }

  failed() {
    this.frameTarget.replaceChildren(document.getElementById("ticket-failed").content.cloneNode(true))
  }

  missing(event) {
    event.preventDefault()
    if (new URL(event.detail.response.url).pathname === "/login") return event.detail.visit(event.detail.response)
    this.failed()
  }

  retry() {
    const number = this.ticketValue
    this.frameTarget.removeAttribute("src")
    this.ticketValue = 0
    this.open(number)
  }

  tellOpened() {
    document.dispatchEvent(new CustomEvent("temas:opened", { detail: { number: this.ticketValue } }))
  }

  // After a ticket is dealt with the next one opens; with none left, the queue is shown.
  advance(number) {
    if (number !== this.ticketValue || !this.queue) return
    const next = this.queue.neighbour(1) ?? this.queue.neighbour(-1)
    if (next) return this.open(Number(next.dataset.number))
    this.back()
  }

  async takeNext() {
    try {
      const taken = await send("POST", "/tickets/next")
      if (taken) this.open(taken.number)
      else toast(say("noneLeft"))
    } catch (error) {
      complain(error)
    }
  }

  // --- panes and keys

  show(pane) { this.element.dataset.pane = pane }

  back() {
    const from = this.element.dataset.pane
    this.show(from === "context" ? "conversation" : "queue")
    if (from === "conversation" && NARROW.matches) history.replaceState(history.state, "", `/inbox?view=${this.viewValue}`)
    if (from === "conversation" && NARROW.matches) this.ticketValue = 0
  }

  toggleContext() {
    const narrow = document.body.clientWidth < 1200
    if (narrow) this.show(this.element.dataset.pane === "context" ? "conversation" : "context")
    else this.element.toggleAttribute("data-no-context")
  }

  key(event) {
    const moves = { next: () => this.move(1), previous: () => this.move(-1), open: () => this.enter(), context: () => this.toggleContext(),
      queue: () => this.element.toggleAttribute("data-no-queue"), leave: () => this.leave() }
    const move = moves[event.detail.name]
    if (!move) return
    event.preventDefault()
    move()
  }

  move(step) {
    const row = this.queue?.neighbour(step)
    if (row) this.open(Number(row.dataset.number))
  }

  enter() {
    const row = this.queue?.current ?? this.queue?.neighbour(1)
    if (row) this.open(Number(row.dataset.number))
    this.frameTarget.querySelector("[data-key=r]")?.click()
  }

  leave() {
    if (this.element.contains(document.activeElement)) document.activeElement.blur()
    if (this.element.dataset.pane === "context") this.show("conversation")
  }
}
