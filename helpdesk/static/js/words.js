// The page's own data (who I am, translated sentences), written by the server as JSON.
let element, data = {}

export function page() {
  const found = document.getElementById("temas")
  if (found && found !== element) [element, data] = [found, JSON.parse(found.textContent)]
  return data
}

export function say(key, values = {}) {
  const text = page().words?.[key] ?? key
  return text.replace(/%\((\w+)\)s/g, (whole, name) => values[name] ?? whole)
}

export const me = () => page().agent ?? {}
export const language = () => page().language ?? "en"
