"use strict";
// The films beside the week: looked for by title, initials and length, dragged to their place or put there by keys.

const shelf = document.getElementById("shelf"), shelfForm = document.getElementById("shelf-form"), shelfList = document.getElementById("shelf-list");
const shelfPlace = document.getElementById("shelf-place"), openShelf = document.getElementById("open-shelf");
const MAGNET = 5; // px: a film lands behind what ends so near
const NEW = "new"; // what the film that is dragged is called while it is asked what it would meet
let shelfRows = [], shelfAt = -1, shelfTurn = 0, shelfTimer = 0, shelfShown = "", held = null;

const open_ = (day) => day.state === "draft" || day.state === "";

function toggleShelf(show) {
  if (show && !may.includes("edit")) return;
  shelf.hidden = !show;
  openShelf.setAttribute("aria-expanded", String(show));
  try { localStorage.setItem("plan-shelf", show ? "1" : ""); } catch { /* it opens closed the next time */ }
  if (show) { lookShelf(); sayPlace(); shelfForm.elements.q.select(); shelfForm.elements.q.focus(); }
}

// Whether something is free in a day.
const hollow = (day) => { let cursor = begin(day); for (const one of day.items) { if (one.start > cursor) return true; cursor = Math.max(cursor, one.stop); } return cursor < begin(day) + 86400; };

// Where Enter puts a film: behind the chosen item, else into the first hole of the first day that may be changed.
function placeOf() {
  let day = dayOf(chosen) || data.days.find((one) => open_(one) && begin(one) + 86400 > data.now && hollow(one)), start = day ? freeOf(day) : 0;
  if (day && start >= begin(day) + 86400) { day = data.days[data.days.indexOf(day) + 1]; start = day ? freeOf(day) : 0; }
  if (!day || !open_(day)) return null;
  const next = day.items.find((one) => one.start >= start && one.uid !== chosen);
  return { day, start, room: Math.max((next ? next.start : begin(day) + 86400) - start, 0) };
}

function sayPlace() {
  if (shelf.hidden || !data) return;
  const place = placeOf();
  shelfPlace.textContent = place ? "回车放到 " + dayWords(place.day) + " " + exact(place.start) + (place.room ? "，那里空 " + minutes(place.room) : "，后面紧接着别的节目") : "先选一个草稿里的节目，回车放在它后面";
}

async function lookShelf() {
  const mine = shelfTurn += 1, place = data && placeOf();
  clearTimeout(shelfTimer);
  shelfTimer = 0;
  try {
    const told = await findFilms({ q: shelfForm.elements.q.value, fit: shelfForm.elements.fit.value, all: shelfForm.elements.all.checked ? "1" : "", slot: place ? place.room : 0 });
    if (held) held = told; else if (mine === shelfTurn) showShelf(told); // what is dragged is not taken away
  } catch (error) { if (mine === shelfTurn) shelfList.replaceChildren(made("li", { className: "waits", textContent: error.message || "读不出片子，请再试一次" })); }
}

function showShelf(told) {
  const same = JSON.stringify([told, shelfForm.elements.q.value]);
  if (same === shelfShown) return;
  shelfShown = same;
  shelfRows = told.films;
  shelfList.replaceChildren(...shelfRows.map((film, index) => {
    const row = filmRow(film, "shelf-" + index);
    row.classList.toggle("unready", Boolean(film.lacks));
    row.addEventListener("pointerdown", (event) => carry(event, row, film));
    row.addEventListener("click", () => pointShelf(index));
    row.addEventListener("dblclick", () => put(film));
    return row;
  }));
  if (told.found > shelfRows.length) shelfList.append(made("li", { className: "quiet", textContent: "还有 " + (told.found - shelfRows.length) + " 部，再多写几个字" }));
  if (!shelfRows.length) shelfList.append(made("li", { className: "quiet", textContent: "没有这样的片子" }));
  pointShelf(shelfRows.length && shelfForm.elements.q.value.trim() ? 0 : -1);
}

function pointShelf(to) {
  shelfAt = to;
  [...shelfList.querySelectorAll("[role=option]")].forEach((one, index) => { one.setAttribute("aria-selected", String(index === to)); if (index === to) one.scrollIntoView({ block: "nearest" }); });
  if (to >= 0) shelfForm.elements.q.setAttribute("aria-activedescendant", "shelf-" + to); else shelfForm.elements.q.removeAttribute("aria-activedescendant");
}

// ---- a film becomes an item

function put(film) {
  const place = placeOf();
  if (!place) { office.toast("先选一个草稿里的节目，或先编排一天", { bad: true }); return; }
  putAt(film, place.day, place.start);
}

// The film that is pointed at; words that were typed a moment ago are looked for first.
async function putPointed() {
  if (shelfTimer || (shelfAt < 0 && shelfForm.elements.q.value.trim())) await lookShelf();
  if (shelfAt >= 0) put(shelfRows[shelfAt]);
}

