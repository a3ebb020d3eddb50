// The network's map. All that it shows is in the page's table too; without this file the page has a picture instead.
"use strict";
(() => {
  const box = document.getElementById("drawing");
  if (!box || typeof cytoscape === "undefined") return;
  const by = (id) => document.getElementById(id);
  const HUB = 10;
  const MARGIN = 60;
  const collapsed = new Set();
  const colours = {
    provider: "#56b4e9", person: "#ffffff", address: "#e69f00", account: "#f0e442", phone: "#cc79a7", email: "#d0d0d0",
    device: "#5ec9a8", certificate: "#a6bddb",
  };
  const shapes = {
    provider: "round-rectangle", person: "ellipse", address: "triangle", account: "diamond", phone: "hexagon",
    email: "pentagon", device: "octagon", certificate: "vee",
  };
  const kindStyle = Object.keys(colours).map((kind) => (
    { selector: `node[kind = "${kind}"]`, style: { "background-color": colours[kind], shape: shapes[kind] } }));
  const style = [
    { selector: "node", style: {
      "background-color": "#cccccc", "border-width": 1, "border-color": "#1c2733", width: 18, height: 18,
      "min-zoomed-font-size": 8 } },
    ...kindStyle,
    { selector: "node[?member]", style: {
      label: "data(label)", width: 30, height: 30, "font-size": 13, "font-weight": "bold", "text-valign": "bottom",
      "text-outline-color": "#ffffff", "text-outline-width": 2, "text-wrap": "ellipsis", "text-max-width": 160 } },
    { selector: "edge", style: { width: 1.4, "line-color": "#8794a1", "curve-style": "haystack" } },
    { selector: "edge[!counts]", style: { "line-style": "dashed" } },
    { selector: "[?noted]", style: { "border-color": "#9a3b00", "border-width": 4, "line-color": "#9a3b00" } },
    { selector: "node:locked", style: { "border-style": "double", "border-width": 5 } },
    { selector: ".off", style: { display: "none" } },
    { selector: ":selected, .way", style: { "border-color": "#0b4f86", "border-width": 4, "line-color": "#0b4f86", width: 4 } },
    { selector: "node:selected, node.way", style: { label: "data(label)", width: 30, height: 30, "font-size": 13, "min-zoomed-font-size": 0 } },
  ];

  // The page's short lists as the library wants them.
  const elementsOf = ({ nodes, ties, kinds, prefix, words }) => ({
    nodes: nodes.map(([id, label, kind, member, noted, x, y, pinned]) => (
      { data: { id, label, kind, member, noted, word: words[kind] }, position: { x, y }, locked: pinned === 1 })),
    edges: ties.map(([at, source, target, kind, from, to, counts, noted]) => ({ data: {
      id: prefix + at, source: nodes[source][0], target: nodes[target][0], kind: kinds[kind][0], word: kinds[kind][1],
      from, to, counts, noted } })),
  });

  // Zoom and pan that show all of it, from the places alone: the library would measure every tie first.
  const view = (nodes) => {
    const [xs, ys] = [nodes.map((node) => node[5]), nodes.map((node) => node[6])];
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const { clientWidth: width, clientHeight: height } = by("graph");
    const zoom = Math.min((width - 2 * MARGIN) / (right - left || 1), (height - 2 * MARGIN) / (bottom - top || 1), 1.5);
    return { zoom, pan: { x: width / 2 - (zoom * (left + right)) / 2, y: height / 2 - (zoom * (top + bottom)) / 2 } };
  };

  const draw = (cy) => {
    const unchecked = (name) => new Set([...box.querySelectorAll(`[data-${name}]:not(:checked)`)].map((each) => each.dataset[name]));
    const nodesOff = unchecked("node");
    const tiesOff = unchecked("tie");
    const month = Number(by("until").value);
    const any = month > Number(by("until").dataset.last);
    const inForce = (tie) => any || ((tie.data("from") ?? 0) <= month && month <= (tie.data("to") ?? Infinity));
    const folds = (id) => collapsed.has(id);
    cy.batch(() => {
      cy.elements().removeClass("off way");
      cy.edges().filter((tie) => tiesOff.has(tie.data("kind")) || !inForce(tie)).addClass("off");
      cy.nodes().filter((node) => nodesOff.has(node.data("kind"))).addClass("off");
      cy.nodes().filter((node) => !node.data("member") && !node.hasClass("off")).forEach((node) => {
        const ties = node.connectedEdges().filter((tie) => !tie.hasClass("off"));
        // what only collapsed nodes have goes with them
        const other = (tie) => (tie.data("source") === node.id() ? tie.data("target") : tie.data("source"));
        if (!ties.some((tie) => !folds(other(tie)))) node.addClass("off");
      });
    });
    by("month").value = any ? box.dataset.all : `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}`;
  };

  const choose = (one) => {
    const told = by("chosen");
    const name = (node) => `${node.data("word")} ${node.data("label")}`;
    told.textContent = one.isNode() ? name(one) : `${one.data("word")}: ${name(one.source())} – ${name(one.target())} `;
    const target = document.querySelector("select[name=target]");
    if (![...target.options].some((option) => option.value === one.id())) target.append(new Option(told.textContent, one.id()));
    target.value = one.id();
    if (one.isNode()) return void (by("node").value = one.id());
    const link = document.createElement("a");
    link.href = box.dataset.link.replace("LINK", encodeURIComponent(one.id()));
    link.textContent = box.dataset.open;
    told.append(link);
  };

  const way = (cy) => {
    const shown = cy.elements(":visible");
    const [from, to] = ["from", "to"].map((id) => shown.getElementById(by(id).value));
    cy.elements().removeClass("way");
    const found = from.nonempty() && to.nonempty() ? shown.aStar({ root: from, goal: to }) : { found: false };
    if (!found.found) return void (by("chosen").textContent = box.dataset.none);
    found.path.addClass("way");
    const steps = found.path.map((each) => (each.isNode() ? each.data("label") : `(${each.data("word")})`)).join(" ");
    by("chosen").textContent = `${box.dataset.steps.replace("COUNT", found.path.edges().length)} ${steps}`;
  };

  const picture = (cy) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(cy.png({ output: "blob", full: true, scale: 2, bg: "#ffffff", maxWidth: 6000 }));
    link.download = "network.png";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };

  const fill = (data) => {
    const months = data.ties.map((tie) => tie[4]).filter((each) => each !== null);
    const until = by("until");
    [until.min, until.max, until.dataset.last] = [Math.min(data.last, ...months), data.last + 1, data.last];
    until.value = until.max;
    const all = document.createDocumentFragment();
    const { compare } = new Intl.Collator(document.documentElement.lang);
    [...data.nodes].sort((a, b) => b[3] - a[3] || compare(a[1], b[1]))
      .forEach(([id, label, kind]) => all.append(new Option(`${data.words[kind]}: ${label}`, id)));
    ["node", "from", "to"].forEach((id) => by(id).append(all.cloneNode(true)));
    by("to").selectedIndex = Math.min(1, data.nodes.length - 1);
  };

  const controls = (cy) => {
    const on = (id, action, event = "click") => by(id).addEventListener(event, action);
    const chosen = () => cy.getElementById(by("node").value);
    const turn = (node) => { if (!collapsed.delete(node.id())) collapsed.add(node.id()); draw(cy); };
    on("until", () => draw(cy), "input");
    box.querySelectorAll("input[type=checkbox]").forEach((each) => each.addEventListener("change", () => draw(cy)));
    on("node", () => { cy.$(":selected").unselect(); chosen().select(); }, "change");
    on("collapse", () => { cy.nodes().filter((node) => node.degree() >= HUB).forEach((node) => collapsed.add(node.id())); draw(cy); });
    on("expand", () => { collapsed.clear(); draw(cy); });
    on("toggle", () => turn(chosen()));
    on("pin", () => { const node = chosen(); if (node.locked()) node.unlock(); else node.lock(); });
    on("fit", () => cy.fit(cy.elements(":visible"), 30));
    on("path", () => way(cy));
    on("png", () => picture(cy));
    cy.on("dbltap", "node", (event) => turn(event.target));
    cy.on("select", "node, edge", (event) => choose(event.target));
    on("keep", (event) => {
      if (event.submitter?.value === "again") return;  // the field stays empty: back to the common layout
      const at = cy.nodes().map((node) => [node.id(), [Math.round(node.position("x")), Math.round(node.position("y")), Number(node.locked())]]);
      by("keep").elements.positions.value = JSON.stringify(Object.fromEntries(at));
    }, "submit");
  };

  const data = JSON.parse(by("network-data").textContent);
  box.hidden = false;
  fill(data);
  const cy = cytoscape({
    container: by("graph"), elements: elementsOf(data), style, layout: { name: "preset", fit: false }, ...view(data.nodes),
    hideEdgesOnViewport: data.ties.length > 1000, pixelRatio: 1, boxSelectionEnabled: false, minZoom: 0.05, maxZoom: 5,
  });
  controls(cy);
  cy.one("render", () => { box.dataset.ready = String(Math.round(performance.now())); });
  by("graph").cy = cy;  // for the tests, and for those who know their way in the console
})();
