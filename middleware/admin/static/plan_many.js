"use strict";
// Several items of one day: chosen by keys and by mouse, then shifted, copied or deleted together in one step.

const picked = new Set();
const many = document.getElementById("many"), shiftBox = document.getElementById("shift"), shiftForm = document.getElementById("shift-form"), shiftTold = document.getElementById("shift-told");
let anchor = "";

const pickedItems = () => { const day = dayOf(chosen); return day ? day.items.filter((one) => one.uid === chosen || picked.has(one.uid)) : []; };
const several = () => picked.size > 1;

// A choice of one item ends that of several, unless it is among them.
function settlePicked(uid) {
  if (!picked.has(uid)) { picked.clear(); anchor = uid; }
  paintPicked();
}

function alone(uid) { picked.clear(); anchor = uid; choose(uid); }

// From the item where the choice began to this one; another day begins anew.
function reach(uid) {
  const day = dayOf(uid), from = day.items.findIndex((one) => one.uid === anchor), to = day.items.findIndex((one) => one.uid === uid);
  picked.clear();
  for (const one of day.items.slice(Math.min(from < 0 ? to : from, to), Math.max(from, to) + 1)) picked.add(one.uid);
  if (from < 0) anchor = uid;
  focusOn(itemOf(uid));
  if (!root.querySelector('[data-uid="' + CSS.escape(uid) + '"]')) draw(); // it was drawn as one with its neighbours
}

function toggle(uid) {
  const day = dayOf(uid);
  if (dayOf(chosen) !== day) picked.clear(); else if (!picked.size && chosen !== uid) picked.add(chosen);
  if (picked.has(uid)) picked.delete(uid); else picked.add(uid);
  anchor = uid;
  focusOn(itemOf(picked.has(uid) || !picked.size ? uid : [...picked].pop()));
}

function reachBy(day, item, key) {
  const now = day.items.indexOf(item), last = day.items.length - 1;
  const to = { ArrowUp: now - 1, ArrowDown: now + 1, Home: 0, End: last }[key];
  if (!several() && !picked.has(item.uid)) anchor = item.uid;
  if (to >= 0 && to <= last) reach(day.items[to].uid);
}

function pickAll(day, item) { anchor = day.items[0].uid; reach(day.items[day.items.length - 1].uid); focusOn(item); }

function paintPicked() {
  for (const uid of [...picked]) if (!itemOf(uid)) picked.delete(uid);
  if (picked.size && !picked.has(chosen)) { if (itemOf(chosen)) picked.clear(); else chosen = [...picked][0]; }
  for (const box of root.querySelectorAll(".item[data-uid]")) {
    box.classList.toggle("picked", several() && picked.has(box.dataset.uid));
    if (several() && picked.has(box.dataset.uid)) box.setAttribute("aria-pressed", "true"); else box.removeAttribute("aria-pressed");
  }
  many.hidden = !several();
  if (!several()) return;
  const items = pickedItems(), stop = Math.max(...items.map((one) => one.stop));
  many.querySelector("span").textContent = "选了 " + items.length + " 个节目，" + at(items[0].start) + " 到 " + at(stop);
}

// Why these items cannot go, with words; nothing when they can.
function hindered(items, day, to, apart) {
  if (day.state !== "draft" || (to.state !== "draft" && to.state !== "")) return "这一天不是草稿";
  const locked = items.find((one) => one.locked), out = items.find((one) => one.start + apart < begin(to) || one.start + apart >= begin(to) + 86400);
  if (locked) return "《" + locked.title + "》在模板里锁定了，不能移动";
  return out && items.length > 1 ? "《" + out.title + "》会移到这一天外面" : "";
}

