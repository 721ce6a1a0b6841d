"use strict";
// The composer: fields that belong to what is chosen, and the text as a television shows it.

const compose = document.getElementById("compose");
const preview = document.querySelector("[data-preview]");

function fits() {
  const kind = compose.elements.kind.value, text = compose.elements.msg.value;
  for (const part of compose.querySelectorAll("[data-for]")) part.hidden = !part.dataset.for.split(" ").includes(kind);
  const channel = compose.elements.channel;
  const says = kind.startsWith("send_msg") ? text : channel.value && kind.startsWith("play_") ? "切到 " + channel.selectedOptions[0].textContent : "";
  preview.querySelector("[data-text]").textContent = says || "在左边写字，这里就是电视上的样子。";
  preview.classList.toggle("command", !kind.startsWith("send_msg"));
  compose.querySelector("[data-count]").textContent = text ? "已写 " + text.length + " 个字，" : "";
}

compose.addEventListener("input", fits);
fits();

// What reaches many at once, or is more than words, is asked about: a slip of the hand would darken the whole town.
compose.addEventListener("submit", () => {
  const to = compose.elements.target, kind = compose.elements.kind;
  const asks = to.value === "all" || !(kind.value.startsWith("send_msg") || to.value.startsWith("device:"));
  compose.dataset.ask = asks ? "“" + kind.selectedOptions[0].textContent + "”发给：" + to.selectedOptions[0].textContent + "。确定发送？" : "";
});

document.addEventListener("submit", (event) => {
  if (event.target.dataset.ask && !confirm(event.target.dataset.ask)) event.preventDefault();
});
