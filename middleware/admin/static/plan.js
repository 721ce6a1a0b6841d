"use strict";
// The week of a channel: items are dragged, stretched and edited by mouse and by keys; every change is saved at once.

const root = document.getElementById("plan");
const editor = document.getElementById("editor");
const STATES = { "": "未编排", draft: "草稿", submitted: "待审", approved: "已审定" };
const KINDS = { fixed: "准点", grace: "可稍晚", flow: "顺接" };
const HEIGHT = { 5: 180, 15: 84, 30: 48 };
const may = root.dataset.may.split(" "), NEEDS = { sign: "sign", return: "sign", break: "break_in", tv: "look" };
let data = null, hour = HEIGHT[15], chosen = "", copied = [], busy = Promise.resolve();

const at = (seconds) => new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(seconds * 1000);
const exact = (seconds) => at(seconds) + (seconds % 60 ? ":" + String(seconds % 60).padStart(2, "0") : "");
const begin = (day) => Date.parse(day.day + "T00:00:00+08:00") / 1000 + data.day_start;
const made = (tag, fields = {}, ...inside) => { const element = Object.assign(document.createElement(tag), fields); element.append(...inside); return element; };
const dayOf = (uid) => data.days.find((day) => day.items.some((item) => item.uid === uid));
const itemOf = (uid) => { const day = dayOf(uid); return day && day.items.find((item) => item.uid === uid); };
const dayWords = (day) => Number(day.day.slice(5, 7)) + "/" + Number(day.day.slice(8));
const snap = (seconds) => Math.round(seconds / (data.grid * 60)) * data.grid * 60;
const fresh = () => "n" + Date.now().toString(36) + Math.random().toString(36).slice(2, 8);

async function load() {
  const answer = await fetch("/admin/plan/data?channel=" + root.dataset.channel + "&day=" + root.dataset.first, { headers: { Accept: "application/json" } });
  if (!answer.ok) { root.replaceChildren(made("p", { className: "said bad", textContent: "读不出节目单，请刷新页面" })); return; }
  const first = !data;
  data = await answer.json();
  data.read = Date.now() / 1000 - data.now;
  draw();
  if (first) lookFirst();
}

// At what the address names after #, else at the present hour.
function lookFirst() {
  const item = itemOf(decodeURIComponent(location.hash.slice(1))), scroll = root.firstChild, today = data.days.find((day) => begin(day) <= data.now && data.now < begin(day) + 86400);
  if (item) { focusOn(item); edit(item, dayOf(item.uid)); }
  const at = item ? item.start - begin(dayOf(item.uid)) : today ? data.now - begin(today) : 0;
  scroll.scrollTop = Math.max(at / 3600 * hour - 60, 0);
}

// ---- drawing

function draw() {
  const kept = root.querySelector(".week-scroll");
  const top = kept ? kept.scrollTop : 0, left = kept ? kept.scrollLeft : 0;
  const week = made("div", { className: "week" });
  week.style.setProperty("--hour", hour + "px");
  week.append(made("div", { className: "head" }));
  for (const day of data.days) week.append(head(day));
  const hours = made("div", { className: "hours" });
  hours.style.height = 24 * hour + "px";
  for (let n = 1; n < 24; n++) {
    const mark = made("span", { textContent: String((data.day_start / 3600 + n) % 24).padStart(2, "0") + ":00" });
    mark.style.top = n * hour + "px";
    hours.append(mark);
  }
  week.append(hours);
  data.days.forEach((day, index) => week.append(column(day, index)));
  root.replaceChildren(made("div", { className: "week-scroll" }, week));
  week.style.setProperty("--head", week.firstChild.offsetHeight + "px");
  root.firstChild.scrollTo(left, top);
  const focus = chosen && root.querySelector('[data-uid="' + CSS.escape(chosen) + '"]');
  const held = document.activeElement; // who types beside the grid goes on typing
  if (focus && editor.hidden && (held === document.body || root.contains(held) || many.contains(held))) focus.focus({ preventScroll: true });
  paintPicked();
  sayPlace();
}

function head(day) {
  const when = new Date(day.day + "T12:00:00+08:00"), today = begin(day) <= data.now && data.now < begin(day) + 86400;
  const title = made("b", { textContent: (when.getMonth() + 1) + "/" + when.getDate() + " 周" + "日一二三四五六"[when.getDay()] });
  const box = made("div", { className: today ? "head today" : "head" }, title, " ", made("span", { className: "state " + (day.state || "none"), textContent: STATES[day.state] }));
  const wrong = badge(day, day.findings);
  box.dataset.day = day.day;
  if (wrong) box.append(" ", wrong);
  const told = whoOf(day);
  if (told) box.append(made("div", { className: "quiet small who", textContent: told, title: told }));
  if (day.reason) box.append(made("div", { className: "reason small", textContent: (day.state === "draft" && day.revision === 1 ? "退回：" : "说明：") + day.reason, title: day.reason }));
  const acts = made("div", { className: "acts" }), past = begin(day) + 86400 <= data.now;
  const offered = { "": past ? [] : ["begin", "add", "last_week", "sheet"], draft: ["submit", "add", ...(day.undo ? ["undo"] : []), ...(day.redo ? ["redo"] : []), "again", "copy", "tv"], submitted: ["sign", "return", "tv"], approved: [...((day.signed || []).length ? [] : ["sign"]), ...(today ? ["break"] : []), "reopen", "tv", "copy"] }[day.state].filter((act) => may.includes(NEEDS[act] || "edit"));
  const RARE = { tv: "电视上的样子", copy: "复制到别的日子…", again: "重新套模板…", last_week: "照上周同一天", sheet: "从表格导入…" };
  const WORDS = { begin: "按模板编排", again: "重新套模板", submit: "送审", undo: "撤销", redo: "恢复", sign: "审定", return: "退回…", reopen: "重开…", copy: "复制…", break: "插播…", add: "加节目", last_week: "照上周", sheet: "表格", tv: "电视" };
  const TITLES = { again: "照模板重新排这一天", copy: "把这一天复制到别的日子", tv: "看电视上的样子", last_week: "照上周同一天排", sheet: "从表格导入", break: "马上插播", reopen: "开新的一版来改" };
  const press_ = (act, words = WORDS[act]) => {
    const button = made("button", { type: "button", textContent: words, title: TITLES[act] || "" });
    button.dataset.act = act; button.dataset.day = day.day;
    button.addEventListener("click", () => press(day, act));
    return button;
  };
  const rare = offered.filter((act) => RARE[act]);
  acts.append(...offered.filter((act) => rare.length < 2 || !RARE[act]).map((act) => press_(act)));
  if (rare.length > 1) acts.append(moreButton(rare.map((act) => press_(act, RARE[act])), dayWords(day)));
  box.append(acts);
  return box;
}

