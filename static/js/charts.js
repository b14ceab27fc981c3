// Draws the figures of #charts into their places, and again after a swap, a change of theme or of size.
"use strict";
(() => {
  const CONFIG = { displayModeBar: false, responsive: true, showTips: false, doubleClick: false };
  const NAMED = /^var\(--([a-z-]+?)(?:-(\d+))?\)$/;
  const probe = document.createElement("span");
  probe.hidden = true;

  function drawAll() {
    const source = document.getElementById("charts");
    if (!source || !window.Plotly) return;
    const figures = JSON.parse(source.textContent);
    document.body.append(probe);
    const colours = new Map();
    const family = getComputedStyle(document.body).fontFamily;
    for (const place of document.querySelectorAll("[data-chart]")) {
      const figure = figures[place.dataset.chart];
      if (figure) draw(place, coloured(figure, colours), family);
    }
    probe.remove();
  }

  function draw(place, figure, family) {
    const layout = { ...figure.layout, autosize: true };
    layout.font = { ...layout.font, family };
    // A phone has room for every other name of a column, and plotly leaves none out by itself when they may not turn.
    if (layout.xaxis.type === "category" && place.clientWidth < 480) layout.xaxis = { ...layout.xaxis, nticks: 4 };
    if (layout.xaxis.tickformat && layout.xaxis.type === "date") layout.xaxis = { ...layout.xaxis, tickvals: fitting(layout, place.clientWidth) };
    if (layout.height) place.style.blockSize = `${layout.height}px`;
    Plotly.react(place, figure.data, layout, CONFIG);
  }

  // Of the days that an axis names those that stand side by side in its width, the last among them.
  function fitting({ xaxis, margin }, width) {
    const needed = xaxis.tickformat.endsWith("Y") ? 84 : 52;
    const each = Math.ceil((xaxis.tickvals.length * needed) / (width - margin.l - margin.r));
    return xaxis.tickvals.filter((_, at) => (xaxis.tickvals.length - 1 - at) % each === 0);
  }

  // 'var(--spam)' and 'var(--inbox-14)', 14 % of it, as the theme of now has them.
  function coloured(value, known) {
    if (typeof value === "string") {
      const named = NAMED.exec(value);
      if (!named) return value;
      if (!known.has(value)) known.set(value, lookUp(named[1], named[2]));
      return known.get(value);
    }
    if (Array.isArray(value)) return value.map((item) => coloured(item, known));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, coloured(item, known)]));
    }
    return value;
  }

  function lookUp(name, percent) {
    probe.style.color = `var(--${name})`;
    const [red, green, blue] = getComputedStyle(probe).color.match(/[\d.]+/g);
    return percent ? `rgba(${red}, ${green}, ${blue}, ${percent / 100})` : `rgb(${red}, ${green}, ${blue})`;
  }

  function purge(within) {
    if (!window.Plotly) return;
    for (const place of within.querySelectorAll(".js-plotly-plot")) Plotly.purge(place);
  }

  document.addEventListener("htmx:beforeSwap", (event) => event.detail.shouldSwap && purge(event.detail.target));
  document.addEventListener("htmx:afterSettle", drawAll);
  document.addEventListener("theme:change", drawAll);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  matchMedia("(max-width: 560px)").addEventListener("change", drawAll);
  // A print takes the page's width of then, not the screen's.
  addEventListener("beforeprint", () => document.querySelectorAll(".js-plotly-plot").forEach((place) => Plotly.Plots.resize(place)));
  // It is large and comes when it comes: htmx and the filters don't wait for it.
  document.getElementById("plotly")?.addEventListener("load", drawAll);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", drawAll);
  else drawAll();
})();
