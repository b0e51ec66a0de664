// One open ticket: its thread grows by what is pushed, its head follows the ticket's version, and what the agent does to
// it is shown at once and taken back with a sentence when the server refuses.
import { Controller } from "@hotwired/stimulus"
import { element, fragment, send } from "temas/http"
import * as live from "temas/live"
import * as presence from "temas/presence"
import * as thread from "temas/thread"
import { draw } from "temas/ticker"
import { complain, toast } from "temas/toast"
import { sure } from "temas/sure"
import { say } from "temas/words"

const GATHER = 150 // milliseconds in which several changes become one look at the head
const MOVING = new Set(["merged", "unmerged", "split_off", "split_from"]) // entries after which others have come or gone
const NEWEST = Number.MAX_SAFE_INTEGER
const AGAIN = 5000 // milliseconds until what could not be fetched is asked for again
const INWARD = new Set(["in", "side"])

export default class extends Controller {
  static targets = ["head", "list", "scroller", "newer", "people", "presence"]
  static values = { number: Number, version: Number, unread: Boolean, seen: String }

  connect() {
    this.on = new AbortController()
    this.listen("temas:entry:added", ({ detail }) => detail.number === this.numberValue && this.added(detail))
    this.listen("temas:ticket:changed", ({ detail }) => detail.number === this.numberValue && this.changed(detail))
    this.listen("temas:presence", ({ detail }) => detail.number === this.numberValue && this.drawPresence())
    this.listen("temas:missed", ({ detail }) => detail.kind === "ticket" && this.catchUp())
    this.listen("visibilitychange", () => document.hidden || this.read())
    this.element.parentElement.addEventListener("click", ({ target }) => this.follow(target.closest?.("[data-act]")), { signal: this.on.signal })
    this.element.addEventListener("load", ({ target }) => thread.fit(target), { capture: true, signal: this.on.signal })
    for (const frame of this.element.querySelectorAll("iframe.mail")) thread.fit(frame)
    thread.days(this.listTarget)
    live.join("ticket", { number: this.numberValue }, this.seenValue)
    live.present("viewing", this.numberValue)
    this.drawPresence()
    this.isNews = this.unreadValue
    this.read()
  }

  disconnect() {
    this.on.abort()
    this.looks?.abort()
    clearTimeout(this.looking)
    clearTimeout(this.waiting)
    live.leave("ticket")
  }

  listen(name, handler) { document.addEventListener(name, handler, { signal: this.on.signal }) }

  get lastEntry() { return Math.max(0, ...[...this.listTarget.querySelectorAll("[data-entry]")].map(entry => Number(entry.dataset.entry))) }

  // --- the thread

  added({ entry: id, html }) {
    const away = this.scrollerTarget.scrollTop < -80 // column-reverse: 0 is the newest end
    const isNew = thread.put(this.listTarget, id, html)
    draw(this.listTarget)
    if (isNew && away) this.newerTarget.hidden = false
    if (isNew && INWARD.has(this.listTarget.querySelector(`[data-entry="${id}"]`).dataset.way)) this.isNews = true
    this.read()
    if (isNew && MOVING.has(this.listTarget.querySelector(`[data-entry="${id}"]`).dataset.kind)) this.redraw()
  }

  async catchUp() {
    const html = await fragment(`/tickets/${this.numberValue}/entries?after=${this.lastEntry}`).catch(error => this.later(error))
    if (html === undefined) return
    const template = document.createElement("template")
    template.innerHTML = html
    for (const entry of template.content.querySelectorAll("[data-entry]")) this.added({ entry: Number(entry.dataset.entry), html: entry.outerHTML })
    this.look()
  }

  // With no connection the next one brings it; a ticket that may not be seen any more has nothing to bring.
  later(error) {
    clearTimeout(this.waiting)
    if (!error.offline && error.status !== 404) this.waiting = setTimeout(() => this.catchUp(), AGAIN)
  }