// What is done less often stands in a small list over the grid, whose columns are narrow.
const more = document.getElementById("more");
function moreButton(buttons, of) {
  const opener = made("button", { type: "button", className: "more", textContent: "更多", title: of + " 还能做的" });
  opener.setAttribute("aria-haspopup", "true");
  opener.addEventListener("click", (event) => {
    event.stopPropagation();
    const rect = opener.getBoundingClientRect(), again = !more.hidden && more.contains(buttons[0]);
    more.replaceChildren(...buttons);
    more.hidden = again;
    more.style.left = Math.min(rect.left, innerWidth - 150) + "px";
    more.style.top = rect.bottom + 4 + "px";
    if (!again) buttons[0].focus();
  });
  return opener;
}
document.addEventListener("click", () => { more.hidden = true; });
root.addEventListener("scroll", () => { more.hidden = true; }, true);
more.addEventListener("keydown", (event) => {
  const all = [...more.children], step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) { event.preventDefault(); all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus(); }
  if (event.key === "Escape") { more.hidden = true; root.focus({ preventScroll: true }); }
});

// Who made this version and who has signed it, and which one televisions have meanwhile.
function whoOf(day) {
  const name = (login) => (day.names && day.names[login]) || login;
  if (day.state === "submitted") return name(day.by) + " 送审" + (day.signed.length ? "，" + day.signed.map(name).join("、") + " 已签" : "");
  if (day.state === "approved") return (day.signed.length ? day.signed.map(name).join("、") + " 审定" : "") + (day.revision > 1 ? "，第 " + day.revision + " 版" : "");
  return day.state === "draft" && day.valid ? "第 " + day.revision + " 版，电视上还是第 " + day.valid + " 版" : "";
}

function badge(day, findings) {
  if (!findings.length) return null;
  const errors = findings.filter((one) => one.severity === "error").length;
  const box = made("button", { type: "button", className: errors ? "badge" : "badge soft", textContent: (errors ? "✕ " + errors + " 错" : "⚠ " + findings.length), title: "看这一天的问题" });
  box.addEventListener("click", () => showFindings(day));
  return box;
}

function column(day, index) {
  const box = made("div", { className: "column" });
  box.dataset.day = day.day;
  box.style.height = 24 * hour + "px";
  const past = Math.min(Math.max((data.now - begin(day)) / 3600, 0), 24);
  if (past > 0) { const hatched = made("div", { className: "hatched" }); hatched.style.height = past * hour + "px"; box.append(hatched); }
  if (past > 0 && past < 24) { const line = made("div", { className: "now" }); line.style.top = past * hour + "px"; box.append(line); }
  const before = index ? data.days[index - 1].items : data.before;
  for (const item of before) if (item.stop > begin(day) && item.start < begin(day)) box.append(block(item, day, true));
  for (const run of runs(day.items)) box.append(run.length > 1 ? fillers(run, day) : block(run[0], day, false));
  if (!day.items.length && !past) box.append(made("p", { className: "hollow", textContent: "还没有节目，双击这里加，或从片库拖进来" }));
  box.addEventListener("dblclick", (event) => { if (event.target === box) addAt(day, snap(begin(day) + event.offsetY / hour * 3600)); });
  return box;
}

// The column under the pointer, whatever lies over it.
const columnAt = (event) => document.elementsFromPoint(event.clientX, event.clientY).find((one) => one.classList.contains("column") && root.contains(one));

// Fillers too short to be read one by one are drawn as one.
function runs(items) {
  const out = [], thin = (item) => item.origin === "filler" && (item.stop - item.start) / 3600 * hour < 14;
  for (const item of items) {
    const last = out[out.length - 1], before = last && last[last.length - 1];
    if (before && thin(item) && thin(before) && before.stop === item.start && item.uid !== chosen) last.push(item); else out.push([item]);
  }
  return out;
}

function fillers(run, day) {
  const first = begin(day), last = run[run.length - 1], box = made("div", { className: "item flow filler run", title: run.map((one) => at(one.start) + " " + one.title).slice(0, 20).join("\n") });
  box.style.top = (run[0].start - first) / 3600 * hour + "px";
  box.style.height = Math.max((Math.min(last.stop, first + 86400) - run[0].start) / 3600 * hour, 14) + "px";
  box.append(made("time", { textContent: at(run[0].start) }), " ", made("span", { textContent: run[0].title + " 等 " + run.length + " 条垫播" }));
  box.addEventListener("dblclick", () => edit(run[0], day));
  return box;
}

