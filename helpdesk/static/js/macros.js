// Macros of an open ticket: what one would do, doing it in one request, and taking it back.
import { send } from "temas/http"
import { complain, toast } from "temas/toast"
import * as undo from "temas/undo"
import { say } from "temas/words"

export async function tell(button, number) {
  const place = document.querySelector("#macro-does ul")
  if (!button || !place || place.dataset.of === button.dataset.macro) return
  place.dataset.of = button.dataset.macro
  const { does, problems } = await send("GET", `/tickets/${number}/macros/${button.dataset.macro}`).catch(() => ({ does: [], problems: [] }))
  if (place.dataset.of !== button.dataset.macro) return // another one is looked at
  place.replaceChildren(...[...problems, ...does].map(text => Object.assign(document.createElement("li"), { textContent: text, dir: "auto" })))
}

// Resolves to whether the ticket is finished by it.
export async function run(number, macro, seen) {
  try {
    const { run: made, undo_seconds: seconds, closed } = await send("POST", `/tickets/${number}/macros/${macro}`, { seen_entry: seen })
    undo.offer({ number, seconds, again: () => takeBack(number, made) })
    return closed
  } catch (error) {
    complain(error)
    return false
  }
}

async function takeBack(number, made) {
  try {
    await send("POST", `/tickets/${number}/macro-runs/${made}/undo`)
    toast(say("macroUndone"))
  } catch (error) {
    complain(error)
  }
}
