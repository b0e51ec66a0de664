// What one agent is told wherever he is: a sentence, and the way to the ticket.
import * as Turbo from "@hotwired/turbo"
import { toast } from "temas/toast"
import { say } from "temas/words"

const SENTENCES = { side_message: "sideAnswered", delivery_failed: "deliveryFailed", delivery_unknown: "deliveryUnknown" }

export function show({ kind, number, who, recipient }) {
  if (!SENTENCES[kind] || document.querySelector(`[data-thread="${number}"]`)) return // what is on the screen speaks for itself
  const text = say(SENTENCES[kind], { number, who, recipient })
  const tone = kind === "side_message" ? "calm" : "late"
  toast(text, { tone, seconds: 12, label: say("showTicket"), action: () => Turbo.visit(`/tickets/${number}`) })
}
