/* Makes the pages faster; every step that changes a case works without it.
   Nothing here may need an inline script or style: the policy is default-src 'self'. */
(function () {
  "use strict";

  const root = document.documentElement;
  const all = (selector, from) => Array.from((from || document).querySelectorAll(selector));

  /* F2, F3, F4: elements carry data-key. */
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape") all("details.menu[open]").forEach((menu) => { menu.open = false; });
    const target = document.querySelector('[data-key="' + CSS.escape(event.key) + '"]');
    if (!target) return;
    event.preventDefault();
    if (target.matches("input, textarea, select")) target.focus();
    else target.click();
  });

  /* Menus close when one looks elsewhere. */
  document.addEventListener("click", (event) => {
    all("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy], [data-print], [data-add-row], [data-large]");
    if (!button) return;
    if (button.hasAttribute("data-print")) window.print();
    else if (button.hasAttribute("data-add-row")) addRow(button);
    else if (button.hasAttribute("data-large")) { event.preventDefault(); toggleLarge(button); }
    else await copy(button);
  });

  async function copy(button) {
    await navigator.clipboard.writeText(button.dataset.copy);
    const words = button.querySelector("[data-copy-word]") || button;
    const before = words.textContent;
    words.textContent = button.dataset.done || before;
    setTimeout(() => { words.textContent = before; }, 1500);
  }

  /* A citation goes into the field of the draft by one click; boxes are marked all at once. */
  document.addEventListener("click", (event) => {
    const cite = event.target.closest("[data-cite]"), mark = event.target.closest("[data-mark-all]");
    const field = cite && document.getElementById(cite.dataset.into);
    if (field) {
      const before = field.value.trimEnd();
      field.value = (before ? before + "\n" : "") + cite.dataset.cite;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      cite.textContent = cite.dataset.done;
    }
    if (mark) all('input[name="' + mark.dataset.markAll + '"]').forEach((box) => { box.checked = true; });
  });

  function toggleLarge(button) {
    const on = root.classList.toggle("large");
    document.cookie = "large_type=" + (on ? "1" : "") + "; path=/; samesite=lax; max-age=" + (on ? 31536000 : 0);
    button.setAttribute("aria-pressed", String(on));
  }

  /* Rows of a formset: the blank one lies in a <template>, its number is __prefix__. */
  function addRow(button) {
    const total = document.getElementById("id_" + button.dataset.addRow + "-TOTAL_FORMS");
    const blank = document.getElementById(button.dataset.addRow + "-blank");
    const place = document.getElementById(button.dataset.addRow + "-rows");
    if (!blank || !place) return;
    const number = total ? Number(total.value) : place.children.length;
    const holder = document.createElement("template");
    holder.innerHTML = blank.innerHTML.replaceAll("__prefix__", String(number));
    place.append(holder.content);
    if (total) total.value = String(number + 1);
    const first = place.lastElementChild && place.lastElementChild.querySelector("input, textarea, select");
    if (first) first.focus();
  }

  /* A bulk act says how many it will touch: data-confirm="... {n} ...", boxes named data-count. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const asker = event.submitter && event.submitter.dataset.confirm ? event.submitter : form;
    const sentence = asker.dataset.confirm;
    if (!sentence) return;
    const chosen = form.dataset.count ? form.querySelectorAll('input[name="' + form.dataset.count + '"]:checked').length : 1;
    if (!window.confirm(sentence.replace("{n}", String(chosen)))) event.preventDefault();
  });

  /* Files that are too many or too large are told of before they are sent. */
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!input.matches("input[type=file][data-most-bytes]")) return;
    const files = Array.from(input.files), limits = input.dataset;
    const large = files.find((file) => file.size > Number(limits.mostBytes));
    const total = files.reduce((sum, file) => sum + file.size, 0);
    const much = large || total > Number(limits.mostBytesTogether) || files.length > Number(limits.mostFiles);
    input.setCustomValidity(much ? (large ? large.name + " — " : "") + limits.tooMuch : "");
    if (much) input.reportValidity();
  });

  /* The second press of a slow button must not send twice. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sending) { event.preventDefault(); return; }
    form.dataset.sending = "1";
    setTimeout(() => { delete form.dataset.sending; }, 4000);
  });
  window.addEventListener("pageshow", () => all("form[data-sending]").forEach((form) => { delete form.dataset.sending; }));

  /* Text survives a failed network: kept for this tab until a page of ours answers. */
  const PREFIX = "draft:";
  const drafts = () => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
  const keepable = (field) => field.name && !field.disabled && !field.hasAttribute("data-no-draft") &&
    !["hidden", "password", "file", "submit", "button"].includes(field.type);

  function saveDraft(form, sent) {
    const values = {};
    Array.from(form.elements).filter(keepable).forEach((field) => {
      if (field.type === "checkbox" || field.type === "radio") {
        if (field.checked) (values[field.name] = values[field.name] || []).push(field.value);
      } else values[field.name] = field.value;
    });
    sessionStorage.setItem(PREFIX + form.dataset.draft, JSON.stringify({ values: values, sent: Boolean(sent), path: location.pathname }));
  }

  function restoreDraft(form) {
    const stored = sessionStorage.getItem(PREFIX + form.dataset.draft);
    if (!stored || form.hasAttribute("data-bound")) return;
    const values = JSON.parse(stored).values;
    let changed = false;
    Array.from(form.elements).filter(keepable).forEach((field) => {
      const value = values[field.name];
      if (value === undefined) return;
      if (field.type === "checkbox" || field.type === "radio") field.checked = value.includes(field.value);
      else if (field.value !== value) { field.value = value; changed = true; }
    });
    const note = form.querySelector("[data-draft-note]");
    if (changed && note) note.hidden = false;
  }

  /* Sent and answered: this page was reached from the form's own page, not by going back to it.
     After a dead network one comes back another way, and the text is kept. */
  function answered(draft, shownHere) {
    if (!draft.sent) return false;
    if (shownHere) return document.querySelector(".message-success") !== null;
    const arrival = performance.getEntriesByType("navigation")[0];
    const from = document.referrer ? new URL(document.referrer).pathname : "";
    return from === draft.path && !(arrival && arrival.type === "back_forward");
  }

  function startDrafts() {
    const here = new Set(all("form[data-draft]").map((form) => PREFIX + form.dataset.draft));
    if (document.body.hasAttribute("data-forget-drafts")) drafts().forEach((key) => sessionStorage.removeItem(key));
    else if (!document.body.hasAttribute("data-keep-drafts")) {
      drafts().forEach((key) => {
        if (answered(JSON.parse(sessionStorage.getItem(key)), here.has(key))) sessionStorage.removeItem(key);
      });
    }
    all("form[data-draft]").forEach((form) => {
      restoreDraft(form);
      form.addEventListener("input", () => saveDraft(form));
      form.addEventListener("submit", () => saveDraft(form, true));
      const drop = form.querySelector("[data-draft-drop]");
      if (drop) drop.addEventListener("click", () => { sessionStorage.removeItem(PREFIX + form.dataset.draft); location.reload(); });
    });
  }

  /* "in 3 days" beside the exact moment, kept true while the page stays open. */
  const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60]];
  function tellRelative() {
    const speak = new Intl.RelativeTimeFormat(root.lang || "zh-CN", { numeric: "always" });
    all("[data-rel]").forEach((place) => {
      const seconds = (new Date(place.dataset.rel) - Date.now()) / 1000;
      const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) || ["minute", 60];
      place.textContent = speak.format(Math.trunc(seconds / size), unit);
    });
  }

  /* htmx: a dead network or server is said in words; what was typed stays. */
  function toast(id) {
    const words = document.getElementById(id);
    if (!words) return;
    words.hidden = false;
    setTimeout(() => { words.hidden = true; }, 8000);
  }
  document.addEventListener("htmx:sendError", () => toast("say-no-network"));
  document.addEventListener("htmx:responseError", () => toast("say-server-error"));
  document.addEventListener("htmx:afterSwap", tellRelative);

  /* A decision made: its card says so, the next one slides in and has the focus. */
  document.addEventListener("htmx:afterSwap", () => {
    const done = document.querySelector("[data-decided]:not([data-told])");
    if (!done) {
      const wrong = document.querySelector('.decision [aria-invalid="true"], .decision [role="alert"], .decided [role="alert"]');
      if (wrong) wrong.focus();
      return;
    }
    done.dataset.told = "1";
    sessionStorage.removeItem(PREFIX + done.dataset.decided);
    all("[data-waiting]").forEach((count) => {
      if (!count.dataset.waiting || count.dataset.waiting === done.dataset.kind) count.textContent = String(Math.max(0, Number(count.textContent) - 1));
    });
    const cards = all("[data-decision]");
    const next = cards.find((card) => done.compareDocumentPosition(card) & Node.DOCUMENT_POSITION_FOLLOWING) || cards[0];
    if (!next) {
      const none = document.getElementById("all-decided");
      if (none) none.hidden = false;
      return;
    }
    next.classList.add("slides-in");
    next.scrollIntoView({ block: "start" });
    next.querySelector("h2").focus({ preventScroll: true });
  });

  /* What was shown of a case has been seen: said once the page is there (form data-looked). */
  function tellLooked() {
    const place = document.querySelector("form[data-looked]");
    if (place && !document.hidden) fetch(place.action, { method: "POST", body: new FormData(place), headers: { "X-Looked": "1" }, keepalive: true }).catch(() => {});
  }

  function start() {
    tellLooked();
    startDrafts();
    if (all("[data-rel]").length) { setInterval(tellRelative, 60000); }
    const wrong = document.querySelector(".form-errors");
    if (wrong) wrong.focus();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
