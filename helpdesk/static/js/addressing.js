// The part of the composer that knows whom it writes to: the customer with who is on copy, or a third party apart from him.
import { Controller } from "@hotwired/stimulus"
import { Envelope } from "temas/envelope"
import { send } from "temas/http"
import { say } from "temas/words"

export class Addressing extends Controller {
  static targets = ["addressee", "copies", "envelope", "envelopeToggle", "apart", "subject", "subjectLine", "along", "below", "signature", "quoted"]
  static values = { own: Array }

  addressIn(options) {
    document.addEventListener("temas:side", ({ detail }) => detail.number === this.numberValue && this.focusSide(detail), options)
    document.addEventListener("temas:entry:added", ({ detail }) => detail.number === this.numberValue && this.readdress(), options)
    this.usual ??= JSON.parse(this.element.dataset.envelope)
    if (this.hasEnvelopeTarget) this.envelope ??= new Envelope(this.envelopeTarget, this.ownValue, () => this.addressed())
    if (!this.envelope?.touched) this.envelope?.set(this.usual)
  }

  get addressing() {
    const side = this.kindValue === "side" ? { ...this.side, subject: this.subjectTarget.value } : undefined
    return { people: this.envelope?.kept, chosen: this.envelope?.chosen, side }
  }

  // To a third party: a new side conversation, with a message that is forwarded or none, or one that goes on.
  focusSide(side) {
    this.aside(side)
    if (side.to?.length) return this.focus()
    this.envelopeTarget.querySelector("input").focus()
  }

  aside({ id, forward, subject = "", to = [], cc = [] }) {
    this.setKind("side")
    this.side = { id, forward, to, cc }
    this.subjectTarget.value = subject
    this.subjectLineTarget.hidden = Boolean(id)
    this.alongTarget.hidden = !forward
    this.envelope.set({ to, cc }, { touched: !id })
    this.openEnvelope(true)
    this.addressed({ save: false })
  }

  leaveSide() {
    this.side = undefined
    this.subjectLineTarget.hidden = true
    this.envelope.set(this.usual)
    this.openEnvelope(false)
    queueMicrotask(() => this.addressed({ save: false }))
  }

  toggleEnvelope() {
    this.openEnvelope(this.envelopeTarget.hidden)
    if (!this.envelopeTarget.hidden) this.envelopeTarget.querySelector("input").focus()
  }

  openEnvelope(open) {
    if (!this.hasEnvelopeTarget) return
    this.envelopeTarget.hidden = !open
    this.envelopeToggleTarget.setAttribute("aria-expanded", String(open))
  }

  // The one line above the text, and the draft, follow the chips.
  addressed({ save = true } = {}) {
    if (!this.envelope) return
    const { to, cc, bcc } = this.envelope.people, copies = [...cc, ...bcc].map(person => person.address)
    this.addresseeTarget.textContent = to.map(person => person.address).join(", ")
    this.copiesTarget.textContent = copies.length ? say("copies", { people: copies.join(", ") }) : say("recipients")
    this.belowTarget.hidden = this.kindValue !== "reply" || !(this.usual.signature || this.usual.quoted)
    if (save) this.save()
  }

  // A new message may have another writer: who answers it by default is asked again, what was chosen stays.
  async readdress() {
    const found = await send("GET", `/tickets/${this.numberValue}/envelope`).catch(() => null) // the last known stay
    if (!found || !this.element.isConnected) return
    this.usual = found
    this.signatureTarget.textContent = found.signature
    this.quotedTarget.textContent = found.quoted ? say("earlier", { n: found.quoted }) : ""
    if (this.envelope && !this.envelope.touched && this.kindValue !== "side") this.envelope.set(found)
    this.addressed({ save: false })
  }
}
