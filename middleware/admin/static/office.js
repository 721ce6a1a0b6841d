"use strict";
// What every page of the back office shares: short messages, menus that close, forms that need no new page.

const office = {
  toast(text, { bad = false, action = "", act = null } = {}) {
    const box = document.createElement("div");
    box.className = bad ? "toast bad" : "toast";
    box.append(Object.assign(document.createElement("span"), { textContent: text }));
    if (act) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: action });
      button.addEventListener("click", () => { box.remove(); act(); });
      box.append(button);
    }
    const place = document.getElementById("toasts");
    while (place.childElementCount > 2) place.firstElementChild.remove();
    place.append(box);
    setTimeout(() => box.remove(), act ? 8000 : 4000);
  },

  // Sends a form's fields; gives the answer's values, or throws an Error that may be shown.
  async send(address, fields) {
    let answer;
    try {
      answer = await fetch(address, { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams(fields) });
    } catch {
      throw new Error("连不上服务器，请稍后再试");
    }
    if (answer.status === 401) { location.href = "/admin/login?to=" + encodeURIComponent(location.pathname); throw new Error("请重新登录"); }
    let told = {};
    try { told = await answer.json(); } catch { /* an answer without values says only by its status what happened */ }
    if (!answer.ok) throw new Error(told.error || "没有办成，请再试一次");
    return told;
  },

  formKey() { return document.querySelector("input[name=form_key]").value; },
};

function undoOf(told) {
  if (!told.undo) return {};
  const back = async () => {
    try {
      const answer = await office.send("/admin/rollcalls/mark", { form_key: office.formKey(), ...told.undo });
      office.toast("已撤销：" + answer.said);
      document.dispatchEvent(new Event("changed"));
    } catch (error) { office.toast(error.message, { bad: true }); }
  };
  return { action: "撤销", act: back };
}

async function sendQuietly(event) {
  const form = event.target;
  if (!form.matches("form[data-quiet]")) return;
  event.preventDefault();
  const fields = new FormData(form, event.submitter || undefined);
  const button = event.submitter;
  const dialog = form.closest("dialog");
  if (button) button.disabled = true;
  try {
    const told = await office.send(form.action, fields);
    office.toast(told.said, undoOf(told));
    if (dialog) dialog.close();
    const menu = form.closest("details");
    if (menu) menu.open = false;
    document.dispatchEvent(new Event("changed"));
  } catch (error) {
    const place = dialog && dialog.querySelector(".said");
    if (place) { place.textContent = error.message; place.hidden = false; } else office.toast(error.message, { bad: true });
  } finally {
    if (button) button.disabled = false;
  }
}

async function reveal(event) {
  const form = event.target;
  if (!form.matches("form[data-reveal]")) return;
  event.preventDefault();
  try {
    const told = await office.send(form.action, new FormData(form));
    const place = document.querySelector('[data-number="' + form.dataset.reveal + '"]');
    place.textContent = told.number.replace(/^(\d{3})(\d{4})(\d{4})$/, "$1 $2 $3") || "没有号码";
    place.dataset.shown = "1";
    form.hidden = true;
  } catch (error) { office.toast(error.message, { bad: true }); }
}

document.addEventListener("submit", (event) => { sendQuietly(event); reveal(event); });
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
});
document.addEventListener("change", (event) => {
  if (event.target.matches("form[data-filter] select")) event.target.form.requestSubmit();
});
// On a phone the menu is a strip that may be wider than the screen.
const here = document.querySelector(".side nav [aria-current]");
if (here && matchMedia("(max-width: 760px)").matches) here.parentElement.scrollLeft = here.offsetLeft - (here.parentElement.clientWidth - here.offsetWidth) / 2;
