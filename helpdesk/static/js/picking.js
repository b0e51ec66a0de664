// Choosing another ticket to merge with or to link to, and splitting a message off. What was done can be undone at once.
import { element, fragment, send } from "temas/http"
import { complain, toast } from "temas/toast"
import { say } from "temas/words"

export async function pick(number, way) {
  const dialog = await show(`/tickets/${number}/picker?way=${way}`)
  if (dialog) new Picker(dialog)
}

export async function split(number, message) {
  const dialog = await show(`/tickets/${number}/messages/${message}/split`)
  dialog?.querySelector("form").addEventListener("submit", event => {
    event.preventDefault()
    const { subject, following } = event.target.elements
    carryOut(dialog, `/tickets/${number}/split`, { message, subject: subject.value, following: following.checked })
  })
}

export async function unlink(url) {
  await send("POST", url).then(({ said }) => toast(said), complain)
}

class Picker {
  constructor(dialog) {
    Object.assign(this, { dialog, number: Number(dialog.dataset.number), way: dialog.dataset.way })
    this.input = dialog.querySelector("input")
    this.input.addEventListener("input", () => this.find())
    dialog.addEventListener("keydown", event => this.pressed(event))
    dialog.addEventListener("click", ({ target }) => this.clicked(target))
  }

  // What the newest words find; an answer to earlier words is dropped.
  async find() {
    this.asked?.abort()
    this.asked = new AbortController()
    const query = new URLSearchParams({ way: this.way, q: this.input.value })
    try {
      const html = await fragment(`/tickets/${this.number}/candidates?${query}`, { signal: this.asked.signal })
      this.dialog.querySelector(".found").innerHTML = html
    } catch (error) {
      if (error.name !== "AbortError") complain(error)
    }
  }

  pressed(event) {
    const choices = [...this.dialog.querySelectorAll(".candidates button")]
    const at = choices.indexOf(document.activeElement)
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step && choices.length) {
      event.preventDefault()
      const next = at + step
      ;(next < 0 ? this.input : choices[Math.min(next, choices.length - 1)]).focus()
    } else if (event.key === "Enter" && event.target === this.input && choices.length) {
      event.preventDefault()
      this.choose(choices[0])
    }
  }

  clicked(target) {
    const choice = target.closest(".candidates button"), way = target.closest("[data-way]:not(dialog)")
    if (choice) this.choose(choice)
    else if (way) this.turn(way)
    else if (target.closest("[data-no]")) this.ask(null)
    else if (target.closest("[data-yes]")) this.finish(this.chosen)
  }

  turn(button) {
    this.way = button.dataset.way
    for (const one of button.parentElement.children) one.setAttribute("aria-pressed", String(one === button))
    this.input.focus()
  }

  choose({ dataset: { number, sure } }) {
    this.chosen = Number(number)
    if (sure) this.ask(sure)
    else this.finish(this.chosen)
  }

  // What it means is read before it is done.
  ask(sentence) {
    const sure = this.dialog.querySelector(".sure")
    sure.querySelector("p").textContent = sentence ?? ""
    sure.hidden = !sentence
    for (const part of [this.input, this.dialog.querySelector(".found")]) part.hidden = Boolean(sentence)
    ;(sentence ? sure.querySelector("[data-yes]") : this.input).focus()
  }

  finish(other) {
    const merging = this.way === "merge"
    const body = merging ? { into: other } : { ticket: other, way: this.way }
    return carryOut(this.dialog, `/tickets/${this.number}/${merging ? "merge" : "links"}`, body)
  }
}

async function show(url) {
  try {
    const dialog = document.body.appendChild(element(await fragment(url)))
    dialog.addEventListener("close", () => dialog.remove())
    dialog.showModal()
    return dialog
  } catch (error) {
    complain(error)
    return null
  }
}

async function carryOut(dialog, url, body) {
  try {
    const done = await send("POST", url, body)
    dialog.close()
    if (done.open) open(done.open)
    toast(done.said, { label: say("undo"), action: () => takeBack(done), seconds: 10 })
  } catch (error) {
    complain(error)
  }
}

async function takeBack({ undo, back }) {
  try {
    const { said } = await send("POST", undo)
    if (back) open(back)
    toast(said)
  } catch (error) {
    complain(error)
  }
}

const open = number => document.dispatchEvent(new CustomEvent("temas:open", { detail: { number } }))
