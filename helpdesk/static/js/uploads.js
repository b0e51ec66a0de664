// Files of one composer: checked for size before they travel, uploaded at once, shown with a way to remove them.
import { send } from "temas/http"
import { complain, icon, toast } from "temas/toast"
import { language, say } from "temas/words"

export class Uploads {
  constructor(place, limit, changed) {
    Object.assign(this, { place, limit, changed, items: [], running: new Set() })
  }

  get list() { return this.items.filter(item => item.id) }

  set(items) {
    this.items = [...items]
    this.draw()
  }

  // Resolves to what the server made of the file, or to null when it could not be attached.
  async add(file, { inline = false } = {}) {
    const total = this.items.reduce((sum, item) => sum + item.size, file.size)
    if (total > this.limit()) {
      toast(say("tooLarge", { name: file.name, limit: size(this.limit()) }), { tone: "late" })
      return null
    }
    const item = { filename: file.name, size: file.size, inline }
    this.items.push(item)
    this.draw()
    const job = this.upload(item, file)
    this.running.add(job)
    return job.finally(() => this.running.delete(job))
  }

  async upload(item, file) {
    const form = new FormData()
    form.append("file", file, file.name || "image.png")
    if (item.inline) form.append("inline", "1")
    try {
      Object.assign(item, await send("POST", "/attachments", form))
    } catch (error) {
      this.items = this.items.filter(other => other !== item)
      complain(error)
      return null
    } finally {
      this.draw()
      this.changed()
    }
    return item
  }

  // False when something that was attached did not arrive: better not to send without it.
  async finished() {
    const results = await Promise.all([...this.running])
    return results.every(Boolean)
  }

  remove(item) {
    this.items = this.items.filter(other => other !== item)
    if (item.id) send("DELETE", `/attachments/${item.id}`).catch(() => null) // unused uploads are cleaned up anyway
    this.draw()
    this.changed()
  }

  draw() {
    const shown = this.items.filter(item => !item.inline)
    this.place.hidden = !shown.length
    this.place.replaceChildren(...shown.map(item => this.chip(item)))
  }

  chip(item) {
    const chip = document.createElement("li")
    chip.className = "chip"
    chip.toggleAttribute("data-busy", !item.id)
    const remove = document.createElement("button")
    remove.type = "button"
    remove.className = "btn btn--quiet btn--icon btn--small"
    remove.ariaLabel = say("removeFile", { name: item.filename })
    remove.append(icon("x", "12"))
    remove.addEventListener("click", () => this.remove(item))
    chip.append(icon("clip", "14"), Object.assign(document.createElement("span"), { textContent: item.filename, className: "cut", dir: "auto" }),
      Object.assign(document.createElement("small"), { textContent: size(item.size) }), remove)
    return chip
  }
}

export function size(bytes) {
  const [value, unit] = bytes >= 1e6 ? [bytes / 1e6, "MB"] : [bytes / 1e3, "KB"]
  return `${value.toLocaleString(language(), { maximumFractionDigits: value < 10 ? 1 : 0 })} ${unit}`
}
