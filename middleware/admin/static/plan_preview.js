"use strict";
// What would be wrong if items stood elsewhere, asked while they are dragged. Nothing is stored, and the drop asks again.

const foreseen = document.getElementById("foreseen");
let wish = null, wishTimer = 0, wishOut = false, wishTurn = 0;

// The last wish wins: one request at a time, 120 ms after the pointer rests. `then` gets the findings by day.
function foresee(days, moves, then) {
  wish = { days: [...new Set(days.map((one) => one.day))].join(","), moves: JSON.stringify(moves), then };
  clearTimeout(wishTimer);
  wishTimer = setTimeout(askForeseen, 120);
}

async function askForeseen() {
  if (wishOut || !wish) return;
  const { days, moves, then } = wish, turn = wishTurn;
  wish = null;
  wishOut = true;
  try {
    const told = await office.send("/admin/plan/preview", { form_key: office.formKey(), channel: root.dataset.channel, days, moves });
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
  const worst = mine.find((one) => one.severity === "error") || mine[0];
  foreseen.textContent = worst ? (worst.severity === "error" ? "✕ " : "⚠ ") + worst.words + (mine.length > 1 ? "，另有 " + (mine.length - 1) + " 处" : "") : "✓ 放在这里没有问题";
  foreseen.className = worst && worst.severity === "error" ? "said bad" : "said";
  foreseen.hidden = false;
}