function block(item, day, side) {
  const first = begin(day), from = Math.max(item.start, first), to = Math.min(item.stop, first + 86400);
  const found = side ? [] : day.findings.filter((one) => one.items.includes(item.uid));
  const kind = item.origin === "filler" ? "filler" : item.live ? "live" : "";
  const mark = found.some((one) => one.severity === "error") ? "bad" : found.some((one) => one.severity === "warning") ? "warn" : "";
  const changed = !side && item.block && (day.changed || []).includes(item.block), asked = !side && day.reason.includes(asking(item));
  const high = (to - from) / 3600 * hour;
  const box = made("div", { className: ["item", item.kind, kind, mark, side ? "side" : "", high < 22 ? "thin tiny" : high < 38 ? "thin" : "", changed ? "changed" : "", asked ? "asked" : "", item.locked ? "locked" : "", item.uid === chosen ? "chosen" : ""].join(" "), tabIndex: side ? -1 : 0, title: exact(item.start) + "–" + exact(item.stop) + " " + item.title + (changed ? "（这一天改过，和模板不同）" : "") });
  box.dataset.uid = side ? "" : item.uid;
  box.style.top = (from - first) / 3600 * hour + "px";
  box.style.height = Math.max((to - from) / 3600 * hour, 14) + "px";
  box.setAttribute("role", "button");
  box.setAttribute("aria-label", at(item.start) + " 到 " + at(item.stop) + " " + item.title + (item.locked ? "，已锁定" : "") + (changed ? "，这一天改过" : "") + (asked ? "，审的人标出来了" : "") + (found.length ? "，" + found[0].words : ""));
  box.append(made("div", { className: "label" }, made("time", { textContent: at(item.start) }), " ", made("span", { textContent: item.title })));
  if (side) box.append(made("small", { textContent: " 前一天的，到 " + at(item.stop) }));
  if (!side && item.stop > first + 86400) box.append(made("small", { className: "onward", textContent: "↓ 到次日 " + at(item.stop) }));
  const adding = (event) => event.ctrlKey || event.metaKey || event.shiftKey;
  if (!side && day.state === "draft" && may.includes("edit")) {
    if (!item.locked) box.append(made("div", { className: "grip" }));
    box.addEventListener("pointerdown", (event) => { if (!adding(event)) drag(event, box, item, day); });
  }
  if (!side) {
    box.addEventListener("mousedown", (event) => { if (!adding(event) || event.button) return; event.preventDefault(); if (event.shiftKey) reach(item.uid); else toggle(item.uid); });
    box.addEventListener("focus", () => choose(item.uid));
    box.addEventListener("dblclick", () => edit(item, day));
  }
  return box;
}

function choose(uid) {
  chosen = uid;
  for (const one of root.querySelectorAll(".item.chosen")) one.classList.remove("chosen");
  const box = root.querySelector('[data-uid="' + CSS.escape(uid) + '"]');
  if (box) box.classList.add("chosen");
  settlePicked(uid);
  sayPlace();
}

// How an item is named in the reason of a return; it is marked as long as it is the same.
const asking = (item) => at(item.start) + "《" + item.title + "》";

// ---- by mouse

// Near an edge of the grid what is dragged moves the grid on, and `again` is told where it is now. What comes from
// beside the grid crosses its edge first, so it is `ready` only once it has been in the middle.
const glide = {
  frame: 0, ready: true,
  near(event, again) {
    glide.last = event; glide.again = again;
    if (!glide.frame) glide.frame = requestAnimationFrame(glide.turn);
  },
  turn() {
    const box = root.firstChild, rect = box.getBoundingClientRect(), top = rect.top + root.querySelector(".week > .head").offsetHeight, { clientX: x, clientY: y } = glide.last;
    const over = (at, low, high) => (at < low + 30 ? Math.max(at - low - 30, -60) : at > high - 30 ? Math.min(at - high + 30, 60) : 0);
    const inside = x > rect.left && x < rect.right && y > rect.top && y < rect.bottom, was = [box.scrollTop, box.scrollLeft];
    const aside = over(x, rect.left + 46, rect.right), along = over(y, top, rect.bottom);
    if (inside && !aside && !along) glide.ready = true;
    if (inside && glide.ready) box.scrollBy(aside / 6, along / 4);
    if (box.scrollTop !== was[0] || box.scrollLeft !== was[1]) glide.again(glide.last);
    glide.frame = requestAnimationFrame(glide.turn);
  },
  end() { cancelAnimationFrame(glide.frame); glide.frame = 0; glide.ready = true; },
};

function drag(event, box, item, day) {
  if (event.button || event.target.closest("button")) return;
  const stretch = event.target.classList.contains("grip"), startY = event.clientY, scroll = root.firstChild, scrolled = scroll.scrollTop;
  const group = several() && picked.has(item.uid) && !stretch ? pickedItems() : [item];
  const rest = group.filter((one) => one !== item).map((one) => ({ one, box: root.querySelector('[data-uid="' + CSS.escape(one.uid) + '"]') })).filter((pair) => pair.box);
  const locked = group.find((one) => one.locked);
  let to = { start: item.start, stop: item.stop, day }, moved = false;
  box.setPointerCapture(event.pointerId);
  const move = (now) => {
    const by = snap((now.clientY - startY + scroll.scrollTop - scrolled) / hour * 3600);
    if (!by && !moved && now.clientX > box.getBoundingClientRect().left && now.clientX < box.getBoundingClientRect().right) return;
    if (locked && !moved) { box.removeEventListener("pointermove", move); office.toast("《" + locked.title + "》在模板里锁定了，不能移动", { bad: true }); return; }
    moved = true;
    glide.near(now, move);
    const under = stretch ? null : columnAt(now);
    const target = under ? data.days.find((one) => one.day === under.dataset.day) : day;
    const apart = begin(target) - begin(day);
    to = stretch ? { start: item.start, stop: Math.max(item.stop + by, item.start + data.grid * 60), day } : { start: item.start + by + apart, stop: item.stop + by + apart, day: target };
    box.classList.add("ghost");
    box.style.top = (to.start - begin(to.day)) / 3600 * hour + "px";
    box.style.height = (to.stop - to.start) / 3600 * hour + "px";
    if (under && under !== box.parentElement) under.append(box);
    box.querySelector("time").textContent = at(to.start) + "–" + at(to.stop);
    for (const pair of rest) {
      pair.box.classList.add("ghost");
      pair.box.style.top = (pair.one.start + to.start - item.start - begin(to.day)) / 3600 * hour + "px";
      pair.box.querySelector("time").textContent = at(pair.one.start + to.start - item.start);
      if (pair.box.parentElement !== box.parentElement) box.parentElement.append(pair.box);
    }
    const moves = stretch ? [[item.uid, to.start, to.stop]] : group.map((one) => [one.uid, one.start + to.start - item.start, one.stop + to.start - item.start]);
    foresee([day, to.day], moves, (found) => paintForeseen(found, group.map((one) => one.uid)));
  };
  const end = () => {
    box.removeEventListener("pointermove", move);
    box.removeEventListener("pointerup", end);
    document.removeEventListener("keydown", escape, true);
    glide.end();
    forget();
    if (!moved) { if (several()) alone(item.uid); else choose(item.uid); return; }
    if (group.length > 1) shiftMany(to.start - item.start - begin(to.day) + begin(day), day, to.day); else place(item, day, to.day, to.start, to.stop);
  };
  box.addEventListener("pointermove", move);
  const escape = (key) => { if (key.key === "Escape") { key.stopPropagation(); moved = false; end(); draw(); } };
  box.addEventListener("pointerup", end, { once: true });
  box.addEventListener("pointercancel", () => { moved = false; end(); draw(); }, { once: true });
  document.addEventListener("keydown", escape, true);
}

