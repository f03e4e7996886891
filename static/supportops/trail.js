// The trail reads on as somebody scrolls to its end. Without this, or when it fails, the link there does the same.
(() => {
  "use strict";

  // A search that finds nothing for so many answers waits to be told to go on.
  const PATIENCE = 12;

  function readOn(list) {
    const said = document.querySelector("[data-trail-said]");
    let empty = 0;
    let running = false;

    const end = () => list.querySelector("[data-trail-more]");
    const link = () => list.querySelector("[data-trail-older]");

    async function next(asked) {
      const older = link();
      if (running || !older || (!asked && empty >= PATIENCE)) return;
      if (asked) empty = 0;
      running = true;
      older.setAttribute("aria-busy", "true");
      const focused = document.activeElement === older;
      try {
        const answer = await fetch(`${list.dataset.more}?${older.dataset.trailOlder}`, { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
        // Signed out meanwhile: the link leads to where one signs in.
        if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
        const part = document.createElement("template");
        part.innerHTML = await answer.text();
        add(part.content, focused);
        look();
      } catch {
        // Not anew by itself: what failed once would fail again and again.
        watch.disconnect();
        if (said) said.textContent = "The next events could not be fetched. Use the link at the end.";
        if (asked) location.assign(older.href);
      } finally {
        running = false;
        older.removeAttribute("aria-busy");
      }
    }

    function add(content, focused) {
      const fresh = [...content.querySelectorAll("[data-trail-events] > li")];
      const there = list.querySelector("[data-trail-events]");
      // An event that came in at the same moment is shown once.
      const known = new Set([...list.querySelectorAll("[data-trail-events] > li")].map((item) => item.id));
      const wanted = fresh.filter((item) => !known.has(item.id));
      for (const element of content.querySelectorAll("[data-only-with-script]")) element.hidden = false;
      if (there) there.append(...wanted);
      else if (content.querySelector("[data-trail-events]")) list.prepend(content.querySelector("[data-trail-events]"));
      end().replaceWith(content.querySelector("[data-trail-more]"));
      empty = wanted.length ? 0 : empty + 1;
      if (said) said.textContent = wanted.length ? `${wanted.length} more events.` : link() ? "" : "That is all of it.";
      if (focused) (wanted.length ? wanted[0].querySelector("a") : link())?.focus();
    }

    // The end is watched anew after each answer: it may still be in view, and then nothing would be told.
    const watch = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) next(false);
    }, { rootMargin: "600px" });

    function look() {
      watch.disconnect();
      if (link()) watch.observe(end());
    }

    list.addEventListener("click", (event) => {
      const older = event.target.closest("[data-trail-older]");
      if (!older || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
      event.preventDefault();
      next(true);
    });
    look();
  }

  for (const list of document.querySelectorAll("[data-trail]")) readOn(list);
})();
