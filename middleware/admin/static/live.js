"use strict";
// One roll-call on the screen: asks every second whether something is new, puts the new parts in place, marks new names.

(() => {
  const page = document.getElementById("live");
  if (!page) return;
  const EVERY = 1000, AFTER_FAILURE = 3000, HIDDEN = 5000;
  let again = null, own = "", rev = page.dataset.rev, branch = page.dataset.branch, order = page.dataset.order, phase = page.dataset.phase, timer = 0, asking = false;
  const parts = new Map(), seen = new Set(rows().map((row) => row.dataset.row));
  let closes = Number(page.dataset.closes), opens = Number(page.dataset.opens), skew = Number(page.dataset.now) - Date.now();

  function rows() { return [...page.querySelectorAll("[data-row]")]; }

  function later(ms) { clearTimeout(timer); timer = setTimeout(ask, document.hidden ? HIDDEN : ms); }

  async function ask(fresh = false, quietly = false) {
    if (asking) { again = fresh ? { quietly } : again; return; }
    asking = true;
    let wait = EVERY;
    try {
      const query = new URLSearchParams({ rev: fresh ? "" : rev, own, branch, order });
      const answer = await fetch("/admin/live/" + page.dataset.id + "?" + query, { headers: { Accept: "application/json" } });
      if (answer.status === 401 || answer.status === 403 || answer.status === 404) { location.reload(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      rev = told.rev;
      if (told.html) show(told, quietly);
      document.getElementById("offline").hidden = true;
    } catch {
      document.getElementById("offline").hidden = false;
      wait = AFTER_FAILURE;
    } finally {
      asking = false;
    }
    if (again) { const next = again; again = null; ask(true, next.quietly); return; }
    later(wait);
  }

  // Rows never shown before are marked; those that a click on a branch or an order brings are not news.
  function highlight(quietly) {
    const fresh = rows().filter((row) => !seen.has(row.dataset.row));
    for (const row of fresh) { seen.add(row.dataset.row); if (!quietly) row.classList.add("new"); }
    const come = quietly ? [] : fresh.filter((row) => row.dataset.row[0] === "c").map((row) => row.querySelector(".who").textContent);
    if (come.length) document.getElementById("news").textContent = come.slice(0, 3).join("、") + " 已报到";
  }

  function show(told, quietly) {
    if (told.phase !== phase) { location.reload(); return; }
    own = told.own; closes = told.closes_ms; opens = told.opens_ms; skew = told.now_ms - Date.now();
    const focused = document.activeElement && document.activeElement.id;
    const shown = [...page.querySelectorAll("[data-shown]")].map((place) => [place.dataset.number, place.textContent]);
    for (const [part, html] of Object.entries(told.html)) {
      const place = page.querySelector('[data-part="' + part + '"]');
      const scrolled = place.querySelector(".branches") ? place.querySelector(".branches").scrollTop : 0;
      if (parts.get(part) !== html) { place.innerHTML = html; parts.set(part, html); }
      if (scrolled) place.querySelector(".branches").scrollTop = scrolled;
    }
    highlight(quietly);
    for (const [number, text] of shown) keepShown(number, text);
    if (focused && document.getElementById(focused)) document.getElementById(focused).focus({ preventScroll: true });
    tick();
  }

  function keepShown(number, text) {
    const place = page.querySelector('[data-number="' + number + '"]');
    if (!place) return;
    place.textContent = text;
    place.dataset.shown = "1";
    const form = page.querySelector('form[data-reveal="' + number + '"]');
    if (form) form.hidden = true;
  }

  function tick() {
    const now = Date.now() + skew, place = document.getElementById("left");
    if (phase === "scheduled" && now > opens + 1500) { ask(true); return; }
    if (!place) return;
    const seconds = Math.max(0, Math.ceil((closes - now) / 1000)), minutes = Math.floor(seconds / 60);
    place.textContent = minutes >= 60
      ? Math.floor(minutes / 60) + " 小时 " + (minutes % 60) + " 分钟"
      : minutes + " 分 " + String(seconds % 60).padStart(2, "0") + " 秒";
  }

  function choose(link) {
    if (link.id === "order") order = link.dataset.order; else branch = link.dataset.branch;
    history.replaceState(null, "", "?" + new URLSearchParams({ branch, order }));
    ask(true, true);
    if (link.id === "order") return;
    page.querySelectorAll("a[data-branch]").forEach((one) => one.removeAttribute("aria-current"));
    link.setAttribute("aria-current", "true");
    if (matchMedia("(max-width: 1080px)").matches) document.getElementById("people").scrollIntoView({ behavior: "smooth" });
  }

  function openMark(link) {
    const dialog = document.getElementById("mark"), form = dialog.querySelector("form");
    form.reset();
    form.querySelector("[role=alert]").hidden = true;
    form.elements.member.value = link.dataset.mark;
    form.elements.to.value = link.dataset.status;
    form.elements.reason.value = link.dataset.reason;
    document.getElementById("mark-name").textContent = link.dataset.name;
    dialog.showModal();
  }

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const link = event.target.closest("a[data-mark], a[data-branch], #order");
    if (!link) return;
    event.preventDefault();
    if (link.dataset.mark) openMark(link); else choose(link);
  });
  document.addEventListener("changed", () => ask(true));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  setInterval(tick, 1000);
  tick();
  if (phase !== "closed") later(EVERY); else later(HIDDEN);
})();
