(() => {
  "use strict";
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const format = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
  const localise = () => {
    for (const time of document.querySelectorAll("time:not([title])")) {
      const utc = time.textContent, here = format.format(new Date(time.dateTime));
      time.title = utc;
      if (here.endsWith(" UTC") || here === utc) continue;
      const [day, clock] = utc.split(", ");
      time.textContent = `${here} (${here.startsWith(`${day},`) ? clock : utc})`;
    }
    if (zone && zone !== "UTC") document.getElementById("zone").textContent = `those of ${zone}, with UTC beside them`;
  };

  // The day under the pointer, or the one the arrow keys have reached.
  const tip = document.createElement("div");
  tip.id = "tip"; tip.hidden = true; tip.setAttribute("role", "status");
  document.body.append(tip);
  let at = 89;
  const show = (svg, place) => {
    const box = svg.getBoundingClientRect();
    const drawn = [...svg.querySelectorAll("rect")].find((each) => {
      const x = each.x.baseVal.value;
      return place >= Math.floor(x) && place < x + each.width.baseVal.value;
    });
    const days = document.querySelectorAll("#k title");
    tip.textContent = (drawn ? drawn.querySelector("title") : days[place]).textContent;
    tip.hidden = false;
    const x = box.left + (box.width * (place + 0.5)) / 90 - tip.offsetWidth / 2;
    tip.style.left = `${Math.max(4, Math.min(x, innerWidth - tip.offsetWidth - 4))}px`;
    tip.style.top = `${box.top > 40 ? box.top - tip.offsetHeight - 4 : box.bottom + 4}px`;
  };
  const barsOf = (element) => element && element.closest(".bars svg, .bars summary");
  const svgOf = (element) => (element.matches("svg") ? element : element.querySelector("svg"));
  addEventListener("pointermove", (event) => {
    const svg = event.target.closest && event.target.closest(".bars svg");
    if (!svg) { if (!barsOf(document.activeElement)) tip.hidden = true; return; }
    const box = svg.getBoundingClientRect();
    show(svg, Math.max(0, Math.min(89, Math.floor((90 * (event.clientX - box.left)) / box.width))));
  });
  addEventListener("focusin", (event) => {
    const bars = barsOf(event.target);
    tip.hidden = true;
    if (bars && event.target.matches(":focus-visible")) show(svgOf(bars), (at = 89));
  });
  addEventListener("focusout", () => { tip.hidden = true; });
  addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
  addEventListener("keydown", (event) => {
    const bars = barsOf(document.activeElement);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: 89 }[event.key];
    if (event.key === "Escape") tip.hidden = true;
    if (!bars || to === undefined) return;
    event.preventDefault();
    show(svgOf(bars), (at = Math.max(0, Math.min(89, to))));
  });

  // A page that stays open stays true, or says that it may not be.
  let known = document.getElementById("main").outerHTML, heard = Date.now();
  const refresh = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.pathname, { credentials: "omit" });
      if (!answer.ok) throw new Error(answer.status);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const main = document.getElementById("main"), said = fresh.getElementById("main").outerHTML;
      heard = Date.now();
      document.getElementById("lost")?.remove();
      if (said !== known && !main.contains(document.activeElement)) {
        const open = [...document.querySelectorAll("details")].map((each) => each.open);
        main.replaceWith(fresh.getElementById("main"));
        document.title = fresh.title;
        const details = document.querySelectorAll("details");
        if (details.length === open.length) details.forEach((each, place) => { each.open = open[place]; });
        localise();
        known = said;
      }
    } catch {
      if (Date.now() - heard < 300000 || document.getElementById("lost")) return;
      const lost = document.createElement("p");
      lost.id = "lost"; lost.className = "unknown"; lost.setAttribute("role", "status");
      lost.textContent = `This page could not be brought up to date since ${format.format(heard)}: what it says may no longer hold.`;
      document.getElementById("main").prepend(lost);
    }
  };
  localise();
  refresh();
  setInterval(refresh, 30000);
})();
