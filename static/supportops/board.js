// The timeline of the on-call board, drawn from what the table beside it says. Without this the table is shown.
(() => {
  "use strict";

  const DAY = 86400000;
  // Names of icons in Unfold's font.
  const SIGNS = { gap: "person_off", override: "swap_horiz", double: "content_copy", leave: "beach_access" };
  const WORDS = { gap: "a gap", override: "by an override", double: "in two roles at once", leave: "on leave" };
  const SIDEBAR = () => (window.innerWidth < 640 ? 112 : 176);

  const make = (name, className, text) => {
    const element = document.createElement(name);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  };
  const said = (floating) => new Date(`${floating}Z`).toLocaleString("en-GB", {
    weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: "UTC",
  }).replace(",", "");

  // --- the dialog of a segment: what its line of the table says, and its links

  const dialog = document.getElementById("board-dialog");
  let opener = null;

  function open(title, facts, links) {
    dialog.querySelector("h2").textContent = title;
    const body = dialog.querySelector(".portal-body");
    const list = make("dl", "board-facts");
    for (const [name, content] of facts) {
      const value = make("dd");
      value.append(...content);
      list.append(make("dt", "", name), value);
    }
    const buttons = links.map((link, place) => {
      const button = make("a", `portal-button${place ? "" : " portal-primary"}`, link.textContent);
      button.href = link.href;
      return button;
    });
    body.replaceChildren(list);
    const close = dialog.querySelector("form button");
    close.parentElement.replaceChildren(...buttons, close);
    // Not within the key press that asked for it, which would press what has the focus next as well.
    setTimeout(() => dialog.showModal());
  }

  function openLine(line) {
    const copy = (part) => [...line.querySelector(`[data-part="${part}"]`).childNodes].map((node) => node.cloneNode(true));
    const text = (part) => line.querySelector(`[data-part="${part}"]`).textContent.replace(/\s+/g, " ").trim();
    const facts = [["From", copy("start")], ["Until", copy("end")]];
    if (text("because")) facts.push(["Because", copy("because")]);
    open(`${text("role")}: ${text("who")}`, facts, [...line.querySelectorAll('[data-part="actions"] a')]);
  }

  function openDrawn(segment, row) {
    const facts = [["From", [segment.from]], ["Until", [segment.until]]];
    if (segment.says) facts.push(["Because", [segment.says]]);
    const links = segment.act ? [Object.assign(make("a", "", segment.act.label), { href: segment.act.address })] : [];
    open(`${row.title}: ${segment.title}`, facts, links);
  }

  dialog?.addEventListener("close", () => { opener?.focus(); opener = null; });
  // A press beside it closes it, as Escape does.
  dialog?.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

  // --- the timeline

  function draw(place) {
    const data = JSON.parse(document.getElementById(place.dataset.board).textContent);
    const rows = new Map();
    const resources = data.rows.map(function resource(row) {
      rows.set(row.id, row);
      return { id: row.id, title: row.title, extendedProps: row, expanded: false, children: (row.children || []).map(resource) };
    });
    const lineOf = (segment) => document.getElementById(`${place.dataset.board}-${segment.line}`);
    const overrideOf = (segment) => lineOf(segment)?.querySelector('[data-act="override"]');

    const events = data.segments.map((segment, number) => ({
      id: String(number),
      resourceIds: [segment.row],
      start: segment.start,
      end: segment.end,
      title: segment.title,
      classNames: ["board-segment", `board-of-${rows.get(segment.row).kind}`, ...segment.marks.map((mark) => `board-${mark}`), ...(segment.hue === undefined ? [] : [`board-hue-${segment.hue}`])],
      startEditable: Boolean(data.movable && segment.line !== undefined && overrideOf(segment)),
      extendedProps: segment,
    }));

    const days = data.weeks * 7;
    const width = () => Math.max(window.innerWidth < 640 ? 22 : 15, Math.floor((place.clientWidth - SIDEBAR() - 4) / days));
    place.style.minHeight = "";
    place.style.setProperty("--board-sidebar", `${SIDEBAR()}px`);

    const calendar = EventCalendar.create(place, {
      view: "resourceTimelineWeek",
      duration: { weeks: data.weeks },
      date: data.since,
      firstDay: new Date(`${data.since}T00:00Z`).getUTCDay(),
      timeZone: data.offset,
      locale: "en-GB",
      headerToolbar: { start: "", center: "", end: "" },
      slotDuration: "24:00",
      slotLabelInterval: "24:00",
      slotWidth: width(),
      slotHeight: 30,
      snapDuration: "24:00",
      scrollTime: 0,
      nowIndicator: true,
      editable: false,
      eventDurationEditable: false,
      eventLongPressDelay: 400,
      resources,
      events,
      dayHeaderFormat: (day) => ({ domNodes: header(day, width(), data.since) }),
      slotLabelFormat: () => "",
      resourceLabelContent: ({ resource }) => ({ domNodes: [label(resource.extendedProps)] }),
      eventContent: ({ event }) => ({ domNodes: [content(event.extendedProps)] }),
      eventDidMount: ({ el, event }) => {
        const segment = event.extendedProps;
        const marks = segment.marks.filter((mark) => WORDS[mark]).map((mark) => WORDS[mark]);
        const text = `${rows.get(segment.row).title}: ${segment.title}, ${said(segment.start)} to ${said(segment.end)}${marks.length ? `, ${marks.join(", ")}` : ""}`;
        el.setAttribute("aria-label", text);
        el.setAttribute("aria-haspopup", "dialog");
        el.title = text;
      },
      eventClick: ({ el, event }) => {
        opener = el;
        const segment = event.extendedProps;
        const line = segment.line === undefined ? null : lineOf(segment);
        if (line) openLine(line);
        else openDrawn(segment, rows.get(segment.row));
      },
      // A drop saves nothing: it leads to the form, filled in, which shows what it does first.
      eventDrop: ({ event, oldEvent, newResource, revert }) => {
        const segment = event.extendedProps;
        const link = overrideOf(segment);
        revert();
        if (!newResource || !link) return;
        const from = oldEvent.resourceIds[0];
        const address = new URL(link.href);
        if (from.includes("@")) address.searchParams.set("remove", from);
        if (newResource.id.includes("@")) address.searchParams.set("add", newResource.id);
        location.assign(address);
      },
    });

    let known = place.clientWidth;
    new ResizeObserver(() => {
      if (place.clientWidth === known) return;
      known = place.clientWidth;
      calendar.setOption("slotWidth", width());
    }).observe(place);
    return () => scrollToNow(place, data, width());
  }

  // Where the weeks do not fit, yesterday is at the left.
  function scrollToNow(place, data, width) {
    const since = Date.parse(`${data.since}T00:00:00${data.offset}`);
    const passed = (Date.now() - since) / DAY;
    const main = place.querySelector(".ec-main");
    if (main && passed > 1 && passed < data.weeks * 7) main.scrollLeft = (passed - 1) * width;
  }

  function header(day, width, since) {
    const name = (options) => day.toLocaleDateString("en-GB", { ...options, timeZone: "UTC" });
    const begins = day.toISOString().startsWith(since);
    if (width < 20) {
      // Two figures have no room beside each other then: a week has one label.
      if (day.getUTCDay() !== 1 && !begins) return [];
      return [make("span", "board-weekday", name({ weekday: "short" })), make("span", "board-day board-week", name({ day: "numeric", month: "short" }))];
    }
    const parts = [
      make("span", "board-weekday", name({ weekday: width < 34 ? "narrow" : "short" })),
      make("span", "board-day", String(day.getUTCDate())),
    ];
    // The month is named where it begins, and where the board does.
    if (day.getUTCDate() === 1 || begins) parts.push(make("span", "board-month", name({ month: "short" })));
    return parts;
  }

  function label(row) {
    const box = make("span", `board-label board-label-${row.kind}`);
    box.append(make("span", "board-label-text", row.title));
    box.title = row.title;
    return box;
  }

  function content(segment) {
    const box = make("span", "board-text");
    for (const mark of segment.marks) if (SIGNS[mark]) {
      const sign = make("span", "material-symbols-outlined board-sign", SIGNS[mark]);
      sign.setAttribute("aria-hidden", "true");
      box.append(sign);
    }
    box.append(make("span", "", segment.title));
    return box;
  }

  // Each is drawn when it comes near: a page of a dozen is there at once.
  const near = typeof EventCalendar === "undefined" ? null : new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      near.unobserve(entry.target);
      requestAnimationFrame(draw(entry.target));
    }
  }, { rootMargin: "400px" });

  for (const place of near ? document.querySelectorAll("[data-board]") : []) {
    const table = document.querySelector(`[data-board-table="${place.dataset.board}"]`);
    // Both say the same; the table is a key away.
    if (table) table.open = false;
    place.hidden = false;
    place.style.minHeight = `${6 + 2.25 * Number(place.dataset.rows)}rem`;
    near.observe(place);
  }
})();
