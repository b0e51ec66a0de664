// The live queue. Changes are gathered and drawn on the next frame; while somebody reads, points or scrolls here,
// nothing changes its place: a button says how many rows have moved and moves them.
import { Controller } from "@hotwired/stimulus"
import { drawBadges } from "temas/badges"
import { matches } from "temas/filter"
import { send } from "temas/http"
import * as drafts from "temas/drafts"
import * as live from "temas/live"
import { Pages } from "temas/pages"
import { decorate } from "temas/presence"
import { Rows } from "temas/rows"
import { draw } from "temas/ticker"
import { say } from "temas/words"

const BUSY = 100, WINDOW = 50      // above so many changes a second, gather for so many milliseconds
const COUNTS_EVERY = 2000, CATCH_UP_EVERY = 120e3, AGAIN = 5000

export default class extends Controller {
  static targets = ["list", "scroller", "moved", "movedText", "empty", "more", "count"]
  static values = { view: String, filter: Object, newestFirst: Boolean, next: String, seen: String }

  connect() {
    this.pending = new Map()
    this.pages = new Pages(change => this.apply(change))
    this.rate = []
    this.hidden = new Map()
    this.rows = new Rows(this.listTarget, this.scrollerTarget, {
      newestFirst: this.newestFirstValue, decorate: row => { decorate(row); drafts.mark(row) },
    })
    this.on = new AbortController()
    this.listen("temas:ticket:changed", ({ detail }) => this.changed(detail))
    this.listen("temas:missed", ({ detail }) => detail.kind === "queue" && this.catchUp())
    this.listen("temas:opened", ({ detail }) => this.select(detail.number))
    this.listen("temas:optimistic", ({ detail }) => this.optimistic(detail))
    this.listen("temas:presence", ({ detail }) => this.redecorate(detail.number))
    this.listen("temas:draft", ({ detail }) => this.redecorate(detail.number))
    this.listen("visibilitychange", () => document.hidden || this.catchUpIfOld())
    this.scrollerTarget.addEventListener("scroll", () => this.scrolled(), { passive: true, signal: this.on.signal })
    this.element.addEventListener("pointerleave", () => this.settle(), { signal: this.on.signal })
    this.reach = new IntersectionObserver(entries => entries.at(-1).isIntersecting && this.loadMore(), { root: this.scrollerTarget, rootMargin: "800px" })
    this.watchEnd()
    this.caughtUp = Date.now()
    drawBadges(Object.fromEntries(this.countTargets.map(place => [place.dataset.view, place.textContent])))
    live.join("queue", { view: this.viewValue }, this.seenValue)
    this.drawEmpty()
  }

  disconnect() {
    this.on.abort()
    this.rows.destroy()
    this.reach.disconnect()
    clearTimeout(this.counting)
    clearTimeout(this.waiting)
  }

  listen(name, handler) { document.addEventListener(name, handler, { signal: this.on.signal }) }

  // --- changes

  changed(change) {
    const known = this.pending.get(change.number)
    if (known && known.version > change.version) return
    this.pending.set(change.number, change)
    this.pages.heard(change)
    if (!this.drawing) this.drawing = this.soon(() => this.flush())
  }

  soon(draw) {
    const now = performance.now()
    this.rate = [...this.rate.filter(at => now - at < 1000), now]
    if (this.rate.length > BUSY || document.hidden) return setTimeout(draw, WINDOW)
    return requestAnimationFrame(draw)
  }

  flush() {
    this.drawing = null
    const changes = [...this.pending.values()]
    this.pending.clear()
    for (const change of changes) this.apply(change)
    this.drawMoved()
    this.drawEmpty()
    this.recount()
  }

  apply({ number, version, facets, row: html }) {
    const row = this.rows.get(number)
    if (row && Number(row.dataset.version) >= version) return
    if (!html || !matches(this.filterValue, facets)) return row && this.drop(row, facets, html, version)
    if (!row) return this.arrive(html)
    row.removeAttribute("data-gone")
    this.rows.patch(row, html, facets, version)
    if (!this.held) this.rows.place(row)
  }

  arrive(html) {
    const row = this.rows.insert(html)
    const isBelow = !row.nextElementSibling && this.nextValue
    if (isBelow) row.remove() // it comes with its page
    else if (this.held && this.scrollerTarget.scrollTop < 4) this.wait(row)
  }

  wait(row) {
    this.hidden.set(row.dataset.number, row)
    row.hidden = true
  }

  // A row that left the view: gone at once, or dimmed while it is open or the list is held.
  drop(row, facets, html, version) {
    if (!this.held && !row.querySelector("[aria-current]")) return row.remove()
    row.dataset.gone = ""
    if (html) this.rows.patch(row, html, facets, version)
  }

  optimistic({ number, facets }) {
    const row = this.rows.get(number)
    if (!row) return
    row.toggleAttribute("data-gone", !matches(this.filterValue, { ...row.facets, ...facets }))
  }

