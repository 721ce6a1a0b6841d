"use strict";
// The television's page, made as wide as there is room: it is always drawn at 1280×720.

const frame = document.querySelector("[data-tv]");
new ResizeObserver(() => frame.style.setProperty("--scale", Math.min(frame.clientWidth / 1280, 1))).observe(frame);
