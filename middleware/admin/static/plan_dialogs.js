"use strict";
// What the week asks before it does something: reasons, days to copy to, whether the template is to be laid out anew.

const askBox = document.getElementById("ask");

// A dialog with these fields; `go` does what was asked for, and when that fails the dialog stays and says why.
function ask(title, fields, word, go) {
  const said = made("p", { className: "said bad small", hidden: true }), button = made("button", { className: "go", textContent: word });
  const close = made("button", { type: "button", className: "plain", textContent: "不做了" });
  const form = made("form", {}, made("h2", { textContent: title }), ...fields, said, made("div", { className: "line end" }, close, button));
  close.addEventListener("click", () => askBox.close());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    try { await go(form.elements); askBox.close(); } catch (error) { said.textContent = error.message; said.hidden = false; }
    button.disabled = false;
  });
  askBox.replaceChildren(form);
  askBox.showModal();
  const marked = form.querySelector(".marks :checked");
  if (marked) marked.scrollIntoView({ block: "nearest" });
  const first = form.querySelector("textarea, input:not([type=checkbox]:disabled)");
  (first || button).focus();
}

const REASONS = { return: ["时间不对", "名称或简介要改", "片子没有到位", "和别的节目重复"], reopen: ["临时有会议直播", "更正名称或时间", "换片子"] };

// Why a day goes back, and which of its items are meant: they are named in the reason and marked in the grid.
function askReason(day, act) {
  const text = made("textarea", { name: "reason", rows: 3, maxLength: 200, required: true }), words = made("p", { className: "pick-row" });
  for (const one of REASONS[act]) {
    const button = made("button", { type: "button", className: "small", textContent: one });
    button.addEventListener("click", () => { text.value = text.value.trim() ? text.value.trim() + "；" + one : one; text.focus(); });
    words.append(button);
  }
  const fields = [made("label", {}, act === "return" ? "为什么退回，编排的人会看到" : "为什么重开，原来的一版继续有效，新的审定以后才换", text), words];
  if (act === "return") fields.push(marksOf(day));
  ask((act === "return" ? "退回 " : "重开 ") + dayWords(day), fields, act === "return" ? "退回" : "重开", (form) => {
    const marks = [...askBox.querySelectorAll("[name=mark]:checked")].map((one) => one.value);
    return act_(day, act, { reason: withMarks(form.reason.value.trim(), marks) });
  });
}

function marksOf(day) {
  const list = made("ul", { className: "marks" }), meant = new Set(several() ? [...picked] : [chosen]);
  for (const item of day.items.filter((one) => one.origin !== "filler")) {
    const box = made("input", { type: "checkbox", name: "mark", value: asking(item), checked: meant.has(item.uid) });
    list.append(made("li", {}, made("label", { className: "choice" }, box, asking(item))));
  }
  return made("details", { open: [...list.querySelectorAll(":checked")].length > 0 }, made("summary", { textContent: "要改的是哪几个节目（可以不选）" }), list);
}

// As many names as 200 characters hold.
function withMarks(reason, marks) {
  let told = reason;
  for (const one of marks) { if (told.length + one.length + 1 > 200) break; told += (told === reason ? "：" : "、") + one; }
  return told;
}

function askAgain(day) {
  const words = "照模板重新排 " + dayWords(day) + "。现在的 " + day.items.length + " 个节目会换掉，按“撤销”能找回来；只改这一天的改动会留着。";
  ask("重新套模板", [made("p", { textContent: words })], "重新套", () => act_(day, "again"));
}

// The days of this week and the next that a day may be copied to, with what is there now.
async function askDays(day) {
  const rows = made("ul", { className: "marks" }, made("li", { className: "quiet", textContent: "正在看那几天……" }));
  const other = made("input", { type: "date", name: "other", min: data.days[0].day });
  const fields = [made("p", { className: "quiet small", textContent: "这一天的 " + day.items.length + " 个节目复制到：" }), rows, made("label", {}, "还有这一天", other)];
  ask("复制 " + dayWords(day), fields, "复制", async () => {
    const days = [...rows.querySelectorAll("[name=to]:checked")].map((one) => one.value), done = [];
    if (other.value) days.push(other.value);
    if (!days.length) throw new Error("请选到哪一天");
    for (const to of days) {
      try { took(await office.send("/admin/plan/act", { form_key: office.formKey(), channel: root.dataset.channel, day: day.day, act: "copy", to })); done.push(to.slice(5)); } catch (error) { throw new Error((done.length ? "复制到 " + done.join("、") + " 以后停下：" : "") + error.message); }
    }
    office.toast("已复制到 " + done.join("、"));
  });
  const following = new Date(Date.parse(root.dataset.first + "T12:00:00Z") + 7 * 86400000).toISOString().slice(0, 10);
  let next = [];
  try {
    const answer = await fetch("/admin/plan/data?channel=" + root.dataset.channel + "&day=" + following, { headers: { Accept: "application/json" } });
    if (answer.ok) next = (await answer.json()).days;
  } catch { /* this week is offered all the same */ }
  const there = (one) => (one.state === "" ? "未编排" : one.state === "draft" ? "草稿里的 " + one.items.length + " 个会换掉，可以撤销" : STATES[one.state] + "，不动");
  rows.replaceChildren(...[...data.days, ...next].filter((one) => one.day !== day.day && begin(one) + 86400 > data.now).map((one) => {
    const box = made("input", { type: "checkbox", name: "to", value: one.day, disabled: !open_(one) });
    return made("li", {}, made("label", { className: "choice" }, box, dayWords(one) + " 周" + "日一二三四五六"[new Date(one.day + "T12:00:00+08:00").getDay()] + " ", made("span", { className: "quiet", textContent: there(one) })));
  }));
  const first = rows.querySelector("input:not(:disabled)");
  if (first) first.focus();
}
