// What one agent is told wherever he is: the bell's count, a sentence, and the way to the ticket.
import * as Turbo from "@hotwired/turbo"
import { send } from "temas/http"
import { toast } from "temas/toast"
import { say } from "temas/words"

const LATE = new Set(["stopped", "delivery_failed", "delivery_unknown"])
const SENTENCES = {
  side_message: "sideAnswered", delivery_failed: "deliveryFailed", delivery_unknown: "deliveryUnknown", mentioned: "toldMentioned",
  assigned: "toldAssigned", replied: "toldReplied", followed: "toldFollowed", stopped: "toldStopped", reopened: "toldReopened",
}

export function show({ kind, number, who, recipient }) {
  count(waiting() + 1)
  if (document.querySelector(`[data-thread="${number}"]`) && !document.hidden) return readOf(number) // what is on the screen speaks for itself
  if (!SENTENCES[kind]) return
  const text = say(SENTENCES[kind], { number, who, recipient })
  toast(text, { tone: LATE.has(kind) ? "late" : "calm", seconds: 12, label: say("showTicket"), action: () => Turbo.visit(`/tickets/${number}`) })
}

// Whoever looks at a ticket has read what he was told of it.
export async function readOf(number) {
  if (!waiting()) return
  const answer = await send("DELETE", `/tickets/${number}/notifications`).catch(() => null) // the next look tries again
  if (answer) count(answer.unread)
}

const bell = () => document.querySelector("[data-badge=notifications]")
const waiting = () => Number(bell()?.textContent || 0)

function count(number) {
  const badge = bell()
  if (!badge) return
  badge.textContent = number || ""
  badge.hidden = !number
}