function shiftMany(by, day, to = day) {
  const items = pickedItems(), apart = by + begin(to) - begin(day), why = hindered(items, day, to, apart);
  if (why) { office.toast(why, { bad: true }); draw(); return busy; }
  const moved = items.map((one) => ({ ...one, start: one.start + apart, stop: one.stop + apart }));
  return to === day ? save(day, [...day.items.filter((one) => !items.includes(one)), ...moved]) : transfer(moved, day, to);
}

// Onto another day under new numbers: first they are stored there, only then they leave this one.
async function transfer(moved, day, to) {
  const gone = new Set(moved.map((one) => one.uid)), there = moved.map((one) => ({ ...one, uid: fresh() })), was = chosen;
  picked.clear();
  if (there.length > 1) for (const one of there) picked.add(one.uid);
  chosen = anchor = there[Math.max(moved.findIndex((one) => one.uid === was), 0)].uid;
  day.items = day.items.filter((one) => !gone.has(one.uid));
  const kept = [...day.items, ...moved];
  await save(to, [...to.items, ...there]);
  const now = data.days.find((one) => one.day === day.day);
  if (!itemOf(there[0].uid)) return;
  if (now === day) day.items = kept;
  await save(now, now.items.filter((one) => !gone.has(one.uid)));
}

function dropMany(day) {
  const items = pickedItems(), locked = items.find((one) => one.locked);
  if (locked) { office.toast("《" + locked.title + "》在模板里锁定了，不能删除", { bad: true }); return; }
  const rest = day.items.filter((one) => !items.includes(one)), after = rest.find((one) => one.start >= items[0].start) || rest[rest.length - 1];
  picked.clear();
  chosen = anchor = after ? after.uid : "";
  save(day, rest);
}

// ---- by a dialog, which tells beforehand what would be wrong

function shiftBy() {
  const match = /^(\d{1,2})(?:[:：](\d{2})(?:[:：](\d{2}))?)?$/.exec(shiftForm.elements.span.value.trim());
  if (!match || Number(match[2] || 0) > 59 || Number(match[3] || 0) > 59) return null;
  const seconds = match[2] === undefined ? Number(match[1]) * 60 : Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3] || 0);
  return shiftForm.elements.way.value === "earlier" ? -seconds : seconds;
}

function openShift() {
  if (!chosen || !itemOf(chosen)) return;
  shiftForm.reset();
  shiftBox.showModal();
  shiftForm.elements.span.select();
  foretellShift();
}

function foretellShift() {
  const items = pickedItems(), day = dayOf(chosen), by = shiftBy(), go = shiftForm.querySelector(".go");
  const why = by === null ? "写分钟数，例如 15，或时:分，例如 1:30" : hindered(items, day, day, by);
  go.disabled = Boolean(why) || !by;
  forget();
  if (why) { shiftTold.textContent = why; return; }
  const first = items[0], words = items.length + " 个节目，《" + first.title + "》" + exact(first.start) + " → " + exact(first.start + by);
  shiftTold.textContent = words;
  foresee([day], items.map((one) => [one.uid, one.start + by, one.stop + by]), (found) => {
    const all = Object.values(found).flat(), errors = all.filter((one) => one.severity === "error");
    shiftTold.textContent = words + (errors.length ? "。这一天会有 " + errors.length + " 处错误：" + errors[0].words : all.length ? "。会有 " + all.length + " 处提醒" : "。没有问题");
  });
}

shiftForm.addEventListener("input", foretellShift);
shiftForm.querySelector("[value=close]").addEventListener("click", () => shiftBox.close());
shiftBox.addEventListener("close", () => { forget(); draw(); });
shiftForm.addEventListener("submit", (event) => {
  event.preventDefault();
  const by = shiftBy(), day = dayOf(chosen);
  shiftBox.close();
  if (by && day) shiftMany(by, day);
});
many.querySelector("[value=shift]").addEventListener("click", openShift);
many.querySelector("[value=delete]").addEventListener("click", () => dropMany(dayOf(chosen)));
many.querySelector("[value=none]").addEventListener("click", () => alone(chosen));
