// The bar that takes a reply back while it is held. It follows the agent to the next ticket.
import { send } from "temas/http"
import { complain, toast } from "temas/toast"
import { say } from "temas/words"

let bar, timer

document.addEventListener("turbo:frame-load", () => mount())

// ``again`` does what undoing means when it is not taking one message back.
export function offer({ number, message, seconds, draft, again }) {
  close()
  bar = document.getElementById("undo-bar").content.firstElementChild.cloneNode(true)
  const until = Date.now() + seconds * 1000
  bar.querySelector("button").addEventListener("click", () => again ? (close(), again()) : takeBack({ number, message, draft }))
  timer = setInterval(() => tick(until, seconds), 200)
  tick(until, seconds)
  mount()
}

function mount() {
  if (bar) document.querySelector(".undo-place")?.replaceChildren(bar)
}

function tick(until, seconds) {
  const left = until - Date.now()
  if (left <= 0) return close()
  bar.querySelector("[data-left]").textContent = say("sendsIn", { n: Math.ceil(left / 1000) })
  bar.querySelector(".on").setAttribute("stroke-dashoffset", String(100 - (left / seconds) / 10))
}

function close() {
  clearInterval(timer)
  bar?.remove()
  bar = undefined
}

async function takeBack({ number, message, draft }) {
  close()
  try {
    await send("DELETE", `/tickets/${number}/messages/${message}`)
    const { give } = await import("temas/outbox")
    give({ ...draft, number })
    toast(say("undone"))
  } catch (error) {
    complain(error)
  }
}
