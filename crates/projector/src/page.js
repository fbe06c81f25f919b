"use strict";
// Data enters the page as text only (textContent), never as markup.
const find = (id) => document.getElementById(id);
const numbers = new Intl.NumberFormat("vi-VN");
const rates = new Intl.NumberFormat("vi-VN", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const number = (n) => numbers.format(n);
// A no-break space: a number and its sign stay on one line.
const rate = (hundredths) => hundredths === null || hundredths === undefined ? "–" : rates.format(hundredths / 100) + "\u00a0%";
// Instants carry +07:00; they are shown as written, whatever the reader's time zone.
const day = (text) => text ? `${text.slice(8, 10)}/${text.slice(5, 7)}/${text.slice(0, 4)}` : "";
const moment = (text) => text ? `${text.slice(11, 16)} ngày ${day(text)}` : "";
const days = (from, to) => Math.round((Date.parse(to.slice(0, 10)) - Date.parse(from.slice(0, 10))) / 86_400_000);
const sum = (timely) => timely.early + timely.on_time + timely.late + timely.no_limit;
const channels = { direct: "Trực tiếp", online: "Trực tuyến", post: "Bưu chính công ích" };
const titles = { unit: "Đơn vị", field: "Lĩnh vực", "unit,field": "Đơn vị và lĩnh vực", month: "Tháng", channel: "Hình thức nộp" };
const standings = {
  early: ["Trước hạn", "good"], on_time: ["Đúng hạn", "good"], late: ["Quá hạn", "late"], no_limit: ["Không hẹn ngày", ""],
  in_time: ["Trong hạn", "good"], overdue: ["Đang quá hạn", "late"], paused: ["Thời hạn đang tạm dừng", "wait"],
};
let names = new Map();
let headline = null;
let seen = "";
let asked = 0;
let opened = "";

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

function link(text, changes, className) {
  const a = make("a", text, className);
  a.href = place(changes);
  return a;
}

// What is looked at stands in the address, so that it can be sent, kept and gone back to.
function wanted() {
  const given = new URLSearchParams(location.hash.slice(1));
  const group = given.get("group");
  return {
    group: Object.hasOwn(titles, group) ? group : "unit",
    rules: given.get("rules") === "original" ? "original" : "ii06a",
    unit: given.get("unit") || "",
    dossier: (given.get("dossier") || "").trim().toUpperCase(),
  };
}

function place(changes) {
  const { group, rules, unit, dossier } = { ...wanted(), ...changes };
  const said = new URLSearchParams();
  if (group !== "unit") said.set("group", group);
  if (rules !== "ii06a") said.set("rules", rules);
  if (unit) said.set("unit", unit);
  if (dossier) said.set("dossier", dossier);
  return `#${said.toString() || "main"}`;
}

async function ask(name, parameters) {
  const url = `/api/${name}?${new URLSearchParams(parameters || {})}`;
  const response = await fetch(url, { headers: { accept: "application/json" } });
  const body = await response.json();
  if (!response.ok) throw new Error(body.message || `Lỗi ${response.status}`);
  return body;
}

const nameOf = (unit) => names.get(unit) || unit;

function card(title, big, below, className) {
  const box = make("div", undefined, `card ${className || ""}`);
  box.append(make("p", title, "title"), make("p", big, "big"), ...below.map((text) => make("p", text, "what")));
  return box;
}

const ended = (rules) => `${number(sum(rules.ended))} hồ sơ đã giải quyết, ${number(rules.ended.late)} quá hạn`;

// How far the computed rate is from the published one, in points, as it is rounded.
function apart(computed, published) {
  if (computed === null || computed === undefined) return "Chưa có hồ sơ nào đến hạn";
  const points = computed - published;
  if (points === 0) return "Bằng số đã công bố";
  return `${points > 0 ? "Cao" : "Thấp"} hơn số đã công bố ${rates.format(Math.abs(points) / 100)} điểm phần trăm`;
}

function showCards(figures, own) {
  const pair = [];
  if (headline) {
    pair.push(card("Đã công bố", rate(headline.rate), [headline.text, headline.source].filter(Boolean), "published"));
    if (own) {
      const rules = own.rules[0];
      pair.push(card("Tính từ sự kiện", rate(rules.rate), [`${nameOf(headline.unit)}: ${ended(rules)}`, apart(rules.rate, headline.rate)]));
    }
  }
  find("compared").replaceChildren(...pair);
  const open = figures.rules[0].open;
  const boxes = figures.rules.map((rules) => card(rules.label, rate(rules.rate), [`Tất cả đơn vị: ${ended(rules)}`]));
  boxes.push(card("Đang giải quyết", number(open.total), [`${number(open.overdue)} quá hạn, ${number(open.paused)} chờ công dân`], open.overdue > 0 ? "late" : ""));
  find("cards").replaceChildren(...boxes);
}

function figureCells(figures, published) {
  const rules = figures.rules[0];
  const cell = (n, late, first) => make("td", number(n), `n${n === 0 ? " zero" : late ? " hot" : ""}${first ? " b" : ""}`);
  const share = make("td", rate(rules.rate), "n rate");
  if (published) share.append(make("small", `công bố ${rate(headline.rate)}`));
  return [
    share, cell(figures.received.total),
    cell(sum(rules.ended), false, true), cell(rules.ended.early), cell(rules.ended.on_time), cell(rules.ended.late, true), cell(rules.ended.no_limit),
    cell(rules.open.in_time, false, true), cell(rules.open.overdue, true), cell(rules.open.paused),
  ];
}

function heading(group) {
  const head = make("th");
  head.scope = "row";
  const parts = [];
  if (group.key.unit) parts.push(link(group.name || group.key.unit, { group: "field", unit: group.key.unit }));
  if (group.key.field !== undefined) parts.push(group.key.field || "(chưa phân lĩnh vực)");
  if (group.key.month) parts.push(`${group.key.month.slice(5)}/${group.key.month.slice(0, 4)}`);
  if (group.key.channel) parts.push(channels[group.key.channel] || group.key.channel);
  head.append(...parts.flatMap((part, i) => i ? [" · ", part] : [part]));
  return head;
}

function showFigures(summary, now) {
  const table = find("figures");
  find("what").textContent = titles[now.group];
  const about = (unit) => headline && headline.unit && headline.unit === unit;
  const rows = summary.groups.map((group) => row(heading(group), ...figureCells(group.figures, now.group === "unit" && about(group.key.unit))));
  table.tBodies[0].replaceChildren(...rows);
  const head = make("th", "Tổng số");
  head.scope = "row";
  table.tFoot.replaceChildren(row(head, ...figureCells(summary.total, about(now.unit))));
  const within = find("within");
  within.hidden = !now.unit;
  within.replaceChildren(make("strong", nameOf(now.unit)), " · ", link("Xem tất cả đơn vị", { unit: "", group: "unit" }, "plain"));
}

function holder(h) {
  return nameOf(h.unit) + (h.department ? ` (${h.department})` : "") + (h.taken ? "" : ", chưa nhận");
}

function showOverdue(answer, rules) {
  const overdue = answer.overdue;
  const count = find("overdue-count");
  count.textContent = number(overdue.total);
  count.classList.toggle("none", overdue.total === 0);
  find("overdue-none").hidden = overdue.total > 0;
  find("overdue-some").hidden = overdue.total === 0;
  find("overdue-at").replaceChildren(...overdue.at.map((at) => {
    const item = make("li", at.name);
    item.append(" ", make("b", number(at.dossiers)));
    return item;
  }));
  const rows = overdue.dossiers.map((dossier) => {
    const code = make("td");
    code.append(link(dossier.code, { dossier: dossier.code }, "code"));
    const due = rules === "original" ? dossier.original_due_at : dossier.due_at;
    const over = days(due, answer.now);
    const holders = dossier.holders.length ? dossier.holders.map(holder) : [nameOf(dossier.home)];
    const since = dossier.holders.map((h) => h.since).sort()[0] || dossier.received_at;
    return row(code, make("td", dossier.field), make("td", nameOf(dossier.home)), make("td", day(due), "day"),
      make("td", over > 0 ? `${number(over)} ngày` : "trong ngày", "n hot"), make("td", holders.join("; ")), make("td", day(since), "day"));
  });
  find("overdue").tBodies[0].replaceChildren(...rows);
  const more = find("overdue-more");
  more.hidden = overdue.total <= rows.length;
  more.textContent = `Trên đây là ${number(rows.length)} hồ sơ quá hạn lâu nhất trong ${number(overdue.total)} hồ sơ.`;
}

function showReach(answer) {
  find("moment").textContent = `Tính đến ${moment(answer.now)} · ${number(answer.entries)} sự kiện từ ${number(new Set(answer.as_of.map((a) => a.unit)).size)} đơn vị`;
  find("simulated").hidden = !answer.simulated;
  const lost = find("provisional");
  lost.hidden = answer.provisional.length === 0;
  lost.textContent = answer.provisional.length
    ? `Số liệu tạm thời: chưa nghe được tin mới từ ${answer.provisional.map(nameOf).join(", ")}.` : "";
  find("origins").replaceChildren(...answer.as_of.map((a) => make("li", `${nameOf(a.unit)}: sự kiện số ${number(a.sequence)}, ghi lúc ${moment(a.recorded)}`)));
}

function entry(list, term, text) {
  if (!text) return;
  list.append(make("dt", term), make("dd", text));
}

function badges(view) {
  const list = make("ul", undefined, "badges");
  list.append(make("li", view.status));
  const judged = view.standing.find((s) => s.rules === "ii06a");
  const [text, kind] = standings[judged && (judged.ended || judged.open)] || [];
  if (text) list.append(make("li", text, kind));
  if (view.row && view.row.apologised) list.append(make("li", "Đã xin lỗi và hẹn lại", "wait"));
  return list;
}

function handovers(view, name) {
  const table = make("table", undefined, "wide");
  const head = make("tr");
  for (const title of ["Công việc", "Đơn vị", "Giao lúc", "Nhận lúc", "Hạn xử lý", "Kết thúc"]) {
    const th = make("th", title);
    th.scope = "col";
    head.append(th);
  }
  table.createTHead().append(head);
  const body = table.createTBody();
  for (const h of view.handovers) {
    const done = h.completed_at ? moment(h.completed_at) : h.declined_at ? `không thuộc thẩm quyền, ${moment(h.declined_at)}` : h.sent_back_at ? `trả lại, ${moment(h.sent_back_at)}` : "";
    const waits = !h.taken_at && !done && !(view.row && view.row.end);
    body.append(row(make("td", h.turn > 1 ? `${h.task} (lần ${h.turn})` : h.task), make("td", name(h.to)), make("td", moment(h.given_at), "day"),
      make("td", waits ? "chưa nhận" : moment(h.taken_at), waits ? "hot" : "day"), make("td", moment(h.due_at), "day"), make("td", done, "day")));
  }
  const scroll = make("div", undefined, "scroll");
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", "Quá trình giao, nhận");
  scroll.append(table);
  return scroll;
}

function timeline(view, name) {
  const line = make("ol", undefined, "line");
  for (const happening of view.timeline) {
    const told = make("div", undefined, "told");
    told.append(make("div", happening.title + (happening.to ? ` cho ${name(happening.to)}` : ""), "title"));
    told.append(make("div", name(happening.unit) + (happening.due_at ? ` · hạn ${moment(happening.due_at)}` : ""), "by"));
    const item = make("li");
    item.append(make("div", moment(happening.at), "when"), told);
    line.append(item);
  }
  return line;
}

function showDossier(view) {
  const name = (unit) => view.units[unit] || nameOf(unit);
  const list = make("dl");
  const data = view.row;
  entry(list, "Thủ tục", view.procedure);
  if (data) {
    entry(list, "Lĩnh vực", data.field);
    entry(list, "Nơi tiếp nhận", name(data.home));
    entry(list, "Cơ quan giải quyết", data.competent && name(data.competent));
    entry(list, "Tiếp nhận", moment(data.received_at));
    entry(list, "Thời hạn", view.limit);
    entry(list, "Hẹn trả kết quả", moment(data.due_at));
    if (data.original_due_at !== data.due_at) entry(list, "Ngày hẹn đầu tiên", moment(data.original_due_at));
    entry(list, "Giải quyết xong", data.end && moment(data.end.at));
    entry(list, "Thời hạn tính đến", data.end && data.end.judged_at !== data.end.at && moment(data.end.judged_at));
    entry(list, "Đang ở", data.holders.map(holder).join("; "));
    entry(list, "Căn cứ", view.basis);
  }
  const parts = [badges(view), list];
  if (view.handovers.length) parts.push(make("h3", "Quá trình giao, nhận"), handovers(view, name));
  parts.push(make("h3", "Diễn biến"), timeline(view, name));
  find("dossier").replaceChildren(...parts);
}

// The dossier in the address; `moved` when the reader has just asked for it.
async function dossier(moved) {
  const code = wanted().dossier;
  find("one").hidden = !code;
  find("close").href = place({ dossier: "" });
  if (code !== opened) find("dossier").replaceChildren();
  opened = code;
  if (!code) return;
  find("h-dossier").textContent = `Hồ sơ ${code}`;
  find("code").value = code;
  try {
    const answer = await ask("dossier", { code });
    if (opened === code) showDossier(answer.dossier);
  } catch (error) {
    if (opened === code) find("dossier").replaceChildren(make("p", error.message, "hot"));
  }
  if (moved && opened === code) {
    find("one").scrollIntoView({ block: "start" });
    find("h-dossier").focus({ preventScroll: true });
  }
}

async function refresh(always) {
  const mine = ++asked;
  const { group, rules, unit } = wanted();
  try {
    const figures = await ask("summary", { group_by: group, rules, unit });
    if (mine !== asked) return;
    showReach(figures);
    find("failed").hidden = true;
    const now = `${figures.entries} ${figures.now.slice(0, 16)} ${group} ${rules} ${unit}`;
    if (!always && now === seen) return;
    const [all, overdue, own] = await Promise.all([
      ask("summary", {}), ask("overdue", { rules }),
      headline && headline.unit ? ask("summary", { unit: headline.unit, rules: "ii06a" }) : null,
      always ? null : dossier(false),
    ]);
    if (mine !== asked) return;
    seen = now;
    showFigures(figures.summary, { group, unit });
    showCards(all.summary.total, own && own.summary.total);
    showOverdue(overdue, rules);
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

function follow(moved) {
  const { group, rules, dossier: code } = wanted();
  find("group").value = group;
  find("rules").value = rules;
  if (code !== opened) dossier(moved);
  else find("close").href = place({ dossier: "" });
  refresh(true);
}

async function start() {
  find("group").addEventListener("change", () => { location.hash = place({ group: find("group").value, unit: "" }); });
  find("rules").addEventListener("change", () => { location.hash = place({ rules: find("rules").value }); });
  find("lookup").addEventListener("submit", (event) => {
    event.preventDefault();
    location.hash = place({ dossier: find("code").value.trim().toUpperCase() });
  });
  find("skip").addEventListener("click", (event) => {
    event.preventDefault();
    find("main").focus();
  });
  window.addEventListener("hashchange", () => follow(true));
  try {
    const { units } = await ask("units");
    names = new Map(units.units.map((unit) => [unit.id, unit.name]));
    headline = units.headline;
  } catch {
    // Names are a courtesy; the figures come without them.
  }
  follow(false);
  live();
}

start();
