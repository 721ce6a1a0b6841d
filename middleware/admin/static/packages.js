"use strict";
// Ticks beside a field of channel numbers: each writes the field anew, and typing sets the ticks.

function numbersOf(text) {
  const found = new Set();
  for (const part of text.split(/[,，、\s]+/)) {
    const [first, last] = part.split(/[-–~]/).map(Number);
    if (!first) continue;
    for (let each = first; each <= (last || first) && found.size < 10000; each++) found.add(each);
  }
  return found;
}

for (const place of document.querySelectorAll("[data-picks]")) {
  const field = place.closest("form").elements[place.dataset.picks];
  const ticks = [...place.querySelectorAll("input[type=checkbox]")];
  const show = () => { const chosen = numbersOf(field.value); ticks.forEach((tick) => { tick.checked = chosen.has(Number(tick.value)); }); };
  place.hidden = false;
  show();
  field.addEventListener("input", show);
  place.addEventListener("change", () => { field.value = ticks.filter((tick) => tick.checked).map((tick) => tick.value).join(","); });
}
