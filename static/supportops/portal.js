// What the pages do beyond what the server wrote. Without it every page still says everything, as of when it was loaded.
(() => {
  "use strict";

  const MINUTE = 60, HOUR = 3600, DAY = 86400;
  // How far this machine's clock is behind the server's, in milliseconds; small differences are only latency.
  let skew = 0;

  const now = () => Date.now() + skew;

  // The same words as apps/dashboard/moments.py.
  function rough(seconds) {
    const s = Math.floor(seconds);
    if (s < MINUTE) return `${s} s`;
    if (s < HOUR) return `${Math.floor(s / MINUTE)} min`;
    const two = (large, unit, small, smallUnit) => (small ? `${large} ${unit} ${small} ${smallUnit}` : `${large} ${unit}`);
    if (s < DAY) return two(Math.floor(s / HOUR), "h", Math.floor((s % HOUR) / MINUTE), "min");
    const days = Math.floor(s / DAY);
    return two(days, days === 1 ? "day" : "days", Math.floor((s % DAY) / HOUR), "h");
  }

  function until(at) {
    const left = (at - now()) / 1000;
    return left > 0 ? `in ${rough(left)}` : `${rough(-left)} late`;
  }

  function ago(at) {
    const passed = (now() - at) / 1000;
    return passed < 0 ? `in ${rough(-passed)}` : `${rough(passed)} ago`;
  }

  function tick() {
    for (const element of document.querySelectorAll("time[data-countdown], time[data-ago]")) {
      const counting = element.dataset.countdown;
      const at = Date.parse(counting || element.dataset.ago);
      if (Number.isNaN(at)) continue;
      const said = counting ? until(at) : ago(at);
      if (element.textContent !== said) element.textContent = said;
      if (counting) element.toggleAttribute("data-late", at <= now());
    }
  }

  function learnSkew(root) {
    const stamp = root.querySelector("[data-now]");
    if (!stamp) return;
    const difference = Date.parse(stamp.dataset.now) - Date.now();
    skew = Math.abs(difference) > 5000 ? difference : 0;
  }

  // The browser's zone, told to the server; it renders times, so a page in another zone is loaded once more.
  function tellZone() {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const meta = document.querySelector('meta[name="portal-zone"]');
    if (!zone || !meta) return;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `time_zone=${encodeURIComponent(zone)}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    if (meta.dataset.chosen || meta.content === zone || !meta.dataset.reload) return;
    try {
      if (sessionStorage.getItem("time_zone") === zone) return;
      sessionStorage.setItem("time_zone", zone);
    } catch {
      return;
    }
    location.reload();
  }

  // One polite voice for the whole page.
  function announce(text) {
    let voice = document.getElementById("portal-voice");
    if (!voice) {
      voice = document.createElement("div");
      voice.id = "portal-voice";
      voice.className = "portal-hidden";
      voice.setAttribute("role", "status");
      document.body.append(voice);
    }
    voice.textContent = text;
  }

  async function copy(text) {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "portal-hidden";
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    if (!copied) throw new Error("refused");
    return undefined;
  }

  const copyLink = (button) => copyAndSay(button, new URL(button.dataset.copy, location.href).href, "link");

  async function copyAndSay(button, text, what) {
    const label = button.querySelector("[data-copy-label]") || button;
    const before = label.textContent;
    try {
      await copy(text);
      label.textContent = "Copied";
      announce(`The ${what} was copied.`);
    } catch {
      label.textContent = "Not copied";
      announce(`The ${what} could not be copied.`);
    }
    button.focus();
    setTimeout(() => { label.textContent = before; }, 1500);
  }

  // A part of the page that is fetched anew every few seconds: <div data-refresh="/home/fragment/" data-every="10">.
  function keepFresh(part) {
    let running = false;
    // Asked for while an answer was on its way: that answer may be from before what is to be shown.
    let again = false;
    let last = part.dataset.announce || "";

    async function refresh() {
      if (running) { again = true; return; }
      if (document.hidden || part.hasAttribute("data-hold")) return;
      const active = document.activeElement;
      // Nobody's typing is taken away, nor an open list of choices.
      if (active && part.contains(active) && active.matches("input, textarea, select")) return;
      running = true;
      again = false;
      try {
        const answer = await fetch(part.dataset.refresh, { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
        // A sign-in page must not land in the middle of this one.
        if (answer.redirected || answer.status === 403) { location.reload(); return; }
        if (!answer.ok) throw new Error(String(answer.status));
        const html = await answer.text();
        // Something is being carried over it: it is fetched again when that is put down.
        if (part.hasAttribute("data-hold")) return;
        swap(html);
        part.removeAttribute("data-stale");
      } catch {
        part.setAttribute("data-stale", "");
      } finally {
        running = false;
        if (again) { again = false; refresh(); }
      }
    }

    function swap(html) {
      const focused = document.activeElement && part.contains(document.activeElement) ? document.activeElement.id : "";
      const places = [...part.querySelectorAll("[data-keep-scroll]")].map((box) => [box.id, box.scrollTop, box.scrollHeight - box.clientHeight - box.scrollTop < 40]);
      const open = [...part.querySelectorAll("details[open][id]")].map((box) => box.id);
      part.innerHTML = html;
      for (const [id, top, atEnd] of places) {
        const box = document.getElementById(id);
        if (box) box.scrollTop = atEnd ? box.scrollHeight : top;
      }
      for (const id of open) {
        const box = document.getElementById(id);
        if (box) box.open = true;
      }
      if (focused) {
        const again = document.getElementById(focused);
        if (again) again.focus({ preventScroll: true });
      }
      learnSkew(part);
      tick();
      const summary = part.querySelector("[data-announce]");
      const said = summary ? summary.dataset.announce : "";
      if (said && said !== last) announce(said);
      last = said;
    }

    part.addEventListener("portal:refresh", refresh);
    setInterval(refresh, Number(part.dataset.every || 10) * 1000);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  }

  // <form data-quiet>: sent without leaving the page; what it changed shows in the parts that refresh.
  async function sendQuietly(form, button) {
    const body = new FormData(form, button || undefined);
    form.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.getAttribute("action") || location.href, {
        method: "POST", body, headers: { "X-Requested-With": "fetch" }, credentials: "same-origin",
      });
      const said = await answer.json();
      announce(said.said || "");
      showSaid(form, said);
      if (answer.ok) {
        for (const [name, value] of Object.entries(said.fields || {})) {
          const field = form.elements.namedItem(name);
          if (field) field.value = value;
        }
      }
    } catch {
      showSaid(form, { error: true, said: "That did not reach the portal. Try again." });
    } finally {
      form.removeAttribute("aria-busy");
      for (const part of document.querySelectorAll("[data-refresh]")) part.dispatchEvent(new Event("portal:refresh"));
    }
  }

  function showSaid(form, said) {
    const place = document.getElementById(form.dataset.said || "") || form.querySelector("[data-said]");
    if (!place) return;
    place.textContent = said.said || "";
    place.toggleAttribute("data-error", Boolean(said.error));
  }

  document.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-quiet]")) {
      event.preventDefault();
      sendQuietly(event.target, event.submitter);
    }
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.copy !== undefined) copyLink(button);
    if (button.dataset.copyText !== undefined) copyAndSay(button, document.getElementById(button.dataset.copyText).value, "text");
    if (button.dataset.signIn !== undefined) {
      const form = document.getElementById("login-form");
      form.elements.username.value = button.dataset.signIn;
      form.elements.password.value = button.dataset.password;
      form.requestSubmit();
    }
    if (button.dataset.guessZone !== undefined) {
      const field = document.getElementById(button.dataset.guessZone);
      const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
      if ([...field.options].some((option) => option.value === zone)) {
        field.value = zone;
        announce(`Chosen: ${zone}. Save to keep it.`);
      }
      field.focus();
    }
  });

  // The search over everything: Enter goes to the first thing found, also when it is pressed before the answer is there.
  let searched = "";
  let awaited = "";

  function chosenOrFirst() {
    return document.querySelector("#command-results-list li.active a") || document.querySelector("#command-results-list a");
  }

  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "search-input-command" || event.key !== "Enter" || event.metaKey || event.ctrlKey) return;
    // Unfold's own handler knows only what was chosen with the arrows, and fails where nothing was.
    event.preventDefault();
    event.stopImmediatePropagation();
    const words = event.target.value.trim();
    if (!words) return;
    const link = words === searched ? chosenOrFirst() : null;
    if (link) location.assign(link.href);
    awaited = words;
  }, true);
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.id === "search-input-command") searched = "";
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!event.detail.target || event.detail.target.id !== "command-results") return;
    const field = document.getElementById("search-input-command");
    searched = new URL(event.detail.xhr.responseURL || location.href).searchParams.get("s") || field.value.trim();
    searched = searched.trim();
    const link = chosenOrFirst();
    if (awaited && awaited === searched && link) location.assign(link.href);
    // Unfold's own sentence is not among what it takes from the answer.
    if (!link && searched) {
      const said = document.createElement("p");
      said.className = "portal-body";
      said.textContent = `Nothing was found for “${searched}”.`;
      event.detail.target.replaceChildren(said);
    }
    announce(link ? "Results are there." : "Nothing was found.");
    awaited = "";
  });

  // A dialog takes the focus when it opens, and gives it back to where it came from.
  let opener = null;
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target && event.detail.target.id === "modal-content") opener = document.activeElement;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!event.detail.target || event.detail.target.id !== "modal-content") return;
    setTimeout(() => {
      const first = event.detail.target.querySelector("input:not([type=hidden]), select, textarea, button[type=submit]");
      if (first) first.focus();
    }, 150);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && opener) {
      opener.focus();
      opener = null;
    }
  });

  // Select2's search box has no name of its own: it takes that of the field it searches for.
  document.addEventListener("focusin", (event) => {
    if (!event.target.matches(".select2-search__field") || event.target.hasAttribute("aria-label")) return;
    const select = event.target.closest(".select2-container").previousElementSibling;
    const label = select && select.labels && select.labels[0];
    event.target.setAttribute("aria-label", label ? label.textContent.trim() : (select && select.getAttribute("aria-label")) || "Search");
  });

  // A long list of boxes, narrowed to what is searched for; what was chosen already stays in sight.
  function narrow(field) {
    const words = field.value.trim().toLowerCase();
    const list = field.closest("[data-narrowed]");
    for (const row of list.querySelectorAll("[data-narrow-row]")) {
      const box = row.querySelector("select, input");
      const chosen = box && [...(box.options || [])].some((option) => option.selected !== option.defaultSelected);
      row.hidden = Boolean(words) && !chosen && !row.querySelector("label").textContent.toLowerCase().includes(words);
    }
    for (const head of list.querySelectorAll("[data-narrow-head]")) {
      const rows = head.nextElementSibling.querySelectorAll("[data-narrow-row]");
      head.hidden = [...rows].every((row) => row.hidden);
    }
  }
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-narrow]")) narrow(event.target);
  });
  document.addEventListener("keydown", (event) => {
    // Enter would send the form.
    if (event.target.matches("[data-narrow]") && event.key === "Enter") event.preventDefault();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    for (const field of (event.detail.target || document).querySelectorAll("[data-narrow]")) field.hidden = false;
  });

  // Leaving a field that sends its form by itself, such as "who you are" in the preview.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  });

  document.addEventListener("DOMContentLoaded", () => {
    learnSkew(document);
    tellZone();
    tick();
    setInterval(tick, 1000);
    for (const box of document.querySelectorAll("[data-keep-scroll]")) box.scrollTop = box.scrollHeight;
    for (const part of document.querySelectorAll("[data-refresh]")) keepFresh(part);
    for (const element of document.querySelectorAll("[data-only-with-script]")) element.hidden = false;
    for (const element of document.querySelectorAll("[data-only-without-script]")) element.hidden = true;
    // The page is hidden until Unfold's script is ready, so the browser's own autofocus found nothing to focus.
    const first = document.querySelector("[autofocus]");
    if (first && document.activeElement === document.body) first.focus();
  });
  // Rows and dialogs that arrive later tick as well; the interval finds them.
})();
