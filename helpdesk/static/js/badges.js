// The counts in the rail, beside the names of what they count.
export function drawBadges(counts) {
  for (const badge of document.querySelectorAll("[data-badge]")) {
    const count = counts[badge.dataset.badge === "inbox" ? "unassigned" : badge.dataset.badge] ?? badge.textContent
    badge.hidden = !count || count === "0"
    badge.textContent = count
  }
}
