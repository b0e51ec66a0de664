// The one connection to the server. Rooms are joined anew after every reconnect, since the server forgets them; what was
// missed meanwhile is not replayed, so everyone who shows something is told, once he is in the room, to catch up.
import { io } from "socket.io-client"

const EVENTS = ["ticket:changed", "entry:added", "presence", "notification", "incident:changed", "inbox:health"]
const rooms = new Map()
let socket, state = "connecting", lostAt = null, presence

export function start() {
  if (socket) return
  socket = io({ transports: ["websocket", "polling"], reconnectionDelay: 500, reconnectionDelayMax: 5000 })
  for (const name of EVENTS) socket.on(name, detail => tell(name, detail))
  socket.on("connect", connected)
  socket.on("rooms:closed", enter)
  socket.on("missed", detail => tell("missed", detail))
  socket.on("disconnect", reason => {
    if (reason === "io client disconnect") return
    lost()
    // A right has changed: come anew with the rights of now, once an answer on its way has brought its new cookie.
    if (reason === "io server disconnect") setTimeout(() => socket.connect(), 1000)
  })
  socket.on("connect_error", lost)
  addEventListener("online", () => socket.connected || socket.connect())
  addEventListener("offline", lost)
  setInterval(beat, 20e3)
}

// Stay in a room (`queue` or `ticket`) until another of its kind is joined or it is left. `seen` is the mark of what is
// shown (live.py); whoever comes later than a change after it is told that he `missed` something.
export function join(kind, detail, seen) {
  rooms.set(kind, { ...detail, seen })
  if (socket?.connected) enterOne(kind)
}

export function leave(kind) {
  if (!rooms.delete(kind) || kind !== "ticket") return
  presence = undefined
  if (socket?.connected) socket.emit("ticket:leave")
}

// Tell colleagues that this ticket is being looked at (`viewing`) or answered (`typing`); repeated while it lasts.
export function present(what, number) {
  presence = { what, number }
  beat()
}

export const status = () => ({ state, lostAt })
export const retryNow = () => socket?.connect()

function connected() {
  state = "connected"
  enter()
  beat()
  lostAt = null
  tell("connection", status())
}

function enter() {
  for (const kind of rooms.keys()) enterOne(kind)
}

// Whoever comes again has missed what happened meanwhile.
function enterOne(kind) {
  const detail = rooms.get(kind)
  socket.emit(`${kind}:join`, detail)
  rooms.set(kind, { ...detail, seen: "" })
}

function lost() {
  if (state === "lost") return
  state = "lost"
  lostAt = Date.now()
  tell("connection", status())
}

function beat() {
  if (presence && socket?.connected && !document.hidden) socket.emit(presence.what, { number: presence.number })
}

const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`temas:${name}`, { detail }))