// ---- changes: each is the whole day, saved at once

function place(item, day, target, start, stop) {
  const moved = { ...item, start, stop };
  if (item.locked) { office.toast("《" + item.title + "》在模板里锁定了，不能移动", { bad: true }); draw(); return busy; }
  if (start < begin(target) || start >= begin(target) + 86400) target = data.days.find((one) => begin(one) <= start && start < begin(one) + 86400);
  if (!target) { office.toast("那一天不在这一周里，请用复制", { bad: true }); draw(); return busy; }
  if (!open_(target)) { office.toast("那一天" + STATES[target.state] + "，不能放进去", { bad: true }); draw(); return busy; }
  return target === day ? save(day, [...day.items.filter((one) => one.uid !== item.uid), moved]) : transfer([moved], day, target);
}

function save(day, items) {
  if (!may.includes("edit")) { office.toast("您在这个频道只能看，不能编排", { bad: true }); return load(); }
  const base = JSON.stringify(day.items), stamp = day.stamp || "", titles = Object.fromEntries(day.items.filter((one) => one.block).map((one) => [one.block, one.title]));
  day.items = items.sort((a, b) => a.start - b.start);
  draw();
  const fields = { form_key: office.formKey(), channel: root.dataset.channel, day: day.day, stamp, base, items: JSON.stringify(items) };
  busy = busy.then(() => office.send("/admin/plan/save", fields)).then((told) => { took(told, items); askSeries(day.day, told.series, titles); }, (error) => { office.toast(error.message, { bad: true }); return load(); });
  return busy;
}

function took(told, mine = []) {
  const index = data.days.findIndex((day) => day.day === told.view.day);
  if (index >= 0) data.days[index] = told.view;
  draw();
  if (told.clash && told.clash.length) showClash(told, mine);
}

// Two have changed the same items: both versions are shown, theirs is kept, ours is one press away (and in redo).
function showClash(told, mine) {
  const day = told.view, who = told.clash[0].by, list = made("ul", { className: "findings" });
  const words = (item) => (item ? at(item.start) + "–" + at(item.stop) + "《" + item.title + "》" : "删除了");
  const take = (uids) => {
    const own = mine.filter((one) => uids.includes(one.uid));
    shut();
    save(day, [...day.items.filter((one) => !uids.includes(one.uid)), ...own]);
  };
  for (const { uid } of told.clash) {
    const theirs = day.items.find((one) => one.uid === uid), own = mine.find((one) => one.uid === uid), row = made("li", { className: "warning" });
    row.append(made("span", { textContent: who + "：" + words(theirs) }), made("div", { textContent: "您：" + words(own) }));
    const use = made("button", { type: "button", textContent: "这一个用我的" });
    use.addEventListener("click", () => take([uid]));
    row.append(use);
    list.append(row);
  }
  const close = made("button", { type: "button", className: "plain", textContent: "保留" + who + "的" });
  close.addEventListener("click", shut);
  const all = made("button", { type: "button", className: "go", textContent: "都用我的" });
  all.addEventListener("click", () => take(told.clash.map((one) => one.uid)));
  open(made("div", {}, made("h2", { textContent: "您和" + who + "同时改了" + (told.clash.length > 1 ? " " + told.clash.length + " 个节目" : "一个节目") }), made("p", { className: "quiet small", textContent: "其余的改动已经合在一起。现在留着" + who + "的，您的也没有丢。" }), list, made("div", { className: "line end" }, close, all)));
}

// What came of a template has changed on one day: that is kept, and all days can follow.
const series = document.getElementById("series");
function askSeries(day, blocks, titles) {
  if (!blocks || !blocks.length) { series.hidden = true; return; }
  const block = blocks[0], name = "《" + (titles[block] || "节目") + "》" + (blocks.length > 1 ? "等 " + blocks.length + " 个节目" : "");
  const one = made("button", { type: "button", className: "small", textContent: "只改这一天" }), all = made("button", { type: "button", className: "small", textContent: "以后都这样…" });
  one.addEventListener("click", () => { series.hidden = true; shut(); });
  all.addEventListener("click", () => spread(day, blocks));
  series.replaceChildren(made("span", { textContent: name + "来自模板，只改了 " + day.slice(5).replace("-", "/") + " 这一天。" }), one, all);
  series.hidden = false;
}

