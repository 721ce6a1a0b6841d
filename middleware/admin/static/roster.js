"use strict";
// The roster's file: too large is said at once, dropping works, and a slow line shows how far the upload is.

function watchRoster() {
  const form = document.getElementById("import");
  const field = form.querySelector("input[type=file]"), bar = form.querySelector("progress"), told = form.querySelector("[role=alert]");
  const drop = form.querySelector(".drop"), button = form.querySelector("button");

  function say(text) { told.textContent = text; told.hidden = !text; }

  function fits() {
    const file = field.files[0];
    const large = file && file.size > Number(form.dataset.most);
    say(large ? "这个文件有 " + (file.size / 1048576).toFixed(1) + " MB，超过了 5 MB" : "");
    return file && !large;
  }

  for (const name of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.toggle("over", name === "dragover"); });
  }
  drop.addEventListener("drop", (event) => { if (event.dataTransfer.files.length) { field.files = event.dataTransfer.files; fits(); } });
  field.addEventListener("change", fits);

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!fits()) return;
    const request = new XMLHttpRequest();
    const failed = (text) => { bar.hidden = true; button.disabled = false; say(text); };
    request.open("POST", form.action);
    request.upload.addEventListener("progress", (at) => { if (at.lengthComputable) bar.value = at.loaded / at.total; });
    request.upload.addEventListener("load", () => { bar.removeAttribute("value"); });
    request.addEventListener("error", () => failed("连不上服务器，请再试一次"));
    request.addEventListener("load", () => {
      if (!(request.getResponseHeader("Content-Type") || "").startsWith("text/html")) { failed("没有办成，请再试一次"); return; }
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      document.getElementById("main").replaceWith(document.adoptNode(page.getElementById("main")));
      window.scrollTo(0, 0);
      watchRoster();
    });
    bar.hidden = false; bar.value = 0; button.disabled = true; say("");
    request.send(new FormData(form));
  });
}

watchRoster();
