// What every screen starts with.
import * as Turbo from "@hotwired/turbo"
import { Application } from "@hotwired/stimulus"
import * as keys from "temas/keys"
import * as live from "temas/live"
import * as ticker from "temas/ticker"
import Banner from "temas/banner"
import Composer from "temas/composer"
import Conversation from "temas/conversation"
import Desk from "temas/desk"
import Life from "temas/life"
import Presets from "temas/presets"
import Queue from "temas/queue"

window.Turbo = Turbo

const stimulus = Application.start()
stimulus.register("banner", Banner)
stimulus.register("desk", Desk)
stimulus.register("queue", Queue)
stimulus.register("conversation", Conversation)
stimulus.register("composer", Composer)
stimulus.register("life", Life)
stimulus.register("presets", Presets)

keys.start()
ticker.start()
live.start()
ticker.draw(document)

for (const event of ["turbo:load", "turbo:render", "turbo:frame-load"])
  document.addEventListener(event, ({ target }) => ticker.draw(target))

document.addEventListener("click", async ({ target }) => {
  if (target.closest?.("[data-show-keys]")) (await import("temas/keysheet")).show()
  if (target.closest?.("[data-close-dialog]")) target.closest("dialog").close()
})
