// The report's page: a table to search, sort and filter, and each form drawn with its findings in their cells.
// Texts of strangers go into the page by textContent alone.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const forms = data.forms.concat(data.missing);
  const STATUS = data.states;
  const lacks = (form) => form.s === "missing" || form.s === "overdue";
  const LEVELS = ["错误", "警告", "提示"];
  const PAGE = 50;
  const [RULE, LEVEL, PIN, CELL, LABEL, MESSAGE, FOUND, EXPECTED, FIX, SAID, WAIVED, ACTOR] = Array(12).keys();
  const at = (id) => document.getElementById(id);

  const make = (tag, text, name) => {
    const node = document.createElement(tag);
    if (text !== undefined && text !== null) node.textContent = text;
    if (name) node.className = name;
    return node;
  };
  const money = (n) => n === undefined ? "" : n.toLocaleString("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 6 });
  const rate = (n) => n === undefined ? "" : (n * 100).toFixed(2) + "%";
  const absent = (form, key) => form.w && form.w.includes(key) ? "—" : "";
  const findings = (form) => form.F || [];
  const plain = (text) => String(text || "").normalize("NFKC").toLowerCase();

  // ── the table ────────────────────────────────────────────────
  const COLUMNS = [
    { head: "项目名称", value: (f) => f.p || f.f || "", kind: "name" },
    { head: "主管部门", value: (f) => f.d || "", kind: "text" },
    { head: "实施单位", value: (f) => f.u || "", kind: "text" },
    { head: "年度", value: (f) => f.y || 0, show: (f) => f.y || "", kind: "number" },
    { head: `预算（${data.unit}）`, value: (f) => f.b ?? -1, show: (f) => absent(f, "b") || money(f.b), kind: "number" },
    { head: "执行率", value: (f) => f.r ?? -1, show: (f) => absent(f, "r") || rate(f.r), kind: "number" },
    { head: "得分", value: (f) => f.t ?? -1, show: (f) => absent(f, "t") || (f.t ?? ""), kind: "number" },
    { head: "等级", value: (f) => "优良中差".indexOf(f.g || "?"), show: (f) => absent(f, "g") || f.g || "", kind: "middle" },
    { head: "轮次", value: (f) => f.n || 0, show: (f) => f.n || "", kind: "number" },
    { head: "未结天数", value: (f) => f.o || 0, show: (f) => f.o || "", kind: "number" },
    { head: "逾期天数", value: (f) => f.l || 0, show: (f) => f.l || "", kind: "number" },
    { head: "错误", value: (f) => f.k ? f.k[0] : 0, show: (f) => f.k ? f.k[0] : "", kind: "number" },
    { head: "警告", value: (f) => f.k ? f.k[1] : 0, show: (f) => f.k ? f.k[1] : "", kind: "number" },
    { head: "状态", value: (f) => Object.keys(STATUS).indexOf(f.s), kind: "state" },
  ];
  const collator = new Intl.Collator("zh-CN", { numeric: true });
  forms.forEach((form, number) => {
    form.number = number;
    const told = findings(form).map((one) => `${one[RULE]} ${data.texts[one[MESSAGE]]}`);
    form.hay = plain([form.p, form.d, form.u, form.c, form.f, form.h, ...told].join("\n"));
    form.rules = new Set(findings(form).filter((one) => one[WAIVED] === null).map((one) => one[RULE]));
  });
  let shown = forms, first = 0, sort = { column: 11, down: true };

  const choose = () => {
    const words = plain(at("search").value).split(/\s+/).filter(Boolean);
    const status = at("status").value, department = at("department").value;
    const rule = at("rule").value, grade = at("grade").value;
    shown = forms.filter((f) => (!status || f.s === status) && (!department || (f.d || "—") === department)
      && (!grade || f.g === grade) && (!rule || f.rules.has(rule)) && words.every((word) => f.hay.includes(word)));
    const value = COLUMNS[sort.column].value, sign = sort.down ? -1 : 1;
    shown.sort((one, other) => {
      const a = value(one), b = value(other);
      return (typeof a === "string" ? collator.compare(a, b) : a - b) * sign || one.number - other.number;
    });
    first = 0;
    draw();
  };

  const head = () => {
    const row = make("tr");
    COLUMNS.forEach((column, number) => {
      const cell = make("th", null, column.kind === "number" ? "number" : "");
      cell.setAttribute("aria-sort", number === sort.column ? (sort.down ? "descending" : "ascending") : "none");
      const button = make("button", column.head);
      button.type = "button";
      button.addEventListener("click", () => {
        sort = { column: number, down: number === sort.column ? !sort.down : column.kind === "number" };
        choose();
      });
      cell.append(button);
      row.append(cell);
    });
    at("table").tHead.replaceChildren(row);
  };

  const line = (form) => {
    const row = make("tr");
    const opens = !lacks(form);
    COLUMNS.forEach((column) => {
      const cell = make("td", null, column.kind === "state" || column.kind === "name" ? "" : column.kind);
      const text = column.show ? column.show(form) : column.value(form);
      if (column.kind === "state") {
        cell.append(make("span", STATUS[form.s], `state ${form.s}`));
      } else if (column.kind === "name" && opens) {
        const link = make("a");
        link.href = `#form-${form.number}`;
        link.append(make("bdi", text));
        cell.append(link);
      } else {
        cell.append(make("bdi", text));
      }
      row.append(cell);
    });
    if (opens) {
      row.className = "open";
      row.addEventListener("click", () => { location.hash = `form-${form.number}`; });
    }
    return row;
  };

  const draw = (all) => {
    head();
    const part = all ? shown : shown.slice(first, first + PAGE);
    at("table").tBodies[0].replaceChildren(...part.map(line));
    at("count").textContent = shown.length === forms.length ? `共 ${forms.length} 项` : `${shown.length} / ${forms.length} 项`;
    const pages = Math.max(1, Math.ceil(shown.length / PAGE));
    at("where").textContent = `第 ${first / PAGE + 1} / ${pages} 页`;
    at("back").disabled = first === 0;
    at("next").disabled = first + PAGE >= shown.length;
  };

  const turn = (pages) => {
    first = Math.max(0, first + pages * PAGE);
    draw();
    at("list").scrollIntoView();
  };

  const only = (kind, value) => {
    at(kind).value = at(kind).value === value ? "" : value;
    choose();
    at("list").scrollIntoView({ block: "start" });
  };

  // ── one form ─────────────────────────────────────────────────
  const drawForm = (form) => {
    if (form.S === undefined) return make("p", "这个文件读不出表，只有右边的原因。");
    const shape = data.shapes[form.S], table = make("table"), columns = make("colgroup"), body = make("tbody");
    const sum = shape.widths.reduce((total, width) => total + width, 0);
    shape.widths.forEach((width) => {
      const column = make("col");
      column.style.width = `${(100 * width / sum).toFixed(2)}%`;
      columns.append(column);
    });
    const pins = new Map();
    findings(form).forEach((one, number) => {
      if (one[PIN] === null) return;
      [].concat(one[PIN]).forEach((spot) => pins.set(spot, [...(pins.get(spot) || []), number]));
    });
    let row = null, last = 0, value = 0;
    shape.cells.forEach(([top, , rows, wide, role, text], number) => {
      while (last < top) { row = make("tr"); body.append(row); last += 1; }
      const said = text === null ? form.V[value++] : text;
      const cell = make("td", said, role);
      cell.rowSpan = rows;
      cell.colSpan = wide;
      if (said.length > 60) cell.classList.add("long");
      const own = pins.get(number);
      if (own) pin(cell, form, own);
      row.append(cell);
    });
    table.append(columns, body);
    return table;
  };

  const pin = (cell, form, numbers) => {
    const standing = numbers.filter((number) => findings(form)[number][WAIVED] === null);
    const worst = Math.min(...(standing.length ? standing : numbers).map((number) => findings(form)[number][LEVEL]));
    cell.classList.add(`e${standing.length ? worst : 2}`);
    cell.dataset.findings = numbers.join(" ");
    const button = make("button", numbers.map((number) => number + 1).join(" "), "pin");
    button.type = "button";
    button.title = numbers.map((number) => data.texts[findings(form)[number][MESSAGE]]).join("\n");
    button.addEventListener("click", () => point(numbers[0], true));
    cell.append(button);
  };

  const point = (number, toList) => {
    document.querySelectorAll(".here").forEach((node) => node.classList.remove("here"));
    const item = at("findings").children[number];
    const cell = [...document.querySelectorAll("#form td[data-findings]")].find((one) => one.dataset.findings.split(" ").includes(String(number)));
    if (item) item.classList.add("here");
    if (cell) cell.classList.add("here");
    const goal = toList ? item : cell;
    if (goal) goal.scrollIntoView({ block: "nearest" });
  };

  const told = (form, one, number) => {
    const waived = one[WAIVED] !== null;
    const item = make("li", null, `e${one[LEVEL]}${waived || one[SAID] !== null ? " settled" : ""}`);
    item.append(make("div", `${number + 1}. ${LEVELS[one[LEVEL]]} ${one[RULE]} ${data.names[one[RULE]] || ""}`, "head"));
    item.append(make("div", [one[CELL], data.texts[one[LABEL]]].filter(Boolean).join("　"), "where"));
    item.append(make("div", data.texts[one[MESSAGE]]));
    const list = make("dl");
    [["处理", data.actors[one[ACTOR]]], ["交回", one[FOUND]], ["应为", one[EXPECTED]], ["单位说明", one[SAID]], ["已豁免", one[WAIVED]]].forEach(([name, text]) => {
      if (text !== null) list.append(make("dt", name), make("dd", text));
    });
    if (list.children.length) item.append(list);
    item.append(make("div", `→ ${data.texts[one[FIX]]}`, "fix"));
    item.addEventListener("click", () => point(number, false));
    return item;
  };

  const open = (form) => {
    at("title").replaceChildren(make("bdi", form.p || form.f), " ", make("span", STATUS[form.s], `state ${form.s}`));
    const facts = [form.d, form.u, form.y && `${form.y} 年度`, form.c, `文件 ${form.f}`, form.n > 1 && `第 ${form.n} 轮`,
      form.a !== undefined && `比上一轮更正 ${form.a} 处，新出现 ${form.z} 处`, form.o && `未结 ${form.o} 天`, form.h && `内容 ${form.h}`];
    at("facts").textContent = facts.filter(Boolean).join("　·　");
    at("form").replaceChildren(drawForm(form));
    at("findings").replaceChildren(...findings(form).map((one, number) => told(form, one, number)));
    if (!findings(form).length) at("findings").append(make("li", "没有发现问题。", "e2"));
    const place = shown.indexOf(form);
    at("step").textContent = place < 0 ? "" : `${place + 1} / ${shown.length}`;
    at("former").disabled = place <= 0;
    at("later").disabled = place < 0 || place >= shown.length - 1;
    at("overview").hidden = true;
    at("detail").hidden = false;
    scrollTo(0, 0);
  };

  const route = () => {
    const match = /^#form-(\d+)$/.exec(location.hash);
    const form = match && forms[Number(match[1])];
    if (form && !lacks(form)) return open(form);
    at("detail").hidden = true;
    at("overview").hidden = false;
  };

  const step = (by) => {
    const match = /^#form-(\d+)$/.exec(location.hash);
    let place = shown.indexOf(forms[Number(match[1])]) + by;
    while (shown[place] && lacks(shown[place])) place += by;
    if (shown[place]) location.hash = `form-${shown[place].number}`;
  };

  // ── what people do ───────────────────────────────────────────
  let waiting = 0;
  at("search").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(choose, 80); });
  ["status", "department", "rule", "grade"].forEach((id) => at(id).addEventListener("change", choose));
  at("clear").addEventListener("click", () => {
    ["search", "status", "department", "rule", "grade"].forEach((id) => { at(id).value = ""; });
    choose();
  });
  document.querySelectorAll("[data-filter]").forEach((node) => {
    const act = () => only(node.dataset.filter, node.dataset.value);
    node.addEventListener("click", act);
    node.addEventListener("keydown", (event) => { if (event.key === "Enter" && node.tagName !== "BUTTON") act(); });
  });
  at("back").addEventListener("click", () => turn(-1));
  at("next").addEventListener("click", () => turn(1));
  at("close").addEventListener("click", () => { location.hash = ""; });
  at("former").addEventListener("click", () => step(-1));
  at("later").addEventListener("click", () => step(1));
  addEventListener("hashchange", route);
  addEventListener("beforeprint", () => { if (at("detail").hidden) draw(true); });
  addEventListener("afterprint", () => { if (at("detail").hidden) draw(); });
  addEventListener("keydown", (event) => {
    const typing = ["INPUT", "SELECT"].includes(document.activeElement.tagName);
    if (event.key === "/" && !typing && at("detail").hidden) { event.preventDefault(); at("search").focus(); }
    if (event.key === "Escape" && !at("detail").hidden) location.hash = "";
    if (!typing && !at("detail").hidden && event.key === "ArrowLeft") step(-1);
    if (!typing && !at("detail").hidden && event.key === "ArrowRight") step(1);
  });
  choose();
  route();
})();
