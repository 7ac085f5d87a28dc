"use strict";
// Live pages are read again every few seconds, and the parts of class "live" that have changed are exchanged. Everything
// works without this script too; then the browser loads such pages again by itself.
(() => {
  const main = document.querySelector("main[data-live]");

  function localTimes(root) {
    for (const time of root.querySelectorAll("time[datetime]")) {
      const date = new Date(time.dateTime);
      if (!Number.isNaN(date.valueOf())) time.title = date.toLocaleString(document.documentElement.lang);
    }
  }

  function exchange(fresh) {
    for (const part of document.querySelectorAll(".live[id]")) {
      const next = fresh.getElementById(part.id);
      if (!next || next.innerHTML === part.dataset.seen) continue;
      const seen = next.innerHTML;
      if (part.contains(document.activeElement) && document.activeElement !== part) continue;
      const scrolled = [...part.querySelectorAll(".scroll")].map((box) => box.scrollLeft);
      part.className = next.className;
      part.replaceChildren(...document.importNode(next, true).childNodes);
      part.querySelectorAll(".scroll").forEach((box, index) => { box.scrollLeft = scrolled[index] || 0; });
      localTimes(part);
      part.dataset.seen = seen;
    }
  }

  async function readAgain() {
    if (!document.hidden) {
      try {
        const answer = await fetch(location.href, { credentials: "same-origin" });
        if (answer.redirected) return location.reload();
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        exchange(fresh);
        const next = fresh.querySelector("main");
        if (next && !next.dataset.live) return;
        document.body.classList.remove("stale");
      } catch {
        document.body.classList.add("stale");
      }
    }
    setTimeout(readAgain, Number(main.dataset.live) * 1000);
  }

  localTimes(document);
  if (main) setTimeout(readAgain, Number(main.dataset.live) * 1000);

  // An action is sent once, however often somebody presses.
  for (const form of document.querySelectorAll("form")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) return event.preventDefault();
      form.dataset.sent = "yes";
    });
  }
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form")) delete form.dataset.sent;
  });
})();
