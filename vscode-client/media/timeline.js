// @ts-check
// The timeline view's script: draws what the extension sends. All of it is untrusted text, and is only ever set as text.

/** @typedef {import("../src/surfaces/timelineMessages").ToView} ToView */
/** @typedef {import("../src/surfaces/timelineMessages").FromView} FromView */
/** @typedef {import("../src/surfaces/timelineMessages").Row} Row */
/** @typedef {import("../src/surfaces/timelineMessages").Chart} Chart */
/** @typedef {"all" | "suggestion" | "silence"} Filter */
/** @typedef {{ filter: Filter, scroll: number }} Kept */

(() => {
  /** @type {{ postMessage(message: FromView): void, getState(): Kept | undefined, setState(state: Kept): void }} */
  // @ts-expect-error: the host gives it.
  const host = acquireVsCodeApi();
  const main = /** @type {HTMLElement} */ (document.getElementById("main"));
  const news = /** @type {HTMLElement} */ (document.getElementById("news"));

  /** @type {Kept} */
  const kept = host.getState() ?? { filter: "all", scroll: 0 };
  /** @type {Map<string, { row: string, item: HTMLLIElement }>} */
  let drawn = new Map();
  /** @type {Extract<ToView, { kind: "timeline" }> | undefined} */
  let shown;
  /** The keys of the suggestions that were told of; none is told of at first. @type {Set<string> | undefined} */
  let told;
  let current = "";

  /** @type {readonly [Filter, string][]} */
  const filters = [
    ["all", "All"],
    ["suggestion", "Suggestions"],
    ["silence", "Silences"],
  ];

  /**
   * @template {keyof HTMLElementTagNameMap} Tag
   * @param {Tag} tag
   * @param {string} className
   * @param {string} text
   * @returns {HTMLElementTagNameMap[Tag]}
   */
  function make(tag, className = "", text = "") {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  }

  /**
   * @param {string} label
   * @param {() => void} act
   * @param {string} className
   */
  function button(label, act, className = "") {
    const element = make("button", className, label);
    element.type = "button";
    element.addEventListener("click", (event) => {
      event.stopPropagation();
      act();
    });
    return element;
  }

  function keep() {
    host.setState(kept);
  }

  // --- without a server ---------------------------------------------------------------------------------

  /** @param {Extract<ToView, { kind: "offline" }>} message */
  function drawOffline(message) {
    shown = undefined;
    told = undefined;
    drawn = new Map();
    const section = make("section", "blank");
    section.append(make("h2", "", "Not watching"), make("p", "", message.problem));
    const { action } = message;
    if (action) {
      section.append(button(action.label, () => host.postMessage({ kind: "run", command: action.command }), "wide"));
    }
    main.replaceChildren(section);
  }

  // --- the frame ----------------------------------------------------------------------------------------

  const list = make("ol", "rows");
  const chartPlace = make("section", "need");
  const note = make("p", "note");
  const empty = make("p", "blank");
  const toolbar = make("div", "filters");

  function drawFrame() {
    if (list.isConnected) return;
    toolbar.setAttribute("role", "group");
    toolbar.setAttribute("aria-label", "Show");
    toolbar.replaceChildren(
      ...filters.map(([filter, label]) => {
        const element = button(label, () => {
          kept.filter = filter;
          keep();
          drawRows();
          pressed();
        });
        element.dataset["filter"] = filter;
        return element;
      }),
    );
    const footer = make("footer");
    const where = make("details");
    where.append(
      make("summary", "", "Where this is kept"),
      make("p", "", "In a journal on this machine, and nowhere else. Nothing of it is sent."),
    );
    const purge = make("p", "", "To delete it, run ");
    purge.append(make("code", "", "proactive events purge --all"), " in a terminal.");
    where.append(purge);
    footer.append(where);
    const latest = make("h2", "", "Latest first");
    latest.id = "latest";
    list.setAttribute("aria-labelledby", "latest");
    main.replaceChildren(note, chartPlace, latest, toolbar, empty, list, footer);
    pressed();
  }

  function pressed() {
    for (const element of toolbar.querySelectorAll("button")) {
      element.setAttribute("aria-pressed", String(element.dataset["filter"] === kept.filter));
    }
  }

  /** @param {Extract<ToView, { kind: "timeline" }>} message */
  function drawTimeline(message) {
    const first = shown === undefined;
    shown = message;
    drawFrame();
    note.textContent = message.note;
    note.hidden = message.note === "";
    drawChart(message.chart);
    drawRows();
    tell(message.rows);
    if (first) window.scrollTo(0, kept.scroll);
  }

  /** Tell a screen reader of suggestions that are new. @param {readonly Row[]} rows */
  function tell(rows) {
    const waiting = rows.filter((row) => row.waits !== undefined);
    const fresh = waiting.filter((row) => told !== undefined && !told.has(row.key));
    if (fresh.length > 0) news.textContent = fresh.map((row) => `New suggestion: ${row.text}, ${row.place ?? ""}`).join("; ");
    told = new Set(waiting.map((row) => row.key));
  }

  // --- the rows -----------------------------------------------------------------------------------------

  /** Rows that are as they were stay the same elements, so that focus and scroll position stay, too. */
  function drawRows() {
    if (shown === undefined) return;
    const rows = shown.rows.filter((row) => kept.filter === "all" || row.kind === kept.filter);
    const focused = list.contains(document.activeElement);
    const before = [...list.children].findIndex((item) => item.contains(document.activeElement));
    /** @type {typeof drawn} */
    const next = new Map();
    const items = rows.map((row) => {
      const plain = JSON.stringify(row);
      const old = drawn.get(row.key);
      const item = old?.row === plain ? old.item : drawRow(row);
      next.set(row.key, { row: plain, item });
      return item;
    });
    drawn = next;
    arrange(withDays(rows, items));
    empty.hidden = rows.length > 0;
    empty.textContent = emptiness();
    if (!items.some((item) => item.dataset["key"] === current)) current = items[0]?.dataset["key"] ?? "";
    for (const item of items) item.tabIndex = item.dataset["key"] === current ? 0 : -1;
    if (focused && !list.contains(document.activeElement)) {
      (items[Math.min(Math.max(before, 0), items.length - 1)] ?? toolbar.querySelector("button"))?.focus();
    }
  }

  /** Put the elements into the list without touching those that stand right. @param {readonly Element[]} wanted */
  function arrange(wanted) {
    const keep = new Set(wanted);
    for (const child of [...list.children]) if (!keep.has(child)) child.remove();
    wanted.forEach((element, index) => {
      if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
    });
  }

  /** @type {Map<string, HTMLLIElement>} */
  const days = new Map();

  /** @param {readonly Row[]} rows @param {readonly HTMLLIElement[]} items */
  function withDays(rows, items) {
    const today = new Date().toDateString();
    let last = today;
    return items.flatMap((item, index) => {
      const time = new Date(rows[index]?.time ?? "");
      const day = time.toDateString();
      if (day === last) return [item];
      last = day;
      let heading = days.get(day);
      if (heading === undefined) {
        heading = make("li", "day");
        const words = time.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
        heading.append(make("h3", "", words));
        days.set(day, heading);
      }
      return [heading, item];
    });
  }

  function emptiness() {
    if (kept.filter === "suggestion") return "No suggestion yet. Most moments pass in silence, and that is as it should be.";
    if (kept.filter === "silence") return "It has not had to decide on anything yet.";
    return (
      "Nothing has happened yet. What you edit, run and commit appears here, and with it each moment at which " +
      "a suggestion was made or held back, with the reason."
    );
  }

  /** @param {Row} row */
  function drawRow(row) {
    const item = make("li", `row ${row.kind}`);
    item.dataset["key"] = row.key;
    const time = make("time", "", new Date(row.time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
    time.dateTime = row.time;
    time.title = new Date(row.time).toLocaleString();
    const body = make("div", "body");
    const kind = { event: "", suggestion: "Suggestion: ", silence: "Silent – " }[row.kind];
    const text = make("p");
    if (kind) text.append(make("span", row.kind === "silence" ? "kind" : "kind unseen", kind));
    text.append(row.text);
    if (row.times > 1) text.append(make("span", "times", ` ${row.times} times`));
    body.append(text);
    if (row.kind === "suggestion") drawSuggestion(row, body);
    else if (row.place !== undefined) body.append(placeLine(row, row.place));
    item.append(time, body);
    return item;
  }

  /** @param {Row} row @param {string} place */
  function placeLine(row, place) {
    const line = make("p", "meta");
    const link = button(place, () => host.postMessage({ kind: "open", key: row.key }), "link");
    link.title = `Go to ${place}`;
    line.append(link);
    return line;
  }

  /** @param {Row} row @param {HTMLElement} body */
  function drawSuggestion(row, body) {
    const line = row.place === undefined ? make("p", "meta") : placeLine(row, row.place);
    if (row.fate !== undefined) line.append(make("span", "fate", row.fate));
    body.append(line);
    if (row.details.length > 0) {
      const because = make("ul", "because");
      because.append(...row.details.map((sentence) => make("li", "", sentence)));
      const details = make("details");
      details.append(make("summary", "", "What led to it"), because);
      body.append(details);
    }
    const id = row.waits;
    if (id === undefined) return;
    const answers = make("p", "answers");
    /** @type {readonly [string, string][]} */
    const commands = [
      ["Accept", "proactive.acceptSuggestion"],
      ["Dismiss", "proactive.dismissSuggestion"],
      ["Why now?", "proactive.whyNow"],
    ];
    answers.append(
      ...commands.map(([label, command]) => {
        const element = button(label, () => host.postMessage({ kind: "run", command, id }), "answer");
        element.setAttribute("aria-label", `${label} ${row.text}`);
        return element;
      }),
    );
    body.append(answers);
  }

  list.addEventListener("keydown", (event) => {
    const items = /** @type {HTMLLIElement[]} */ ([...list.querySelectorAll("li.row")]);
    const at = items.findIndex((item) => item.contains(/** @type {Node} */ (event.target)));
    const item = items[at];
    if (item === undefined) return;
    if (event.key === "Enter" && event.target === item) {
      host.postMessage({ kind: "open", key: item.dataset["key"] ?? "" });
      return;
    }
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    const next = to === undefined ? undefined : items[to];
    if (next === undefined) return;
    event.preventDefault();
    item.tabIndex = -1;
    next.tabIndex = 0;
    current = next.dataset["key"] ?? "";
    next.focus();
  });

  // --- the chart ----------------------------------------------------------------------------------------

  const SVG = "http://www.w3.org/2000/svg";
  const WIDTH = 300;
  const HEIGHT = 84;
  const MARGIN = { left: 30, right: 6, top: 6, bottom: 6 };

  /** @param {string} tag @param {Record<string, string | number>} attributes */
  function draw(tag, attributes) {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
    return element;
  }

  /** @param {Chart | undefined} chart */
  function drawChart(chart) {
    chartPlace.hidden = chart === undefined;
    if (chart === undefined) return;
    const { points, summary } = chart;
    const step = (WIDTH - MARGIN.left - MARGIN.right) / Math.max(points.length - 1, 1);
    /** @param {number} index */
    const x = (index) => MARGIN.left + index * step;
    /** @param {number} share */
    const y = (share) => MARGIN.top + (1 - share) * (HEIGHT - MARGIN.top - MARGIN.bottom);
    /** @param {readonly [number, number][]} corners */
    const path = (corners) => corners.map(([across, down]) => `${across.toFixed(1)},${down.toFixed(1)}`).join(" ");

    const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-labelledby": "summary" });
    for (const share of [0, 0.5, 1]) {
      svg.append(draw("line", { class: "grid", x1: MARGIN.left, x2: WIDTH - MARGIN.right, y1: y(share), y2: y(share) }));
      const label = draw("text", { class: "scale", x: MARGIN.left - 4, y: y(share) + 3, "text-anchor": "end" });
      label.textContent = `${share * 100} %`;
      svg.append(label);
    }
    const limits = points.flatMap((point, index) =>
      point.threshold === undefined ? [] : [/** @type {[number, number]} */ ([x(index), y(point.threshold)])],
    );
    if (limits.length > 0) svg.append(draw("polyline", { class: "threshold", points: path(limits) }));
    svg.append(draw("polyline", { class: "line", points: path(points.map((point, index) => [x(index), y(point.need)])) }));
    points.forEach((point, index) => {
      const attributes = { class: point.spoke ? "spoke" : "point", cx: x(index), cy: y(point.need), r: point.spoke ? 4 : 1.5 };
      const dot = draw("circle", attributes);
      const title = draw("title", {});
      const time = new Date(point.time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
      title.textContent = `${time}: ${Math.round(point.need * 100)} %${point.spoke ? ", a suggestion" : ""}`;
      dot.append(title);
      svg.append(dot);
    });
    const words = make("p", "summary", summary);
    words.id = "summary";
    const legend = make("p", "legend");
    legend.setAttribute("aria-hidden", "true");
    legend.append(
      make("span", "mark line"),
      "need",
      make("span", "mark threshold"),
      "speaks above",
      make("span", "mark spoke"),
      "suggestion",
    );
    chartPlace.replaceChildren(make("h2", "", "Need over time"), svg, legend, words);
  }

  // --- from the extension -------------------------------------------------------------------------------

  window.addEventListener("message", (event) => {
    const message = /** @type {ToView} */ (event.data);
    if (message.kind === "offline") drawOffline(message);
    else drawTimeline(message);
  });
  window.addEventListener("scroll", () => {
    if (shown === undefined) return;
    kept.scroll = window.scrollY;
    keep();
  });
  host.postMessage({ kind: "ready" });
})();
