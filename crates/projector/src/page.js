"use strict";
// Data enters the page as text only (textContent), never as markup.
const find = (id) => document.getElementById(id);
const numbers = new Intl.NumberFormat("vi-VN");
const rates = new Intl.NumberFormat("vi-VN", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const number = (n) => numbers.format(n);
const rate = (hundredths) => hundredths === null || hundredths === undefined ? "–" : rates.format(hundredths / 100) + " %";
// Instants carry +07:00; they are shown as written, whatever the reader's time zone.
const day = (text) => text ? `${text.slice(8, 10)}/${text.slice(5, 7)}/${text.slice(0, 4)}` : "";
const moment = (text) => text ? `${text.slice(11, 16)} ngày ${day(text)}` : "";
const channels = { direct: "Trực tiếp", online: "Trực tuyến", post: "Bưu chính công ích" };
const titles = { unit: "Đơn vị", field: "Lĩnh vực", "unit,field": "Đơn vị và lĩnh vực", month: "Tháng", channel: "Hình thức nộp" };
let names = new Map();
let headline = null;
let seen = "";
let asked = 0;

function make(tag, text, className) {
  const element = document.createElement(tag);
  if (text !== undefined && text !== null) element.textContent = text;
  if (className) element.className = className;
  return element;
}

function row(...cells) {
  const tr = make("tr");
  tr.append(...cells);
  return tr;
}

async function ask(name, parameters) {
  const url = `/api/${name}?${new URLSearchParams(parameters || {})}`;
  const response = await fetch(url, { headers: { accept: "application/json" } });
  const body = await response.json();
  if (!response.ok) throw new Error(body.message || `Lỗi ${response.status}`);
  return body;
}

const nameOf = (unit) => names.get(unit) || unit;

function card(what, big, below, className) {
  const box = make("div", undefined, `card ${className || ""}`);
  box.append(make("p", what, "what"), make("p", big, "big"), make("p", below, "what"));
  return box;
}

function showCards(figures, unitFigures) {
  const cards = find("cards");
  const boxes = [];
  if (headline) {
    boxes.push(card(headline.text, rate(headline.rate), headline.source ? `Đã công bố · ${headline.source}` : "Số liệu đã công bố", "published"));
    if (unitFigures) {
      const rules = unitFigures.rules[0];
      boxes.push(card(`${nameOf(headline.unit)}, tính từ sự kiện`, rate(rules.rate), `${number(sum(rules.ended))} hồ sơ đã giải quyết`));
    }
  }
  for (const rules of figures.rules) {
    boxes.push(card(`Tất cả đơn vị · ${rules.label}`, rate(rules.rate), `${number(sum(rules.ended))} hồ sơ đã giải quyết, ${number(rules.ended.late)} quá hạn`));
  }
  const open = figures.rules[0].open;
  boxes.push(card("Đang giải quyết", number(open.total), `${number(open.overdue)} quá hạn, ${number(open.paused)} chờ công dân`, open.overdue > 0 ? "late" : ""));
  cards.replaceChildren(...boxes);
}

const sum = (timely) => timely.early + timely.on_time + timely.late + timely.no_limit;

function figureCells(figures) {
  const rules = figures.rules[0];
  const late = (n) => make("td", number(n), n > 0 ? "n hot" : "n");
  return [
    make("td", number(figures.received.total), "n"),
    make("td", number(sum(rules.ended)), "n"), make("td", number(rules.ended.early), "n"),
    make("td", number(rules.ended.on_time), "n"), late(rules.ended.late), make("td", number(rules.ended.no_limit), "n"),
    make("td", number(rules.open.in_time), "n"), late(rules.open.overdue), make("td", number(rules.open.paused), "n"),
    make("td", rate(rules.rate), "n"),
  ];
}

function label(group) {
  const parts = [];
  if (group.key.unit) parts.push(group.name || group.key.unit);
  if (group.key.field !== undefined) parts.push(group.key.field || "(chưa phân lĩnh vực)");
  if (group.key.month) parts.push(`${group.key.month.slice(5)}/${group.key.month.slice(0, 4)}`);
  if (group.key.channel) parts.push(channels[group.key.channel] || group.key.channel);
  return parts.join(" · ");
}

function showFigures(summary) {
  const table = find("figures");
  find("what").textContent = titles[find("group").value];
  const rows = summary.groups.map((group) => {
    const head = make("th", label(group));
    head.scope = "row";
    return row(head, ...figureCells(group.figures));
  });
  table.tBodies[0].replaceChildren(...rows);
  const head = make("th", "Tổng số");
  head.scope = "row";
  table.tFoot.replaceChildren(row(head, ...figureCells(summary.total)));
}

function codeButton(code) {
  const button = make("button", code, "code");
  button.type = "button";
  button.addEventListener("click", () => { find("code").value = code; lookup(code); });
  return button;
}

function showOverdue(overdue) {
  find("overdue-count").textContent = number(overdue.total);
  find("overdue-at").textContent = overdue.at.map((at) => `${at.name}: ${number(at.dossiers)}`).join(" · ") || "Không có hồ sơ quá hạn.";
  const rows = overdue.dossiers.map((dossier) => {
    const code = make("td");
    code.append(codeButton(dossier.code));
    const holders = dossier.holders.length
      ? dossier.holders.map((h) => nameOf(h.unit) + (h.department ? ` (${h.department})` : "") + (h.taken ? "" : ", chưa nhận"))
      : [nameOf(dossier.home)];
    const since = dossier.holders.map((h) => h.since).sort()[0] || dossier.received_at;
    return row(code, make("td", dossier.field), make("td", nameOf(dossier.home)),
      make("td", day(find("rules").value === "original" ? dossier.original_due_at : dossier.due_at), "hot"),
      make("td", holders.join("; ")), make("td", day(since)));
  });
  find("overdue").tBodies[0].replaceChildren(...rows);
  find("overdue").hidden = rows.length === 0;
}

function showReach(answer) {
  find("moment").textContent = `Tính đến ${moment(answer.now)} · ${number(answer.entries)} sự kiện từ ${number(new Set(answer.as_of.map((a) => a.unit)).size)} đơn vị`;
  find("simulated").hidden = !answer.simulated;
  const lost = find("provisional");
  lost.hidden = answer.provisional.length === 0;
  lost.textContent = answer.provisional.length
    ? `Số liệu tạm thời: chưa nghe được tin mới từ ${answer.provisional.map(nameOf).join(", ")}.` : "";
  find("origins").textContent = answer.as_of.map((a) => `${a.unit} #${a.sequence}`).join(" · ");
}

function entry(list, term, text) {
  if (!text) return;
  list.append(make("dt", term), make("dd", text));
}

function showDossier(view) {
  const name = (unit) => view.units[unit] || nameOf(unit);
  const box = find("dossier");
  const list = make("dl");
  const data = view.row;
  entry(list, "Tình trạng", view.status + (data && data.paused ? " (thời hạn đang tạm dừng)" : ""));
  entry(list, "Thủ tục", view.procedure);
  if (data) {
    entry(list, "Nơi tiếp nhận", name(data.home));
    entry(list, "Cơ quan giải quyết", data.competent && name(data.competent));
    entry(list, "Tiếp nhận", moment(data.received_at));
    entry(list, "Thời hạn", view.limit);
    entry(list, "Hẹn trả kết quả", moment(data.due_at));
    if (data.original_due_at !== data.due_at) entry(list, "Ngày hẹn đầu tiên", moment(data.original_due_at));
    entry(list, "Giải quyết xong", data.end && moment(data.end.at));
    entry(list, "Căn cứ", view.basis);
  }
  const parts = [make("h3", `Hồ sơ ${view.code}`), list];
  if (view.handovers.length) {
    const table = make("table");
    const head = make("tr");
    for (const title of ["Công việc", "Đơn vị", "Giao", "Nhận", "Hạn", "Xong"]) {
      const th = make("th", title);
      th.scope = "col";
      head.append(th);
    }
    table.createTHead().append(head);
    const body = table.createTBody();
    for (const h of view.handovers) {
      const done = h.completed_at ? moment(h.completed_at) : h.declined_at ? `không thuộc thẩm quyền, ${moment(h.declined_at)}` : h.sent_back_at ? `trả lại, ${moment(h.sent_back_at)}` : "";
      body.append(row(make("td", h.turn > 1 ? `${h.task} (lần ${h.turn})` : h.task), make("td", name(h.to)), make("td", moment(h.given_at)),
        make("td", moment(h.taken_at)), make("td", moment(h.due_at)), make("td", done)));
    }
    const scroll = make("div", undefined, "scroll");
    scroll.append(table);
    parts.push(make("h3", "Quá trình giao, nhận"), scroll);
  }
  const line = make("ol", undefined, "line");
  for (const happening of view.timeline) {
    const item = make("li");
    item.append(make("div", happening.title + (happening.to ? ` cho ${name(happening.to)}` : ""), "title"));
    item.append(make("div", `${moment(happening.at)} · ${name(happening.unit)}${happening.due_at ? ` · hạn ${moment(happening.due_at)}` : ""}`, "when"));
    line.append(item);
  }
  parts.push(make("h3", "Diễn biến"), line);
  box.replaceChildren(...parts);
}

async function lookup(code) {
  try {
    showDossier((await ask("dossier", { code })).dossier);
    find("dossier").scrollIntoView({ behavior: "smooth", block: "nearest" });
  } catch (error) {
    find("dossier").replaceChildren(make("p", error.message, "hot"));
  }
}

async function refresh(always) {
  const mine = ++asked;
  const group = find("group").value;
  const rules = find("rules").value;
  try {
    const figures = await ask("summary", { group_by: group, rules });
    if (mine !== asked) return;
    showReach(figures);
    find("failed").hidden = true;
    const now = `${figures.entries} ${figures.now.slice(0, 16)} ${group} ${rules}`;
    if (!always && now === seen) return;
    const [all, overdue, unit] = await Promise.all([
      ask("summary", {}), ask("overdue", { rules }),
      headline && headline.unit ? ask("summary", { unit: headline.unit, rules: "ii06a" }) : null,
    ]);
    if (mine !== asked) return;
    seen = now;
    showFigures(figures.summary);
    showCards(all.summary.total, unit && unit.summary.total);
    showOverdue(overdue.overdue);
  } catch (error) {
    if (mine !== asked) return;
    const failed = find("failed");
    failed.hidden = false;
    failed.textContent = `Chưa lấy được số liệu mới: ${error.message}`;
  }
}

async function live() {
  if (!document.hidden) await refresh(false);
  setTimeout(live, 1000);
}

async function start() {
  find("group").addEventListener("change", () => refresh(true));
  find("rules").addEventListener("change", () => refresh(true));
  find("lookup").addEventListener("submit", (event) => {
    event.preventDefault();
    lookup(find("code").value.trim().toUpperCase());
  });
  try {
    const { units } = await ask("units");
    names = new Map(units.units.map((unit) => [unit.id, unit.name]));
    headline = units.headline;
  } catch {
    // Names are a courtesy; the figures come without them.
  }
  const code = new URLSearchParams(location.search).get("code");
  if (code) {
    find("code").value = code;
    lookup(code);
  }
  live();
}

start();
