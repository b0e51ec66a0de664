// The browser's half of helpdesk/filters.py: whether a changed ticket belongs to the view on the screen.
import { me } from "temas/words"

const WORKING = new Set(["new", "open", "pending", "on_hold"])
const OPERATORS = {
  is: (has, value) => (has ?? null) === value,
  is_not: (has, value) => (has ?? null) !== value,
  in: (has, value) => value.includes(has),
  has: (has, value) => has?.includes(value) ?? false,
  before: (has, value) => Boolean(has) && Date.parse(has) < value,
  after: (has, value) => Boolean(has) && Date.parse(has) >= value,
}
const FACET = { tag: "tags" } // where a facet is not called as the filter's field is

export function matches({ working, conditions }, facets) {
  return WORKING.has(facets.status) === working && conditions.every(condition => holds(condition, facets))
}

function holds({ field, op, value }, facets) {
  const wanted = value === "$me" ? me().id : value === "$now" ? Date.now() : value
  return OPERATORS[op](facets[FACET[field] ?? field], wanted)
}
