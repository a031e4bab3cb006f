/* Out in the field: what is typed into a step, of one case or of a group, survives a dead spot, a
   reload and a closed browser.
   Kept on this telephone for whoever is signed in, under form[data-kept], and cleared on sign-out.
   What was sent and got no answer is sent again once there is a network: under the same key, so
   that the server does it once. Photos stay only as long as the page does. */
(function () {
  "use strict";

  const PREFIX = "kept:", DAYS = 7;
  const who = document.body.dataset.who || "";
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const keys = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  const mine = () => keys().filter((key) => key.startsWith(PREFIX + who + ":"));
  const read = (key) => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };
  const keyOf = (form) => PREFIX + who + ":" + form.dataset.kept;
  const forget = (form) => localStorage.removeItem(keyOf(form));

  function keep(form, sent) {
    const entries = Array.from(new FormData(form));
    const kept = {
      values: entries.filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken" && name !== "what_if"),
      files: entries.some(([, value]) => typeof value !== "string" && value.size > 0),
      sent: Boolean(sent), path: location.pathname, query: location.search, label: form.dataset.label || "", at: Date.now(),
    };
    try { localStorage.setItem(keyOf(form), JSON.stringify(kept)); } catch { /* full: the page itself still has it */ }
  }

  function restore(form) {
    const kept = read(keyOf(form));
    if (!kept || form.hasAttribute("data-bound")) return;
    const typed = kept.values.filter(([name]) => name !== "seen" && name !== "key");
    const changed = Array.from(form.elements).filter((field) => field.name && !["hidden", "file", "submit", "button"].includes(field.type)).filter((field) => {
      const values = typed.filter(([name]) => name === field.name).map(([, value]) => value);
      if (field.type === "checkbox" || field.type === "radio") {
        const was = field.checked;
        field.checked = values.includes(field.value);
        return was !== field.checked;
      }
      if (!values.length || field.value === values[0]) return false;
      field.value = values[0];
      return true;
    });
    /* Nobody knows whether it arrived: sent again it must be the same. */
    if (kept.sent) kept.values.forEach(([name, value]) => { if (name === "seen" || name === "key") form.elements[name].value = value; });
    say(form, "[data-draft-note]", changed.length > 0 && !kept.sent);
    say(form, "[data-kept-note]", kept.sent);
    say(form, "[data-kept-files]", kept.sent && kept.files);
  }

  function say(form, selector, shown) {
    const note = form.querySelector(selector);
    if (note) note.hidden = !shown;
  }

  /* The server has answered: with the next page, which says that it was done or shows what has
     arrived (data-arrived), or with the form and what is wrong in it. */
  function settle() {
    const done = document.querySelector(".message-success, [data-arrived]");
    const from = document.referrer ? new URL(document.referrer).pathname : "";
    mine().forEach((key) => {
      const kept = read(key);
      if (!kept || Date.now() - kept.at > DAYS * 86400000) localStorage.removeItem(key);
      else if (kept.sent && done && from === kept.path) localStorage.removeItem(key);
    });
    all("form[data-kept][data-bound]").forEach((form) => keep(form, false));
  }

  /* What still waits, from whatever page. A photo must be chosen again: that is for its form. */
  async function sendAgain() {
    if (!navigator.onLine || !who) return;
    const token = document.querySelector("[name=csrfmiddlewaretoken]");
    for (const key of mine()) {
      const kept = read(key);
      if (!kept || !kept.sent || kept.files || !token) continue;
      const body = new URLSearchParams([...kept.values, ["csrfmiddlewaretoken", token.value]]);
      try {
        const answer = await fetch(kept.path + (kept.query || ""), { method: "POST", body: body, headers: { "X-Sent-Again": "1" } });
        if (answer.status !== 204 && !answer.redirected) continue;
        if (new URL(answer.url).pathname.startsWith("/login/")) return;
        localStorage.removeItem(key);
        if (location.pathname === kept.path) location.assign(answer.redirected ? answer.url : kept.path.replace(/do\/[^/]+\/$/, ""));
      } catch { return; }
    }
    tellWaiting();
  }

  function tellWaiting() {
    const place = document.getElementById("kept-here");
    if (!place) return;
    const waiting = mine().map(read).filter((kept) => kept && kept.sent);
    const list = place.querySelector("[data-kept-list]");
    list.replaceChildren(...waiting.map((kept) => {
      const link = document.createElement("a");
      link.href = kept.path + (kept.query || "");
      link.textContent = kept.label || kept.path;
      return link;
    }));
    place.hidden = waiting.length === 0;
  }

  /* One tap to call: on a telephone the number is dialled instead of shown; the look is written
     down all the same. Whatever goes wrong is said by the page itself. */
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-dial]");
    if (!button || !window.matchMedia("(pointer: coarse)").matches) return;
    event.preventDefault();
    try {
      const answer = await fetch(button.formAction, { method: "POST", body: new FormData(button.form), headers: { "X-Dial": "1" } });
      location.href = (await answer.json()).call;
    } catch {
      button.form.action = button.formAction;
      button.form.submit();
    }
  });

  function start() {
    /* Somebody else's are no business of whoever is signed in now. */
    if (who) keys().filter((key) => !mine().includes(key)).forEach((key) => localStorage.removeItem(key));
    all("form[action$='/logout/']").forEach((form) => form.addEventListener("submit", () => keys().forEach((key) => localStorage.removeItem(key))));
    if (!document.body.hasAttribute("data-keep-drafts")) settle();
    all("form[data-kept]").forEach((form) => {
      restore(form);
      form.addEventListener("input", () => keep(form, false));
      form.addEventListener("submit", (event) => {
        if (event.submitter && event.submitter.name === "what_if") return;
        keep(form, true);
        if (navigator.onLine) return;
        event.preventDefault();
        say(form, "[data-draft-note]", false);
        say(form, "[data-kept-note]", true);
        form.querySelector("[data-kept-note]").scrollIntoView({ block: "nearest" });
        tellWaiting();
      });
      form.querySelectorAll("[data-draft-drop]").forEach((drop) => drop.addEventListener("click", () => { forget(form); location.reload(); }));
    });
    window.addEventListener("online", () => {
      const form = all("form[data-kept]").find((one) => (read(keyOf(one)) || {}).sent);
      if (form) form.requestSubmit();
      else sendAgain();
    });
    tellWaiting();
    sendAgain();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
