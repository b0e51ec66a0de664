// One shared ticker draws every clock, every "12m" and every time of day in the reader's own time zone.
import { language, say } from "temas/words"

const MINUTE = 60e3, HOUR = 60 * MINUTE, DAY = 24 * HOUR, SOON = 25 * MINUTE, EVERY = 5e3
const ICON = { late: "#i-alert", soon: "#i-clock", ok: "#i-clock" }
const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }
const SHAPES = { date: { day: "numeric", month: "short", year: "numeric", ...CLOCK }, day: { weekday: "short", ...CLOCK }, meeting: { weekday: "long", day: "numeric", month: "long", year: "numeric", ...CLOCK } }
const formats = new Map()
let timer

export function start() {
  timer ??= setInterval(() => document.hidden || draw(document), EVERY)
  document.addEventListener("visibilitychange", () => document.hidden || draw(document))
}

// Draw what stands inside `root`; called at once for everything that is newly inserted.
export function draw(root) {
  const now = Date.now()
  for (const clock of each(root, "[data-due]")) drawClock(clock, now)
  for (const time of each(root, "time[data-ago]")) write(time, ago(now - Date.parse(time.dateTime), time.dateTime))
  for (const time of each(root, "time[data-at]:not([data-drawn])")) drawTime(time)
}

export function duration(milliseconds) {
  const minutes = Math.floor(Math.abs(milliseconds) / MINUTE)
  if (minutes < 60) return say("minutes", { n: minutes })
  if (minutes >= 24 * 60) return say("days", { n: Math.floor(minutes / 1440) })
  const hours = Math.floor(minutes / 60), rest = minutes % 60
  return rest ? say("hoursMinutes", { n: hours, m: String(rest).padStart(2, "0") }) : say("hours", { n: hours })
}

export function timeOfDay(date) {
  return format(CLOCK).format(date)
}

export function dayName(date) {
  const today = new Date().setHours(0, 0, 0, 0), day = new Date(date).setHours(0, 0, 0, 0)
  if (day === today) return say("today")
  if (day === today - DAY) return say("yesterday")
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric"
  return format({ day: "numeric", month: "long", weekday: "long", year }).format(date)
}

function ago(passed, iso) {
  if (passed < MINUTE) return say("now")
  if (passed > 6 * DAY) return format({ day: "numeric", month: "short" }).format(new Date(iso))
  const unit = passed >= DAY ? DAY : passed >= HOUR ? HOUR : MINUTE
  return duration(Math.floor(passed / unit) * unit)
}

function drawClock(clock, now) {
  const left = Date.parse(clock.dataset.due) - now
  const state = left < 0 ? "late" : left <= SOON ? "soon" : "ok"
  write(clock.querySelector(".left"), (left < 0 ? "−" : "") + duration(left))
  if (clock.dataset.at === state) return
  clock.dataset.at = state
  clock.querySelector("use")?.setAttribute("href", ICON[state])
}

function drawTime(time) {
  const date = new Date(time.dateTime)
  write(time, time.dataset.at === "time" ? timeOfDay(date) : format(SHAPES[time.dataset.at]).format(date))
  time.title = format({ dateStyle: "full", timeStyle: "short" }).format(date)
  time.dataset.drawn = ""
}

function write(element, text) {
  if (element && element.textContent !== text) element.textContent = text
}

function each(root, selector) {
  const inside = root.querySelectorAll?.(selector) ?? []
  return root.matches?.(selector) ? [root, ...inside] : inside
}

function format(options) {
  const key = language() + JSON.stringify(options)
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(language(), options))
  return formats.get(key)
}
