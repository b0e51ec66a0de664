// The rows of one view: where each belongs, and patching only those near the viewport. Rows far away are stashed until
// they come near. Rows are viewer-neutral fragments from the server; what only this viewer knows is laid over them.
import { element } from "temas/http"
import { draw } from "temas/ticker"

const NEAR = "600px" // how far outside the list's edge a row still counts as near

export class Rows {
  constructor(list, scroller, { newestFirst, decorate }) {
    Object.assign(this, { list, newestFirst, decorate })
    this.near = new WeakSet()
    this.stash = new WeakMap()
    this.watcher = new IntersectionObserver(entries => entries.forEach(entry => this.seen(entry)), { root: scroller, rootMargin: NEAR })
    for (const row of list.children) this.adopt(row)
  }

  destroy() { this.watcher.disconnect() }

  get(number) { return this.list.querySelector(`:scope > [data-number="${number}"]`) }

  get all() { return [...this.list.querySelectorAll(":scope > [data-number]")] }

  adopt(row) {
    if (!row.dataset.number) return
    row.facets = JSON.parse(row.dataset.facets)
    this.watcher.observe(row)
    this.decorate(row)
  }

  // Replace a row's content, now or when it comes near. Its place is a matter of its own.
  patch(row, html, facets, version) {
    row.facets = facets
    row.dataset.version = version
    if (this.near.has(row)) return this.replace(row, html)
    this.stash.set(row, html)
    return row
  }

  insert(html) {
    const row = element(html)
    this.adopt(row)
    this.place(row)
    draw(row)
    return row
  }

  // Put a row where its deadline belongs; true when that moved it.
  place(row) {
    const next = this.all.find(other => other !== row && this.before(row, other)) ?? null
    if (row.parentNode === this.list && row.nextElementSibling === next) return false
    this.list.insertBefore(row, next)
    return true
  }

  // How many rows stand elsewhere than their deadline says.
  misplaced() {
    const rows = this.all
    return rows.filter((row, index) => index > 0 && this.before(row, rows[index - 1])).length
  }

  sort() {
    const rows = this.all, sorted = rows.toSorted((a, b) => this.before(a, b) ? -1 : 1)
    if (sorted.some((row, index) => row !== rows[index])) this.list.prepend(...sorted)
  }

  before(a, b) {
    const [x, y] = [this.rank(a), this.rank(b)]
    if (x !== y) return this.newestFirst ? x > y : x < y
    return this.newestFirst ? a.facets.number > b.facets.number : a.facets.number < b.facets.number
  }

  rank(row) {
    const { due_at: due, updated_at: updated } = row.facets
    if (this.newestFirst) return Date.parse(updated)
    return due ? Date.parse(due) : Infinity
  }

  seen({ target, isIntersecting }) {
    if (!isIntersecting) return void this.near.delete(target)
    this.near.add(target)
    const html = this.stash.get(target)
    if (!html) return
    this.stash.delete(target)
    this.replace(target, html)
  }

  replace(row, html) {
    const fresh = element(html)
    const current = row.querySelector("[aria-current]")
    row.replaceChildren(...fresh.childNodes)
    row.toggleAttribute("data-unread", fresh.hasAttribute("data-unread"))
    if (current) row.querySelector(".row-link")?.setAttribute("aria-current", "true")
    draw(row)
    this.decorate(row)
    return row
  }
}
