// Requests of scripts: CSRF header, JSON in and out, and refusals as sentences that can be shown.
import { say } from "temas/words"

export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.detail || say("failed"))
    Object.assign(this, { status, problem })
  }
  get offline() { return this.status === 0 }
}

export const csrf = () => document.querySelector('meta[name="csrf-token"]')?.content ?? ""

// Body: undefined, a plain object (sent as JSON) or FormData. Resolves to the parsed answer; rejects with a Refusal.
export async function send(method, url, body, { signal } = {}) {
  const headers = { Accept: "application/json", "X-CSRFToken": csrf() }
  if (body && !(body instanceof FormData)) {
    headers["Content-Type"] = "application/json"
    body = JSON.stringify(body)
  }
  const response = await reach(url, { method, headers, body, signal })
  if (response.redirected && new URL(response.url).pathname === "/login") throw new Refusal(401, { detail: say("signedOut") })
  if (response.status === 204) return null
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) throw new Refusal(response.status, { detail: sentence(response.status), ...answer })
  return answer
}

// A fragment of HTML, as text.
export async function fragment(url, { signal } = {}) {
  const response = await reach(url, { headers: { Accept: "text/html", "X-Fragment": "1" }, signal })
  if (!response.ok) throw new Refusal(response.status, { detail: sentence(response.status) })
  return response.text()
}

export function element(html) {
  const template = document.createElement("template")
  template.innerHTML = html.trim()
  return template.content.firstElementChild
}

async function reach(url, options) {
  try {
    return await fetch(url, { credentials: "same-origin", ...options })
  } catch (error) {
    if (error.name === "AbortError") throw error
    throw new Refusal(0, { detail: say("failed") })
  }
}

const sentence = status => status === 401 ? say("signedOut") : status >= 500 ? say("serverError") : say("failed")
