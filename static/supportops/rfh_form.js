// The guided form, saved as it is typed. Without this the buttons save it.
(() => {
  "use strict";

  const PAUSE = 1200, LONGEST_WAIT = 8000, AGAIN = 5000;
  const LARGEST = 10 * 1024 * 1024, LARGEST_AT_ONCE = 25 * 1024 * 1024;
  const form = document.getElementById("rfh-form");
  if (!form || !form.dataset.save) return;

  const said = form.querySelector("[data-saved]");
  const fields = [...form.querySelectorAll("[data-field]")];
  const nameOf = (box) => box.dataset.field;
  const boxOf = (name) => fields.find((box) => nameOf(box) === name);
  let timer = null, waitingSince = 0, running = null, leaving = false;
  // What was typed since the last time it reached the portal.
  const touched = new Set();

  const say = (text, error = false) => {
    if (!said) return;
    said.toggleAttribute("data-error", error);
    if (said.textContent !== text) said.textContent = text;
  };

  const make = (name, className, text) => {
    const element = document.createElement(name);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  };

  const control = (name) => form.elements.namedItem(name);
  const valueOf = (name) => { const found = control(name); return found ? found.value : ""; };
  const setValue = (name, value) => { const found = control(name); if (found) found.value = value; };

  // Somebody who signs in again in another tab has another token.
  function freshToken() {
    const cookie = document.cookie.split("; ").find((each) => each.startsWith("csrftoken="));
    if (cookie) form.elements.csrfmiddlewaretoken.value = cookie.split("=")[1];
  }

  function body() {
    const data = new FormData(form);
    for (const name of ["files", "events", "event", "event_question", "do"]) data.delete(name);
    return data;
  }

  // True when everything that was typed is kept.
  async function save() {
    if (running) { await running; if (!touched.size) return true; }
    running = send();
    try { return await running; } finally { running = null; }
  }

  async function send() {
    clearTimeout(timer);
    waitingSince = 0;
    const names = [...touched];
    const typed = new Map(fields.map((box) => [nameOf(box), valueOf(nameOf(box))]));
    freshToken();
    say("Saving…");
    let answer;
    try {
      answer = await fetch(form.dataset.save, { method: "POST", body: body(), headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
    } catch {
      return later("Not saved: the portal cannot be reached. What you typed stays in this page; it is tried again.");
    }
    if (answer.redirected || answer.status === 403) {
      return later("Not saved: you are signed out, or may not write here any more. What you typed stays in this page: sign in in another tab, and it is saved from here.");
    }
    if (answer.status === 410) {
      const over = await answer.json();
      touched.clear();
      say(over.said, true);
      return false;
    }
    if (![200, 409, 422].includes(answer.status)) {
      return later("Not saved: the portal could not do it. What you typed stays in this page; it is tried again.");
    }
    const told = await answer.json();
    if (!told.was) return later(`Not saved: ${told.said}`);
    for (const name of names) if (valueOf(name) === typed.get(name)) touched.delete(name);
    begun(told);
    for (const box of fields) show(box, told);
    const refused = Object.keys(told.errors).length, met = Object.keys(told.conflicts).length;
    if (met) say("Somebody wrote in the same place. Nothing is lost: choose beside it what stays.", true);
    else if (refused) say("Saved, but for what is marked.", true);
    else if (Object.keys(told.theirs).length) say("Saved. What others wrote meanwhile is shown.");
    else say(touched.size ? "Saving…" : "Saved.");
    return !met && !refused;
  }

  function later(text) {
    say(text, true);
    clearTimeout(timer);
    timer = setTimeout(save, AGAIN);
    return false;
  }

  // The draft has its number and its address now; loading the page again finds it.
  function begun(told) {
    form.elements.version.value = told.version;
    if (form.elements.key) {
      replace(form.querySelector("[data-completeness]"), told.completeness_html);
      replace(form.querySelector("[data-similar]"), told.similar_html);
      replace(document.querySelector("[data-steps]"), told.progress_html);
    }
    if (form.elements.rfh.value) return;
    form.elements.rfh.value = told.rfh;
    form.action = told.address;
    history.replaceState(history.state, "", told.address);
  }

  function replace(place, html) {
    if (!place || place.contains(document.activeElement)) return;
    const open = [...place.querySelectorAll("details[open] > summary")].map((each) => each.textContent);
    place.innerHTML = html;
    for (const element of place.querySelectorAll("[data-only-with-script]")) element.hidden = false;
    for (const summary of place.querySelectorAll("summary")) if (open.includes(summary.textContent)) summary.parentElement.open = true;
  }

  function show(box, told) {
    const name = nameOf(box);
    const wrong = box.querySelector("[data-wrong]"), theirs = box.querySelector("[data-theirs]");
    const input = control(name);
    wrong.replaceChildren(...(told.errors[name] || []).map((each) => make("p", "portal-wrong", each)));
    // Empty, as toggling it leaves it, the attribute means that nothing is wrong.
    if (input && input.setAttribute) {
      if (told.errors[name]) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
    const was = form.elements.namedItem(`was-${name}`);
    if (name in told.conflicts) { choose(box, name, told.conflicts[name], told.was[name]); return; }
    theirs.replaceChildren();
    if (was && name in told.was) was.value = told.was[name];
    if (name in told.theirs && !touched.has(name)) setValue(name, told.theirs[name]);
  }

  // Both wrote: theirs is stored, what was typed stays, and whoever typed it decides.
  function choose(box, name, stored, seal) {
    const place = box.querySelector("[data-theirs]");
    const note = make("div", "portal-notice rfh-theirs");
    const row = make("div", "portal-buttons");
    const decide = (label, take) => {
      const button = make("button", "portal-button portal-small", label);
      button.type = "button";
      button.addEventListener("click", () => {
        form.elements.namedItem(`was-${name}`).value = seal;
        if (take) setValue(name, stored);
        place.replaceChildren();
        touched.add(name);
        const input = control(name);
        if (input && input.focus) input.focus();
        save();
      });
      return button;
    };
    row.append(decide("Keep mine", false), decide("Take theirs", true));
    note.append(
      make("p", "portal-strong", "Somebody wrote here while you did. Theirs is saved; yours is above."),
      make("div", "portal-wrap rfh-written", stored || "(They emptied it.)"),
      row,
    );
    place.replaceChildren(note);
  }

  function typed(event) {
    const box = event.target.closest("[data-field]");
    if (!box) return;
    touched.add(nameOf(box));
    say("Not saved yet.");
    const now = Date.now();
    waitingSince = waitingSince || now;
    clearTimeout(timer);
    timer = setTimeout(save, Math.max(0, Math.min(PAUSE, waitingSince + LONGEST_WAIT - now)));
  }

  form.addEventListener("input", typed);
  form.addEventListener("change", typed);

  // What is being typed reaches the portal before the page is left; where it cannot, the page stays.
  form.addEventListener("submit", async (event) => {
    if (leaving) return;
    event.preventDefault();
    const button = event.submitter;
    if (touched.size || running) {
      const kept = await save();
      // A refusal is shown beside its field by the page that follows; what did not arrive at all stays here.
      if (!kept && touched.size) return;
    }
    freshToken();
    leaving = true;
    form.requestSubmit(button || undefined);
  });
  window.addEventListener("beforeunload", (event) => {
    if (touched.size && !leaving) event.preventDefault();
  });
  window.addEventListener("pageshow", () => { leaving = false; });
  document.addEventListener("visibilitychange", () => { if (document.hidden && touched.size) save(); });

  // --- files: looked at before they are sent, dropped, or pasted

  const input = form.querySelector("input[type=file]");
  const drop = form.querySelector("[data-drop]");
  if (!input) return;
  // The admin's own script shows a file's name in a box beside it, and fails where there is none.
  input.hasChangeListener = true;

  function looked() {
    const place = form.querySelector("[data-files-wrong]");
    const chosen = [...input.files];
    const wrong = chosen.filter((file) => file.size > LARGEST).map((file) => `${file.name} is larger than 10 MB. Cut a log to the minutes around the fault, or compress it.`);
    if (!wrong.length && chosen.reduce((sum, file) => sum + file.size, 0) > LARGEST_AT_ONCE) wrong.push("These are more than 25 MB. Attach some now, and the others after that.");
    place.replaceChildren(...wrong.map((each) => make("p", "portal-wrong", each)));
    if (wrong.length) input.value = "";
    return !wrong.length && chosen.length > 0;
  }

  function take(files) {
    const held = new DataTransfer();
    for (const file of files) held.items.add(file);
    input.files = held.files;
    if (looked()) form.requestSubmit(drop.querySelector("button[value=attach]"));
  }

  input.addEventListener("change", looked);
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.setAttribute("data-over", ""); });
  }
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.removeAttribute("data-over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); if (event.dataTransfer.files.length) take(event.dataTransfer.files); });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData ? event.clipboardData.files : [])];
    if (!files.length) return;
    event.preventDefault();
    take(files.map((file, number) => (file.name === "image.png" ? new File([file], `screenshot-${Date.now()}-${number + 1}.png`, { type: file.type }) : file)));
  });
})();
