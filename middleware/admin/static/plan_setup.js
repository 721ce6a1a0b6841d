"use strict";
// Forms that keep what was typed when they are refused; the table of a day template; the films of a filler pool.

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-save]")) return;
  event.preventDefault();
  if (form.dataset.ask && !confirm(form.dataset.ask)) return;
  const fields = new FormData(form, event.submitter || undefined);
  if (form.matches("[data-blocks]")) fields.set("blocks", JSON.stringify(blocksOf(form)));
  if (form.matches("[data-films]")) fields.set("films", JSON.stringify(filmsOf(form)));
  if (event.submitter) event.submitter.disabled = true;
  try {
    const told = await office.send(form.action, fields);
    sessionStorage.setItem("told", told.said || "");
    if (told.to) location.href = told.to; else location.reload();
    if (told.to && new URL(told.to, location.href).href === location.href) location.reload();
  } catch (error) {
    office.toast(error.message, { bad: true });
    if (event.submitter) event.submitter.disabled = false;
  }
});
const line = sessionStorage.getItem("told");
if (line) { sessionStorage.removeItem("told"); office.toast(line); }

const filmsOf = (form) => [...form.querySelectorAll("[data-film]")].filter((row) => row.querySelector("[data-use]").checked)
  .map((row) => ({ asset: Number(row.dataset.film), cuttable: row.querySelector("[data-cut]").checked, hours: row.querySelector("[data-hours]").value }));

// ---- the blocks of a day

const make = (tag, fields = {}, ...inside) => { const element = Object.assign(document.createElement(tag), fields); element.append(...inside); return element; };
const secondsOf = (text) => { const found = /^(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?$/.exec(text.trim()); return found ? Number(found[1]) * 3600 + Number(found[2]) * 60 + Number(found[3] || 0) : null; };
const two = (number) => String(number).padStart(2, "0");
const clockOf = (seconds) => two(Math.floor(seconds / 3600)) + ":" + two(Math.floor(seconds / 60) % 60) + (seconds % 60 ? ":" + two(seconds % 60) : "");

function rowOf(block, films) {
  const row = make("tr");
  row.dataset.kept = JSON.stringify(block);
  const cell = (name, input) => { input.dataset.name = name; row.append(make("td", {}, input)); return input; };
  cell("start", make("input", { value: block.start, size: 6, required: true, ariaLabel: "开始" }));
  cell("length", make("input", { value: block.length, size: 6, required: true, ariaLabel: "时长" }));
  cell("title", make("input", { value: block.title, maxLength: 80, required: true, ariaLabel: "名称" }));
  const kind = cell("kind", make("select", { ariaLabel: "开始方式" }));
  for (const [value, words] of [["fixed", "准点"], ["grace", "可稍晚"], ["flow", "顺接"]]) kind.append(make("option", { value, textContent: words, selected: value === block.kind }));
  cell("grace", make("input", { type: "number", min: 0, max: 3600, value: block.grace, ariaLabel: "可晚秒数" }));
  cell("pad", make("input", { type: "number", min: 0, max: 60, value: block.pad, ariaLabel: "补齐分钟" }));
  const film = cell("asset", make("select", { ariaLabel: "片子" }, make("option", { value: "", textContent: "—" })));
  for (const one of films) film.append(make("option", { value: one.id, textContent: one.title, selected: one.id === block.asset }));
  cell("live", make("input", { type: "checkbox", checked: block.live, ariaLabel: "直播" }));
  cell("must_carry", make("input", { type: "checkbox", checked: block.must_carry, ariaLabel: "必播" }));
  const acts = make("td", { className: "row-acts" });
  for (const [act, words, name] of [["up", "▲", "上移"], ["down", "▼", "下移"], ["out", "✕", "去掉"]]) {
    const button = make("button", { type: "button", textContent: words, ariaLabel: name, title: name, className: "small" });
    button.dataset.act = act;
    acts.append(button);
  }
  row.append(acts);
  return row;
}

function blockOf(row) {
  const block = JSON.parse(row.dataset.kept);
  for (const input of row.querySelectorAll("[data-name]")) block[input.dataset.name] = input.type === "checkbox" ? input.checked : input.type === "number" ? Number(input.value) : input.value;
  block.asset = block.asset ? Number(block.asset) : null;
  return block;
}
const blocksOf = (form) => [...form.querySelectorAll("tbody tr")].map(blockOf);

// Two neighbours change places in time: the first one's start stays, the second follows it.
function swap(upper, lower) {
  const start = upper.querySelector("[data-name=start]"), below = lower.querySelector("[data-name=start]");
  const first = secondsOf(start.value), length = secondsOf(lower.querySelector("[data-name=length]").value);
  upper.before(lower);
  if (first === null || length === null) return;
  below.value = clockOf(first);
  start.value = clockOf(first + length);
}

for (const form of document.querySelectorAll("form[data-blocks]")) {
  const films = JSON.parse(form.dataset.filmsList), body = form.querySelector("tbody"), sum = form.querySelector("[data-sum]");
  const count = () => { const total = [...body.rows].reduce((all, row) => all + (secondsOf(row.querySelector("[data-name=length]").value) || 0), 0); sum.textContent = body.rows.length + " 个时段，共 " + Math.floor(total / 3600) + " 小时 " + Math.floor(total / 60) % 60 + " 分"; };
  for (const block of JSON.parse(form.dataset.blocks)) body.append(rowOf(block, films));
  count();
  form.querySelector("[data-add]").addEventListener("click", () => {
    const last = body.lastElementChild && blockOf(body.lastElementChild), start = last ? (secondsOf(last.start) || 0) + (secondsOf(last.length) || 0) : secondsOf(form.dataset.begin);
    body.append(rowOf({ id: "b" + Date.now().toString(36) + Math.random().toString(36).slice(2, 6), start: clockOf(start), length: "00:30", title: "", kind: last ? "flow" : "fixed", grace: 0, pad: 0, asset: null, live: false, must_carry: false, locked: false, sub_title: "", desc: "", genre: "", age: 0, series: "" }, films));
    body.lastElementChild.querySelector("[data-name=title]").focus();
    count();
  });
  body.addEventListener("click", (event) => {
    const act = event.target.dataset.act, row = event.target.closest("tr");
    if (act === "out") row.remove();
    if (act === "up" && row.previousElementSibling) swap(row.previousElementSibling, row);
    if (act === "down" && row.nextElementSibling) swap(row, row.nextElementSibling);
    if (act === "up" || act === "down") event.target.focus();
    count();
  });
  body.addEventListener("change", count);
}

// A page that says "under way" looks again until it is over.
if (document.querySelector("[data-again]")) setTimeout(() => location.reload(), 2000);