async function spread(day, blocks) {
  const ask = (block, take) => office.send("/admin/plan/series", { form_key: office.formKey(), channel: root.dataset.channel, day, block, take });
  try {
    const found = await ask(blocks[0], "0"), short = (days) => days.map((one) => one.slice(5).replace("-", "/")).join("、") || "没有";
    const yes = made("button", { type: "button", className: "go", textContent: "改模板" }), no = made("button", { type: "button", className: "small", textContent: "不改，只这一天" });
    no.addEventListener("click", () => { series.hidden = true; shut(); });
    yes.addEventListener("click", async () => {
      yes.disabled = true;
      try { for (const block of blocks) await ask(block, "1"); series.hidden = true; office.toast("模板“" + found.template + "”已改"); await load(); } catch (error) { yes.disabled = false; office.toast(error.message, { bad: true }); }
    });
    series.replaceChildren(made("p", { className: "small", textContent: "要改模板“" + found.template + "”。跟着变的日子：" + short(found.days) + "。不变的：" + short(found.kept) + "（已编排过、已送审、已审定或另有改动）。" }), yes, no);
    yes.focus();
  } catch (error) { office.toast(error.message, { bad: true }); }
}

async function press(day, act) {
  if (!editor.hidden) shut();
  if (act === "break") { breakIn(day); return; }
  if (act === "add") { addAt(day, freeOf(day)); return; }
  if (act === "sheet") { document.getElementById("open-sheet").click(); return; }
  if (act === "tv") { location.href = "/admin/plan/tv?channel=" + root.dataset.channel + "&day=" + day.day; return; }
  if (act === "return" || act === "reopen") { askReason(day, act); return; }
  if (act === "copy") { askDays(day); return; }
  if (act === "again") { askAgain(day); return; }
  try { await act_(day, act); } catch (error) { office.toast(error.message, { bad: true }); if (act === "submit") showFindings(day); }
}

const DONE = { submit: "已送审，等别人签", sign: "已签", return: "已退回", reopen: "已重开，这是新的一版草稿", undo: "已撤销", redo: "已恢复", again: "已按模板编排，可以撤销", begin: "已按模板编排", last_week: "已照上周编排", reset: "已恢复成模板的样子" };

// Does it, shows the day as it is then, and says what was done.
async function act_(day, act, more = {}) {
  const told = await office.send("/admin/plan/act", { form_key: office.formKey(), channel: root.dataset.channel, day: day.day, act, ...more });
  took(told);
  const empty = (act === "begin" || act === "again") && !told.view.items.length;
  office.toast(empty ? "这一天没有安排模板，是一张空的草稿" : act === "sign" && told.view.state === "approved" ? "已审定，进节目单了" : DONE[act] || "好了");
}

// Behind the chosen item, else where nothing is planned, else at the end of the day's items.
function freeOf(day) {
  const picked = day.items.find((one) => one.uid === chosen);
  if (picked && picked.stop < begin(day) + 86400) return picked.stop;
  let cursor = begin(day);
  for (const one of day.items) { if (one.start > cursor) return cursor; cursor = Math.max(cursor, one.stop); }
  return cursor < begin(day) + 86400 ? cursor : begin(day);
}

const blank = (start, stop) => ({ uid: fresh(), start, stop, title: "", sub_title: "", desc: "", genre: "", age: 0, asset: null, live: false, relay: "", showing: "", series: "", number: 0, kind: "fixed", slack: 0, origin: "hand" });

function addAt(day, start) {
  const next = data.days[data.days.indexOf(day) + 1];
  if (start >= begin(day) + 86400) { if (next) addAt(next, start); else office.toast("这一周到头了，请到下一周去加", { bad: true }); return; }
  if (!open_(day)) { office.toast("这一天不是草稿，请先重开", { bad: true }); return; }
  const item = { ...blank(start, start + 1800), title: "新节目" };
  chosen = item.uid;
  save(day, [...day.items, item]).then(() => { const stored = dayOf(item.uid); if (stored) edit(itemOf(item.uid), stored); });
}

// ---- by keys

root.addEventListener("keydown", (event) => {
  const box = event.target.closest(".item"), item = box && itemOf(box.dataset.uid), day = item && dayOf(item.uid);
  const key = event.key, control = event.ctrlKey || event.metaKey;
  if (control && key.toLowerCase() === "z") { event.preventDefault(); const on = day || data.days.find((one) => one.undo); if (on) press(on, event.shiftKey ? "redo" : "undo"); return; }
  if (control && key.toLowerCase() === "y") { event.preventDefault(); const on = day || data.days.find((one) => one.redo); if (on) press(on, "redo"); return; }
  if (control && key.toLowerCase() === "v" && copied.length) { event.preventDefault(); paste(day || data.days[0], item); return; }
  if (!item && key === "f" && !control) { event.preventDefault(); toggleShelf(true); return; }
  if (!item) { if (key === "n" && !control) { event.preventDefault(); const on = data.days.find(open_) || data.days[0]; addAt(on, begin(on)); } return; }
  if (control && key.toLowerCase() === "c") { event.preventDefault(); copied = pickedItems(); office.toast("已复制《" + copied[0].title + "》" + (several() ? "等 " + copied.length + " 个节目" : "")); return; }
  if (control && key.toLowerCase() === "a") { event.preventDefault(); pickAll(day, item); return; }
  if (key === "Escape" && several()) { event.preventDefault(); alone(item.uid); return; }
  if ((control && event.shiftKey && ["ArrowUp", "ArrowDown", "Home", "End"].includes(key)) || (several() && event.shiftKey && ["ArrowUp", "ArrowDown"].includes(key))) { event.preventDefault(); reachBy(day, item, key); return; }
  if (key === "f" && !control) { event.preventDefault(); toggleShelf(true); return; }
  if (key === "m" && !control) { event.preventDefault(); openShift(); return; }
  if (key === "Enter") { event.preventDefault(); edit(item, day); return; }
  if (key === "n" && !control) { event.preventDefault(); addAt(day, item.stop); return; }
  if (key === "ArrowUp" || key === "ArrowDown") {
    event.preventDefault();
    const by = (key === "ArrowUp" ? -1 : 1) * data.grid * 60;
    if (control) { neighbour(day, item, by); return; }
    if (day.state !== "draft") return;
    if (several()) shiftMany(by, day);
    else if (event.shiftKey) place(item, day, day, item.start, Math.max(item.stop + by, item.start + data.grid * 60));
    else place(item, day, day, item.start + by, item.stop + by);
  } else if ((key === "ArrowLeft" || key === "ArrowRight") && !control) {
    event.preventDefault();
    const target = data.days[data.days.indexOf(day) + (key === "ArrowLeft" ? -1 : 1)];
    if (!target) return;
    if (event.shiftKey || day.state !== "draft") { if (target.items.length) focusOn(target.items.reduce((a, b) => (Math.abs(b.start - begin(target) - item.start + begin(day)) < Math.abs(a.start - begin(target) - item.start + begin(day)) ? b : a))); return; }
    if (several()) shiftMany(0, day, target);
    else if (target.state === "draft" || target.state === "") place(item, day, target, item.start + begin(target) - begin(day), item.stop + begin(target) - begin(day));
  } else if (key === "Delete" && day.state === "draft") {
    event.preventDefault();
    dropMany(day);
  }
});

