// The training page: a drawn remote whose presses reach the TV page as the raw codes of the chosen family.
(function () {
  "use strict";
  var LABELS = {
    UP: "▲", DOWN: "▼", LEFT: "◀", RIGHT: "▶", OK: "OK", BACK: "返回", EXIT: "退出", MENU: "菜单", HOME: "首页",
    RED: "", GREEN: "", YELLOW: "", BLUE: "", PAGE_UP: "上页", PAGE_DOWN: "下页", DELETE: "删除", CH_UP: "频道+", CH_DOWN: "频道-", EPG: "指南"
  };
  var COLOURS = { RED: "红键", GREEN: "绿键", YELLOW: "黄键", BLUE: "蓝键" };
  var LAYOUT = [
    ["row", "HOME", "MENU", "EPG"],
    ["ring", "UP", "LEFT", "OK", "RIGHT", "DOWN"],
    ["row", "BACK", "EXIT", "DELETE"],
    ["row four colours", "RED", "GREEN", "YELLOW", "BLUE"],
    ["row", "D1", "D2", "D3"], ["row", "D4", "D5", "D6"], ["row", "D7", "D8", "D9"],
    ["row", "PAGE_UP", "D0", "PAGE_DOWN"], ["row", "CH_UP", "CH_DOWN", ""]
  ];
  var KEYBOARD = {
    ArrowUp: "UP", ArrowDown: "DOWN", ArrowLeft: "LEFT", ArrowRight: "RIGHT", Enter: "OK", Backspace: "BACK", Escape: "BACK",
    PageUp: "PAGE_UP", PageDown: "PAGE_DOWN", Delete: "DELETE", F1: "RED", F2: "GREEN", F3: "YELLOW", F4: "BLUE"
  };
  var frame = document.getElementById("frame"), screen = document.getElementById("screen");
  var box = document.getElementById("box"), family = document.getElementById("family"), said = document.getElementById("said");
  var buttons = {};

  function fit() { frame.style.transform = "scale(" + screen.clientWidth / 1280 + ")"; }

  function boot() {
    if (!box.value) { said.textContent = "还没有登记机顶盒"; return; }
    frame.src = "/portal?mac=" + encodeURIComponent(box.value) + "&family=" + encodeURIComponent(family.value);
    enable();
  }

  function enable() {
    var known = REMOTE[family.value].keys;
    Object.keys(buttons).forEach(function (key) { buttons[key].disabled = !(key in known); });
  }

  function press(key) {
    var map = REMOTE[family.value], code = map.keys[key], page = frame.contentWindow;
    if (code === undefined) { said.textContent = "这个遥控器没有这个键"; return; }
    var shift = false, alt = false;
    if (map.modifiers === "mag") { alt = code >= 2000; shift = !alt && code >= 1000; code = code % 1000; }
    light(key);
    said.textContent = (COLOURS[key] || LABELS[key] || key.slice(1)) + "　键码 " + code;
    var doc = page && page.document;
    if (!doc || !doc.onkeydown) { return; }
    doc.onkeydown({ type: "keydown", which: code, keyCode: code, shiftKey: shift, altKey: alt, preventDefault: function () {}, stopPropagation: function () {} });
  }

  function light(key) {
    var button = buttons[key];
    if (!button) { return; }
    button.classList.add("down");
    setTimeout(function () { button.classList.remove("down"); }, 140);
  }

  LAYOUT.forEach(function (row) {
    var holder = document.createElement("div");
    holder.className = row[0];
    row.slice(1).forEach(function (key) {
      if (!key) { return; }
      var button = document.createElement("button");
      button.type = "button";
      button.className = key;
      button.textContent = LABELS[key] !== undefined ? LABELS[key] : key.slice(1);
      button.title = button.ariaLabel = COLOURS[key] || LABELS[key] || key.slice(1);
      button.onmousedown = function (event) { event.preventDefault(); };
      button.onclick = function () { press(key); };
      buttons[key] = button;
      holder.appendChild(button);
    });
    document.getElementById("remote").appendChild(holder);
  });

  document.addEventListener("keydown", function (event) {
    if (event.target.tagName === "SELECT" || event.ctrlKey || event.metaKey) { return; }
    var key = KEYBOARD[event.key] || (/^[0-9]$/.test(event.key) ? "D" + event.key : "");
    if (key) { event.preventDefault(); press(key); }
  });
  window.addEventListener("resize", fit);
  box.onchange = family.onchange = function () { boot(); this.blur(); };
  document.getElementById("reboot").onclick = function () { boot(); this.blur(); };
  fit();
  boot();
})();
