// What every screen starts with. A ticket's own scripts come when one is opened, or when a hand moves towards it.
import * as Turbo from "@hotwired/turbo"
import { Application } from "@hotwired/stimulus"
import * as keys from "temas/keys"
import * as live from "temas/live"
import * as ticker from "temas/ticker"
import Banner from "temas/banner"
import Desk from "temas/desk"
import Life from "temas/life"
import Presets from "temas/presets"
import Queue from "temas/queue"
import When from "temas/when"

const LATER = {
  conversation: () => import("temas/conversation"), composer: () => import("temas/composer"), signature: () => import("temas/signature"),
  written: () => import("temas/written"),
}
const loading = new Map()

window.Turbo = Turbo

const stimulus = Application.start()
stimulus.register("banner", Banner)
stimulus.register("desk", Desk)
stimulus.register("queue", Queue)
stimulus.register("life", Life)
stimulus.register("presets", Presets)
stimulus.register("when", When)

keys.start()
ticker.start()
live.start()
ticker.draw(document)
loadShown()

for (const event of ["turbo:load", "turbo:render", "turbo:frame-load"])
  document.addEventListener(event, ({ target }) => { loadShown(); ticker.draw(target) })

document.addEventListener("temas:notification", async ({ detail }) => (await import("temas/notices")).show(detail))

for (const event of ["pointerover", "keydown"])
  document.addEventListener(event, () => Object.keys(LATER).forEach(load), { once: true, passive: true })

document.addEventListener("click", async ({ target }) => {
  if (target.closest?.("[data-show-keys]")) (await import("temas/keysheet")).show()
  if (target.closest?.("[data-close-dialog]")) target.closest("dialog").close()
  const unlinking = target.closest?.("[data-unlink]")
  if (unlinking) (await import("temas/picking")).unlink(unlinking.dataset.unlink)
})

// A click, or the key of a button, that comes before the script which it is meant for waits for that script.
document.addEventListener("click", event => {
  const scripts = [...loading].filter(([name]) => event.target.closest?.(`[data-action*="${name}#"]`)).map(([, script]) => script)
  if (!scripts.length) return
  event.preventDefault()
  event.stopImmediatePropagation()
  Promise.all(scripts).then(() => event.target.click())
}, { capture: true })

function loadShown() {
  for (const name of Object.keys(LATER))
    if (document.querySelector(`[data-controller~="${name}"]`)) load(name)
}

function load(name) {
  const fetch = LATER[name]
  delete LATER[name]
  if (!fetch) return
  const script = fetch().then(script => stimulus.register(name, script.default), () => { LATER[name] = fetch }) // asked for again when needed
  loading.set(name, script.finally(() => loading.delete(name)))
}
