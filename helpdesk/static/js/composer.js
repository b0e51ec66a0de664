// The composer: text or rich text, files, drafts. What is sent leaves it at once and waits in the thread (outbox.js).
import * as drafts from "temas/drafts"
import { Helped } from "temas/helped"
import * as live from "temas/live"
import * as outbox from "temas/outbox"
import { Uploads } from "temas/uploads"
import { timeOfDay } from "temas/ticker"
import { toast } from "temas/toast"
import { say } from "temas/words"

const TYPING_EVERY = 4000, IDLE = 8000

export default class extends Helped {
  static targets = ["text", "rich", "files", "picker", "hint", "noteToggle", "tools", "reply"]
  static values = { number: Number, rich: Boolean, limit: Number, kind: { type: String, default: "reply" } }

  connect() {
    this.on = new AbortController()
    const options = { signal: this.on.signal }
    this.element.addEventListener("keydown", event => this.keyed(event), { ...options, capture: true })
    this.element.addEventListener("focusin", () => this.loadEditor(), options)
    for (const type of ["dragover", "drop"]) this.pane.addEventListener(type, event => this.dropped(event), options)
    this.element.addEventListener("paste", event => this.pasted(event), { ...options, capture: true })
    document.addEventListener("temas:restore", ({ detail }) => detail.number === this.numberValue && this.fill(detail.draft), options)
    this.addressIn(options)
    this.uploads ??= new Uploads(this.filesTarget, () => this.limitValue, () => this.save())
    this.element.toggleAttribute("data-ready", true)
    if (!this.isEmpty || this.filled) return
    this.filled = true
    this.fill(drafts.load(this.numberValue) ?? this.serverDraft)
  }

  disconnect() {
    this.on.abort()
    clearTimeout(this.idle)
  }

  get pane() { return this.element.closest(".conv") ?? this.element }
  get serverDraft() { return JSON.parse(this.element.dataset.draft || "null") }

  // --- what is written

  get writing() {
    const html = this.editor ? this.editor.getHTML() : ""
    return { kind: this.kindValue, html, text: this.editor ? this.editor.getText({ blockSeparator: "\n\n" }) : this.textTarget.value, files: this.uploads.list, ...this.addressing, other: this.other }
  }

  put({ html = "", text = "", files = [] }) {
    this.uploads.set(files)
    if (this.editor) this.editor.commands.setContent(html || paragraphs(text))
    this.textTarget.value = text
    this.waitingHtml = html
    if (html && this.richValue) this.loadEditor()
  }

  get isEmpty() { return !this.writing.text.trim() && !this.writing.files.length && !this.writing.html.includes("<img") && !this.side?.forward }

  fill(draft) {
    if (!draft) return
    if (draft.side) this.aside(draft.side)
    else this.setKind(draft.kind ?? "reply")
    if (draft.people) this.envelope?.set(draft.people, { touched: true })
    this.addressed({ save: false })
    this.other ??= draft.other
    this.put(draft)
  }

  clear() {
    this.editor?.commands.clearContent()
    this.textTarget.value = ""
    this.uploads.set([])
    this.hintTarget.textContent = ""
    this.setKind("reply")
    this.envelope?.set(this.usual)
    this.addressed({ save: false })
    this.openEnvelope(false)
  }

  typed() {
    this.save()
    if (Date.now() - (this.told ?? 0) > TYPING_EVERY) live.present("typing", this.numberValue), this.told = Date.now()
    clearTimeout(this.idle)
    this.idle = setTimeout(() => { this.told = 0; live.present("viewing", this.numberValue) }, IDLE)
  }

  save() {
    if (this.isEmpty && !this.other) return drafts.drop(this.numberValue)
    drafts.keep(this.numberValue, this.writing)
    this.hintTarget.textContent = say("draftSaved", { time: timeOfDay(new Date()) })
  }

  // --- reply or note

  focusReply() { this.setKind("reply"); this.focus() }
  focusNote() { this.setKind("note"); this.focus() }
  toggleNote() { this.kindValue === "note" ? this.focusReply() : this.focusNote() }

  setKind(kind) {
    const crosses = (this.kindValue === "side") !== (kind === "side")
    if (crosses) this.exchange()
    if (crosses && kind !== "side") this.leaveSide()
    this.kindValue = kind
    this.element.dataset.way = kind
    this.noteToggleTarget.setAttribute("aria-pressed", String(kind === "note"))
    if (this.hasApartTarget) this.apartTarget.hidden = kind !== "side"
    const hint = say({ note: "notePlaceholder", side: "sidePlaceholder" }[kind] ?? "placeholder")
    this.textTarget.placeholder = hint
    this.richTarget.dataset.placeholder = hint
    this.editor?.setOptions({}) // draws the placeholder again
  }