function neighbour(day, item, by) {
  const next = day.items[day.items.indexOf(item) + (by > 0 ? 1 : -1)];
  if (next) focusOn(next);
}

function focusOn(item) {
  choose(item.uid);
  const box = root.querySelector('[data-uid="' + CSS.escape(item.uid) + '"]');
  if (box) box.focus();
}

function paste(day, after) {
  if (!open_(day)) { office.toast("这一天不是草稿，请先重开", { bad: true }); return; }
  const by = (after ? after.stop : begin(day)) - copied[0].start;
  const copies = copied.map((one) => ({ ...one, uid: fresh(), origin: "hand", locked: false, start: one.start + by, stop: one.stop + by }));
  picked.clear();
  if (copies.length > 1) for (const one of copies) picked.add(one.uid);
  chosen = anchor = copies[0].uid;
  save(day, [...day.items, ...copies]);
}

// ---- one item, and what is wrong with a day

function field(form, name, label, value, fields = {}) {
  const { tag, half: _half, ...rest } = fields, input = made(tag || "input", { name, value: String(value), ...rest });
  form.append(made("label", fields.half ? { className: "half" } : {}, label, input));
  return input;
}

function edit(item, day) {
  const locked = day.state !== "draft", form = made("form", { className: "sheet" });
  const found = day.findings.filter((one) => one.items.includes(item.uid));
  form.append(made("h2", { textContent: "节目内容" }));
  if (!locked && item.block && (day.changed || []).includes(item.block)) form.append(resetLine(item, day));
  if (found.length) form.append(listed(day, found));
  if (locked) form.append(made("p", { className: "quiet small", textContent: day.state === "approved" ? "这一天已审定，要改先按“重开”。" : "这一天在等审，要改先退回。" }));
  field(form, "title", "名称", item.title, { required: true, maxLength: 80 });
  field(form, "start", "开始", exact(item.start), { placeholder: "08:30、08:30:15 或 25:00", half: true });
  field(form, "stop", "结束", exact(item.stop), { half: true });
  const slot = () => { const start = typed(form.elements.start.value, day), stop = typed(form.elements.stop.value, day); return start === null || stop === null ? null : stop - start + (stop <= start ? 86400 : 0); };
  const film = filmField(form, item.asset, slot, (one) => { if (["", "新节目"].includes(form.elements.title.value.trim())) form.elements.title.value = one.title; });
  const kind = made("select", { name: "kind" });
  for (const [value, words] of Object.entries(KINDS)) kind.append(made("option", { value, textContent: words, selected: value === item.kind }));
  form.append(made("label", { className: "half" }, "开始方式", kind));
  field(form, "genre", "类型", item.genre, { maxLength: 20, half: true });
  field(form, "sub_title", "副标题", item.sub_title, { maxLength: 80 });
  field(form, "desc", "简介", item.desc, { tag: "textarea", rows: 2, maxLength: 600 });
  const relay = made("select", { name: "relay" }, made("option", { value: "", textContent: "没有" }));
  for (const name of new Set([...data.relays, item.relay].filter(Boolean))) relay.append(made("option", { value: name, textContent: name, selected: name === item.relay }));
  if (relay.options.length > 1) form.append(made("label", {}, "信号源，到时转播它", relay));
  const showing = made("select", { name: "showing" });
  for (const [value, words] of [["", "不标"], ["first", "首播"], ["repeat", "重播"]]) showing.append(made("option", { value, textContent: words, selected: value === item.showing }));
  form.append(made("label", { className: "third" }, "首播重播", showing));
  field(form, "number", "第几集", item.number, { type: "number", min: 0, max: 10000, title: "0 是没有" }).parentElement.className = "third";
  field(form, "age", "几岁以上", item.age, { type: "number", min: 0, max: 18, title: "0 是不限" }).parentElement.className = "third";
  const live = made("input", { type: "checkbox", name: "live", checked: item.live });
  form.append(made("label", { className: "choice" }, live, "直播或转播，不用片子"));
  const close = made("button", { type: "button", className: "plain", textContent: "关闭" });
  close.addEventListener("click", shut);
  form.append(made("div", { className: "line end" }, close, made("button", { className: "go", textContent: "保存", disabled: locked })));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const start = typed(form.elements.start.value, day), raw = typed(form.elements.stop.value, day);
    if (start === null || raw === null) { office.toast("时间要写成 08:30 这样，次日凌晨写 25:00", { bad: true }); return; }
    const stop = raw <= start ? raw + 86400 : raw;
    const next = { ...item, start, stop, title: form.elements.title.value, kind: kind.value, sub_title: form.elements.sub_title.value, genre: form.elements.genre.value, desc: form.elements.desc.value, asset: film.value(), relay: relay.value, live: live.checked, showing: showing.value, number: Number(form.elements.number.value), age: Number(form.elements.age.value) };
    shut();
    save(day, [...day.items.filter((one) => one.uid !== item.uid), next]);
  });
  open(form);
  form.elements.title.select();
}

