"use strict";
// A film for an item: looked for by title, pinyin initials and length, by keys alone too; when it was and will be on.

const minutes = (seconds) => { const whole = Math.round(seconds); if (whole >= 7200) return Math.floor(whole / 3600) + " 小时" + (whole % 3600 >= 60 ? " " + Math.floor(whole / 60) % 60 + " 分" : ""); return whole < 60 ? whole + " 秒" : Math.floor(whole / 60) + " 分" + (whole % 60 ? " " + (whole % 60) + " 秒" : ""); };
const dated = (seconds) => new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(seconds * 1000);

// Ready films of these words and of this length, and with `all` those that are still being packaged.
async function findFilms(asked) {
  const query = new URLSearchParams({ channel: root.dataset.channel, ...asked, slot: Math.min(Math.max(asked.slot || 0, 0), 86400) });
  const answer = await fetch("/admin/plan/films?" + query, { headers: { Accept: "application/json" } });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.error);
  return told;
}

const LACKS = { coming: "，还在处理", other: "，不是频道用的，播不出来" };
// A film in a list: its title, how long it is (and how much that differs from a slot), when it was and will be on.
function filmRow(one, id, length = 0) {
  const apart = length ? one.seconds - length : 0;
  const when = [one.last ? "上次 " + dated(one.last) : "两个月里没播过", one.next ? "下次 " + dated(one.next) : "没有排"].join(" · ");
  const long = one.seconds ? minutes(one.seconds) : "还不知道多长";
  const row = made("li", { id }, made("b", { textContent: one.title }), " " + long + (apart ? "，比这一档" + (apart > 0 ? "长 " : "短 ") + minutes(Math.abs(apart)) : "") + (LACKS[one.lacks] || ""), made("small", { textContent: when }));
  row.setAttribute("role", "option");
  return row;
}

// `slot` gives the item's length in seconds, or null; `took` is told of a film that was chosen. `value()` is its number.
function filmField(form, asset, slot, took) {
  const known = data.films.find((one) => one.id === asset);
  let film = asset ? known || { id: asset, title: "第 " + asset + " 号片子", seconds: 0 } : null, rows = [], active = -1, timer = 0, turn = 0;
  const input = made("input", { type: "search", id: "film-query", maxLength: 40, autocomplete: "off", placeholder: "片名或拼音首字母" });
  const list = made("ul", { id: "film-list", className: "films", hidden: true });
  const fit = made("select", { ariaLabel: "片长" }, made("option", { value: "", textContent: "长短不限" }), made("option", { value: "fits", textContent: "放得下的" }), made("option", { value: "same", textContent: "差不多长" }));
  const now = made("span", { className: "film-now" }), none = made("button", { type: "button", className: "small plain", textContent: "不要片子" });
  for (const [name, value] of [["role", "combobox"], ["aria-controls", "film-list"], ["aria-expanded", "false"], ["aria-autocomplete", "list"]]) input.setAttribute(name, value);
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "可以排的片子");

  const say = () => { now.textContent = film ? "《" + film.title + "》" + (film.seconds ? minutes(film.seconds) : "") : "没有片子"; none.hidden = !film; };
  const close = () => { list.hidden = true; active = -1; turn += 1; clearTimeout(timer); input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
  const point = (to) => {
    active = to;
    [...list.querySelectorAll("[role=option]")].forEach((one, index) => { one.setAttribute("aria-selected", String(index === to)); if (index === to) one.scrollIntoView({ block: "nearest" }); });
    if (to >= 0) input.setAttribute("aria-activedescendant", "film-" + to); else input.removeAttribute("aria-activedescendant");
  };
  const take = (one) => { film = one; if (!data.films.some((each) => each.id === one.id)) data.films.push(one); input.value = ""; close(); say(); took(one); input.focus(); };
  const show = (told) => {
    rows = told.films;
    list.replaceChildren(...rows.map((one, index) => {
      const row = filmRow(one, "film-" + index, slot());
      row.addEventListener("click", () => take(one));
      return row;
    }));
    if (told.found > rows.length) list.append(made("li", { className: "quiet", textContent: "还有 " + (told.found - rows.length) + " 部，再多写几个字" }));
    if (!rows.length) list.append(made("li", { className: "quiet", textContent: "没有这样的片子" }));
    list.hidden = false;
    list.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-expanded", "true");
    point(rows.length && input.value.trim() ? 0 : -1);
  };
  const look = async () => {
    const mine = turn += 1;
    try {
      const told = await findFilms({ q: input.value, slot: slot(), fit: fit.value });
      if (mine === turn) show(told);
    } catch (error) { if (mine === turn) office.toast(error.message || "读不出片子，请再试一次", { bad: true }); }
  };
  const soon = () => { clearTimeout(timer); timer = setTimeout(look, 150); };
  input.addEventListener("input", soon);
  input.addEventListener("click", () => { if (list.hidden) look(); });
  fit.addEventListener("change", look);
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the field
  none.addEventListener("click", () => { film = null; say(); input.focus(); });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) look(); else if (rows.length) point((active + (event.key === "ArrowDown" ? 1 : active < 0 ? 0 : -1) + rows.length) % rows.length);
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      if (active >= 0) take(rows[active]);
    } else if (event.key === "Enter" && input.value.trim()) { event.preventDefault(); look(); }
  });
  say();
  const box = made("div", { className: "film" }, made("label", {}, "片子", made("span", { className: "film-line" }, input, fit)), list, made("p", { className: "small film-line" }, now, none));
  box.addEventListener("focusout", (event) => { if (!box.contains(event.relatedTarget)) close(); });
  box.addEventListener("keydown", (event) => { if (event.key === "Escape" && !list.hidden) { event.stopPropagation(); event.preventDefault(); close(); } });
  form.append(box);
  return { value: () => (film ? film.id : null) };
}
