// Filters, links that unfold their target, and copying. The page is complete without this script.
// The filters are part of the address (#/?outcome=failed&client=roo-code), so that a filtered view can be linked.
"use strict";
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const form = document.querySelector("form.filter");
  const probes = all("details.probe");
  const FILTERS = ["outcome", "client", "category", "text"];
  const texts = new Map();

  const textOf = (probe) => {
    if (!texts.has(probe)) texts.set(probe, probe.textContent.toLowerCase());
    return texts.get(probe);
  };

  const matches = (probe, wanted, words) =>
    (!wanted.outcome || wanted.outcome.split(" ").includes(probe.dataset.outcome)) &&
    (!wanted.client || probe.dataset.clients.split(" ").includes(wanted.client)) &&
    (!wanted.category || probe.dataset.category === wanted.category) &&
    words.every((word) => textOf(probe).includes(word));

  const apply = () => {
    const wanted = Object.fromEntries(FILTERS.map((name) => [name, form.elements[name].value]));
    const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
    for (const probe of probes) probe.hidden = !matches(probe, wanted, words);
    for (const area of all("details.area")) {
      area.hidden = !area.querySelector("details.probe:not([hidden])");
      if (words.length || wanted.outcome || wanted.client || wanted.category) area.open = !area.hidden;
    }
    const shown = probes.filter((probe) => !probe.hidden).length;
    form.querySelector("output").textContent = `${shown} of ${probes.length} shown`;
  };

  const remember = (event) => {
    const set = FILTERS.map((name) => [name, form.elements[name].value]).filter(([, value]) => value);
    const address = location.href.split("#")[0] + (set.length ? `#/?${new URLSearchParams(set)}` : "");
    if (address === location.href) return;
    if (event.target.name === "text") history.replaceState(null, "", address); // one entry in the history for all letters
    else history.pushState(null, "", address);
  };

  const restore = () => {
    const wanted = new URLSearchParams(location.hash.slice(3));
    for (const name of FILTERS) {
      const field = form.elements[name];
      field.value = wanted.get(name) ?? "";
      if (field.selectedIndex === -1) field.selectedIndex = 0; // the address names an option that this report lacks
    }
    apply();
  };

  const named = () => {
    try {
      return document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return null; // an incomplete escape
    }
  };

  const follow = () => {
    const filtered = location.hash.startsWith("#/?");
    if (form && (filtered || !location.hash)) restore();
    const target = filtered ? form : named();
    if (!target) return;
    if (form && target.closest("[hidden]")) {
      for (const name of FILTERS) form.elements[name].value = "";
      apply();
    }
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    target.scrollIntoView();
  };

  const copy = async (button, pre) => {
    getSelection().selectAllChildren(pre);
    try {
      await navigator.clipboard.writeText(pre.textContent);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Selected: copy it now";
    }
  };

  for (const pre of all("pre.paste")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", () => copy(button, pre));
    pre.before(button);
  }
  if (form) {
    form.hidden = false;
    form.addEventListener("input", (event) => {
      apply();
      remember(event);
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", (event) => setTimeout(() => {
      apply();
      remember(event);
    }));
    form.querySelector("[name=fold]").addEventListener("click", () => {
      const open = !probes.some((probe) => !probe.hidden && probe.open);
      for (const probe of probes) if (!probe.hidden) probe.open = open;
    });
    apply();
  }
  addEventListener("hashchange", follow);
  addEventListener("click", (event) => {
    if (event.target.closest("a")?.hash === location.hash && location.hash) follow(); // then there is no hashchange
  });
  follow();
})();