// It is as long as the film; behind another item it follows that one, elsewhere it begins on the second.
function putAt(film, day, start) {
  if (!film.seconds) { office.toast("《" + film.title + "》还没有处理好，不知道多长", { bad: true }); return; }
  const behind = day.items.some((one) => one.stop === start), item = { ...blank(start, start + film.seconds), title: film.title, asset: film.id, kind: behind ? "flow" : "fixed" };
  if (!data.films.some((one) => one.id === film.id)) data.films.push(film);
  chosen = item.uid;
  picked.clear();
  save(day, [...day.items, item]).then(() => { if (itemOf(item.uid)) office.toast("《" + film.title + "》排在 " + dayWords(day) + " " + exact(start), { action: "撤销", act: () => press(dayOf(item.uid) || day, "undo") }); lookShelf(); sayPlace(); });
}

// Where a film lands whose upper edge is over these seconds: behind what ends near there, else on the grid.
function landing(day, seconds) {
  const first = begin(day), reach = Math.max(data.grid * 30, MAGNET / hour * 3600), before = data.days[data.days.indexOf(day) - 1];
  const ends = [...(before ? before.items : data.before), ...day.items].map((one) => one.stop).filter((stop) => stop >= first && stop < first + 86400 && Math.abs(stop - seconds) <= reach);
  if (ends.length) return ends.reduce((a, b) => (Math.abs(b - seconds) < Math.abs(a - seconds) ? b : a));
  return Math.min(Math.max(snap(seconds), first), first + 86400 - data.grid * 60);
}

function carry(event, row, film) {
  if (event.button) return;
  const from = [event.clientX, event.clientY];
  let ghost = null, to = null;
  held = true;
  row.setPointerCapture(event.pointerId); // the first move may be far beside it
  const move = (now) => {
    if (!ghost) {
      if (Math.hypot(now.clientX - from[0], now.clientY - from[1]) < 5) return;
      if (!film.seconds) { stop(); office.toast("《" + film.title + "》还没有处理好，不知道多长", { bad: true }); return; }
      ghost = made("div", { className: "item ghost fixed" }, made("time"), " ", made("span", { textContent: film.title }));
      document.body.classList.add("carrying");
      glide.ready = false;
    }
    glide.near(now, move);
    const under = columnAt(now), day = under && data.days.find((one) => one.day === under.dataset.day);
    if (!day || !open_(day)) {
      ghost.remove();
      to = null;
      forget();
      if (day) say("✕ 这一天" + STATES[day.state] + "，先" + (day.state === "approved" ? "重开" : "退回") + "再排", true);
      return;
    }
    const start = landing(day, begin(day) + (now.clientY - under.getBoundingClientRect().top) / hour * 3600);
    to = { day, start };
    ghost.style.top = (start - begin(day)) / 3600 * hour + "px";
    ghost.style.height = Math.max(film.seconds / 3600 * hour, 14) + "px";
    ghost.querySelector("time").textContent = exact(start) + "–" + exact(start + film.seconds);
    if (ghost.parentElement !== under) under.append(ghost);
    foresee([day], [[NEW, start, start + film.seconds]], (found) => paintForeseen(found, [NEW]), film.id);
  };
  const stop = () => {
    row.removeEventListener("pointermove", move);
    row.removeEventListener("pointerup", drop);
    row.removeEventListener("pointercancel", cancel);
    document.removeEventListener("keydown", escape, true);
    document.body.classList.remove("carrying");
    glide.end();
    forget();
    if (held !== true) showShelf(held);
    held = null;
    if (ghost) { ghost.remove(); draw(); }
  };
  const drop = () => { const there = to; stop(); if (there) putAt(film, there.day, there.start); };
  const cancel = () => { to = null; stop(); };
  const escape = (key) => { if (key.key === "Escape") { key.stopPropagation(); cancel(); } };
  row.addEventListener("pointermove", move);
  row.addEventListener("pointerup", drop);
  row.addEventListener("pointercancel", cancel);
  document.addEventListener("keydown", escape, true);
}

openShelf.addEventListener("click", () => toggleShelf(shelf.hidden));
shelfForm.querySelector("[value=close]").addEventListener("click", () => { toggleShelf(false); openShelf.focus(); });
shelfForm.addEventListener("submit", (event) => event.preventDefault());
shelfForm.addEventListener("input", () => { clearTimeout(shelfTimer); shelfTimer = setTimeout(lookShelf, 150); });
shelfForm.elements.q.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && shelfRows.length) { event.preventDefault(); pointShelf((shelfAt + (shelfAt < 0 && step < 0 ? 0 : step) + shelfRows.length) % shelfRows.length); }
  if (event.key === "Enter") { event.preventDefault(); putPointed(); }
  if (event.key === "Escape") { event.preventDefault(); toggleShelf(false); const box = chosen && root.querySelector('[data-uid="' + CSS.escape(chosen) + '"]'); (box || root).focus(); }
});