// What came of a template and was changed on this day can be as the template says again.
function resetLine(item, day) {
  const button = made("button", { type: "button", className: "small", textContent: "恢复成模板的样子" });
  button.addEventListener("click", async () => { shut(); try { await act_(day, "reset", { block: item.block }); } catch (error) { office.toast(error.message, { bad: true }); } });
  return made("p", { className: "small changed-line" }, "这一天改过，和模板不同。", button);
}

// Breaking news: a title, a start from two minutes on, and the reason that is kept.
function breakIn(day) {
  const form = made("form", {}, made("h2", { textContent: "插播" })), soon = Math.ceil(Date.now() / 60000 + 2) * 60;
  field(form, "title", "名称", "", { required: true, maxLength: 80 });
  field(form, "start", "开始", at(soon));
  field(form, "minutes", "多少分钟", 10, { type: "number", min: 1, max: 240 });
  field(form, "reason", "原因", "", { required: true, maxLength: 200 });
  const close = made("button", { type: "button", className: "plain", textContent: "关闭" });
  close.addEventListener("click", shut);
  form.append(made("p", { className: "quiet small", textContent: "立即生效：顺接的节目往后推，准点的不动，垫播先去掉。" }), made("div", { className: "line end" }, close, made("button", { className: "go", textContent: "插播" })));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const start = typed(form.elements.start.value, day);
    if (start === null) { office.toast("时间要写成 08:30 这样", { bad: true }); return; }
    const item = { uid: fresh(), start, stop: start + Number(form.elements.minutes.value) * 60, title: form.elements.title.value, live: true, kind: "fixed" };
    const fields = { form_key: office.formKey(), channel: root.dataset.channel, day: day.day, act: "break", items: JSON.stringify([item]), reason: form.elements.reason.value };
    try { took(await office.send("/admin/plan/act", fields)); shut(); office.toast("已插播"); } catch (error) { office.toast(error.message, { bad: true }); }
  });
  open(form);
  form.elements.title.focus();
}

function typed(text, day) {
  const match = /^(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?$/.exec(text.trim());
  if (!match || Number(match[2]) > 59 || Number(match[3] || 0) > 59 || Number(match[1]) > 30) return null;
  const seconds = Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3] || 0), midnight = begin(day) - data.day_start;
  return midnight + (seconds < data.day_start ? seconds + 86400 : seconds);
}

function showFindings(day) {
  const close = made("button", { type: "button", className: "plain", textContent: "关闭" });
  close.addEventListener("click", shut);
  open(made("div", {}, made("h2", { textContent: dayWords(day) + " 的问题" }), listed(day, day.findings), made("div", { className: "line end" }, close)));
  close.focus({ preventScroll: true });
}

function listed(day, found) {
  const list = made("ul", { className: "findings" });
  for (const one of found) {
    const row = made("li", { className: one.severity }, one.words + " ");
    const jump = made("button", { type: "button", textContent: "看 " + at(one.start) });
    jump.addEventListener("click", () => { shut(); const item = day.items.find((each) => one.items.includes(each.uid)); if (item) focusOn(item); });
    row.append(jump);
    if (day.state === "draft" && ["media_missing", "media_unready"].includes(one.code)) row.append(pickButton(day, one));
    if (day.state === "draft") for (const remedy of one.remedies) {
      const button = made("button", { type: "button", textContent: remedy.words });
      button.addEventListener("click", async () => {
        const fields = { form_key: office.formKey(), channel: root.dataset.channel, day: day.day, act: "mend", finding: day.findings.indexOf(one), name: remedy.name };
        try { const told = await office.send("/admin/plan/act", fields); took(told); told.view.findings.length ? showFindings(data.days.find((each) => each.day === day.day)) : shut(); } catch (error) { office.toast(error.message, { bad: true }); load(); }
      });
      row.append(button);
    }
    list.append(row);
  }
  return list;
}

function pickButton(day, finding) {
  const button = made("button", { type: "button", textContent: finding.code === "media_missing" ? "选片子…" : "换片子…" });
  button.addEventListener("click", () => { const item = day.items.find((each) => each.uid === finding.items[0]); if (!item) return; focusOn(item); edit(item, day); const query = document.getElementById("film-query"); query.focus(); query.click(); });
  return button;
}

function open(inside) { editor.replaceChildren(inside); editor.hidden = false; }
function shut() { editor.hidden = true; editor.replaceChildren(); const box = chosen && root.querySelector('[data-uid="' + CSS.escape(chosen) + '"]'); if (box) box.focus({ preventScroll: true }); }
document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !editor.hidden && !document.querySelector("dialog[open]")) shut(); });

// ---- sheets

const sheet = document.getElementById("sheet"), told = document.getElementById("sheet-told"), form = document.getElementById("sheet-form");
document.getElementById("open-sheet").addEventListener("click", () => { told.replaceChildren(); form.elements.take.disabled = true; sheet.showModal(); });
form.querySelector("[value=close]").addEventListener("click", () => sheet.close());
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const take = event.submitter.name === "take", body = new FormData(form);
  body.set("columns", JSON.stringify(columnsOf()));
  body.set("channel", root.dataset.channel); body.set("day", root.dataset.first); body.set("take", take ? "1" : "0");
  const answer = await fetch("/admin/plan/sheet", { method: "POST", headers: { Accept: "application/json" }, body });
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) { told.replaceChildren(made("p", { className: "said bad", textContent: found.error || "没有办成，请再试一次" })); return; }
  const rows = [];
  for (const one of found.faults) rows.push(made("p", { className: "waits", textContent: one.at + "：" + one.words }));
  for (const one of found.refused) rows.push(made("p", { textContent: one + "：这一天有错，不会导入" }));
  for (const one of found.unknown) rows.push(made("p", { className: "quiet", textContent: "没有读：" + one }));
  for (const one of found.days) rows.push(made("p", { textContent: one.day + "：" + one.items + " 个节目，新增 " + one.added + "，删除 " + one.removed + "，修改 " + one.changed + (one.refused ? "。" + one.refused : "") }));
  if (!found.days.length && !found.faults.length) rows.push(made("p", { textContent: "表格里没有读出节目" + (found.columns.length ? "。请在下面说明各列是什么，再核对一次" : "") }));
  if (found.columns.length) rows.push(columnsAsked(found));
  told.replaceChildren(...rows);
  form.elements.take.disabled = take || !found.days.some((one) => !one.refused);
  if (take) { office.toast("已导入为草稿，可以撤销"); sheet.close(); load(); }
});

