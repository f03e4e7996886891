// Moving cards on the board of requests: dragged, or carried by keyboard. Without this each card has its forms.
(() => {
  "use strict";

  const board = document.getElementById("rfh-board");
  const dialog = document.getElementById("rfh-dialog");
  if (!board || !dialog) return;
  // Somebody who signed in again in another tab has another token.
  const token = () => {
    const cookie = document.cookie.split("; ").find((each) => each.startsWith("csrftoken="));
    return cookie ? cookie.split("=")[1] : document.querySelector("[name=csrfmiddlewaretoken]").value;
  };
  const back = new URLSearchParams(location.search);
  back.delete("cards");

  // --- what is said: read aloud, and shown until the next thing is

  const said = document.createElement("p");
  said.className = "portal-notice rfh-said";
  said.setAttribute("role", "status");
  said.hidden = true;
  board.before(said);

  function say(text, refused) {
    said.hidden = !text;
    said.textContent = text;
    said.toggleAttribute("data-error", Boolean(refused));
    said.classList.toggle("portal-bad", Boolean(refused));
    if (refused) said.scrollIntoView({ block: "nearest" });
  }

  // --- asking the portal

  const SIGNED_OUT = "You are signed out. Sign in in another tab, then do this again: nothing was moved, and nothing typed here is lost.";
  // What the form of a step is answered with: it anew, with what is wrong or what somebody else did.
  const FORM_ANSWERS = [200, 409, 422];
  const isJson = (answer) => (answer.headers.get("Content-Type") || "").includes("json");

  async function send(address, fields) {
    const body = fields instanceof FormData ? fields : new FormData();
    if (!(fields instanceof FormData)) {
      for (const [name, value] of Object.entries(fields)) if (value !== null && value !== undefined) body.append(name, value);
      body.append("back", back.toString());
    }
    body.set("csrfmiddlewaretoken", token());
    const answer = await fetch(address, { method: "POST", body, headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
    // A sign-in page, a refusal or a fault of the portal is no answer, and what was typed is not thrown away for it.
    if (answer.redirected || answer.status === 403 && !isJson(answer)) return { said: SIGNED_OUT, error: true, lost: true };
    if (isJson(answer)) return answer.json();
    if (!FORM_ANSWERS.includes(answer.status)) return { said: "The portal could not do that. Try again.", error: true, lost: true };
    return { html: await answer.text(), error: !answer.ok };
  }

  function refresh() {
    board.setAttribute("aria-busy", "true");
    board.dispatchEvent(new Event("portal:refresh"));
  }
  let focusNext = "";
  // What has the focus may be gone after the cards were fetched anew.
  new MutationObserver(() => {
    board.removeAttribute("aria-busy");
    for (const part of board.querySelectorAll("[data-only-with-script]")) part.hidden = false;
    for (const card of board.querySelectorAll("[data-movable]")) card.draggable = Boolean(card.querySelector("[data-grip]"));
    const wanted = focusNext && document.getElementById(focusNext);
    if (wanted) { wanted.focus({ preventScroll: true }); wanted.scrollIntoView({ block: "nearest", inline: "nearest" }); focusNext = ""; }
  }).observe(board, { childList: true });
  for (const card of board.querySelectorAll("[data-movable]")) card.draggable = Boolean(card.querySelector("[data-grip]"));

  async function tell(address, fields, focus) {
    try {
      board.setAttribute("aria-busy", "true");
      const answer = await send(address, fields);
      if (answer.go) { location.assign(answer.go); return; }
      say(answer.said, answer.error);
      if (answer.needs) { await ask(answer.needs, focus); return; }
    } catch {
      say("That did not reach the portal, so nothing was moved. Try again.", true);
    }
    focusNext = focus || "";
    refresh();
  }

  // --- a step that needs words: its form in a dialog

  async function ask(address, focus) {
    const answer = await fetch(address, { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
    if (answer.redirected) { say(SIGNED_OUT, true); return; }
    if (!answer.ok) { say(isJson(answer) ? (await answer.json()).said : "The portal could not do that. Try again.", true); refresh(); return; }
    dialog.innerHTML = await answer.text();
    dialog.dataset.focus = focus || "";
    dialog.showModal();
    (dialog.querySelector("select, textarea, input:not([type=hidden])") || dialog.querySelector("h2")).focus();
  }

  dialog.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) { event.preventDefault(); dialog.close(); }
  });
  dialog.addEventListener("close", () => {
    focusNext = dialog.dataset.focus || "";
    dialog.innerHTML = "";
    refresh();
  });
  dialog.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    form.setAttribute("aria-busy", "true");
    try {
      const answer = await send(form.getAttribute("action"), new FormData(form));
      if (answer.html) {
        dialog.innerHTML = answer.html;
        (dialog.querySelector("[role=alert]") || dialog).scrollIntoView({ block: "nearest" });
        (dialog.querySelector("[aria-invalid], select, textarea, input:not([type=hidden])") || dialog.querySelector("h2")).focus();
        return;
      }
      if (answer.lost) { stays(form, answer.said); return; }
      say(answer.said, answer.error);
      dialog.close();
    } catch {
      stays(form, "That did not reach the portal. What you typed is still here: try again.");
    } finally {
      form.removeAttribute("aria-busy");
    }
  });

  function stays(form, why) {
    form.querySelector("[data-lost]")?.remove();
    const lost = document.createElement("p");
    lost.className = "rfh-error";
    lost.dataset.lost = "";
    lost.setAttribute("role", "alert");
    lost.textContent = why;
    form.prepend(lost);
  }

  // The forms on the cards, without leaving the page.
  board.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-card-form]");
    if (!form) return;
    event.preventDefault();
    const card = form.closest("[data-rfh]");
    tell(form.getAttribute("action"), new FormData(form, event.submitter), grip(card)?.id);
  });

  // --- where a card can go

  const grip = (card) => card.querySelector("[data-grip]");
  const columns = () => [...board.querySelectorAll("[data-column]")];
  const columnOf = (card) => card.closest("[data-column]");
  const listOf = (column) => column.querySelector("[data-cards]");
  const cardsOf = (column) => [...listOf(column).children];
  const takes = (card, column) => column.dataset.column === "all" || column.dataset.column === card.dataset.from || card.dataset.columns.split(" ").includes(column.dataset.column);
  const path = (card, verb) => `/rfhs/board/${card.dataset.rfh}/${verb}/`;

  function drop(card) {
    const column = columnOf(card);
    const focus = grip(card)?.id;
    if (column.dataset.column !== card.dataset.from) {
      tell(path(card, "move"), { to: column.dataset.column, version: card.dataset.version }, focus);
      return;
    }
    const order = cardsOf(column);
    const at = order.indexOf(card);
    if (at === Number(card.dataset.at)) { say(`${card.dataset.name} stays where it was.`); return; }
    tell(path(card, "place"), {
      above: order[at - 1]?.dataset.rfh, below: order[at + 1]?.dataset.rfh, version: card.dataset.version,
    }, focus);
  }

  function lift(card) {
    const column = columnOf(card);
    card.dataset.from = column.dataset.column;
    card.dataset.at = String(cardsOf(column).indexOf(card));
    board.toggleAttribute("data-hold", true);
    for (const each of columns()) each.toggleAttribute("data-refuses", !takes(card, each));
  }

  function release() {
    board.removeAttribute("data-hold");
    for (const each of columns()) { each.removeAttribute("data-refuses"); each.removeAttribute("data-target"); }
  }

  function putBack(card) {
    const list = listOf(columns().find((each) => each.dataset.column === card.dataset.from));
    const others = [...list.children].filter((each) => each !== card);
    list.insertBefore(card, others[Number(card.dataset.at)] || null);
  }

  // --- by mouse

  let dragged = null;
  board.addEventListener("dragstart", (event) => {
    const card = event.target.closest?.("[data-movable]");
    if (!card || carried) return;
    dragged = card;
    lift(card);
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.dataset.name);
    setTimeout(() => card.toggleAttribute("data-dragged", true));
  });
  board.addEventListener("dragover", (event) => {
    const column = event.target.closest("[data-column]");
    if (!dragged || !column) return;
    // A column that refuses takes the drop as well, so that the portal can say from where it would be possible.
    event.preventDefault();
    for (const each of columns()) each.toggleAttribute("data-target", each === column && takes(dragged, each));
    if (!takes(dragged, column)) return;
    const below = cardsOf(column).find((each) => {
      const box = each.getBoundingClientRect();
      return each !== dragged && event.clientY < box.top + box.height / 2;
    });
    if (below !== dragged.nextElementSibling || columnOf(dragged) !== column) listOf(column).insertBefore(dragged, below || null);
  });
  board.addEventListener("drop", (event) => {
    const column = event.target.closest("[data-column]");
    if (!dragged || !column) return;
    event.preventDefault();
    const card = dragged;
    end();
    if (takes(card, column)) { drop(card); return; }
    putBack(card);
    tell(path(card, "move"), { to: column.dataset.column, version: card.dataset.version }, grip(card)?.id);
  });
  board.addEventListener("dragend", () => {
    if (!dragged) return;
    putBack(dragged);
    end();
  });

  function end() {
    dragged.removeAttribute("data-dragged");
    dragged = null;
    release();
  }

  // --- by keyboard

  let carried = null;
  const where = (card) => {
    const column = columnOf(card);
    const order = cardsOf(column);
    return `${column.dataset.title || "All queues"}, ${order.indexOf(card) + 1} of ${order.length}`;
  };

  function stop(put) {
    const card = carried;
    carried = null;
    card.removeAttribute("data-carried");
    grip(card).setAttribute("aria-pressed", "false");
    release();
    if (put) { drop(card); return; }
    putBack(card);
    grip(card).focus();
    say(`${card.dataset.name} is back in ${where(card)}.`);
  }

  board.addEventListener("click", (event) => {
    const button = event.target.closest("[data-grip]");
    if (!button) return;
    const card = button.closest("[data-rfh]");
    if (carried) { if (carried === card) stop(true); return; }
    carried = card;
    lift(card);
    card.toggleAttribute("data-carried", true);
    button.setAttribute("aria-pressed", "true");
    say(`${card.dataset.name} is picked up: ${where(card)}. Arrows move it, Enter puts it down, Escape leaves it where it was.`);
  });

  board.addEventListener("keydown", (event) => {
    if (!carried) return;
    const column = columnOf(carried);
    const list = listOf(column);
    if (event.key === "Escape") { event.preventDefault(); stop(false); return; }
    if (event.key === "Tab") { stop(false); return; }
    if (event.key === "ArrowUp" && carried.previousElementSibling) list.insertBefore(carried, carried.previousElementSibling);
    else if (event.key === "ArrowDown" && carried.nextElementSibling) list.insertBefore(carried.nextElementSibling, carried);
    else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const open = columns().filter((each) => takes(carried, each));
      const next = open[open.indexOf(column) + (event.key === "ArrowLeft" ? -1 : 1)];
      if (next) listOf(next).prepend(carried);
      else say(`There is no further column it can go to. ${where(carried)}.`);
      if (!next) { event.preventDefault(); return; }
    } else if (!["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    for (const each of columns()) each.toggleAttribute("data-target", each === columnOf(carried));
    // Moved in the document, it has lost the focus.
    grip(carried).focus({ preventScroll: true });
    carried.scrollIntoView({ block: "nearest", inline: "nearest" });
    say(`${where(carried)}.`);
  });
})();
