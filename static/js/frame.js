// Menus close by themselves; links are copied; a request of htmx that failed says so.
"use strict";
(() => {
  function closeMenus(except) {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
  }

  function say(text) {
    const place = document.getElementById("messages");
    if (!place) return;
    const line = document.createElement("p");
    line.className = "banner bad";
    line.textContent = text;
    place.replaceChildren(line);
  }

  document.addEventListener("click", (event) => {
    closeMenus(event.target.closest("details.menu"));
    const copy = event.target.closest("[data-copy]");
    if (!copy) return;
    const field = document.getElementById(copy.dataset.copy);
    field.select();
    navigator.clipboard?.writeText(field.value).then(() => ((copy.querySelector("span") ?? copy).textContent = "Copied"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest?.("details.menu[open]");
    closeMenus();
    menu?.querySelector("summary").focus();
  });
  // What somebody has opened stays open when htmx brings it anew: <details id="…">.
  let opened = [];
  document.addEventListener("htmx:beforeSwap", (event) => {
    opened = [...event.detail.target.querySelectorAll("details[id][open]")].map((details) => details.id);
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  });
  // The menu of saved views stays as it is while the page around it changes: it only learns which of them is shown now.
  document.addEventListener("htmx:afterSwap", () => {
    const shown = document.getElementById("view-query")?.value;
    const name = document.querySelector(".views-name");
    if (shown === undefined || !name) return;
    name.textContent = name.dataset.otherwise;
    for (const view of document.querySelectorAll(".views [data-query]")) {
      view.toggleAttribute("aria-current", false);
      if (view.dataset.query !== shown) continue;
      view.setAttribute("aria-current", "true");
      name.textContent = view.firstElementChild.textContent;
    }
  });
  // A list that a search field narrows as one types: <input type="search" data-narrows="choices">. Ticks stay.
  document.addEventListener("input", (event) => {
    const list = document.getElementById(event.target.dataset.narrows ?? "");
    if (!list) return;
    const wanted = event.target.value.trim().toLowerCase();
    for (const line of list.children) line.hidden = !line.textContent.toLowerCase().includes(wanted);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.querySelector("[data-narrows]")) event.preventDefault();
  });
  // What a filter leaves open stays out of the address; a form's data are put together for htmx as for the browser.
  document.addEventListener("formdata", (event) => {
    if (!event.target.matches(".filters")) return;
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });
  // A form that was not taken: its first error has the focus, a field or, where it is about none, the words above.
  document.addEventListener("DOMContentLoaded", () => {
    const form = "#content form", wrong = document.querySelector(`${form} [aria-invalid="true"], ${form} .banner.bad[role="alert"]`);
    if (!wrong || document.querySelector("#content [autofocus]")) return;
    if (!wrong.matches("input, select, textarea")) wrong.tabIndex = -1;
    wrong.focus();
  });
  // A form that asks first: <form data-confirm="Remove Ben?">.
  document.addEventListener("submit", (event) => {
    const question = event.target.dataset.confirm;
    if (question && !confirm(question)) event.preventDefault();
  });
  // What a page of a refused request says in words.
  const told = (xhr) => new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector(".card p")?.textContent;
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (status === 403) say("Your role does not allow this.");
    else if (status === 404) say("This is not there any more. Load the page again.");
    else if (status === 400) say(told(event.detail.xhr) || "That was not understood. Load the page again.");
    else if (status === 429) say("Too many requests. Wait a minute and try again.");
    else say("That did not work. Load the page again; if it stays so, tell whoever runs this Inboxdeck.");
  });
  document.addEventListener("htmx:sendError", () => say("No connection to the server. What you see may be old."));
})();
