// Pages of rows from the server, laid over a list that goes on changing while they are on their way.
import { fragment } from "temas/http"

export class Pages {
  constructor(apply) {
    this.apply = apply
    this.running = new Set()
  }

  // To be told of every pushed change: it is newer than what is being fetched.
  heard(change) { for (const changes of this.running) changes.set(change.number, change) }

  // Fetch rows and lay them down; `lay` gets the page and the changes by number that go over it afterwards.
  async fetch(url, lay) {
    const changes = new Map()
    this.running.add(changes)
    try {
      lay(parse(await fragment(url)), changes)
      for (const change of changes.values()) this.apply(change)
    } finally {
      this.running.delete(changes)
    }
  }
}

function parse(html) {
  const template = document.createElement("template")
  template.innerHTML = html
  const page = template.content.querySelector("[data-next]")
  return { rows: [...template.content.querySelectorAll("li[data-number]")], next: page?.dataset.next ?? "" }
}
