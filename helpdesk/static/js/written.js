// A form of the settings with rich text in it: an editor over each plain field, files, and a preview with a real ticket.
import { Controller } from "@hotwired/stimulus"
import { send } from "temas/http"
import { make } from "temas/editor"
import { Uploads } from "temas/uploads"

const LATER = 250

export default class Written extends Controller {
  static targets = ["text", "files", "picker", "file"]
  static values = { preview: String }

  connect() {
    this.editors = this.textTargets.map(field => this.edit(field))
    this.current = this.editors.find(({ field }) => field.value.trim()) ?? this.editors[0]
    if (this.hasFilesTarget) {
      this.uploads = new Uploads(this.filesTarget, () => Infinity, () => this.keepFiles())
      this.uploads.set(JSON.parse(this.filesTarget.dataset.files))
    }
    this.onTicket = () => this.changed()
    this.ticket?.addEventListener("change", this.onTicket)
    this.changed()
  }

  disconnect() {
    clearTimeout(this.timer)
    this.ticket?.removeEventListener("change", this.onTicket)
    for (const one of this.editors) {
      this.put(one)
      one.editor.destroy()
      one.place.remove()
      one.field.hidden = false
    }
  }

  get ticket() { return document.getElementById("preview-ticket") }

  edit(field) {
    const place = Object.assign(document.createElement("div"), { className: "in rich" })
    field.after(place)
    field.hidden = true
    const one = { field, place, typed: false }
    one.editor = make(place, field.value, { label: field.labels[0].textContent, changed: () => { one.typed = true; this.current = one; this.changed() } })
    one.editor.on("focus", () => { this.current = one; this.changed() })
    return one
  }

  put(one) { if (one.typed) one.field.value = one.editor.isEmpty ? "" : one.editor.getHTML() }

  keep() { for (const one of this.editors) this.put(one) }

  variable({ params: { name } }) { this.current.editor.chain().focus().insertContent(name).run() }

  // --- files

  pick() { this.pickerTarget.click() }

  picked() {
    for (const file of this.pickerTarget.files) this.uploads.add(file)
    this.pickerTarget.value = ""
  }

  keepFiles() {
    for (const field of this.fileTargets) field.remove()
    for (const { id } of this.uploads.list)
      this.element.append(Object.assign(document.createElement("input"), { type: "hidden", name: "files", value: id }))
    for (const field of this.element.querySelectorAll("input[name=files]")) field.dataset.writtenTarget = "file"
  }

  // --- preview

  changed() {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.show(), LATER)
  }

  async show() {
    if (!this.current) return
    this.keep()
    const form = new FormData(this.element), html = this.current.editor.getHTML()
    form.set("html", html)
    form.set("ticket", this.ticket?.value ?? "")
    const shown = await send("POST", this.previewValue, form).catch(error => ({ html: "", text: "", problems: [error.message] }))
    if (!this.element.isConnected || html !== this.current.editor.getHTML()) return
    document.getElementById("preview-html").innerHTML = shown.html // cleaned by the server
    document.getElementById("preview-text").textContent = shown.text
    lines(document.getElementById("preview-problems"), shown.problems)
    lines(document.getElementById("preview-does"), shown.does ?? [])
  }
}

const lines = (list, texts) => list?.replaceChildren(...texts.map(text => Object.assign(document.createElement("li"), { textContent: text })))