  async older(event) {
    const button = event.currentTarget
    button.disabled = true
    try {
      const first = this.listTarget.querySelector("[data-entry]").dataset.entry
      const html = await fragment(`/tickets/${this.numberValue}/entries?before=${first}`)
      thread.prepend(this.listTarget, html)
      draw(this.listTarget)
      button.closest("li").remove()
    } catch (error) {
      button.disabled = false
      complain(error)
    }
  }

  // The thread from its newest end, when entries have come into its middle or gone from it.
  async redraw() {
    const html = await fragment(`/tickets/${this.numberValue}/entries?before=${NEWEST}`).catch(() => null)
    if (html === null || !this.element.isConnected) return
    const waiting = [...this.listTarget.querySelectorAll("[data-waiting]")]
    this.listTarget.innerHTML = html
    this.listTarget.append(...waiting)
    thread.days(this.listTarget)
    draw(this.listTarget)
  }

  toNewest() {
    this.scrollerTarget.scrollTop = 0
    this.newerTarget.hidden = true
  }

  // Older entries come by themselves when their end of the thread comes near.
  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scrollerTarget
    if (scrollTop > -80) this.newerTarget.hidden = true
    if (scrollHeight - clientHeight + scrollTop < 400) this.listTarget.querySelector(".olderline button:not(:disabled)")?.click()
  }

  // The composer turns to a third party: with a message that is forwarded, or in a side conversation.
  aside({ params: { side } }) { this.tell("side", { number: this.numberValue, ...side }) }

  whole({ currentTarget }) { thread.toggleWhole(currentTarget) }

  pictures({ currentTarget }) { thread.showPictures(currentTarget) }

  async trust({ currentTarget }) {
    currentTarget.disabled = true
    try {
      await send("POST", `/messages/${currentTarget.closest("[data-entry]").dataset.message}/sender/trust`)
      thread.showPictures(currentTarget)
    } catch (error) {
      complain(error)
    }
    currentTarget.disabled = false
  }

  // --- the head

  changed({ version, facets, row }) {
    if (!row && facets.team !== undefined) return this.look() // it may have left my teams
    if (version <= this.versionValue) return
    this.versionValue = version
    this.unreadValue = facets.unread
    this.isNews &&= facets.unread
    this.look()
    this.read()
  }

  look() {
    clearTimeout(this.looking)
    this.looking = setTimeout(() => this.drawHead(), GATHER)
  }

  // A later look makes an earlier one void: its answer could come last. An open menu is not drawn over.
  async drawHead() {
    this.looks?.abort()
    const { signal } = this.looks = new AbortController()
    const html = await fragment(`/tickets/${this.numberValue}/head`, { signal }).catch(error => error.status === 404 ? this.gone() : null)
    if (!html || signal.aborted) return
    const menu = this.headTarget.querySelector("[popover]:popover-open")
    if (menu) return menu.addEventListener("toggle", () => this.look(), { once: true, signal: this.on.signal })
    const focused = document.activeElement?.id
    const { merged } = this.headTarget.dataset
    this.headTarget.replaceWith(element(html))
    if (merged !== this.headTarget.dataset.merged) return this.tell("reload", { number: this.numberValue })
    if (focused) document.getElementById(focused)?.focus()
    draw(this.headTarget)
    this.drawPresence()
    await this.lookAside(signal)
  }

  // The pane beside the conversation, with its deadlines, where it was scrolled to.
  async lookAside(signal) {
    const pane = this.element.parentElement?.querySelector(".pane.context") // none when another ticket was opened meanwhile
    const html = pane && await fragment(`/tickets/${this.numberValue}/context`, { signal }).catch(() => null)
    if (!html || !pane.isConnected || pane.contains(document.activeElement)) return
    const fresh = element(html), { scrollTop } = pane.querySelector(".scroll")
    pane.replaceWith(fresh)
    fresh.querySelector(".scroll").scrollTop = scrollTop
    draw(fresh)
  }

  // The pane beside the conversation has buttons too; they are outside of what this controller is for.
  async follow(button) {
    if (!button) return
    button.disabled = true
    await send(button.dataset.actMethod, `/tickets/${this.numberValue}/${button.dataset.act}`).catch(complain)
    button.blur()
    await this.lookAside()
  }

  gone() { document.dispatchEvent(new CustomEvent("temas:done", { detail: { number: this.numberValue } })) }

  drawPresence() {
    const people = presence.others(this.numberValue)
    this.presenceTarget.hidden = !people.length
    this.presenceTarget.querySelector(".dots").replaceChildren(...people.slice(0, 3).map(presence.dot))
    this.presenceTarget.querySelector("[data-names]").textContent = presence.sentence(people)
  }

  // What came in and is on the screen has been read; without being asked, and not worth a sentence when it fails. What
  // somebody marked unread by hand stays so.
  read() {
    if (!document.hidden) import("temas/notices").then(({ readOf }) => readOf(this.numberValue))
    if (!this.isNews || !this.unreadValue || document.hidden) return
    this.unreadValue = this.isNews = false
    send("DELETE", `/tickets/${this.numberValue}/unread`).catch(() => { this.unreadValue = this.isNews = true })
  }

  // --- doing something to the ticket

  async act({ params: { method = "PUT", path, body, facets, done = false, said }, currentTarget }) {
    currentTarget.closest("[popover]")?.hidePopover()
    const { children } = this.headTarget.dataset
    if (children && ["solved", "closed"].includes(body?.status) && !await sure(children)) return
    if (facets) this.tell("optimistic", { number: this.numberValue, facets })
    if (done) this.tell("done", { number: this.numberValue })
    try {
      await send(method, `/tickets/${this.numberValue}/${path}`, body)
      if (said) toast(said)
      if (this.element.isConnected) this.look()
    } catch (error) {
      if (facets) this.tell("optimistic", { number: this.numberValue, facets: {} })
      toast(say("rolledBack", { reason: error.message }), { tone: "late" })
    }
  }

  // What a macro would do here, under the menu, before it is chosen.
  tellMacro({ target }) { import("temas/macros").then(({ tell }) => tell(target.closest("[data-macro]"), this.numberValue)) }

  async macro({ params: { macro }, currentTarget }) {
    currentTarget.closest("[popover]")?.hidePopover()
    const { run } = await import("temas/macros")
    const closed = await run(this.numberValue, macro, this.lastEntry)
    if (closed) this.tell("done", { number: this.numberValue })
    if (this.element.isConnected) this.look()
  }

  // Its text goes back into the composer of who wrote it.
  async cancelScheduled({ params: { scheduled }, currentTarget }) {
    currentTarget.disabled = true
    try {
      const draft = await send("DELETE", `/tickets/${this.numberValue}/scheduled-replies/${scheduled}`)
      this.tell("restore", { number: this.numberValue, draft })
    } catch (error) {
      currentTarget.disabled = false
      complain(error)
    }
  }

  async moveScheduled({ params: { scheduled }, currentTarget: { value } }) {
    if (!value) return
    await send("PUT", `/tickets/${this.numberValue}/scheduled-replies/${scheduled}`, { send_at: new Date(value).toISOString() }).catch(complain)
  }

  async tag(event) {
    event.preventDefault()
    const form = event.currentTarget
    const tags = form.elements.tags.value.split(",").map(tag => tag.trim()).filter(Boolean)
    form.closest("[popover]").hidePopover()
    await this.act({ params: { path: "tags", body: { tags } }, currentTarget: form })
  }

  async resend({ params: { delivery }, currentTarget }) {
    currentTarget.disabled = true
    await send("POST", `/tickets/${this.numberValue}/deliveries/${delivery}/retry`).catch(error => {
      currentTarget.disabled = false
      complain(error)
    })
  }

  // Another ticket is chosen, or a message gets one of its own.
  async pick({ params: { way }, currentTarget }) {
    currentTarget.closest("[popover]")?.hidePopover()
    const { pick } = await import("temas/picking")
    pick(this.numberValue, way)
  }

  async split({ params: { message } }) {
    const { split } = await import("temas/picking")
    split(this.numberValue, message)
  }

  tell(name, detail) { document.dispatchEvent(new CustomEvent(`temas:${name}`, { detail })) }
}
