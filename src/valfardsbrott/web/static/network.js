// The network's map. All that it shows is in the page's table too; without this file the page has a picture instead.
"use strict";
(() => {
  const box = document.getElementById("drawing");
  if (!box || typeof cytoscape === "undefined") return;
  const by = (id) => document.getElementById(id);
  const HUB = 10;
  const collapsed = new Set();
  const colours = {
    provider: "#56b4e9", person: "#ffffff", address: "#e69f00", account: "#f0e442", phone: "#cc79a7", email: "#d0d0d0",
    device: "#5ec9a8", certificate: "#a6bddb",
  };
  const shapes = {
    provider: "round-rectangle", person: "ellipse", address: "triangle", account: "diamond", phone: "hexagon",
    email: "pentagon", device: "octagon", certificate: "vee",
  };
  const style = [
    { selector: "node", style: {
      "background-color": (node) => colours[node.data("kind")] || "#cccccc", "border-width": 1, "border-color": "#1c2733",
      shape: (node) => shapes[node.data("kind")] || "ellipse", width: 18, height: 18 } },
    { selector: "node[?member]", style: {
      label: "data(label)", width: 30, height: 30, "font-size": 13, "font-weight": "bold", "text-valign": "bottom",
      "text-outline-color": "#ffffff", "text-outline-width": 2, "text-wrap": "ellipsis", "text-max-width": 160 } },
    { selector: "node[?noted], edge[?noted]", style: { "border-color": "#9a3b00", "border-width": 4, "line-color": "#9a3b00" } },
    { selector: "edge", style: { width: 1.4, "line-color": "#8794a1", "curve-style": "haystack" } },
    { selector: "edge[!counts]", style: { "line-style": "dashed" } },
    { selector: ".off", style: { display: "none" } },
    { selector: ":selected, .way", style: { "border-color": "#0b4f86", "border-width": 4, "line-color": "#0b4f86", width: 4 } },
    { selector: "node:selected, node.way", style: { label: "data(label)", width: 30, height: 30, "font-size": 13 } },
  ];

  // Providers on a ring, everything else near the middle of those that have it: quick, and the same each time.
  const place = (data) => {
    const members = data.nodes.filter((node) => node.data.member);
    const radius = Math.max(220, members.length * 26);
    const at = new Map(members.map((node, turn) => {
      const angle = (2 * Math.PI * turn) / members.length - Math.PI / 2;
      return [node.data.id, [radius * Math.cos(angle), radius * Math.sin(angle)]];
    }));
    const ends = new Map();
    data.edges.forEach(({ data: { source, target } }) => [[source, target], [target, source]].forEach(([one, other]) => {
      if (at.has(other) && !at.has(one)) ends.set(one, [...(ends.get(one) || []), at.get(other)]);
    }));
    data.nodes.forEach((node, turn) => {
      if (at.has(node.data.id)) return;
      const near = ends.get(node.data.id) || [[0, 0]];
      const mean = (axis) => near.reduce((sum, point) => sum + point[axis], 0) / near.length;
      const angle = turn * 2.39996;  // the golden angle spreads those that share the same providers
      const off = 24 + 5 * Math.sqrt(turn);
      at.set(node.data.id, [mean(0) * 0.75 + off * Math.cos(angle), mean(1) * 0.75 + off * Math.sin(angle)]);
    });
    const kept = data.places;
    data.nodes.forEach((node) => {
      const [x, y] = kept[node.data.id] || at.get(node.data.id);
      node.position = { x, y };
    });
  };

  const draw = (cy) => {
    const unchecked = (name) => new Set([...box.querySelectorAll(`[data-${name}]:not(:checked)`)].map((each) => each.dataset[name]));
    const nodesOff = unchecked("node");
    const tiesOff = unchecked("tie");
    const month = Number(by("until").value);
    const any = month > Number(by("until").dataset.last);
    const inForce = (tie) => any || ((tie.data("from") ?? 0) <= month && month <= (tie.data("to") ?? Infinity));
    cy.batch(() => {
      cy.elements().removeClass("off way");
      cy.edges().filter((tie) => tiesOff.has(tie.data("kind")) || !inForce(tie)).addClass("off");
      cy.nodes().filter((node) => nodesOff.has(node.data("kind"))).addClass("off");
      cy.nodes().filter((node) => !node.data("member") && !node.hasClass("off")).forEach((node) => {
        const ties = node.connectedEdges().filter((tie) => !tie.hasClass("off"));
        // what only collapsed nodes have goes with them
        if (!ties.some((tie) => !collapsed.has(tie.connectedNodes().not(node).first().id()))) node.addClass("off");
      });
    });
    by("month").value = any ? box.dataset.all : `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}`;
  };

  const choose = (one) => {
    const told = by("chosen");
    const name = (node) => `${node.data("word")} ${node.data("label")}`;
    told.textContent = one.isNode() ? name(one) : `${one.data("word")}: ${name(one.source())} – ${name(one.target())} `;
    const target = document.querySelector("select[name=target]");
    if ([...target.options].some((option) => option.value === one.id())) target.value = one.id();
    if (one.isNode()) return;
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

  const controls = (cy, data) => {
    const months = data.edges.map((tie) => tie.data.from).filter((each) => each !== null);
    const until = by("until");
    [until.min, until.max, until.dataset.last] = [Math.min(data.last, ...months), data.last + 1, data.last];
    until.value = until.max;
    const options = [...data.nodes].sort((a, b) => b.data.member - a.data.member || a.data.label.localeCompare(b.data.label));
    ["from", "to"].forEach((id, turn) => {
      by(id).append(...options.map((node) => new Option(`${node.data.word}: ${node.data.label}`, node.data.id)));
      by(id).selectedIndex = Math.min(turn, options.length - 1);
    });
    until.addEventListener("input", () => draw(cy));
    box.querySelectorAll("input[type=checkbox]").forEach((each) => each.addEventListener("change", () => draw(cy)));
    const on = (id, action) => by(id).addEventListener("click", action);
    on("collapse", () => { cy.nodes().filter((node) => node.degree() >= HUB).forEach((node) => collapsed.add(node.id())); draw(cy); });
    on("expand", () => { collapsed.clear(); draw(cy); });
    const turn = (node) => { if (!collapsed.delete(node.id())) collapsed.add(node.id()); draw(cy); };
    on("toggle", () => cy.nodes(":selected").forEach(turn));
    on("fit", () => cy.fit(cy.elements(":visible"), 30));
    on("path", () => way(cy));
    on("png", () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(cy.png({ output: "blob", full: true, scale: 2, bg: "#ffffff", maxWidth: 6000 }));
      link.download = "network.png";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
    cy.on("dbltap", "node", (event) => turn(event.target));
    cy.on("select", "node, edge", (event) => choose(event.target));
    by("keep").addEventListener("submit", () => {
      const at = cy.nodes().map((node) => [node.id(), [Math.round(node.position("x")), Math.round(node.position("y"))]]);
      by("keep").elements.positions.value = JSON.stringify(Object.fromEntries(at));
    });
  };

  const start = async () => {
    const answer = await fetch(box.dataset.source, { credentials: "same-origin" });
    if (!answer.ok) return;
    const data = await answer.json();
    place(data);
    box.hidden = false;
    document.querySelector("img.picture").hidden = true;
    const cy = cytoscape({
      container: by("graph"), elements: { nodes: data.nodes, edges: data.edges }, style, layout: { name: "preset", padding: 30 },
      hideEdgesOnViewport: data.edges.length > 1000, pixelRatio: 1, boxSelectionEnabled: false,
    });
    controls(cy, data);
    draw(cy);
    cy.fit(undefined, 30);
    cy.one("render", () => { box.dataset.ready = String(Math.round(performance.now())); });
    by("graph").cy = cy;  // for the tests, and for those who know their way in the console
  };
  start();
})();