  // What was begun for the customer never goes to a third party, nor the other way round: it waits for its turn.
  exchange() {
    const { html, text, files } = this.writing, waiting = this.other
    this.other = text.trim() || files.length ? { html, text, files } : undefined
    this.put(waiting ?? {})
  }

  // At once: what the editor's own command leaves for the next frame, a quick hand types into the page, whose keys then act.
  focus() {
    if (!this.editor) return this.textTarget.focus()
    this.editor.commands.setTextSelection(this.editor.state.doc.content.size)
    this.editor.view.focus()
  }

  async loadEditor() {
    if (!this.richValue || this.loading) return
    this.loading = true
    try {
      const [{ make }, { Mentions }] = await Promise.all([import("temas/editor"), import("temas/mention")])
      if (!this.element.isConnected) return void (this.loading = false)
      const focused = document.activeElement === this.textTarget
      const content = this.waitingHtml || paragraphs(this.textTarget.value)
      this.richTarget.hidden = false
      this.toolsTarget.hidden = false
      this.editor = make(this.richTarget, content, { label: this.textTarget.ariaLabel, changed: () => { this.typed(); if (this.kindValue === "note") this.mentions.look() } })
      this.mentions = new Mentions(this.editor, this.numberValue)
      if (focused) this.focus()
      this.textTarget.hidden = true
    } catch {
      toast(say("editorFailed")) // the plain field stays
    }
  }

  async format({ params }) { (await import("temas/editor")).format(this.editor, params.mark) }

  // --- files

  pick() { this.pickerTarget.click() }

  picked() {
    this.attach(this.pickerTarget.files)
    this.pickerTarget.value = ""
  }

  pasted(event) {
    const files = [...event.clipboardData?.files ?? []]
    if (!files.length) return
    event.preventDefault()
    event.stopPropagation()
    const images = this.editor ? files.filter(file => file.type.startsWith("image/")) : []
    for (const image of images) this.inline(image)
    this.attach(files.filter(file => !images.includes(file)))
  }

  dropped(event) {
    if (!event.dataTransfer?.types.includes("Files")) return
    event.preventDefault()
    if (event.type === "drop") this.attach(event.dataTransfer.files)
  }

  attach(files) { for (const file of files) this.uploads.add(file) }

  async inline(image) {
    const file = await this.uploads.add(image, { inline: true })
    if (file) this.editor.chain().focus().setImage({ src: file.url, alt: file.filename }).run()
  }

  // --- sending

  keyed(event) {
    if (event.isComposing || this.mentions?.keyed(event)) return
    if (event.key === "Escape") return this.escape(event)
    if (this.semicolon(event)) return
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    event.stopPropagation()
    this.send({ params: { close: event.shiftKey } })
  }

  escape(event) {
    event.stopPropagation()
    document.activeElement.blur()
  }

  submit(event) {
    event.preventDefault()
    this.send({ params: {} })
  }

  async send({ params: { close = false, at }, currentTarget } = {}) {
    currentTarget?.closest("[popover]")?.hidePopover()
    if (this.isEmpty) return toast(say("empty"))
    if (this.envelope && this.kindValue !== "note" && !this.envelope.finish()) return this.openEnvelope(true)
    if (!await this.uploads.finished()) return
    const { children } = this.pane.querySelector(".headblock").dataset
    if (close && children && !await (await import("temas/sure")).sure(children)) return
    const job = { number: this.numberValue, ...this.writing, close: close && this.kindValue === "reply", seen: this.seen, at }
    this.clear()
    live.present("viewing", this.numberValue)
    if (job.close) setTimeout(() => document.dispatchEvent(new CustomEvent("temas:done", { detail: { number: job.number } })))
    outbox.post(job)
    if (!this.isEmpty) this.save() // what waited for its turn is back
  }

  get seen() {
    const entries = this.pane.querySelectorAll("[data-entry]")
    return Math.max(0, ...[...entries].map(entry => Number(entry.dataset.entry)))
  }
}

const paragraphs = text => (text ?? "").split(/\n{2,}/).filter(Boolean)
  .map(part => `<p>${part.replace(/[&<>]/g, sign => `&#${sign.charCodeAt(0)};`).replace(/\n/g, "<br>")}</p>`).join("")