let said = {};
// Headings that mean nothing to us: the editor says what they are, and they are remembered when the sheet is taken.
const columnsOf = () => ({ ...said, ...Object.fromEntries([...told.querySelectorAll("[data-heading]")].filter((one) => one.value).map((one) => [one.dataset.heading, one.value])) });
told.addEventListener("change", (event) => { if (event.target.matches("[data-heading]")) { said = columnsOf(); form.elements.take.disabled = true; } });
form.elements.file.addEventListener("change", () => { said = {}; told.replaceChildren(); form.elements.take.disabled = true; });

function columnsAsked(found) {
  const list = made("div", { className: "week-days spaced" });
  for (const heading of found.columns) {
    const choice = made("select", {}, made("option", { value: "", textContent: "不用" }));
    for (const [value, words] of Object.entries(found.fields)) choice.append(made("option", { value, textContent: words }));
    choice.dataset.heading = heading;
    list.append(made("label", { className: "small" }, "“" + heading + "”是", choice));
  }
  return list;
}

// ---- a week onto another week or channel: first what would be overwritten, then each day as a draft

const copyBox = document.getElementById("copy"), copyForm = document.getElementById("copy-form"), copyTold = document.getElementById("copy-told");
let pairs = [];
document.getElementById("open-copy").addEventListener("click", () => { copyTold.replaceChildren(); copyForm.elements.take.disabled = true; copyBox.showModal(); });
copyForm.querySelector("[value=close]").addEventListener("click", () => copyBox.close());
copyForm.addEventListener("input", () => { copyForm.elements.take.disabled = true; copyTold.replaceChildren(); });
copyForm.addEventListener("submit", async (event) => {
  event.preventDefault();
  const channel = copyForm.elements.to_channel.value, take = event.submitter.name === "take";
  if (take) { await copyWeek(channel); return; }
  const answer = await fetch("/admin/plan/data?channel=" + channel + "&day=" + copyForm.elements.to.value, { headers: { Accept: "application/json" } });
  if (!answer.ok) { copyTold.replaceChildren(made("p", { className: "said bad", textContent: "读不出那一周，请再试一次" })); return; }
  const there = await answer.json();
  pairs = data.days.map((day, index) => ({ day, to: there.days[index] })).filter((pair) => pair.day.items.length && !(channel === root.dataset.channel && pair.day.day === pair.to.day));
  const words = ({ day, to }) => day.day.slice(5) + " → " + to.day.slice(5) + "：" + (to.state === "" ? "新建 " + day.items.length + " 个节目" : to.state === "draft" ? "草稿里的 " + to.items.length + " 个换成 " + day.items.length + " 个，可以撤销" : STATES[to.state] + "，不动");
  copyTold.replaceChildren(...(pairs.length ? pairs.map((pair) => made("p", { textContent: words(pair) })) : [made("p", { textContent: "没有可以复制的" })]));
  pairs = pairs.filter((pair) => pair.to.state === "" || pair.to.state === "draft");
  copyForm.elements.take.disabled = !pairs.length;
});

async function copyWeek(channel) {
  copyForm.elements.take.disabled = true;
  let done = 0;
  try {
    for (const { day, to } of pairs) {
      await office.send("/admin/plan/act", { form_key: office.formKey(), channel: root.dataset.channel, day: day.day, act: "copy", to: to.day, to_channel: channel });
      done += 1;
    }
    copyBox.close();
    office.toast("已复制 " + done + " 天为草稿");
  } catch (error) { copyTold.append(made("p", { className: "waits", textContent: "复制了 " + done + " 天后停下：" + error.message })); }
  load();
}

// ---- together: who else has this week open, and what was changed meanwhile

const others = document.getElementById("others");
let dragging = false;
root.addEventListener("pointerdown", () => { dragging = true; });
for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => { dragging = false; });

async function meet() {
  if (document.hidden || !data) return;
  passTime();
  let told;
  try { told = await office.send("/admin/plan/here", { form_key: office.formKey(), channel: root.dataset.channel, day: root.dataset.first }); } catch (error) { others.textContent = error.message + "。刚才的改动可能没有存上，先不要关这一页。"; others.hidden = false; return; }
  others.textContent = told.others.length ? told.others.join("、") + " 也开着这一周，改了会合在一起。" : "";
  others.hidden = !told.others.length;
  const stale = data.days.some((day) => (told.stamps[day.day] || "") !== (day.stamp || ""));
  if (stale && editor.hidden && !shiftBox.open && !dragging) { await busy; await load(); }
}
setInterval(meet, 15000);
document.addEventListener("visibilitychange", meet);

// The line of the present moves on while nothing else is drawn.
function passTime() {
  data.now = Math.floor(Date.now() / 1000 - data.read);
  for (const box of root.querySelectorAll(".column")) {
    const past = (data.now - begin(data.days.find((one) => one.day === box.dataset.day))) / 3600, line = box.querySelector(".now"), hatched = box.querySelector(".hatched");
    if (line && past < 24) { line.style.top = past * hour + "px"; hatched.style.height = past * hour + "px"; }
  }
}

document.getElementById("zoom").addEventListener("change", (event) => {
  const was = root.firstChild.scrollTop / hour;
  hour = HEIGHT[event.target.value];
  draw();
  root.firstChild.scrollTop = was * hour;
});
let shelved = "";
try { shelved = localStorage.getItem("plan-shelf") || ""; } catch { /* closed */ }
load().then(() => { if (shelved) { toggleShelf(true); root.focus({ preventScroll: true }); } return meet(); });
