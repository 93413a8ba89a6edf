"use strict";
(() => {
  const form = document.getElementById("filters");
  const narrowed = [...document.querySelectorAll("[data-seen]")];
  const texts = new Map(narrowed.map((one) => [one, one.textContent.toLowerCase()]));
  const START = "#filter:";
  document.documentElement.classList.add("scripted");

  const chosen = () => {
    const data = new FormData(form);
    return {
      outcome: data.getAll("outcome"),
      entity: data.get("entity"),
      chapter: data.get("chapter"),
      level: data.get("level"),
      text: data.get("text").trim(),
    };
  };

  const fits = (one, want) => {
    const seen = one.dataset.seen.split(" ").map((pair) => pair.split(":"));
    const is = (outcome, entity) =>
      (!want.outcome.length || want.outcome.includes(outcome)) && (!want.entity || want.entity === entity);
    return (
      seen.some(([outcome, entity]) => is(outcome, entity)) &&
      (!want.level || one.dataset.level === want.level) &&
      (!want.chapter || one.dataset.chapter === want.chapter) &&
      want.text.toLowerCase().split(/\s+/).every((word) => texts.get(one).includes(word))
    );
  };

  const narrow = () => {
    const want = chosen();
    let shown = 0;
    let all = 0;
    for (const one of narrowed) {
      const is = fits(one, want);
      one.hidden = !is;
      if (one.tagName === "TR") {
        all += 1;
        shown += is ? 1 : 0;
      }
    }
    form.querySelector("output").textContent = `${shown} of ${all} requirements shown`;
    return want;
  };

  const remember = (want) => {
    const said = new URLSearchParams();
    for (const [name, value] of Object.entries(want)) {
      if (value.length) {
        said.set(name, Array.isArray(value) ? value.join(",") : value);
      }
    }
    const fragment = said.size ? START + said : "#requirements";
    history.replaceState(null, "", fragment);
  };

  const recall = () => {
    form.reset();
    const said = new URLSearchParams(location.hash.slice(START.length));
    const outcomes = (said.get("outcome") || "").split(",");
    for (const box of form.querySelectorAll("input[type=checkbox]")) {
      box.checked = outcomes.includes(box.value);
    }
    for (const name of ["entity", "chapter", "level", "text"]) {
      form.elements[name].value = said.get(name) || "";
    }
    narrow();
  };

  const arrive = () => {
    if (form && location.hash.startsWith(START)) {
      recall();
      document.getElementById("requirements").scrollIntoView();
      return;
    }
    let id = "";
    try {
      id = decodeURIComponent(location.hash.slice(1));
    } catch {
      return;
    }
    const target = id && document.getElementById(id);
    if (target) {
      const hidden = target.closest("[hidden]");
      if (hidden && form) {
        form.reset();
        narrow();
      }
      for (let at = target; at; at = at.parentElement) {
        if (at.tagName === "DETAILS") {
          at.open = true;
        }
      }
      const first = target.querySelector(":scope > details");
      if (first) {
        first.open = true;
      }
      target.scrollIntoView();
    }
  };

  if (form) {
    form.addEventListener("input", () => remember(narrow()));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(() => remember(narrow())));
    narrow();
  }
  window.addEventListener("hashchange", arrive);
  arrive();

  document.getElementById("map")?.addEventListener("click", (event) => {
    const name = event.target.closest("[data-of]")?.dataset.of;
    if (name) {
      location.hash = encodeURIComponent(name);
    }
  });

  for (const line of document.querySelectorAll("pre.curl")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "copy";
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(line.textContent);
        button.textContent = "copied";
      } catch {
        getSelection().selectAllChildren(line);
        button.textContent = "selected";
      }
      setTimeout(() => (button.textContent = "copy"), 1500);
    });
    line.before(button);
  }

  window.addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll(".finding > details")) {
      one.open = true;
    }
  });
})();
