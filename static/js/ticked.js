// An undo's tiles and its button count the senders that are ticked to be overwritten.
"use strict";
(() => {
  const ticks = () => document.querySelectorAll('#change-status input[name="overwrite"]');
  const number = (text) => Number(text.replace(/\D/g, ""));
  const plural = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;

  function count() {
    const boxes = [...ticks()];
    const place = document.querySelector("[data-ticked]");
    if (!boxes.length || !place) return;
    const ticked = boxes.filter((box) => box.checked).length;
    let planned = 0;
    for (const fact of document.querySelectorAll("[data-moves]")) {
      const figure = fact.querySelector("dd");
      // What the server wrote has those in it that came ticked.
      fact.dataset.base ??= number(figure.textContent) - fact.dataset.moves * boxes.filter((box) => box.defaultChecked).length;
      planned = Number(fact.dataset.base) + fact.dataset.moves * ticked;
      figure.textContent = planned.toLocaleString("en");
      fact.querySelector(".note")?.remove();
    }
    place.textContent = `${place.dataset.ticked}${ticked ? ` and ${ticked.toLocaleString("en")} ticked` : ""}, ${plural(planned, "call")}`;
  }

  document.addEventListener("change", (event) => {
    if (event.target.name === "overwrite") count();
  });
  document.addEventListener("htmx:load", count);
  count();
})();
