"use strict";
// What would be wrong if items stood elsewhere, asked while they are dragged. Nothing is stored, and the drop asks again.

const foreseen = document.getElementById("foreseen");
let wish = null, wishTimer = 0, wishOut = false, wishTurn = 0;

// The last wish wins: one request at a time, 120 ms after the pointer rests. `then` gets the findings by day.
// `film` is the number of one that is dragged in as an item called "new".
function foresee(days, moves, then, film = "") {
  wish = { days: [...new Set(days.map((one) => one.day))].join(","), moves: JSON.stringify(moves), film, then };
  clearTimeout(wishTimer);
  wishTimer = setTimeout(askForeseen, 120);
}

async function askForeseen() {
  if (wishOut || !wish) return;
  const { days, moves, film, then } = wish, turn = wishTurn;
  wish = null;
  wishOut = true;
  try {
    const told = await office.send("/admin/plan/preview", { form_key: office.formKey(), channel: root.dataset.channel, days, moves, film });
    if (turn === wishTurn) then(told.days);
  } catch { /* the drop is checked by the server all the same */ }
  wishOut = false;
  if (wish) askForeseen();
}

function forget() { wishTurn += 1; wish = null; clearTimeout(wishTimer); foreseen.hidden = true; }

// Badges and frames of the days as they would be, and in words what the dragged items would meet.
function paintForeseen(found, uids) {
  const all = Object.values(found).flat(), mine = all.filter((one) => one.items.some((uid) => uids.includes(uid)));
  for (const [day, findings] of Object.entries(found)) {
    const box = root.querySelector('.head[data-day="' + day + '"]'), old = box.querySelector(".badge"), now = badge(data.days.find((one) => one.day === day), findings);
    if (old && now) old.replaceWith(now); else if (old) old.remove(); else if (now) box.querySelector(".state").after(" ", now);
  }
  const marks = new Map();
  for (const one of all) for (const uid of one.items) if (marks.get(uid) !== "bad") marks.set(uid, one.severity === "error" ? "bad" : one.severity === "warning" ? "warn" : marks.get(uid) || "");
  const here = new Set(data.days.filter((day) => found[day.day]).flatMap((day) => day.items.map((item) => item.uid)));
  for (const box of root.querySelectorAll(".item[data-uid]")) {
    if (!here.has(box.dataset.uid)) continue;
    for (const mark of ["bad", "warn"]) box.classList.toggle(mark, marks.get(box.dataset.uid) === mark);
  }
  const real = mine.filter((one) => one.code !== "gap"), worst = real.find((one) => one.severity === "error") || real[0] || mine[0];
  const bad = Boolean(worst) && worst.code !== "gap" && worst.severity === "error"; // a hole beside it may be filled later
  say(worst ? (bad ? "✕ " : "⚠ ") + worst.words + (mine.length > 1 ? "，另有 " + (mine.length - 1) + " 处" : "") : "✓ 放在这里没有问题", bad);
}

function say(words, bad = false) {
  foreseen.textContent = words;
  foreseen.className = bad ? "said bad" : "said";
  foreseen.hidden = false;
}
