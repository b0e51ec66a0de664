// What has been sent but not yet confirmed. It stands in the thread at once; when it fails it stays there, marked, with
// Retry, and its draft is kept until the server has it.
import * as drafts from "temas/drafts"
import { fragment, send } from "temas/http"
import { ask } from "temas/stale"
import * as thread from "temas/thread"
import { draw } from "temas/ticker"
import * as undo from "temas/undo"
import { icon, toast } from "temas/toast"
import { say } from "temas/words"

const waiting = new Set()

document.addEventListener("temas:connection", ({ detail }) => {
  if (detail.state === "connected") for (const job of [...waiting]) attempt(job)
})

export function post(job) {
  job.line = line(job)
  list(job)?.append(job.line)
  attempt(job)
}

async function attempt(job) {
  waiting.delete(job)
  state(job, "sending")
  try {
    const answer = await send("POST", `/tickets/${job.number}/${place(job)}`, payload(job))
    confirmed(job, answer)
  } catch (error) {
    failed(job, error)
  }
}

function place({ kind, side, at }) {
  if (at && kind === "reply") return "scheduled-replies"
  if (kind !== "side") return kind === "note" ? "notes" : "replies"
  return side.id ? `side-conversations/${side.id}/replies` : "side-conversations"
}

function payload({ html, text, files, close, seen, kind, chosen, side, at }) {
  const uploads = files.filter(file => !file.inline || html.includes(file.url)).map(file => file.id)
  for (const file of files) if (file.inline) html = html.replaceAll(file.url, `cid:${file.content_id}`)
  const body = { uploads, ...(html ? { html } : { text }) }
  if (kind === "note") return body
  return kind === "side" ? { ...body, ...chosen, subject: side.subject, forward: side.forward } : { ...body, ...chosen, close, seen_entry: seen, ...(at ? { send_at: at } : {}) }
}

function confirmed(job, { entry, message, html, undo_seconds: seconds }) {
  job.line.remove()
  const shown = list(job)
  if (shown && html) thread.put(shown, entry, html), draw(shown)
  drafts.sent(job)
  if (seconds) undo.offer({ number: job.number, message, seconds, draft: job })
}

function failed(job, error) {
  if (error.offline) {
    waiting.add(job)
    state(job, "waiting")
  } else if (error.status === 409 && error.problem.entries) {
    stale(job, error.problem.entries)
  } else {
    state(job, "failed", error.message)
    if (!job.line.isConnected) toast(say("notSent", { reason: error.message }), { tone: "late", label: say("retry"), action: () => attempt(job) })
  }
}

async function stale(job, ids) {
  job.line.remove()
  const html = await fragment(`/tickets/${job.number}/entries?after=${job.seen}`)
  const choice = await ask(html, new Set(ids.map(String)))
  if (choice === "send") return post({ ...job, seen: Math.max(...ids) })
  if (choice === "discard") return drafts.drop(job.number)
  give(job)
}

// Back into the composer, or into its draft when another ticket is open.
export function give(job) {
  const { kind, html, text, files, people, side } = job
  const draft = { kind, html, text, files, people, side }
  drafts.keep(job.number, draft)
  document.dispatchEvent(new CustomEvent("temas:restore", { detail: { number: job.number, draft } }))
}

const list = job => document.querySelector(`[data-thread="${job.number}"]`)

function line(job) {
  const template = document.getElementById("waiting-entry")
  const entry = template.content.firstElementChild.cloneNode(true)
  entry.dataset.way = { note: "note", side: "side" }[job.kind] ?? "out"
  for (const part of job.text.split(/\n{2,}/)) entry.querySelector(".body").append(Object.assign(document.createElement("p"), { textContent: part }))
  return entry
}

function state(job, name, reason = "") {
  const foot = job.line.querySelector(".foot")
  const sentence = { sending: say("sending"), waiting: say("queuedOffline"), failed: say("notSent", { reason }) }[name]
  job.line.classList.toggle("failed", name === "failed")
  foot.replaceChildren(icon(name === "failed" ? "alert" : "clock", "14"), ` ${sentence} `)
  if (name !== "failed") return
  const retry = Object.assign(document.createElement("button"), { type: "button", className: "btn btn--small", textContent: say("retry") })
  retry.addEventListener("click", () => attempt(job))
  foot.append(retry)
}
