// Who is looking at or answering which ticket. The server says; rows and threads only draw it.
import { language, me, say } from "temas/words"

const who = new Map()

document.addEventListener("temas:presence", ({ detail }) => {
  const others = detail.agents.filter(agent => agent.id !== me().id)
  others.length ? who.set(Number(detail.number), others) : who.delete(Number(detail.number))
}, { capture: true })

export const others = number => who.get(Number(number)) ?? []

// Dots in a row: a ring is looking, a filled one is answering.
export function decorate(row) {
  const place = row.querySelector(".dots")
  if (!place) return
  const people = others(row.dataset.number)
  place.replaceChildren(...people.slice(0, 3).map(dot))
  place.hidden = !people.length
  place.ariaLabel = sentence(people)
}

export function dot(person) {
  const mark = document.createElement("i")
  if (person.state === "typing") mark.dataset.replying = ""
  return mark
}

export function sentence(people) {
  const typing = people.filter(person => person.state === "typing")
  const names = list => new Intl.ListFormat(language()).format(list.map(person => person.name))
  if (typing.length) return say("replying", { names: names(typing) })
  return people.length ? say("viewing", { names: names(people) }) : ""
}
