// The search in the bar: keys that lead to it, and through what htmx brings below it.
"use strict";
(() => {
  const form = document.querySelector("[data-find]");
  if (!form) return;
  const field = form.querySelector("input");
  const panel = form.querySelector(".find-found");
  const status = form.querySelector("[aria-live]");
  const shortest = 2; // as reports/search.py has it
  let before = null; // where the focus came from, if a key brought it here
  let answered = null; // the text that the panel answers
  let hurried = false; // Enter was pressed before its answer came

  const mac = /Mac|iPhone|iPad/.test(navigator.platform);
  form.querySelector(".find-key").textContent = mac ? "⌘ K" : "Ctrl K";
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"]]) field.setAttribute(name, value);

  const options = () => [...panel.querySelectorAll("[role=option]")];
  const active = () => panel.querySelector("[aria-selected=true]");

  function choose(option) {
    active()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
  }

  // What has just that name; else the first.
  function best() {
    const name = (option) => option.querySelector("bdi")?.textContent.toLowerCase();
    return options().find((option) => name(option) === field.value.trim().toLowerCase()) ?? options()[0];
  }

  function open() {
    const answer = panel.firstElementChild;
    if (!answer?.childElementCount) return close();
    const list = panel.querySelector("[role=listbox]");
    panel.hidden = false;
    field.setAttribute("aria-expanded", String(Boolean(list)));
    if (list) {
      field.setAttribute("aria-controls", list.id);
      // Of an older answer Enter opens nothing that nobody chose.
      if (answered === field.value) choose(best());
    }
    const number = Number(answer.dataset.number);
    status.textContent = number ? `${number} found` : "Nothing found";
  }

  function close() {
    choose(null);
    panel.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-controls");
    status.textContent = "";
  }

  function leave() {
    const back = before;
    field.value = "";
    hurried = false;
    close();
    if (!back) return; // by mouse or by Tab: who came so stays
    field.blur();
    if (back.isConnected) back.focus();
  }

  function step(by) {
    const all = options();
    if (panel.hidden || !all.length) return false;
    const at = all.indexOf(active());
    choose(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length]);
    return true;
  }

  // On a phone the bar has a link in the field's place, and the page it leads to a field of its own.
  const place = () => (field.checkVisibility() ? field : document.getElementById("find-here"));
  const typing = (target) => target.isContentEditable || target.closest?.("input, textarea, select");

  document.addEventListener("keydown", (event) => {
    const called = event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey) && !event.altKey && !event.shiftKey;
    const slash = event.key === "/" && !event.metaKey && !event.ctrlKey && !event.altKey && !typing(event.target);
    if ((!called && !slash) || !place()) return;
    event.preventDefault();
    if (document.activeElement !== place()) before = document.activeElement;
    place().focus();
    place().select();
  });

  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (step(event.key === "ArrowDown" ? 1 : -1)) event.preventDefault();
    } else if (event.key === "Enter" && active()) {
      event.preventDefault();
      active().click();
    } else if (event.key === "Enter" && !hurried && answered !== field.value && field.value.trim().length >= shortest) {
      event.preventDefault();
      hurried = true;
    } else if (event.key === "Escape") {
      event.preventDefault();
      leave();
    }
  });
  field.addEventListener("input", () => {
    const text = field.value.trim();
    choose(null);
    hurried = false;
    if (!text) close();
    // The same once more: htmx does not ask for it again.
    else if (panel.firstElementChild?.dataset.q === text) open();
  });
  field.addEventListener("focus", () => {
    if (field.value.trim()) open();
  });
  form.addEventListener("focusout", (event) => {
    if (form.contains(event.relatedTarget)) return;
    before = null;
    hurried = false;
    close();
  });
  // The focus stays in the field, whatever the mouse does below it.
  panel.addEventListener("mousedown", (event) => event.preventDefault());
  panel.addEventListener("htmx:afterSwap", (event) => {
    choose(null);
    answered = event.detail.requestConfig.parameters.q;
    // An answer that comes after Escape opens nothing.
    if (document.activeElement !== field || !field.value.trim()) return;
    const enter = hurried && answered === field.value;
    open();
    if (!enter) return;
    if (active()) active().click();
    else form.submit();
  });
  for (const failure of ["htmx:responseError", "htmx:sendError"]) {
    field.addEventListener(failure, () => {
      if (hurried) form.submit();
    });
  }
})();