  // --- holding still

  get held() {
    return this.scrollerTarget.scrollTop > 4 || this.element.matches(":hover") || this.listTarget.contains(document.activeElement)
  }

  scrolled() { if (this.scrollerTarget.scrollTop <= 4) this.settle() }

  settle() { if (!this.held) this.rearrange() }

  rearrange() {
    for (const row of this.hidden.values()) row.hidden = false
    this.hidden.clear()
    for (const row of this.listTarget.querySelectorAll(":scope > [data-gone]"))
      if (!row.querySelector("[aria-current]")) row.remove()
    this.rows.sort()
    this.drawMoved()
    this.drawEmpty()
  }

  showMoved() {
    this.rearrange()
    this.scrollerTarget.scrollTop = 0
  }

  drawMoved() {
    const waiting = this.hidden.size, moved = waiting + this.rows.misplaced()
    this.movedTarget.hidden = !moved
    if (!moved) return
    this.movedTextTarget.textContent = waiting === moved ? say("new", { n: moved }) : moved === 1 ? say("movedOne") : say("moved", { n: moved })
  }

  drawEmpty() { this.emptyTarget.hidden = this.rows.all.some(row => !row.hidden) }

  redecorate(number) {
    const row = this.rows.get(number)
    if (row) { decorate(row); drafts.mark(row) }
  }

  // --- moving

  get current() { return this.listTarget.querySelector("[aria-current]")?.closest("[data-number]") }

  select(number) {
    const before = this.current
    before?.querySelector("[aria-current]").removeAttribute("aria-current")
    const row = number && this.rows.get(number)
    row?.querySelector(".row-link").setAttribute("aria-current", "true")
    row?.scrollIntoView({ block: "nearest" })
    if (before && before !== row && before.hasAttribute("data-gone")) this.settle()
  }

  // The ticket `step` rows from the open one; rows that are leaving are skipped.
  neighbour(step) {
    const rows = this.rows.all.filter(row => !row.hidden && (row === this.current || !row.hasAttribute("data-gone")))
    const at = rows.indexOf(this.current)
    if (at < 0) return rows[0]
    return rows[at + step]
  }

  // --- pages and catching up

  get url() { return `/inbox/rows?view=${this.viewValue}` }

  async loadMore() {
    if (!this.nextValue || this.loading) return
    this.loading = true
    try {
      await this.pages.fetch(`${this.url}&after=${encodeURIComponent(this.nextValue)}`, page => this.append(page))
    } catch {
      this.moreTarget.dataset.failed = "" // says so, with a button that tries again
    } finally {
      this.loading = false
    }
  }

  retryMore() {
    delete this.moreTarget.dataset.failed
    this.loadMore()
  }

  append(page) {
    for (const row of page.rows) if (!this.rows.get(row.dataset.number)) {
      this.listTarget.append(row)
      this.rows.adopt(row)
    }
    this.nextValue = page.next
    this.moreTarget.hidden = !page.next
    draw(this.listTarget)
    this.watchEnd()
  }

  // The observer tells of changes only: who is at the end again before the next frame would wait there for ever.
  watchEnd() {
    this.reach.unobserve(this.moreTarget)
    this.reach.observe(this.moreTarget)
  }

  // After a gap, the first page is fetched and laid over what stands here.
  async catchUp() {
    this.caughtUp = Date.now()
    try {
      await this.pages.fetch(this.url, (page, heard) => this.layOver(page, heard))
    } catch (error) {
      if (!error.offline) this.waiting = setTimeout(() => this.catchUp(), AGAIN)
      return
    }
    this.drawMoved()
    this.drawEmpty()
    this.recount()
  }

  layOver({ rows, next }, heard) {
    const fresh = new Set(rows.map(row => row.dataset.number))
    for (const row of rows) this.apply({ number: row.dataset.number, version: Number(row.dataset.version), facets: JSON.parse(row.dataset.facets), row: row.outerHTML })
    for (const row of this.rows.all.slice(0, next ? rows.length : undefined))
      if (!fresh.has(row.dataset.number) && !heard.has(Number(row.dataset.number)) && !(next && this.isBelow(row, rows.at(-1)))) this.drop(row)
  }

  isBelow(row, last) { return this.rows.before({ facets: JSON.parse(last.dataset.facets) }, row) }

  catchUpIfOld() { if (Date.now() - this.caughtUp > CATCH_UP_EVERY) this.catchUp() }

  recount() {
    this.counting ??= setTimeout(async () => {
      this.counting = null
      const { counts } = await send("GET", "/inbox/counts").catch(() => ({ counts: {} }))
      this.drawCounts(counts)
    }, COUNTS_EVERY)
  }

  drawCounts(counts) {
    for (const place of this.countTargets)
      if (counts[place.dataset.view] !== undefined) place.textContent = counts[place.dataset.view]
    drawBadges(counts)
  }
}
